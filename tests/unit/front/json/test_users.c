/* SPDX-License-Identifier: MIT */
/* test_users.c -- front/json/users, on their thread */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "front/json/worker.h"

static void ask(const char *method, const char *target, const char *body)
{
	fake_send(method, target, body);
	fake_wait();
}

static void users_are_listed_without_anything_secret(void **state)
{
	ask("GET", "/v1/users", NULL);
	assert_answer(200, "{\"users\":[{\"name\":\"ann\",\"role\":\"write\"}]}");
}

static void a_user_is_put(void **state)
{
	ask("POST", "/v1/users", "{\"name\":\"bob\",\"role\":\"read\",\"password\":\"p\"}");
	assert_answer(204, "");
	assert_string_equal(fake.users_asked, "/users: put bob read p");
}

static void a_user_is_removed(void **state)
{
	ask("DELETE", "/v1/users/b%40b", NULL);
	assert_answer(204, "");
	assert_string_equal(fake.users_asked, "/users: remove b@b");
}

static void a_failure_is_told(void **state)
{
	okvp_fail(&fake.users_error, OKVP_NOT_FOUND, "no such user: 'x'");
	ask("DELETE", "/v1/users/x", NULL);
	assert_refused(404, "NOT_FOUND", "no such user: 'x'");
	ask("GET", "/v1/users", NULL);
	assert_int_equal(fake.http_status, 404);
}

static void a_request_without_sense_never_reaches_the_file(void **state)
{
	ask("POST", "/v1/users", "{\"name\":\"bob\",\"role\":\"read\"}");
	assert_refused(400, "INVALID", "'password' is missing");
	ask("POST", "/v1/users", "{\"name\":\"bob\",\"role\":\"god\",\"password\":\"p\"}");
	assert_refused(400, "INVALID", "no such role: 'god'; a role is read, write or admin");
	ask("POST", "/v1/users", "{\"name\":\"bob\",\"role\":\"read\",\"password\":\"p\\u0000q\"}");
	assert_refused(400, "INVALID_TEXT", "'password'");
	assert_string_equal(fake.users_asked, "");
}

static void too_many_at_once_are_put_off(void **state)
{
	bool put_off = false;

	pthread_mutex_lock(&fake.users_hold);
	for (int i = 0; i <= WORKER_QUEUE_MAX + 1 && !put_off; i++) {
		fake_send("GET", "/v1/users", NULL);
		put_off = fake.http_status == 503 && strstr(fake.body, "wait already");
	}
	/* those that wait are answered before the API goes: see fake_close() */
	pthread_mutex_unlock(&fake.users_hold);
	assert_true(put_off);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		test(users_are_listed_without_anything_secret),
		test(a_user_is_put),
		test(a_user_is_removed),
		test(a_failure_is_told),
		test(a_request_without_sense_never_reaches_the_file),
		test(too_many_at_once_are_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
