/* SPDX-License-Identifier: MIT */
/* test_user.c -- cli/user */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fake_client.h"

static void a_password_is_the_first_line_of_standard_input(void **state)
{
	const struct fake_answer answer = { 204, NULL };

	assert_int_equal(fake_run("user add ann --role write --password-stdin", "s\"x y\nmore\n",
				  &answer, 1),
			 EXIT_DONE);
	assert_string_equal(fake_requests(), "POST /v1/users {\"name\":\"ann\",\"role\":\"write\","
					     "\"password\":\"s\\\"x y\"}\n");
}

static void without_a_password_nothing_is_asked(void **state)
{
	assert_int_equal(RUN("user add ann --role write --password-stdin", { 204, NULL }),
			 EXIT_USAGE);
	assert_string_equal(fake_requests(), "");
}

static void a_password_without_end_is_refused(void **state)
{
	char *input = xcalloc(1, 5000);

	memset(input, 'x', 4999);
	assert_int_equal(fake_run("user add ann --role write --password-stdin", input, NULL, 0),
			 EXIT_USAGE);
	assert_string_equal(fake_requests(), "");
	free(input);
}

static void a_role_is_needed(void **state)
{
	assert_int_equal(fake_run("user add ann --password-stdin", "x\n", NULL, 0), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "--role"));
}

static void users_are_listed_and_removed(void **state)
{
	RUN("user list", { 200, "{\"users\":[{\"name\":\"ann\",\"role\":\"write\"}]}" });
	assert_string_equal(fake_out(), "NAME  ROLE\nann   write\n");
	assert_int_equal(RUN("user remove ann", { 204, NULL }), EXIT_DONE);
	assert_string_equal(fake_requests(), "DELETE /v1/users/ann\n");
}

static void who_is_unknown_learns_how_to_say_who_he_is(void **state)
{
	assert_int_equal(RUN("user list", { 401, "{\"message\":\"who asks?\"}" }), EXIT_REFUSED);
	assert_non_null(strstr(fake_err(), "who asks?"));
	assert_non_null(strstr(fake_err(), "--user"));
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, fake_done)
	const struct CMUnitTest tests[] = {
		test(a_password_is_the_first_line_of_standard_input),
		test(without_a_password_nothing_is_asked),
		test(a_password_without_end_is_refused),
		test(a_role_is_needed),
		test(users_are_listed_and_removed),
		test(who_is_unknown_learns_how_to_say_who_he_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
