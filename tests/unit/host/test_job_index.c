/* SPDX-License-Identifier: MIT */
/* test_job_index.c -- host/job_index: which jobs are found under a VM. */
#include "job_fixture.h"

#include "openkvp/scoped.h"

/* A job of another VM that has ended. */
static struct job_record ended_elsewhere(struct table *table)
{
	struct job_record record = running(table);

	record.vm = guid_random();
	record.state = JOB_COMPLETED;
	record.ended_us = INT64_MAX;
	assert_true(jobs_reserve(table->jobs, NULL));
	jobs_begin(table->jobs, &record, NULL, 0);
	return record;
}

static size_t count_of_vm(struct table *table, const struct guid *vm)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct guid *ids;

	return jobs_list_of_vm(table->jobs, vm, arena, &ids);
}

static size_t count_running(struct table *table, const struct guid *vm)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct guid *ids;

	return jobs_list_running_of_vm(table->jobs, vm, arena, &ids);
}

static void a_job_that_has_ended_is_its_vms_but_does_not_run(void **state)
{
	struct table *table = *state;

	begin(table);
	assert_int_equal(count_running(table, &table->vm), 1);
	jobs_out_of_contact(table->jobs, &table->vm, false, "gone");
	assert_int_equal(count_running(table, &table->vm), 0);
	assert_int_equal(count_of_vm(table, &table->vm), 1);
}

static void a_job_that_makes_room_leaves_its_vm(void **state)
{
	struct table *table = *state;
	struct job_record other = ended_elsewhere(table);

	begin(table);
	assert_int_equal(count_of_vm(table, &other.vm), 1);
	begin(table); /* of two that there may be */
	assert_int_equal(count_of_vm(table, &other.vm), 0);
	assert_int_equal(count_of_vm(table, &table->vm), 2);
}

static void forgetting_a_vm_leaves_the_jobs_of_others(void **state)
{
	struct table *table = *state;
	struct job_record other = ended_elsewhere(table);
	struct guid id = begin(table);

	jobs_forget_vm(table->jobs, &table->vm);
	assert_false(is_visible(table, &id));
	assert_true(is_visible(table, &other.id));
	jobs_forget_vm(table->jobs, &other.vm);
	assert_false(is_visible(table, &other.id));
}

static void of_many_pending_jobs_the_oldest_are_followed_no_more(void **state)
{
	struct table *table = *state;
	struct guid first = begin_pending(table, 1500), second = begin_pending(table, 1500);

	assert_false(look(table, &first).awaited);
	assert_false(look(table, &first).delivered);
	assert_string_equal(look(table, &first).text, "stored; delivery pending: off");
	assert_true(look(table, &second).awaited);
	jobs_forget_vm(table->jobs, &table->vm);
	first = begin_pending(table, 1500);
	assert_true(look(table, &first).awaited);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(a_job_that_has_ended_is_its_vms_but_does_not_run),
		test(a_job_that_makes_room_leaves_its_vm),
		test(forgetting_a_vm_leaves_the_jobs_of_others),
		test(of_many_pending_jobs_the_oldest_are_followed_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
