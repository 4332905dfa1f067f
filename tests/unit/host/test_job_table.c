/* SPDX-License-Identifier: MIT */
/* test_job_table.c -- host/job_table: how there comes to be room for jobs. */
#include "job_fixture.h"

#include "base/clock.h"

static void room_is_made_by_the_oldest_end_without_error(void **state)
{
	struct table *table = *state;
	struct guid first = begin(table), second = begin(table);
	struct okvp_error err;

	assert_false(jobs_reserve(table->jobs, &err));
	assert_int_equal(err.status, OKVP_BUSY);
	jobs_out_of_contact(table->jobs, &table->vm, false, "gone");
	assert_true(jobs_reserve(table->jobs, NULL));
	assert_false(is_visible(table, &first));
	assert_true(is_visible(table, &second));
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

static int64_t an_hour_ahead(void)
{
	return clock_wall_us() + (int64_t)3600 * 1000000;
}

static struct guid begin_ended(struct table *table, enum job_state how, enum job_error error,
			       int64_t ended_us)
{
	struct job_record record = running(table);

	record.state = how;
	record.error_code = error;
	record.ended_us = ended_us;
	assert_true(jobs_reserve(table->jobs, NULL));
	jobs_begin(table->jobs, &record, NULL, 0);
	return record.id;
}

static void ended_jobs_expire(void **state)
{
	struct table *table = *state;
	struct guid completed = begin_ended(table, JOB_COMPLETED, JOB_OK, 1);
	struct guid failed = begin_ended(table, JOB_EXCEPTION, JOB_FAILED, 1);

	jobs_expire(table->jobs, clock_monotonic_ms());
	assert_false(is_visible(table, &completed));
	assert_false(is_visible(table, &failed));
}

static void a_wall_clock_that_was_set_back_keeps_no_job(void **state)
{
	struct table *table = *state;
	struct guid completed = begin_ended(table, JOB_COMPLETED, JOB_OK, an_hour_ahead());
	struct guid failed = begin_ended(table, JOB_EXCEPTION, JOB_FAILED, an_hour_ahead());

	jobs_expire(table->jobs, clock_monotonic_ms());
	assert_true(is_visible(table, &completed));
	assert_true(is_visible(table, &failed));
	jobs_expire(table->jobs, clock_monotonic_ms() + JOB_VISIBLE_MS);
	assert_false(is_visible(table, &completed));
	assert_false(is_visible(table, &failed));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(room_is_made_by_the_oldest_end_without_error),
		test(failed_jobs_are_not_dropped_to_make_room),
		test(ended_jobs_expire),
		test(a_wall_clock_that_was_set_back_keeps_no_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
