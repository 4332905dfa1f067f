/* SPDX-License-Identifier: MIT */
/* test_path.c -- cli/path */
#include "cli/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct text path;

static int release(void **state)
{
	text_done(&path);
	return 0;
}

static void what_is_plain_stays(void **state)
{
	path_add(&path, "Az09-._~");
	assert_string_equal(path.bytes, "/Az09-._~");
}

static void all_else_is_encoded(void **state)
{
	path_add(&path, "a/b?c#d%e f=g&h+i");
	path_add(&path, "\xE6\x97\xA5\n");
	assert_string_equal(path.bytes, "/a%2Fb%3Fc%23d%25e%20f%3Dg%26h%2Bi/%E6%97%A5%0A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_plain_stays, release),
		cmocka_unit_test_teardown(all_else_is_encoded, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
