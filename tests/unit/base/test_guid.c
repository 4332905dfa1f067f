/* SPDX-License-Identifier: MIT */
/* test_guid.c -- base/guid */
#include "base/guid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void any_form_is_read_and_upper_case_is_written(void **state)
{
	static const char *const forms[] = {
		"2a34b1c2-fd73-4043-8a5b-dd2159bc743f",
		"{2A34B1C2-FD73-4043-8A5B-DD2159BC743F}",
		"2A34B1C2FD7340438A5BDD2159BC743F",
	};
	char text[GUID_TEXT_SIZE];
	struct guid guid;

	for (size_t i = 0; i < 3; i++) {
		assert_true(guid_from_text(forms[i], &guid));
		assert_string_equal(guid_to_text(&guid, text),
				    "2A34B1C2-FD73-4043-8A5B-DD2159BC743F");
	}
}

static void what_is_no_guid_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"web1",
		"{2A34B1C2-FD73-4043-8A5B-DD2159BC743F",
		"2A34B1C2-FD73-4043-8A5B-DD2159BC743F}",
		"2A34B1C2-FD73-4043-8A5B-DD2159BC743",
		"2A34B1C2-FD73-4043-8A5B-DD2159BC743F0",
		"2A34B1C2--FD73-4043-8A5B-DD2159BC743",
		"2A-34B1C2FD7340438A5BDD2159BC743F",
		"{2A34B1C2-FD73-4043-8A5B-DD2159BC743F}x",
		"{}",
		"-2A34B1C2FD7340438A5BDD2159BC743F",
	};
	struct guid guid;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(guid_from_text(wrong[i], &guid));
}

static void time_ordered_ones_only_grow(void **state)
{
	struct guid before = guid_time_ordered();

	for (int i = 0; i < 10000; i++) {
		struct guid next = guid_time_ordered();

		assert_true(memcmp(before.bytes, next.bytes, 8) < 0);
		before = next;
	}
	assert_int_equal(before.bytes[6] >> 4, 7);
	assert_int_equal(guid_random().bytes[6] >> 4, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_form_is_read_and_upper_case_is_written),
		cmocka_unit_test(what_is_no_guid_is_refused),
		cmocka_unit_test(time_ordered_ones_only_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
