/* SPDX-License-Identifier: MIT */
/* test_job.c -- host/job: who looks at jobs, and who waits for them. */
#include "job_fixture.h"

#include "base/clock.h"
#include "openkvp/scoped.h"

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
	assert_false(told_at_end); /* the guest may come again */
	jobs_item_settled(table->jobs, &table->vm, table->b, NULL);
	assert_true(told_at_end);
	assert_true(jobs_wait(table->jobs, &id, 3600000, set_true, &told_at_once));
	assert_true(told_at_once);
	assert_false(jobs_wait(table->jobs, &unknown, 1, set_true, &told_at_once));
}

static void who_waits_for_a_delivery_keeps_its_job(void **state)
{
	struct table *table = *state;
	struct job_record record = running(table);
	bool told = false;

	record.state = JOB_COMPLETED;
	record.ended_us = 1;
	assert_true(jobs_reserve(table->jobs, NULL));
	jobs_begin(table->jobs, &record, &table->a, 1);
	assert_true(jobs_wait(table->jobs, &record.id, 3600, set_true, &told));
	jobs_expire(table->jobs, clock_monotonic_ms());
	begin(table);
	assert_false(jobs_reserve(table->jobs, NULL));
	assert_true(is_visible(table, &record.id));
	jobs_forget_vm(table->jobs, &table->vm);
	assert_true(told);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(the_jobs_of_a_vm_are_listed_oldest_first),
		test(a_waiter_is_told_at_the_end_or_when_his_time_is_over),
		test(who_waits_for_a_delivery_keeps_its_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
