/* SPDX-License-Identifier: MIT */
/* test_job_table.c -- host/job_table: how jobs go on, end, and come back from the store. */
#include "host_fixture.h"

#include <stdlib.h>

#include "host/job_table.h"
#include "openkvp/scoped.h"

struct table {
	uv_loop_t uv;
	struct loop *loop;
	struct jobs *jobs;
	struct guid vm;
	struct stored_item *a, *b;
};

static struct stored_item *item_of(const char *key, uint64_t generation)
{
	struct stored_item *item = stored_item_create(&(struct okvp_item){
		.key = key, .key_length = (uint16_t)strlen(key), .value = "" });

	item->generation = generation;
	return item;
}

static int open_table(void **state)
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

static int close_table(void **state)
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

static struct job_record running(const struct table *table)
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

/* Begins a job that waits for a and b. */
static struct guid begin(struct table *table)
{
	struct job_record record = running(table);

	assert_true(jobs_reserve(table->jobs, NULL));
	jobs_begin(table->jobs, &record, (struct stored_item *[]){ table->a, table->b }, 2);
	return record.id;
}

static struct job look(struct table *table, const struct guid *id)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct job job;

	assert_true(jobs_find(table->jobs, id, arena, &job));
	job.text = NULL;
	return job;
}

static void a_job_ends_with_the_last_of_its_items(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table);

	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_int_equal(look(table, &id).state, JOB_RUNNING);
	assert_int_equal(look(table, &id).percent, 50);
	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_int_equal(look(table, &id).percent, 50);
	jobs_item_settled(table->jobs, &table->vm, table->b, NULL);
	assert_int_equal(look(table, &id).state, JOB_COMPLETED);
	assert_int_equal(look(table, &id).percent, 100);
}

static void an_overtaken_item_counts_and_an_older_one_does_not(void **state)
{
	struct table *table = *state;
	struct stored_item *newer = item_of("a", 9), *older = item_of("b", 4);
	struct guid id = begin(table);

	jobs_item_settled(table->jobs, &table->vm, newer, NULL);
	jobs_item_settled(table->jobs, &table->vm, older, NULL);
	assert_int_equal(look(table, &id).percent, 50);
	stored_item_release(&newer);
	stored_item_release(&older);
}

static void items_of_another_vm_do_not_count(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table), other = guid_random();

	jobs_item_settled(table->jobs, &other, table->a, NULL);
	assert_int_equal(look(table, &id).percent, 0);
}

static void set_true(void *context)
{
	*(bool *)context = true;
}

static void a_waiter_is_told_at_the_end_or_when_his_time_is_over(void **state)
{
	struct table *table = *state;
	bool told_in_time = false, told_at_end = false, told_at_once = false;
	struct guid id = begin(table), unknown = guid_random();

	assert_true(jobs_wait(table->jobs, &id, 1, set_true, &told_in_time));
	while (!told_in_time)
		uv_run(&table->uv, UV_RUN_ONCE);
	assert_true(jobs_wait(table->jobs, &id, 3600000, set_true, &told_at_end));
	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_false(told_at_end);
	jobs_out_of_contact(table->jobs, &table->vm, false, "gone");
	assert_true(told_at_end);
	assert_true(jobs_wait(table->jobs, &id, 3600000, set_true, &told_at_once));
	assert_true(told_at_once);
	assert_false(jobs_wait(table->jobs, &unknown, 1, set_true, &told_at_once));
}

static void a_stored_job_waits_again_for_what_its_vm_still_has(void **state)
{
	struct table *table = *state;
	const struct okvp_item keys[] = { { .key = "a", .key_length = 1 },
					  { .key = "never there", .key_length = 11 } };
	struct item_set *none = calloc(1, sizeof(*none));
	struct item_set *one = calloc(1, sizeof(*one) + sizeof(one->item[0]));
	struct snapshot vm = { .space = { one, none, none, none }, .tombstones = none };
	struct job_record record = running(table);
	uint8_t *encoded = job_keys_encode(keys, sizeof(keys[0]), 2, &record.keys_size);

	one->count = 1;
	one->item[0] = table->a;
	record.keys = encoded;
	jobs_restore(table->jobs, &record, &vm);
	assert_int_equal(look(table, &record.id).state, JOB_RUNNING);
	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_int_equal(look(table, &record.id).state, JOB_COMPLETED);
	free(encoded);
	free(one);
	free(none);
}

static void room_is_made_by_the_oldest_end_without_error(void **state)
{
	struct table *table = *state;
	struct arena *arena scoped(arena_free) = arena_create();
	struct guid first = begin(table), second = begin(table);
	struct okvp_error err;
	struct job job;

	assert_false(jobs_reserve(table->jobs, &err));
	assert_int_equal(err.status, OKVP_BUSY);
	jobs_out_of_contact(table->jobs, &table->vm, false, "gone");
	assert_true(jobs_reserve(table->jobs, NULL));
	assert_false(jobs_find(table->jobs, &first, arena, &job));
	assert_true(jobs_find(table->jobs, &second, arena, &job));
	jobs_unreserve(table->jobs);
}

static void failed_jobs_are_not_dropped_to_make_room(void **state)
{
	struct table *table = *state;

	begin(table);
	begin(table);
	jobs_out_of_contact(table->jobs, &table->vm, true, "no answer");
	assert_false(jobs_reserve(table->jobs, NULL));
}

static void ended_jobs_expire(void **state)
{
	struct table *table = *state;
	struct arena *arena scoped(arena_free) = arena_create();
	struct job_record record = running(table);
	struct job job;

	record.state = JOB_COMPLETED;
	record.ended_us = 1;
	assert_true(jobs_reserve(table->jobs, NULL));
	jobs_begin(table->jobs, &record, NULL, 0);
	jobs_expire(table->jobs);
	assert_false(jobs_find(table->jobs, &record.id, arena, &job));
}

static void the_jobs_of_a_vm_are_listed_oldest_first(void **state)
{
	struct table *table = *state;
	struct arena *arena scoped(arena_free) = arena_create();
	const struct guid stranger = guid_random();
	struct guid first = begin(table), second = begin(table), *ids;

	assert_int_equal(jobs_list_of_vm(table->jobs, &table->vm, arena, &ids), 2);
	assert_true(guid_equal(&ids[0], &first));
	assert_true(guid_equal(&ids[1], &second));
	assert_int_equal(jobs_list_of_vm(table->jobs, &stranger, arena, &ids), 0);
	assert_int_equal(jobs_list(table->jobs, arena, &ids), 2);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(a_job_ends_with_the_last_of_its_items),
		test(an_overtaken_item_counts_and_an_older_one_does_not),
		test(items_of_another_vm_do_not_count),
		test(a_waiter_is_told_at_the_end_or_when_his_time_is_over),
		test(a_stored_job_waits_again_for_what_its_vm_still_has),
		test(room_is_made_by_the_oldest_end_without_error),
		test(failed_jobs_are_not_dropped_to_make_room),
		test(ended_jobs_expire),
		test(the_jobs_of_a_vm_are_listed_oldest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
