/* SPDX-License-Identifier: MIT */
/* job_fixture.c -- a table of jobs, and items that they wait for. */
#include "job_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "openkvp/scoped.h"

struct stored_item *item_of(const char *key, uint64_t generation)
{
	struct stored_item *item = stored_item_create(&(struct okvp_item){
		.key = key, .key_length = (uint16_t)strlen(key), .value = "" });

	item->generation = generation;
	return item;
}

int open_table(void **state)
{
	struct table *table = calloc(1, sizeof(*table));

	uv_loop_init(&table->uv);
	table->loop = loop_create(&table->uv);
	table->jobs = jobs_create(table->loop, NULL, 2);
	table->vm = guid_random();
	table->a = item_of("a", 5);
	table->b = item_of("b", 5);
	*state = table;
	return 0;
}

int close_table(void **state)
{
	struct table *table = *state;

	loop_free(&table->loop);
	jobs_free(&table->jobs);
	uv_run(&table->uv, UV_RUN_DEFAULT);
	uv_loop_close(&table->uv);
	stored_item_release(&table->a);
	stored_item_release(&table->b);
	free(table);
	return 0;
}

struct job_record running(const struct table *table)
{
	return (struct job_record){
		.id = guid_time_ordered(),
		.vm = table->vm,
		.generation = 5,
		.created_us = 1,
		.state = JOB_RUNNING,
		.text = "stored; on its way to the guest",
	};
}

struct guid begin(struct table *table)
{
	struct job_record record = running(table);

	assert_true(jobs_reserve(table->jobs, NULL));
	jobs_begin(table->jobs, &record, (struct stored_item *[]){ table->a, table->b }, 2);
	return record.id;
}

struct guid begin_pending(struct table *table, size_t count)
{
	struct stored_item **items = calloc(count + 1, sizeof(*items));
	struct job_record record = running(table);

	for (size_t i = 0; i < count; i++)
		items[i] = table->a;
	record.state = JOB_COMPLETED;
	record.ended_us = clock_wall_us();
	record.text = "stored; delivery pending: off";
	assert_true(jobs_reserve(table->jobs, NULL));
	jobs_begin(table->jobs, &record, items, count);
	free(items);
	return record.id;
}

struct job look(struct table *table, const struct guid *id)
{
	struct arena *arena scoped(arena_free) = arena_create();
	static char text[1200];
	struct job job;

	assert_true(jobs_find(table->jobs, id, arena, &job));
	snprintf(text, sizeof(text), "%s", job.text);
	job.text = text;
	return job;
}

bool is_visible(struct table *table, const struct guid *id)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct job job;

	return jobs_find(table->jobs, id, arena, &job);
}
