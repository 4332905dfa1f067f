/* SPDX-License-Identifier: MIT */
/* sqlite_db.c -- opening a database of SQLite, and what went wrong with it. */
#include "store/sqlite_db.h"

#include <stddef.h>

#include "openkvp/scoped.h"

static enum okvp_status status_of(int code)
{
	switch (code & 0xFF) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return OKVP_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return OKVP_CORRUPT;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
		return OKVP_DENIED;
	case SQLITE_NOMEM:
		return OKVP_NO_MEMORY;
	default:
		return OKVP_IO;
	}
}

/* What the system said to the last write of the log that it refused; a commit that fails tells that
 * nowhere else. */
static int log_error(sqlite3 *db)
{
	sqlite3_file *log = NULL;
	int error = 0;

	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK &&
	    log && log->pMethods)
		log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

/* What the system said, where SQLite says little more than that it failed. */
static int system_error(sqlite3 *db, int code)
{
	int error = 0;

	if ((code & 0xFF) == SQLITE_CANTOPEN || (code & 0xFF) == SQLITE_IOERR)
		error = sqlite3_system_errno(db);
	return error == 0 && (code & 0xFF) == SQLITE_IOERR ? log_error(db) : error;
}

bool sqlite_fail(sqlite3 *db, struct okvp_error *err, const char *doing)
{
	int code = sqlite3_extended_errcode(db), errno_value = system_error(db, code);

	if (status_of(code) == OKVP_BUSY)
		return okvp_fail(err, OKVP_BUSY, "another program has the store open");
	if (errno_value)
		return okvp_fail_errno(err, errno_value, "%s: %s", doing, sqlite3_errmsg(db));
	return okvp_fail(err, status_of(code), "%s: %s", doing, sqlite3_errmsg(db));
}

bool sqlite_db_open(const char *path, int flags, sqlite3 **ret_db, struct okvp_error *err)
{
	scoped(sqlite_db_close) sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
		if (!db)
			return okvp_fail(err, OKVP_NO_MEMORY, "out of memory");
		return sqlite_fail(db, err, "cannot open the store");
	}
	sqlite3_extended_result_codes(db, 1);
	*ret_db = take(db);
	return true;
}

void sqlite_db_close(sqlite3 **db)
{
	sqlite3_close(*db);
	*db = NULL;
}

bool sqlite_run(sqlite3 *db, const char *sql, struct okvp_error *err)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_fail(db, err, "cannot use the store");
	return true;
}

bool sqlite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement,
		    struct okvp_error *err)
{
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL) !=
	    SQLITE_OK)
		return sqlite_fail(db, err, "cannot use the store");
	return true;
}

void sqlite_statement_done(sqlite3_stmt **statement)
{
	sqlite3_finalize(*statement);
	*statement = NULL;
}

bool sqlite_number(sqlite3 *db, const char *sql, int64_t *ret_number, struct okvp_error *err)
{
	scoped(sqlite_statement_done) sqlite3_stmt *statement = NULL;
	int code;

	if (!sqlite_prepare(db, sql, &statement, err))
		return false;
	code = sqlite3_step(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sqlite_fail(db, err, "cannot read the store");
	*ret_number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	return true;
}
