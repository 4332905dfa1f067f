/* SPDX-License-Identifier: MIT */
/* sqlite_backend.h -- for sqlite*.c: a store in a file of SQLite. */
#pragma once
#include "store/backend.h"
#include "store/sqlite_db.h"

struct backend {
	sqlite3 *db;
	sqlite3_stmt **statement; /* as sqlite.c numbers them; NULL: nothing is written */
};

/* Reads the whole store. Whoever can write the file can put anything into it: what cannot be taken
 * into memory as it is, is OKVP_CORRUPT. */
bool sqlite_load(struct backend *backend, const struct row_sink *sink, struct okvp_error *err);
