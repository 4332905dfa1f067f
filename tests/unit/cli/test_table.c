/* SPDX-License-Identifier: MIT */
/* test_table.c -- cli/table */
#include "cli/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/display.h"

static struct text out;
static json_t *rows;

static int init(void **state)
{
	display_init();
	return 0;
}

static int release(void **state)
{
	text_done(&out);
	json_decref(rows);
	rows = NULL;
	return 0;
}

static const struct column columns[] = {
	{ .title = "KEY", .member = "key" },
	{ .title = "N", .member = "n", .right = true },
	{ .title = "VALUE", .member = "value", .gives_way = true },
};

static void print(const char *json, size_t terminal)
{
	rows = json_loads(json, JSON_ALLOW_NUL, NULL);
	assert_non_null(rows);
	table_print(&out, columns, count_of(columns), rows, terminal);
}

static void columns_are_as_wide_as_their_content(void **state)
{
	print("[{\"key\":\"a\",\"n\":5,\"value\":\"x\"},{\"key\":\"longer\",\"n\":123,\"value\":"
	      "\"yy\"}]",
	      0);
	assert_string_equal(out.bytes, "KEY       N  VALUE\n"
				       "a         5  x\n"
				       "longer  123  yy\n");
}

static void wide_characters_do_not_move_what_follows(void **state)
{
	print("[{\"key\":\"\xE6\x97\xA5\xE6\x9C\xAC\",\"n\":1,\"value\":\"v\"},{\"key\":\"abcd\","
	      "\"n\":2,\"value\":\"w\"}]",
	      0);
	assert_string_equal(out.bytes, "KEY   N  VALUE\n"
				       "\xE6\x97\xA5\xE6\x9C\xAC  1  v\n"
				       "abcd  2  w\n");
}

static void nothing_stands_at_the_end_of_a_line(void **state)
{
	print("[{\"key\":\"a\",\"n\":5,\"value\":\"\"}]", 0);
	assert_string_equal(out.bytes, "KEY  N  VALUE\n"
				       "a    5\n");
}

static void an_empty_list_has_titles_only(void **state)
{
	print("[]", 0);
	assert_string_equal(out.bytes, "KEY  N  VALUE\n");
}

static void on_a_terminal_long_values_give_way(void **state)
{
	print("[{\"key\":\"key\",\"n\":5,\"value\":\"0123456789abcdef\"}]", 20);
	assert_string_equal(out.bytes, "KEY  N  VALUE\n"
				       "key  5  0123456789a\xE2\x80\xA6\n");
}

static void elsewhere_nothing_is_cut(void **state)
{
	print("[{\"key\":\"key\",\"n\":5,\"value\":\"0123456789abcdef\"}]", 0);
	assert_string_equal(out.bytes, "KEY  N  VALUE\n"
				       "key  5  0123456789abcdef\n");
}

static void elsewhere_a_long_value_moves_its_own_line_alone(void **state)
{
#define TEN "0123456789"
	static const struct column order[] = {
		{ .title = "VALUE", .member = "value", .gives_way = true },
		{ .title = "KEY", .member = "key" },
	};

	rows = json_loads("[{\"key\":\"k\",\"value\":\"" TEN TEN TEN TEN TEN "\"},"
			  "{\"key\":\"l\",\"value\":\"x\"}]",
			  0, NULL);
	table_print(&out, order, count_of(order), rows, 0);
	assert_string_equal(out.bytes,
			    "VALUE                                     KEY\n" TEN TEN TEN TEN TEN
			    "  k\n"
			    "x                                         l\n");
}

static void a_terminal_too_narrow_for_all_still_gets_some(void **state)
{
	print("[{\"key\":\"key\",\"n\":5,\"value\":\"0123456789abcdef\"}]", 3);
	assert_string_equal(out.bytes, "KEY  N  VALUE\n"
				       "key  5  0123456\xE2\x80\xA6\n");
}

static void each_kind_of_value_has_its_form(void **state)
{
	static const char *const forms[][2] = {
		{ "[\"a\\nb\"]", "a\\nb" },
		{ "[-7]", "-7" },
		{ "[0.4]", "0.4" },
		{ "[true]", "yes" },
		{ "[false]", "no" },
		{ "[null]", "-" },
		{ "[\"a\\u0000b\"]", "a\\u0000b" },
	};

	for (size_t i = 0; i < count_of(forms); i++) {
		release(NULL);
		rows = json_loads(forms[i][0], JSON_ALLOW_NUL, NULL);
		table_value(&out, json_array_get(rows, 0));
		assert_string_equal(out.bytes, forms[i][1]);
	}
}

static void a_time_is_shown_in_whole_seconds(void **state)
{
	rows = json_loads("{\"at\":\"2026-11-20T10:42:07.123456Z\",\"never\":null}", 0, NULL);
	table_time(&out, rows, "at");
	table_time(&out, rows, "never");
	assert_string_equal(out.bytes, "2026-11-20T10:42:07Z-");
}

static void one_object_is_printed_line_by_line(void **state)
{
	rows = json_loads("{\"key\":\"k\",\"n\":1,\"value\":\"\"}", 0, NULL);
	table_print_one(&out, columns, count_of(columns), rows);
	assert_string_equal(out.bytes, "KEY:   k\n"
				       "N:     1\n"
				       "VALUE:\n");
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, release)
	const struct CMUnitTest tests[] = {
		test(columns_are_as_wide_as_their_content),
		test(wide_characters_do_not_move_what_follows),
		test(nothing_stands_at_the_end_of_a_line),
		test(an_empty_list_has_titles_only),
		test(on_a_terminal_long_values_give_way),
		test(elsewhere_nothing_is_cut),
		test(elsewhere_a_long_value_moves_its_own_line_alone),
		test(a_terminal_too_narrow_for_all_still_gets_some),
		test(each_kind_of_value_has_its_form),
		test(a_time_is_shown_in_whole_seconds),
		test(one_object_is_printed_line_by_line),
	};

	return cmocka_run_group_tests(tests, init, NULL);
}
