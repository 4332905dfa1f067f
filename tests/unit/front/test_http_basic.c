/* SPDX-License-Identifier: MIT */
/* test_http_basic.c -- front/http_basic */
#include "front/http_basic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect_pair(const char *header, const char *expected_name,
			const char *expected_password)
{
	char text[HTTP_BASIC_MAX];
	const char *name, *password;

	assert_true(http_basic_read(header, text, &name, &password));
	assert_string_equal(name, expected_name);
	assert_string_equal(password, expected_password);
}

static void a_name_and_a_password_are_read(void **state)
{
	expect_pair("Basic YW5uOnNlY3JldA==", "ann", "secret");
	expect_pair("basic  YW5uOnNlY3JldA== ", "ann", "secret");
	expect_pair("Basic YW5uOnM=", "ann", "s");
	expect_pair("Basic YW5uOnNl", "ann", "se");
}

static void a_password_may_be_empty_and_may_hold_colons_and_any_script(void **state)
{
	expect_pair("Basic YW5uOg==", "ann", "");
	expect_pair("Basic YW5uOmE6Yg==", "ann", "a:b");
	expect_pair("Basic YW5uOsOp", "ann", "\xC3\xA9");
	expect_pair("Basic YW5uOmFcYg==", "ann", "a\\b");
}

static void a_domain_in_front_of_the_name_is_left_out(void **state)
{
	expect_pair("Basic Llxhbm46cw==", "ann", "s");     /* .\ann:s */
	expect_pair("Basic SE9TVFxhbm46cw==", "ann", "s"); /* HOST\ann:s */
}

static void what_is_not_basic_or_not_base64_is_refused(void **state)
{
	static const char *const headers[] = {
		"",
		"Basic",
		"Basic ",
		"Negotiate YW5uOnNlY3JldA==",
		"Basic YW5uOnNlY3JldA",   /* padding is missing */
		"Basic YW5uOnNlY3JldB==", /* bits are left over */
		"Basic YW5u OnNlY3JldA==",
		"Basic YW5uOnNlY3Jl*A==",
		"Basic ====",
		"Basic YW=uOnNlY3JldA==",
		"Basic YW5u",     /* no colon */
		"Basic YQA6Yg==", /* a NUL */
	};
	char text[HTTP_BASIC_MAX];
	const char *name, *password;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (http_basic_read(headers[i], text, &name, &password))
			fail_msg("read: %s", headers[i]);
}

static void a_header_longer_than_any_password_is_refused(void **state)
{
	char header[6 + 4 * HTTP_BASIC_MAX + 1] = "Basic ", text[HTTP_BASIC_MAX];
	const char *name, *password;

	memcpy(header + 6, "YTph", 4);
	memset(header + 10, 'Y', 1012);
	assert_true(http_basic_read(header, text, &name, &password));
	memset(header + 10, 'Y', 1020);
	assert_false(http_basic_read(header, text, &name, &password));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_and_a_password_are_read),
		cmocka_unit_test(a_password_may_be_empty_and_may_hold_colons_and_any_script),
		cmocka_unit_test(a_domain_in_front_of_the_name_is_left_out),
		cmocka_unit_test(what_is_not_basic_or_not_base64_is_refused),
		cmocka_unit_test(a_header_longer_than_any_password_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
