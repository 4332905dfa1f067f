/* SPDX-License-Identifier: MIT */
/* test_jobs.c -- front/json/jobs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"

static int open_with_job(void **state)
{
	int failed = fake_open(state);

	fake.job = (struct job){
		.kind = JOB_MODIFY,
		.state = JOB_RUNNING,
		.awaited = true,
		.percent = 50,
		.generation = 8,
		.created_us = 1000000,
		.text = "on its \"way\"",
		.vm = fake.snapshot.id,
	};
	guid_from_text(JOB1, &fake.job.id);
	return failed;
}

#define JOB                                                                                   \
	"{\"id\":\"" JOB1 "\",\"vm\":\"" WEB1 "\",\"kind\":\"modify\",\"state\":\"running\"," \
	"\"error\":0,\"percent\":50,\"text\":\"on its \\\"way\\\"\","                         \
	"\"delivered\":false,\"awaited\":true,\"generation\":8,"                              \
	"\"created\":\"1970-01-01T00:00:01.000000Z\",\"ended\":null}"

static void one_job_is_shown_at_once(void **state)
{
	fake_send("GET", "/v1/jobs/" JOB1, NULL);
	assert_answer(200, JOB);
	fake_send("GET", "/v1/jobs/" JOB1 "?wait=0", NULL);
	assert_answer(200, JOB);
}

static void all_jobs_are_listed(void **state)
{
	fake_send("GET", "/v1/jobs", NULL);
	assert_answer(200, "{\"jobs\":[" JOB "," JOB "]}");
}

static void no_jobs_are_an_empty_list(void **state)
{
	fake.job.state = 0;
	fake_send("GET", "/v1/jobs", NULL);
	assert_answer(200, "{\"jobs\":[]}");
}

static void waiting_answers_when_the_wait_is_over(void **state)
{
	fake_send("GET", "/v1/jobs/" JOB1 "?wait=60", NULL);
	assert_int_equal(fake.http_status, 0);
	assert_int_equal(fake.wait_ms, 60000);
	fake.job.state = JOB_COMPLETED;
	fake.job.ended_us = 2000000;
	fake.done(fake.context);
	assert_int_equal(fake.http_status, 200);
	assert_non_null(strstr(fake.body, "\"state\":\"completed\""));
	assert_non_null(strstr(fake.body, "\"ended\":\"1970-01-01T00:00:02.000000Z\""));
}

static void a_pending_delivery_is_waited_for(void **state)
{
	fake.job.state = JOB_COMPLETED;
	fake.snapshot.settings->channel = "unix:/vm";
	fake_send("GET", "/v1/jobs/" JOB1 "?wait=5", NULL);
	assert_int_equal(fake.http_status, 0);
	assert_int_equal(fake.wait_ms, 5000);
	fake.job.awaited = false;
	fake.job.delivered = true;
	fake.done(fake.context);
	assert_non_null(strstr(fake.body, "\"delivered\":true,\"awaited\":false"));
}

static void a_guest_without_a_road_is_not_waited_for(void **state)
{
	fake.job.state = JOB_COMPLETED;
	fake.snapshot.settings->channel = "";
	fake_send("GET", "/v1/jobs/" JOB1 "?wait=5", NULL);
	assert_int_equal(fake.http_status, 200);
	assert_non_null(strstr(fake.body, "\"delivered\":false,\"awaited\":false"));
}

static void nobody_waits_longer_than_a_minute(void **state)
{
	fake_send("GET", "/v1/jobs/" JOB1 "?wait=61", NULL);
	assert_refused(400, "INVALID", "from 0 to 60");
	fake_send("GET", "/v1/jobs/" JOB1 "?wait=99999999999999999999", NULL);
	assert_refused(400, "INVALID", "from 0 to 60");
}

static void an_unknown_job_is_not_found(void **state)
{
	fake_send("GET", "/v1/jobs/" WEB1, NULL);
	assert_refused(404, "NOT_FOUND", "no such job: '" WEB1 "'");
	fake_send("GET", "/v1/jobs/" WEB1 "?wait=5", NULL);
	assert_refused(404, "NOT_FOUND", WEB1);
	fake_send("GET", "/v1/jobs/x", NULL);
	assert_refused(404, "NOT_FOUND", "'x'");
}

static void a_job_that_goes_while_waited_for_is_not_found(void **state)
{
	fake_send("GET", "/v1/jobs/" JOB1 "?wait=5", NULL);
	fake.job.state = 0;
	fake.done(fake.context);
	assert_refused(404, "NOT_FOUND", JOB1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_with_job, fake_close)
	const struct CMUnitTest tests[] = {
		test(one_job_is_shown_at_once),
		test(all_jobs_are_listed),
		test(no_jobs_are_an_empty_list),
		test(waiting_answers_when_the_wait_is_over),
		test(a_pending_delivery_is_waited_for),
		test(a_guest_without_a_road_is_not_waited_for),
		test(nobody_waits_longer_than_a_minute),
		test(an_unknown_job_is_not_found),
		test(a_job_that_goes_while_waited_for_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
