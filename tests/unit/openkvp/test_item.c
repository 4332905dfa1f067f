/* SPDX-License-Identifier: MIT */
/* test_item.c -- openkvp/item */
#include "openkvp/item.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static char many[OKVP_HOST_ONLY_VALUE_BYTES + 1]; /* letters */

static int fill_many(void **state)
{
	memset(many, 'x', sizeof(many));
	return 0;
}

static struct okvp_item item_of(const char *key, size_t key_length, const char *value,
				size_t value_length)
{
	return (struct okvp_item){ .key = key,
				   .value = value,
				   .key_length = (uint16_t)key_length,
				   .value_length = (uint16_t)value_length };
}

static void items_up_to_the_limits_are_fine(void **state)
{
	struct okvp_item shortest = item_of("k", 1, NULL, 0);
	struct okvp_item longest = item_of(many, OKVP_KEY_UNITS, many, OKVP_VALUE_UNITS);
	struct okvp_item host_only =
		item_of(many, OKVP_HOST_ONLY_KEY_BYTES, many, OKVP_HOST_ONLY_VALUE_BYTES);

	assert_true(okvp_item_check(&shortest, NULL));
	assert_true(okvp_item_check(&longest, NULL));
	assert_true(okvp_item_check_host_only(&host_only, NULL));
}

static void a_character_beyond_the_first_plane_counts_twice(void **state)
{
	char value[4 * 512];
	struct okvp_item item = item_of("k", 1, value, 4 * 511);
	struct okvp_error err;

	for (size_t i = 0; i < 512; i++)
		memcpy(value + 4 * i, "\xF0\x9F\x98\x80", 4);
	assert_true(okvp_item_check(&item, NULL));
	item.value_length = sizeof(value);
	assert_false(okvp_item_check(&item, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);
	assert_string_equal(err.message,
			    "value of 'k': 1024 UTF-16 units, at most 1023 are possible");
}

static void what_is_too_long_is_counted(void **state)
{
	struct okvp_item key = item_of(many, OKVP_KEY_UNITS + 1, NULL, 0);
	struct okvp_item host_key = item_of(many, OKVP_HOST_ONLY_KEY_BYTES + 1, NULL, 0);
	struct okvp_item host_value = item_of("k", 1, many, OKVP_HOST_ONLY_VALUE_BYTES + 1);
	struct okvp_error err;

	assert_false(okvp_item_check(&key, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);
	assert_non_null(strstr(err.message, "256 UTF-16 units, at most 255"));
	assert_false(okvp_item_check_host_only(&host_key, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);
	assert_non_null(strstr(err.message, "513 bytes, at most 512"));
	assert_false(okvp_item_check_host_only(&host_value, &err));
	assert_string_equal(err.message, "value of 'k': 16385 bytes, at most 16384 are possible");
}

static void an_empty_key_is_refused(void **state)
{
	struct okvp_item item = item_of("", 0, "v", 1);
	struct okvp_error err;

	assert_false(okvp_item_check(&item, &err));
	assert_int_equal(err.status, OKVP_INVALID);
	assert_false(okvp_item_check_host_only(&item, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void the_place_of_a_wrong_character_is_told(void **state)
{
	struct okvp_item nul = item_of("k", 1, "ab\0c", 4);
	struct okvp_item broken = item_of("a\xFF", 2, "", 0);
	struct okvp_item control = item_of("a\x01", 2, "", 0);
	struct okvp_error err;

	assert_false(okvp_item_check(&nul, &err));
	assert_int_equal(err.status, OKVP_INVALID_TEXT);
	assert_string_equal(err.message, "value of 'k': U+0000 at byte 2 cannot be carried");
	assert_false(okvp_item_check(&broken, &err));
	assert_int_equal(err.status, OKVP_INVALID_TEXT);
	assert_string_equal(err.message, "key 'a?': not UTF-8 at byte 1");
	assert_false(okvp_item_check_host_only(&control, &err));
	assert_string_equal(err.message, "key 'a?': U+0001 at byte 1 cannot be carried");
}

static void keys_are_compared_byte_for_byte(void **state)
{
	struct okvp_item a = item_of("key", 3, "1", 1), same = item_of("key", 3, "2", 1);
	struct okvp_item other_case = item_of("Key", 3, "1", 1), longer = item_of("keys", 4, "", 0);
	struct okvp_item none = item_of(NULL, 0, "", 0);

	assert_true(okvp_item_same_key(&a, &same));
	assert_false(okvp_item_same_key(&a, &other_case));
	assert_false(okvp_item_same_key(&a, &longer));
	assert_true(okvp_item_same_key(&none, &none));
}

static void a_key_is_shown_without_controls(void **state)
{
	char out[OKVP_KEY_TEXT_SIZE];

	assert_ptr_equal(okvp_key_text("a\x1B[m\x7F\xC2\x85\xFF\xC3\xA9", 10, out), out);
	assert_string_equal(out, "a?[m???\xC3\xA9");
	assert_string_equal(okvp_key_text(NULL, 0, out), "");
}

static void a_long_key_is_cut_at_the_end_of_a_character(void **state)
{
	char key[70], out[OKVP_KEY_TEXT_SIZE];

	memset(key, 'k', sizeof(key));
	assert_int_equal(strlen(okvp_key_text(key, 64, out)), 64);
	assert_memory_equal(out, key, 64);
	assert_int_equal(strlen(okvp_key_text(key, 65, out)), 67);
	assert_memory_equal(out, key, 64);
	assert_string_equal(out + 64, "...");
	memcpy(key + 63, "\xC3\xA9", 2);
	assert_int_equal(strlen(okvp_key_text(key, 65, out)), 66);
	assert_string_equal(out + 63, "...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_up_to_the_limits_are_fine),
		cmocka_unit_test(a_character_beyond_the_first_plane_counts_twice),
		cmocka_unit_test(what_is_too_long_is_counted),
		cmocka_unit_test(an_empty_key_is_refused),
		cmocka_unit_test(the_place_of_a_wrong_character_is_told),
		cmocka_unit_test(keys_are_compared_byte_for_byte),
		cmocka_unit_test(a_key_is_shown_without_controls),
		cmocka_unit_test(a_long_key_is_cut_at_the_end_of_a_character),
	};

	return cmocka_run_group_tests(tests, fill_many, NULL);
}
