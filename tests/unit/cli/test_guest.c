/* SPDX-License-Identifier: MIT */
/* test_guest.c -- cli/guest */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_client.h"

static void both_pools_are_shown_with_their_age(void **state)
{
	assert_int_equal(RUN("guest list web1",
			     { 200, "{\"live\":true,\"age_s\":0.4,"
				    "\"guest\":[{\"key\":\"k\",\"value\":\"v\"}],"
				    "\"intrinsic\":[{\"key\":\"OSName\",\"value\":\"Debian\"}]}" }),
			 EXIT_DONE);
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/guest\n");
	assert_string_equal(fake_out(), "Read 0.4 s ago.\n"
					"POOL       KEY     VALUE\n"
					"guest      k       v\n"
					"intrinsic  OSName  Debian\n");
}

static void what_is_no_longer_live_is_called_so(void **state)
{
	RUN("guest list web1",
	    { 200, "{\"live\":false,\"age_s\":90,\"guest\":[],\"intrinsic\":[]}" });
	assert_string_equal(fake_out(), "Read 90.0 s ago; the guest is not in contact now.\n");
}

static void a_guest_that_was_never_read_is_no_error(void **state)
{
	assert_int_equal(RUN("guest list web1", { 200, "{\"live\":false,\"age_s\":null,"
						       "\"guest\":[],\"intrinsic\":[]}" }),
			 EXIT_DONE);
	assert_string_equal(fake_out(), "The guest was never read.\n");
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, fake_done)
	const struct CMUnitTest tests[] = {
		test(both_pools_are_shown_with_their_age),
		test(what_is_no_longer_live_is_called_so),
		test(a_guest_that_was_never_read_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
