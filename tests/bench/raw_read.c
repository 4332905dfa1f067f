/* SPDX-License-Identifier: MIT */
/* raw_read.c -- reads every column of every row of a store with SQLite, and nothing else.
 *
 *	raw_read STORE
 */
#include <sqlite3.h>
#include <stdio.h>

#include "base/memory.h"
#include "bench.h"

static uint64_t bytes, rows;

static void read_table(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		die("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(statement) == SQLITE_ROW) {
		rows++;
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			if (sqlite3_column_type(statement, i) == SQLITE_INTEGER)
				bytes += sqlite3_column_int64(statement, i) != 0;
			else if (sqlite3_column_blob(statement, i))
				bytes += (uint64_t)sqlite3_column_bytes(statement, i);
		}
	}
	sqlite3_finalize(statement);
}

int main(int argc, char **argv)
{
	static const char *const tables[] = { "SELECT * FROM vm", "SELECT * FROM item",
					      "SELECT * FROM guest_item", "SELECT * FROM job" };
	sqlite3 *db;

	if (argc != 2)
		die("usage: raw_read STORE");
	if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		die("%s: %s", argv[1], sqlite3_errmsg(db));
	for (size_t i = 0; i < count_of(tables); i++)
		read_table(db, tables[i]);
	sqlite3_close(db);
	printf("{\"rows\": %ju, \"bytes\": %ju}\n", (uintmax_t)rows, (uintmax_t)bytes);
	return 0;
}
