/* SPDX-License-Identifier: MIT */
/* test_text.c -- base/text */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int open_text(void **state)
{
	*state = calloc(1, sizeof(struct text));
	return 0;
}

static int close_text(void **state)
{
	text_done(*state);
	free(*state);
	return 0;
}

static void numbers_are_written_in_full(void **state)
{
	text_u64(*state, 0);
	text_putc(*state, ' ');
	text_u64(*state, UINT64_MAX);
	text_putc(*state, ' ');
	text_i64(*state, INT64_MIN);
	assert_string_equal(((struct text *)*state)->bytes,
			    "0 18446744073709551615 -9223372036854775808");
}

static void xml_escapes_markup_and_keeps_the_rest(void **state)
{
	text_xml(*state, "a<b>&\"c'\r\n\t\xC3\xA9", 13);
	assert_string_equal(((struct text *)*state)->bytes,
			    "a&lt;b&gt;&amp;&quot;c&apos;&#13;\n\t\xC3\xA9");
}

static void xml_replaces_what_it_cannot_carry(void **state)
{
	text_xml(*state, "\x01-\xEF\xBF\xBF-\xFF-\x00", 9);
	assert_string_equal(((struct text *)*state)->bytes,
			    "\xEF\xBF\xBD-\xEF\xBF\xBD-\xEF\xBF\xBD-\xEF\xBF\xBD");
}

static void json_escapes_controls_and_quotes(void **state)
{
	text_json(*state, "q\"\\\n\x01\xC3\xA9\xFF", 8);
	assert_string_equal(((struct text *)*state)->bytes,
			    "\"q\\\"\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBD\"");
}

static void strings_are_added_one_behind_the_other(void **state)
{
	text_concat(*state, "a", "", "bc");
	text_concat(*state, "d");
	assert_string_equal(((struct text *)*state)->bytes, "abcd");
	assert_int_equal(((struct text *)*state)->length, 4);
}

static void what_is_printed_may_be_longer_than_the_room(void **state)
{
	struct text *text = *state;

	for (int length = 0; length < 300; length++) {
		text_clear(text);
		text_literal(text, "x");
		text_printf(text, "%0*d%s", length, 0, "end");
		assert_int_equal(text->length, 1 + (length > 0 ? length : 1) + 3);
		assert_string_equal(text->bytes + text->length - 4, "0end");
	}
}

static void a_text_can_be_taken_and_is_empty_then(void **state)
{
	struct text *text = *state;
	char *bytes;

	text_printf(text, "%s-%d", "x", 5);
	bytes = text_take(text);
	assert_string_equal(bytes, "x-5");
	assert_null(text->bytes);
	free(bytes);
	bytes = text_take(text);
	assert_string_equal(bytes, "");
	free(bytes);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_text, close_text)
	const struct CMUnitTest tests[] = {
		test(numbers_are_written_in_full),
		test(xml_escapes_markup_and_keeps_the_rest),
		test(xml_replaces_what_it_cannot_carry),
		test(json_escapes_controls_and_quotes),
		test(strings_are_added_one_behind_the_other),
		test(what_is_printed_may_be_longer_than_the_room),
		test(a_text_can_be_taken_and_is_empty_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
