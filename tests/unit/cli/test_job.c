/* SPDX-License-Identifier: MIT */
/* test_job.c -- cli/job */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_client.h"

#define JOBS                                                                                    \
	"{\"jobs\":[{\"id\":\"J1\",\"vm\":\"G1\",\"kind\":\"add\",\"state\":\"running\","       \
	"\"percent\":50,\"created\":null,\"text\":\"t\"},{\"id\":\"J2\",\"vm\":\"G2\","         \
	"\"kind\":\"batch\",\"state\":\"completed\",\"percent\":100,\"created\":null,\"text\":" \
	"\"\"}]}"

static void jobs_are_listed_with_the_names_of_vms(void **state)
{
	assert_int_equal(RUN("job list", { 200, JOBS },
			     { 200, "{\"vms\":[{\"id\":\"G1\",\"name\":\"web1\"}]}" }),
			 EXIT_DONE);
	assert_string_equal(fake_requests(), "GET /v1/jobs\nGET /v1/vms\n");
	assert_string_equal(fake_out(), "JOB  VM    KIND   STATE      PERCENT  CREATED  TEXT\n"
					"J1   web1  add    running         50  -        t\n"
					"J2   G2    batch  completed      100  -\n");
}

static void one_job_is_shown(void **state)
{
	assert_int_equal(RUN("job show J/1", { 200, "{\"id\":\"J1\",\"state\":\"running\"}" }),
			 EXIT_DONE);
	assert_string_equal(fake_requests(), "GET /v1/jobs/J%2F1\n");
	assert_non_null(strstr(fake_out(), "State:      running\n"));
}

static void waiting_has_no_end_of_its_own(void **state)
{
	const struct fake_answer running = { 200, "{\"state\":\"running\",\"awaited\":true}" };
	const struct fake_answer pending = { 200, "{\"state\":\"completed\",\"awaited\":true}" };

	assert_int_equal(RUN("job wait J1", running, running, pending, pending,
			     { 200, "{\"state\":\"completed\",\"text\":\"delivered\","
				    "\"delivered\":true}" }),
			 EXIT_DONE);
	assert_string_equal(fake_out(), "delivered\n");
}

static void waiting_ends_when_its_time_is_over(void **state)
{
	assert_int_equal(RUN("job wait J1 --wait 0", { 200, "{\"state\":\"running\"}" }), EXIT_JOB);
	assert_string_equal(fake_requests(), "GET /v1/jobs/J1?wait=0\n");
}

static void a_job_that_is_not_there_is_an_error(void **state)
{
	assert_int_equal(RUN("job wait J1", { 404, "{\"message\":\"no such job: 'J1'\"}" }),
			 EXIT_NOT_FOUND);
	assert_string_equal(fake_err(), "openkvp: job wait: no such job: 'J1'\n");
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, fake_done)
	const struct CMUnitTest tests[] = {
		test(jobs_are_listed_with_the_names_of_vms),
		test(one_job_is_shown),
		test(waiting_has_no_end_of_its_own),
		test(waiting_ends_when_its_time_is_over),
		test(a_job_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
