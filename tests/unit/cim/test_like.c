/* SPDX-License-Identifier: MIT */
/* test_like.c -- cim/like */
#include "cim/like.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool like(const char *pattern, const char *text)
{
	assert_true(cim_like_valid(pattern, strlen(pattern)));
	return cim_like(pattern, strlen(pattern), text, strlen(text));
}

static void the_whole_text_must_match_without_case(void **state)
{
	assert_true(like("abc", "ABC"));
	assert_false(like("abc", "abcd"));
	assert_false(like("abcd", "abc"));
	assert_true(like("", ""));
	assert_false(like("", "a"));
	assert_false(like("a", ""));
}

static void percent_is_any_run(void **state)
{
	assert_true(like("%", ""));
	assert_true(like("%", "anything"));
	assert_true(like("%%", "x"));
	assert_true(like("a%", "a"));
	assert_true(like("a%c", "abbbc"));
	assert_false(like("a%c", "abbb"));
	assert_true(like("%b%", "abc"));
	assert_true(like("%ab%ab", "ababab"));
	assert_true(like("%aab", "aaaaab"));
	assert_false(like("%x%", "abc"));
}

static void an_underscore_is_one_character(void **state)
{
	assert_true(like("a_c", "abc"));
	assert_false(like("a_c", "ac"));
	assert_true(like("_", "\xC3\xA9"));
	assert_true(like("__", "\xF0\x9F\x90\xA7x"));
	assert_true(like("%_", "x"));
	assert_false(like("%_", ""));
}

static void a_set_is_one_of_its_characters(void **state)
{
	assert_true(like("[a-f]x", "CX"));
	assert_false(like("[a-f]x", "gx"));
	assert_true(like("[abz0-9]", "5"));
	assert_true(like("[^a-f]", "g"));
	assert_false(like("[^a-f]", "A"));
	assert_false(like("[^a]", ""));
	assert_true(like("100[%]", "100%"));
	assert_false(like("100[%]", "1000"));
	assert_true(like("[a-]", "-"));
	assert_true(like("[\xC3\xA0-\xC3\xBC]", "\xC3\xA9"));
	assert_false(like("[]", "a"));
	assert_true(like("%[0-9]%", "vm7x"));
}

static void other_bytes_than_utf8_count_as_one_character(void **state)
{
	assert_true(like("a_b", "a\xFF"
				"b"));
	assert_false(like("a", "\xFF"));
}

static void a_long_search_ends(void **state)
{
	char pattern[2001], text[2001];

	for (size_t i = 0; i < 2000; i += 2)
		memcpy(pattern + i, "%a", 2);
	pattern[2000] = '\0';
	memset(text, 'a', 2000);
	text[1999] = 'b';
	text[2000] = '\0';
	assert_false(like(pattern, text));
}

static void an_open_set_is_not_valid(void **state)
{
	assert_false(cim_like_valid("a[b", 3));
	assert_false(cim_like_valid("[a][", 4));
	assert_true(cim_like_valid("[a]]", 4));
	assert_false(cim_like("a[b", 3, "ac", 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_text_must_match_without_case),
		cmocka_unit_test(percent_is_any_run),
		cmocka_unit_test(an_underscore_is_one_character),
		cmocka_unit_test(a_set_is_one_of_its_characters),
		cmocka_unit_test(other_bytes_than_utf8_count_as_one_character),
		cmocka_unit_test(a_long_search_ends),
		cmocka_unit_test(an_open_set_is_not_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
