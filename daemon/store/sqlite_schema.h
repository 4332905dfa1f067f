/* SPDX-License-Identifier: MIT */
/* sqlite_schema.h -- for store/: the tables of a store in SQLite, and their versions. */
#pragma once
#include <stddef.h>

#include "store/sqlite_db.h"

/* A schema as the steps that lead to it: step n makes version n + 1 of version n, and version 0 is
 * an empty file. A released step never changes. */
struct schema {
	int64_t application_id; /* PRAGMA application_id: tells a store from any other database */
	size_t version;         /* how many steps there are */
	const char *const *step;
};

extern const struct schema store_schema;

/* Whether the database is a store, and of which version; 0: empty. A version newer than the schema
 * is an error that says which program wrote it. */
bool schema_check(const struct schema *schema, sqlite3 *db, size_t *ret_version,
		  struct okvp_error *err);

/* Brings an empty or older database forward, in one transaction. Before that a copy of an older one
 * is put beside it, as <path>.v<version>. */
bool schema_bring_forward(const struct schema *schema, sqlite3 *db, const char *path,
			  struct okvp_error *err);
