/* SPDX-License-Identifier: MIT */
/* sqlite_schema.c -- the tables of a store in SQLite, and their versions. */
#include "store/sqlite_schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

/* Keys of GUIDs are their 16 bytes; the views show all of it to people. Times are microseconds
 * since 1970. space: 0 pool 0, 1 host-only, 2 pool 1, 3 pool 2. An item that is removed stays,
 * without a value, until the guest knows. */
#define GUID_TEXT(column)                                                        \
	"substr(hex(" column "),1,8)||'-'||substr(hex(" column "),9,4)||'-'||"   \
	"substr(hex(" column "),13,4)||'-'||substr(hex(" column "),17,4)||'-'||" \
	"substr(hex(" column "),21)"

#define TIME_TEXT(column) "strftime('%Y-%m-%dT%H:%M:%SZ'," column "/1000000,'unixepoch')"

#define VM_GUID      GUID_TEXT("id")
#define VM_CREATED   TIME_TEXT("created_us")
#define VM_READ      TIME_TEXT("nullif(guest_read_us,0)")
#define ITEM_CHANGED TIME_TEXT("changed_us")
#define JOB_GUID     GUID_TEXT("job.id")
#define JOB_CREATED  TIME_TEXT("job.created_us")
#define JOB_ENDED    TIME_TEXT("nullif(ended_us,0)")

static const char version_1[] =
	"CREATE TABLE meta ("
	"	name TEXT PRIMARY KEY,"
	"	value TEXT NOT NULL"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE vm ("
	"	id BLOB PRIMARY KEY,"
	"	name TEXT NOT NULL,"
	"	channel TEXT NOT NULL,"
	"	created_us INTEGER NOT NULL,"
	"	exchange_enabled INTEGER NOT NULL,"
	"	host_items INTEGER NOT NULL,"
	"	generation INTEGER NOT NULL,"
	"	acknowledged INTEGER NOT NULL,"
	"	guest_read_us INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE item ("
	"	vm BLOB NOT NULL,"
	"	space INTEGER NOT NULL,"
	"	key TEXT NOT NULL,"
	"	value TEXT NOT NULL,"
	"	type INTEGER NOT NULL,"
	"	removed INTEGER NOT NULL,"
	"	generation INTEGER NOT NULL,"
	"	changed_us INTEGER NOT NULL,"
	"	position INTEGER NOT NULL,"
	"	PRIMARY KEY (vm, space, key)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE guest_item ("
	"	vm BLOB NOT NULL,"
	"	space INTEGER NOT NULL,"
	"	position INTEGER NOT NULL,"
	"	key TEXT NOT NULL,"
	"	value TEXT NOT NULL,"
	"	type INTEGER NOT NULL,"
	"	PRIMARY KEY (vm, space, position)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE job ("
	"	id BLOB PRIMARY KEY,"
	"	vm BLOB NOT NULL,"
	"	generation INTEGER NOT NULL,"
	"	created_us INTEGER NOT NULL,"
	"	ended_us INTEGER NOT NULL,"
	"	kind INTEGER NOT NULL,"
	"	state INTEGER NOT NULL,"
	"	error_code INTEGER NOT NULL,"
	"	percent INTEGER NOT NULL,"
	"	text TEXT NOT NULL,"
	"	keys BLOB"
	") STRICT, WITHOUT ROWID;"

	"CREATE VIEW vms AS SELECT"
	"	" VM_GUID " AS guid, name, channel, " VM_CREATED " AS created,"
	"	exchange_enabled, host_items, generation, acknowledged, " VM_READ " AS guest_read"
	" FROM vm ORDER BY created_us;"

	"CREATE VIEW items AS SELECT"
	"	vm.name AS vm, CASE space WHEN 0 THEN 'external' ELSE 'host-only' END AS pool,"
	"	key, value, removed, item.generation, " ITEM_CHANGED " AS changed"
	" FROM item JOIN vm ON vm.id = item.vm ORDER BY vm.name, space, position;"

	"CREATE VIEW guest_items AS SELECT"
	"	vm.name AS vm, CASE space WHEN 2 THEN 'guest' ELSE 'auto' END AS pool, key, value"
	" FROM guest_item JOIN vm ON vm.id = guest_item.vm ORDER BY vm.name, space, position;"

	"CREATE VIEW jobs AS SELECT"
	"	" JOB_GUID " AS guid, vm.name AS vm, kind, state, error_code, percent,"
	"	job.generation, " JOB_CREATED " AS created, " JOB_ENDED " AS ended, text"
	" FROM job JOIN vm ON vm.id = job.vm ORDER BY job.id;";

/* Objects are texts that mean nothing to the store; number tells in which order they were made. */
static const char version_2[] = "CREATE TABLE object ("
				"	number INTEGER PRIMARY KEY,"
				"	class TEXT NOT NULL,"
				"	key TEXT NOT NULL,"
				"	text TEXT NOT NULL,"
				"	UNIQUE (class, key)"
				") STRICT;";

/* Items may be special; see enum item_flag. Secrets are not shown. */
static const char version_3[] =
	"ALTER TABLE vm ADD COLUMN allow_secrets INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;"

	"DROP VIEW vms;"
	"CREATE VIEW vms AS SELECT"
	"	" VM_GUID " AS guid, name, channel, " VM_CREATED " AS created,"
	"	exchange_enabled, host_items, allow_secrets, generation, acknowledged,"
	"	" VM_READ " AS guest_read"
	" FROM vm ORDER BY created_us;"

	"DROP VIEW items;"
	"CREATE VIEW items AS SELECT"
	"	vm.name AS vm, CASE space WHEN 0 THEN 'external' ELSE 'host-only' END AS pool,"
	"	key, iif(flags & 1, NULL, value) AS value, flags & 1 AS secret,"
	"	flags >> 1 & 1 AS once, flags >> 2 & 1 AS transient, removed,"
	"	item.generation, " ITEM_CHANGED " AS changed"
	" FROM item JOIN vm ON vm.id = item.vm ORDER BY vm.name, space, position;";

/* Why its guest has refused an item, as it is now. */
static const char version_4[] =
	"ALTER TABLE item ADD COLUMN refusal TEXT;"
	"CREATE INDEX refused ON item (vm) WHERE refusal IS NOT NULL;"

	"DROP VIEW items;"
	"CREATE VIEW items AS SELECT"
	"	vm.name AS vm, CASE space WHEN 0 THEN 'external' ELSE 'host-only' END AS pool,"
	"	key, iif(flags & 1, NULL, value) AS value, flags & 1 AS secret,"
	"	flags >> 1 & 1 AS once, flags >> 2 & 1 AS transient, removed, refusal,"
	"	item.generation, " ITEM_CHANGED " AS changed"
	" FROM item JOIN vm ON vm.id = item.vm ORDER BY vm.name, space, position;";

/* Objects count in the share of the user who made them. */
static const char version_5[] = "ALTER TABLE object ADD COLUMN owner TEXT NOT NULL DEFAULT '';";

const struct schema store_schema = {
	.application_id = 0x4F4B5650, /* "OKVP" */
	.version = 5,
	.step = (const char *const[]){ version_1, version_2, version_3, version_4, version_5 },
};

static bool fail_newer(const struct schema *schema, sqlite3 *db, int64_t version,
		       struct okvp_error *err)
{
	scoped(sqlite_statement_done) sqlite3_stmt *statement = NULL;
	const char *writer = "a version that it does not tell";

	if (sqlite_prepare(db, "SELECT value FROM meta WHERE name = 'written_by'", &statement,
			   NULL) &&
	    sqlite3_step(statement) == SQLITE_ROW)
		writer = (const char *)sqlite3_column_text(statement, 0);
	return okvp_fail(
		err, OKVP_UNSUPPORTED,
		"the store has format %jd, written by openkvp %s; this is openkvp " OPENKVP_VERSION
		", which knows formats up to %zu",
		(intmax_t)version, writer, schema->version);
}

bool schema_check(const struct schema *schema, sqlite3 *db, size_t *ret_version,
		  struct okvp_error *err)
{
	int64_t objects, application_id, version;

	if (!sqlite_number(db, "SELECT count(*) FROM sqlite_schema", &objects, err) ||
	    !sqlite_number(db, "PRAGMA application_id", &application_id, err) ||
	    !sqlite_number(db, "PRAGMA user_version", &version, err))
		return false;
	if (objects == 0 && application_id == 0 && version == 0) {
		*ret_version = 0;
		return true;
	}
	if (application_id != schema->application_id || version < 1)
		return okvp_fail(err, OKVP_INVALID, "this database is not a store of openkvp");
	if ((uint64_t)version > schema->version)
		return fail_newer(schema, db, version, err);
	*ret_version = (size_t)version;
	return true;
}

/* The file before it has anything in it: whoever may not read the store may not read its copy. */
static bool make_private_file(const char *path, struct okvp_error *err)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return okvp_fail_errno(err, errno, "cannot make %s", path);
	close(fd);
	return true;
}

