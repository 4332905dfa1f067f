/* SPDX-License-Identifier: MIT */
/* test_channel.c -- channel/channel: addresses. */
#include "channel/channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void good_addresses_and_none_are_accepted(void **state)
{
	assert_true(channel_address_check("", NULL));
	assert_true(channel_address_check("unix:/run/vm.sock", NULL));
	assert_true(channel_address_check("unix-listen:/run/vm.sock", NULL));
	assert_true(channel_address_check("vsock:3", NULL));
	assert_true(channel_address_check("hybrid:/run/vm.vsock", NULL));
}

static void wrong_addresses_are_refused_with_what_would_be_right(void **state)
{
	struct okvp_error err;
	char long_path[200] = "unix:/";

	assert_false(channel_address_check("tcp:1.2.3.4", &err));
	assert_int_equal(err.status, OKVP_INVALID);
	assert_non_null(strstr(err.message, "unix-listen:"));
	assert_false(channel_address_check("unix:relative.sock", &err));
	assert_non_null(strstr(err.message, "absolute"));
	memset(long_path + 6, 'x', sizeof(long_path) - 7);
	assert_false(channel_address_check(long_path, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_addresses_and_none_are_accepted),
		cmocka_unit_test(wrong_addresses_are_refused_with_what_would_be_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
