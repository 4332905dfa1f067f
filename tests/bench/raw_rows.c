/* SPDX-License-Identifier: MIT */
/* raw_rows.c -- SQLite alone, as a reference. */
#include "raw_rows.h"

#include <stdio.h>
#include <string.h>

#include "bench.h"

#define VALUE_LENGTH 64

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		die("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
	    SQLITE_OK)
		die("%s: %s", sql, sqlite3_errmsg(db));
	return statement;
}

static void step(struct raw_rows *rows, sqlite3_stmt *statement)
{
	if (sqlite3_step(statement) != SQLITE_DONE)
		die("%s", sqlite3_errmsg(rows->db));
	sqlite3_reset(statement);
}

static unsigned int count_vms(sqlite3 *db)
{
	sqlite3_stmt *statement = prepare(db, "SELECT count(*) FROM vm");
	unsigned int count;

	if (sqlite3_step(statement) != SQLITE_ROW)
		die("%s", sqlite3_errmsg(db));
	count = (unsigned int)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	if (count == 0)
		die("the store has no VMs");
	return count;
}

void raw_rows_open(const char *path, unsigned int items, struct raw_rows *ret_rows)
{
	struct raw_rows rows = { .items = items };

	if (sqlite3_open_v2(path, &rows.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		die("%s: %s", path, sqlite3_errmsg(rows.db));
	run(rows.db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;"
		     "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;"
		     "PRAGMA cache_size = -8192");
	rows.begin = prepare(rows.db, "BEGIN IMMEDIATE");
	rows.commit = prepare(rows.db, "COMMIT");
	rows.item = prepare(
		rows.db,
		"INSERT INTO item (vm, space, key, value, type, removed, generation, changed_us,"
		" position, flags) VALUES (?1,0,?2,?3,0,0,?4,?4,?4,0)");
	rows.vm = prepare(rows.db, "UPDATE vm SET generation = ?2 WHERE id = ?1");
	rows.job = prepare(rows.db, "INSERT INTO job VALUES (?1,?2,?3,?3,?3,0,0,0,100,?4,NULL)");
	rows.vms = count_vms(rows.db);
	*ret_rows = rows;
}

void raw_rows_close(struct raw_rows *rows)
{
	sqlite3_finalize(rows->begin);
	sqlite3_finalize(rows->commit);
	sqlite3_finalize(rows->item);
	sqlite3_finalize(rows->vm);
	sqlite3_finalize(rows->job);
	sqlite3_close(rows->db);
}

static void write_items(struct raw_rows *rows, const struct guid *vm)
{
	char key[BENCH_KEY_LENGTH + 1], value[VALUE_LENGTH + 1];

	snprintf(value, sizeof(value), "%0*u", VALUE_LENGTH, rows->calls);
	sqlite3_bind_blob(rows->item, 1, vm->bytes, sizeof(vm->bytes), SQLITE_STATIC);
	sqlite3_bind_int64(rows->item, 4, rows->calls);
	for (unsigned int i = 0; i < rows->items; i++) {
		bench_key(BENCH_NEW_KEYS + rows->calls * rows->items + i, key);
		sqlite3_bind_text(rows->item, 2, key, BENCH_KEY_LENGTH, SQLITE_STATIC);
		sqlite3_bind_text(rows->item, 3, value, VALUE_LENGTH, SQLITE_STATIC);
		step(rows, rows->item);
	}
}

static void write_call(struct raw_rows *rows)
{
	static const char text[] = "stored; delivery pending: the VM is off";
	struct guid vm = bench_vm(rows->calls % rows->vms), job = guid_time_ordered();

	write_items(rows, &vm);
	sqlite3_bind_blob(rows->vm, 1, vm.bytes, sizeof(vm.bytes), SQLITE_STATIC);
	sqlite3_bind_int64(rows->vm, 2, rows->calls);
	step(rows, rows->vm);
	sqlite3_bind_blob(rows->job, 1, job.bytes, sizeof(job.bytes), SQLITE_STATIC);
	sqlite3_bind_blob(rows->job, 2, vm.bytes, sizeof(vm.bytes), SQLITE_STATIC);
	sqlite3_bind_int64(rows->job, 3, rows->calls);
	sqlite3_bind_text(rows->job, 4, text, sizeof(text) - 1, SQLITE_STATIC);
	step(rows, rows->job);
	rows->calls++;
}

void raw_rows_commit(struct raw_rows *rows, unsigned int calls)
{
	step(rows, rows->begin);
	for (unsigned int i = 0; i < calls; i++)
		write_call(rows);
	step(rows, rows->commit);
}