static bool copy_database(sqlite3 *db, const char *path, struct okvp_error *err)
{
	scoped(sqlite_db_close) sqlite3 *copy = NULL;
	sqlite3_backup *backup;

	if (!make_private_file(path, err) ||
	    !sqlite_db_open(path, SQLITE_OPEN_READWRITE, &copy, err))
		return false;
	backup = sqlite3_backup_init(copy, "main", db, "main");
	if (!backup)
		return sqlite_fail(copy, err, "cannot copy the store");
	sqlite3_backup_step(backup, -1);
	if (sqlite3_backup_finish(backup) != SQLITE_OK)
		return sqlite_fail(copy, err, "cannot copy the store");
	return true;
}

static bool run_steps(const struct schema *schema, sqlite3 *db, size_t version,
		      struct okvp_error *err)
{
	scoped(xfree_text) char *numbers =
		xprintf("PRAGMA application_id = %jd; PRAGMA user_version = %zu",
			(intmax_t)schema->application_id, schema->version);

	for (; version < schema->version; version++)
		if (!sqlite_run(db, schema->step[version], err))
			return false;
	return sqlite_run(db, numbers, err);
}

bool schema_bring_forward(const struct schema *schema, sqlite3 *db, const char *path,
			  struct okvp_error *err)
{
	size_t version;

	if (!schema_check(schema, db, &version, err))
		return false;
	if (version == schema->version)
		return true;
	if (version > 0) {
		scoped(xfree_text) char *copy = xprintf("%s.v%zu", path, version);

		if (!copy_database(db, copy, err))
			return okvp_fail_in(err, "format %zu is kept as %s", version, copy);
	}
	if (!sqlite_run(db, "BEGIN IMMEDIATE", err))
		return false;
	if (run_steps(schema, db, version, err) && sqlite_run(db, "COMMIT", err))
		return true;
	sqlite_run(db, "ROLLBACK", NULL);
	return okvp_fail_in(err, "format %zu cannot be made of format %zu", schema->version,
			    version);
}
