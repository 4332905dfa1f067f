/* SPDX-License-Identifier: MIT */
/* job_fixture.h -- for tests of host/job*: a table for two jobs, and items that they wait for. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/job_table.h"

struct table {
	uv_loop_t uv;
	struct loop *loop;
	struct jobs *jobs;
	struct guid vm;
	struct stored_item *a, *b; /* of generation 5 */
};

int open_table(void **state);
int close_table(void **state);

struct stored_item *item_of(const char *key, uint64_t generation);

/* A job of the table's VM, of generation 5. */
struct job_record running(const struct table *table);

/* Begins a job that waits for a and b. */
struct guid begin(struct table *table);

/* Begins a job that is completed and pending, and waits for so many items at most: all are a. */
struct guid begin_pending(struct table *table, size_t count);

/* A job as it is now; its text lives in a static buffer. */
struct job look(struct table *table, const struct guid *id);

bool is_visible(struct table *table, const struct guid *id);
