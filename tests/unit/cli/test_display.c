/* SPDX-License-Identifier: MIT */
/* test_display.c -- cli/display */
#include "cli/display.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct text text;

static int init(void **state)
{
	display_init();
	return 0;
}

static int release(void **state)
{
	text_done(&text);
	return 0;
}

#define assert_shown(raw, shown)                             \
	do {                                                 \
		text_clear(&text);                           \
		display_add(&text, "" raw, sizeof(raw) - 1); \
		assert_string_equal(text.bytes, (shown));    \
	} while (0)

static void plain_text_is_shown_as_it_is(void **state)
{
	assert_shown("C:\\new 'x' \"y\" \xC3\xA4 \xE6\x97\xA5",
		     "C:\\new 'x' \"y\" \xC3\xA4 \xE6\x97\xA5");
}

static void what_a_terminal_obeys_is_escaped(void **state)
{
	assert_shown("a\nb\tc\rd", "a\\nb\\tc\\rd");
	assert_shown("\x1B[31m", "\\u001B[31m");
	assert_shown("\x7F", "\\u007F");
	assert_shown("\xC2\x9B", "\\u009B"); /* CSI in one character */
	assert_shown("a\0b", "a\\u0000b");
}

static void what_turns_the_direction_is_escaped(void **state)
{
	assert_shown("a\xE2\x80\xAE"
		     "b",
		     "a\\u202Eb");
	assert_shown("\xE2\x81\xA6", "\\u2066");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
	assert_shown("a\xFF"
		     "b\xC3",
		     "a\xEF\xBF\xBD"
		     "b\xEF\xBF\xBD");
}

static void wide_characters_take_two_columns_and_marks_none(void **state)
{
	assert_int_equal(display_width("abc"), 3);
	assert_int_equal(display_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4);    /* two ideographs */
	assert_int_equal(display_width("e\xCC\x81"), 1);                   /* e, combining acute */
	assert_int_equal(display_width("\xED\x95\x9C\xEA\xB8\x80 ok"), 7); /* Hangul */
}

static void a_text_that_fits_is_not_cut(void **state)
{
	text_puts(&text, "\xE6\x97\xA5\xE6\x9C\xAC");
	display_cut(&text, 4);
	assert_string_equal(text.bytes, "\xE6\x97\xA5\xE6\x9C\xAC");
}

static void a_cut_text_ends_with_an_ellipsis_and_fits(void **state)
{
	text_puts(&text, "abcdef");
	display_cut(&text, 4);
	assert_string_equal(text.bytes, "abc\xE2\x80\xA6");
}

static void a_wide_character_is_not_cut_in_half(void **state)
{
	text_puts(&text, "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"); /* six columns */
	display_cut(&text, 4);
	assert_string_equal(text.bytes, "\xE6\x97\xA5\xE2\x80\xA6");
	assert_int_equal(display_width(text.bytes), 3);
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, release)
	const struct CMUnitTest tests[] = {
		test(plain_text_is_shown_as_it_is),
		test(what_a_terminal_obeys_is_escaped),
		test(what_turns_the_direction_is_escaped),
		test(bytes_that_are_no_text_are_replaced),
		test(wide_characters_take_two_columns_and_marks_none),
		test(a_text_that_fits_is_not_cut),
		test(a_cut_text_ends_with_an_ellipsis_and_fits),
		test(a_wide_character_is_not_cut_in_half),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
