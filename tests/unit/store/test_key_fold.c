/* SPDX-License-Identifier: MIT */
/* test_key_fold.c -- store/key_fold */
#include "helpers.h"

static bool same(const char *a, const char *b)
{
	bool hash = key_fold_hash(a, strlen(a)) == key_fold_hash(b, strlen(b));
	bool folded = key_same_folded(a, strlen(a), b, strlen(b));

	if (folded)
		assert_true(hash);
	return folded;
}

static void keys_that_differ_in_case_are_the_same_folded(void **state)
{
	assert_true(same("Color", "cOLOR"));
	assert_true(same("\xC3\xA4rger", "\xC3\x84RGER"));         /* a umlaut */
	assert_true(same("\xCF\x83\xCF\x82", "\xCE\xA3\xCE\xA3")); /* both sigmas */
	assert_true(same("\xF0\x90\x90\xA8", "\xF0\x90\x90\x80")); /* Deseret, beyond the BMP */
	assert_true(same("", ""));
}

static void other_keys_are_not(void **state)
{
	assert_false(same("color", "colour"));
	assert_false(same("color", "colo"));
	assert_false(same("a", "\xC3\xA4"));
	assert_false(same("[", "{")); /* 32 apart, as letters are */
	assert_false(same("", "a"));
}

static void bytes_that_are_not_utf_8_stand_for_themselves(void **state)
{
	assert_true(same("a\xFF", "A\xFF"));
	assert_false(same("a\xFF", "a\xFE"));
}

static void a_folded_key_is_upper_case_utf_8(void **state)
{
	char *folded = key_fold("w\xC3\xA4\x62", 4);

	assert_string_equal(folded, "W\xC3\x84\x42");
	free(folded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_that_differ_in_case_are_the_same_folded),
		cmocka_unit_test(other_keys_are_not),
		cmocka_unit_test(bytes_that_are_not_utf_8_stand_for_themselves),
		cmocka_unit_test(a_folded_key_is_upper_case_utf_8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
