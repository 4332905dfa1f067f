/* SPDX-License-Identifier: MIT */
/* sqlite_db.h -- for store/: opening a database of SQLite, and what went wrong with it. */
#pragma once
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "openkvp/error.h"

/* Says what went wrong last, in SQLite's words: these name tables and columns, never what is in
 * them. Returns false. */
bool sqlite_fail(sqlite3 *db, struct okvp_error *err, const char *doing);

/* Opens a database with these SQLITE_OPEN_ flags. */
bool sqlite_db_open(const char *path, int flags, sqlite3 **ret_db, struct okvp_error *err);
void sqlite_db_close(sqlite3 **db);

/* Runs statements that give no rows worth reading. */
bool sqlite_run(sqlite3 *db, const char *sql, struct okvp_error *err);

/* The first column of the first row as a number; 0 when there is none. */
bool sqlite_number(sqlite3 *db, const char *sql, int64_t *ret_number, struct okvp_error *err);

/* Releases a statement: for scoped(). */
void sqlite_statement_done(sqlite3_stmt **statement);

bool sqlite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement,
		    struct okvp_error *err);
