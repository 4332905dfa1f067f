/* SPDX-License-Identifier: MIT */
/* test_datetime.c -- cim/datetime */
#include "cim/datetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define DAY    (86400 * SECOND)

/* 2026-11-20T10:42:07.123456Z */
#define MOMENT (INT64_C(1795171327) * SECOND + 123456)

static struct cim_datetime read_datetime(const char *text)
{
	struct cim_datetime datetime;

	if (!cim_datetime_from_text(text, strlen(text), &datetime))
		fail_msg("'%s' is refused", text);
	return datetime;
}

static void one_moment_is_read_from_every_form(void **state)
{
	static const struct {
		const char *text;
		int utc_minutes;
	} forms[] = {
		{ "20261120104207.123456+000", 0 },
		{ "20261120104207.123456-000", 0 },
		{ "20261120114207.123456+060", 60 },
		{ "20261120051207.123456-330", -330 },
		{ "2026-11-20T10:42:07.123456Z", 0 },
		{ "2026-11-20T10:42:07.123456", 0 },
		{ "2026-11-20T10:42:07.1234569Z", 0 }, /* .NET counts in 100 ns */
		{ "2026-11-20T11:42:07.123456+01:00", 60 },
		{ "2026-11-20T05:12:07.123456-05:30", -330 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct cim_datetime datetime = read_datetime(forms[i].text);

		assert_false(datetime.is_interval);
		assert_true(datetime.microseconds == MOMENT);
		assert_int_equal(datetime.utc_minutes, forms[i].utc_minutes);
	}
}

static void times_before_1970_and_leap_days_are_read(void **state)
{
	assert_true(read_datetime("1969-12-31T23:59:59.5Z").microseconds == -SECOND / 2);
	assert_true(read_datetime("1970-01-02").microseconds == DAY);
	assert_true(read_datetime("20240229000000.000000+000").microseconds ==
		    read_datetime("20240301000000.000000+000").microseconds - DAY);
	assert_true(read_datetime("00000101000000.000000+000").microseconds < 0);
}

static void asterisks_count_as_the_least_value(void **state)
{
	assert_true(read_datetime("20261120104207.******+***").microseconds == MOMENT - 123456);
	assert_true(read_datetime("1970**********.******+000").microseconds == 0);
	assert_true(read_datetime("00000001******.******:000").microseconds == DAY);
}

static void intervals_are_read_from_every_form(void **state)
{
	static const struct {
		const char *text;
		int64_t microseconds;
	} forms[] = {
		{ "00000000000500.000000:000", 300 * SECOND },
		{ "00000001020304.000005:000", DAY + 7384 * SECOND + 5 },
		{ "99999999235959.999999:000", 100000000 * DAY - 1 },
		{ "P0DT0H5M0S", 300 * SECOND },
		{ "PT5M", 300 * SECOND },
		{ "P0Y0M1DT2H3M4.000005S", DAY + 7384 * SECOND + 5 },
		{ "P2000D", 2000 * DAY },
		{ "PT0.5S", SECOND / 2 },
		{ "PT90M", 5400 * SECOND },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct cim_datetime datetime = read_datetime(forms[i].text);

		assert_true(datetime.is_interval);
		assert_true(datetime.microseconds == forms[i].microseconds);
	}
}

static void what_is_no_datetime_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"2026",
		"tomorrow",
		"20261120104207.123456",
		"20261120104207.123456+00",
		"20261120104207.123456+0000",
		"20261120104207.123456+841",
		"20261120104207,123456+000",
		"20261320104207.123456+000", /* month 13 */
		"20260229104207.123456+000", /* no leap year */
		"20261120244207.123456+000", /* hour 24 */
		"20261120104207.12345x+000",
		"2026112 104207.123456+000",
		"00000000250000.000000:000",
		"00000000000500.000000:060",
		"2026-11-20 10:42:07",
		"2026-11-20T10:42",
		"2026-11-20T10:42:07.Z",
		"2026-11-20T10:42:07Zulu",
		"2026-11-20T10:42:07+1:00",
		"2026-11-20T10:42:07+14:01",
		"2026-11-31T10:42:07Z",
		"-2026-11-20T10:42:07Z",
		"P",
		"PT",
		"P1",
		"P1DT",
		"P1M", /* a month has no length */
		"P1Y",
		"-P1D",
		"PT5H1D",
		"PT5M5H",
		"PT5M5M",
		"P5S",
		"PT1.5M",
		"PT.5S",
		"P100000000D",
		"PT999999999999H",
		"PT9999999999999S",
		"P0000000000000000000000000000000000000000000000000000000000000001D",
	};
	struct cim_datetime datetime;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (cim_datetime_from_text(wrong[i], strlen(wrong[i]), &datetime))
			fail_msg("'%s' is taken", wrong[i]);
	}
}

static void dmtf_text_reads_back_as_it_was(void **state)
{
	static const char *const texts[] = {
		"20261120104207.123456+000", "20261120114207.123456+060",
		"20261120051207.123456-330", "19691231235959.500000+000",
		"00000101000000.000000+000", "99991231235959.999999+000",
		"00000000000500.000000:000", "99999999235959.999999:000",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct cim_datetime datetime = read_datetime(texts[i]);
		char out[CIM_DATETIME_SIZE];

		cim_datetime_to_dmtf(&datetime, out);
		assert_string_equal(out, texts[i]);
	}
}

static void iso_text_reads_back_as_it_was(void **state)
{
	static const char *const texts[] = {
		"2026-11-20T10:42:07.123456Z",
		"2026-11-20T11:42:07.123456+01:00",
		"2026-11-20T05:12:07.123456-05:30",
		"1969-12-31T23:59:59.500000Z",
		"0000-01-01T00:00:00.000000Z",
		"9999-12-31T23:59:59.999999Z",
		"P0DT0H5M0S",
		"P1DT2H3M4.000005S",
		"P99999999DT23H59M59.999999S",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct cim_datetime datetime = read_datetime(texts[i]);
		char out[CIM_ISO_SIZE];

		cim_datetime_to_iso(&datetime, out);
		assert_string_equal(out, texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_moment_is_read_from_every_form),
		cmocka_unit_test(times_before_1970_and_leap_days_are_read),
		cmocka_unit_test(asterisks_count_as_the_least_value),
		cmocka_unit_test(intervals_are_read_from_every_form),
		cmocka_unit_test(what_is_no_datetime_is_refused),
		cmocka_unit_test(dmtf_text_reads_back_as_it_was),
		cmocka_unit_test(iso_text_reads_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
