/* SPDX-License-Identifier: MIT */
/* test_guest.c -- front/json/guest */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake.h"

static void a_guest_is_asked_and_not_waited_for_too_long(void **state)
{
	fake_send("GET", "/v1/vms/web1/guest", NULL);
	assert_int_equal(fake.http_status, 0);
	assert_int_equal(fake.max_age_ms, 1000);
	assert_int_equal(fake.wait_ms, 500);
	fake.done(fake.context);
	assert_int_equal(fake.http_status, 200);
}

static void a_guest_of_whom_enough_is_known_is_not_waited_for(void **state)
{
	fake.is_fresh = true;
	fake_send("GET", "/v1/vms/web1/guest", NULL);
	assert_int_equal(fake.http_status, 200);
}

static void a_guest_that_was_never_read_has_no_age(void **state)
{
	fake_send("GET", "/v1/vms/web1/guest", NULL);
	fake.done(fake.context);
	assert_answer(200, "{\"vm\":\"" WEB1 "\",\"live\":false,\"read\":null,\"age_s\":null,"
			   "\"guest\":[],\"intrinsic\":[]}");
}

static void what_was_read_in_this_contact_is_live(void **state)
{
	fake_add(SPACE_GUEST, "k", "v");
	fake_add(SPACE_GUEST, "k", "w");
	fake_add(SPACE_INTRINSIC, "OSName", "Debian");
	fake.status.contact = VM_CONTACT_OPEN;
	fake.status.guest_live = true;
	fake.status.guest_read_us = clock_wall_us() + 3600 * 1000000LL; /* clocks may be set */
	fake.snapshot.guest_read_us = 1000000;
	fake_send("GET", "/v1/vms/web1/guest", NULL);
	fake.done(fake.context);
	assert_non_null(strstr(fake.body, "\"live\":true,\"read\":\"2"));
	assert_non_null(strstr(fake.body,
			       "\"age_s\":0.0,\"guest\":[{\"key\":\"k\",\"value\":\"v\"},"
			       "{\"key\":\"k\",\"value\":\"w\"}],\"intrinsic\":"
			       "[{\"key\":\"OSName\",\"value\":\"Debian\"}]}"));
}

static void what_an_earlier_run_read_is_kept_with_its_age(void **state)
{
	fake.snapshot.guest_read_us = 1000000;
	fake_send("GET", "/v1/vms/web1/guest", NULL);
	fake.done(fake.context);
	assert_non_null(
		strstr(fake.body, "\"live\":false,\"read\":\"1970-01-01T00:00:01.000000Z\""));
	assert_null(strstr(fake.body, "\"age_s\":null"));
}

static void a_vm_undefined_meanwhile_is_not_found(void **state)
{
	fake_send("GET", "/v1/vms/web1/guest", NULL);
	fake.defined = false;
	fake.done(fake.context);
	assert_refused(404, "NOT_FOUND", "undefined");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		test(a_guest_is_asked_and_not_waited_for_too_long),
		test(a_guest_of_whom_enough_is_known_is_not_waited_for),
		test(a_guest_that_was_never_read_has_no_age),
		test(what_was_read_in_this_contact_is_live),
		test(what_an_earlier_run_read_is_kept_with_its_age),
		test(a_vm_undefined_meanwhile_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
