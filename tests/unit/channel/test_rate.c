/* SPDX-License-Identifier: MIT */
/* test_rate.c -- channel/rate: when a guest is not read, and when that is told. */
#include "channel/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct channel_settings limits = { .message_rate = 10, .byte_rate = 1000 };
static const struct channel_settings no_limits;

static void a_guest_within_its_limits_is_read_on(void **state)
{
	struct rate rate = { 0 };

	for (uint64_t now = 5000; now < 9000; now += 100)
		rate_add(&rate, now, 1, 100);
	assert_int_equal(rate_pause_ms(&rate, &limits, 9000), 0);
}

static void one_that_sends_more_waits_for_the_end_of_the_second(void **state)
{
	struct rate rate = { 0 };

	rate_add(&rate, 5000, 10, 0);
	assert_int_equal(rate_pause_ms(&rate, &limits, 5000), 0);
	rate_add(&rate, 5100, 1, 0);
	assert_int_equal(rate_pause_ms(&rate, &limits, 5100), 900);
	rate_add(&rate, 6000, 1, 0);
	assert_int_equal(rate_pause_ms(&rate, &limits, 6000), 0);
}

static void without_limits_everything_is_read(void **state)
{
	struct rate rate = { 0 };
	char text[RATE_TEXT_SIZE];

	rate_add(&rate, 5000, 1000000, 1000000000);
	assert_int_equal(rate_pause_ms(&rate, &no_limits, 5000), 0);
	assert_false(rate_is_excess(&rate, &no_limits, 5000, text));
}

static void what_came_unasked_is_told_with_the_limit(void **state)
{
	struct rate rate = { 0 };
	char text[RATE_TEXT_SIZE];

	rate_add(&rate, 5000, 11, 0);
	assert_true(rate_is_excess(&rate, &limits, 5012, text));
	assert_string_equal(text,
			    "the guest sent 11 messages within 12 ms; guest_message_rate takes 10 "
			    "from one guest in a second");
	rate_add(&rate, 6000, 0, 5000);
	assert_true(rate_is_excess(&rate, &limits, 6001, text));
	assert_string_equal(text,
			    "the guest sent 5000 bytes within 1 ms; guest_byte_rate takes 1000 "
			    "from one guest in a second");
}

/* A guest answers as fast as it is asked. */
static void what_was_asked_for_is_no_excess(void **state)
{
	struct rate rate = { 0 };
	char text[RATE_TEXT_SIZE];

	for (int i = 0; i < 11; i++) {
		rate_add(&rate, 5000, 1, 200);
		rate_add_asked(&rate, 1, 180);
	}
	assert_int_equal(rate_pause_ms(&rate, &limits, 5000), 1000);
	assert_false(rate_is_excess(&rate, &limits, 5000, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_guest_within_its_limits_is_read_on),
		cmocka_unit_test(one_that_sends_more_waits_for_the_end_of_the_second),
		cmocka_unit_test(without_limits_everything_is_read),
		cmocka_unit_test(what_came_unasked_is_told_with_the_limit),
		cmocka_unit_test(what_was_asked_for_is_no_excess),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
