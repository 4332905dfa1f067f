/* SPDX-License-Identifier: MIT */
/* sqlite_check.c -- store_check(): is a file a store, and sound? Nothing in it is changed. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/load.h"
#include "store/sqlite_backend.h"
#include "store/sqlite_schema.h"

/* Whoever reads a database with a write-ahead log makes files beside it for the time. */
static bool check_folder(const char *path, struct okvp_error *err)
{
	scoped(xfree_text) char *copy = xstrdup(path);

	return faccessat(AT_FDCWD, dirname(copy), W_OK, AT_EACCESS) == 0 ||
	       okvp_fail_errno(err, errno,
			       "SQLite cannot read it where it cannot write; check a copy");
}

/* Whether SQLite finds the file whole: one row that says "ok", or rows that say what is wrong. */
static bool check_pages(sqlite3 *db, struct okvp_error *err)
{
	scoped(sqlite_statement_done) sqlite3_stmt *statement = NULL;
	const char *found;

	if (!sqlite_prepare(db, "PRAGMA quick_check(1)", &statement, err))
		return false;
	if (sqlite3_step(statement) != SQLITE_ROW)
		return sqlite_fail(db, err, "cannot check the store");
	found = (const char *)sqlite3_column_text(statement, 0);
	return strcmp(found, "ok") == 0 || okvp_fail(err, OKVP_CORRUPT, "damaged: %s", found);
}

/* Takes all of it into memory, as the service does when it starts. */
static bool check_contents(sqlite3 *db, struct okvp_error *err)
{
	scoped(state_done) struct state state = { 0 };
	struct backend backend = { .db = db };

	return load_state(&sqlite_backend, &backend, &(struct store_events){ 0 }, &state, err);
}

static bool check(const char *path, struct okvp_error *err)
{
	scoped(sqlite_db_close) sqlite3 *db = NULL;
	size_t version;

	if (!sqlite_db_open(path, SQLITE_OPEN_READONLY, &db, err) || !check_folder(path, err) ||
	    !schema_check(&store_schema, db, &version, err) || !check_pages(db, err))
		return false;
	if (version == 0)
		return okvp_fail(err, OKVP_INVALID, "the file is empty");
	/* What an older one holds is looked at when it is brought forward. */
	return version < store_schema.version || check_contents(db, err);
}

bool store_check(const char *path, struct okvp_error *err)
{
	return check(path, err) || okvp_fail_in(err, "%s", path);
}
