/* SPDX-License-Identifier: MIT */
/* raw_rows.h -- the rows of AddKvpItems written by SQLite and nothing else, into a store that
 * make_store has made. */
#pragma once
#include <sqlite3.h>

struct raw_rows {
	sqlite3 *db;
	sqlite3_stmt *begin, *commit, *item, *vm, *job;
	unsigned int vms, items; /* of the store; items: each call brings so many */
	unsigned int calls;      /* so far */
};

/* Opens with the pragmas of the store. */
void raw_rows_open(const char *path, unsigned int items, struct raw_rows *ret_rows);
void raw_rows_close(struct raw_rows *rows);

/* Writes the rows of the next so many calls, on one VM after another: their new items, the VM's
 * new generation, their jobs. Durable when it returns. */
void raw_rows_commit(struct raw_rows *rows, unsigned int calls);
