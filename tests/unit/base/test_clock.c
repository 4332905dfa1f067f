/* SPDX-License-Identifier: MIT */
/* test_clock.c -- base/clock */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static void monotonic_time_never_goes_back(void **state)
{
	uint64_t before = clock_monotonic_ms();

	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_monotonic_ms();

		assert_true(now >= before);
		before = now;
	}
}

static void wall_time_is_written_with_microseconds_in_utc(void **state)
{
	char text[CLOCK_TEXT_SIZE];

	assert_string_equal(clock_text(0, text), "1970-01-01T00:00:00.000000Z");
	assert_string_equal(clock_text(1795171327123456, text), "2026-11-20T10:42:07.123456Z");
	assert_string_equal(clock_text(-1, text), "1969-12-31T23:59:59.999999Z");
}

static void every_day_of_many_centuries_is_that_of_the_library(void **state)
{
	for (int64_t day = -730000; day < 2000000; day++) {
		time_t seconds = day * 86400;
		struct clock_date date = clock_date(day * INT64_C(86400000000));
		struct tm tm;

		gmtime_r(&seconds, &tm);
		assert_true(date.year == tm.tm_year + 1900 && date.month == tm.tm_mon + 1 &&
			    date.day == tm.tm_mday);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monotonic_time_never_goes_back),
		cmocka_unit_test(wall_time_is_written_with_microseconds_in_utc),
		cmocka_unit_test(every_day_of_many_centuries_is_that_of_the_library),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
