/* SPDX-License-Identifier: MIT */
/* test_large_value.c -- openkvp/large_value */
#include "openkvp/large_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct okvp_item *items;
	size_t count;
	size_t lost; /* this item is not found; SIZE_MAX: all are there */
	char *joined;
	size_t joined_size;
	struct okvp_error err;
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->lost = SIZE_MAX;
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	free(f->items);
	free(f->joined);
	free(f);
	return 0;
}

static void split(struct fixture *f, const char *key, const void *value, size_t size)
{
	free(f->items);
	f->items = NULL;
	if (!okvp_large_split(key, strlen(key), value, size, &f->items, &f->count, &f->err))
		fail_msg("%s", f->err.message);
	for (size_t i = 0; i < f->count; i++)
		assert_true(okvp_item_check(&f->items[i], NULL));
}

static bool find(void *context, const char *key, size_t key_length, struct okvp_item *ret_item)
{
	const struct fixture *f = context;

	for (size_t i = 0; i < f->count; i++)
		if (i != f->lost && f->items[i].key_length == key_length &&
		    memcmp(f->items[i].key, key, key_length) == 0) {
			*ret_item = f->items[i];
			return true;
		}
	return false;
}

static const struct okvp_item *head(const struct fixture *f)
{
	return &f->items[f->count - 1];
}

static bool join(struct fixture *f)
{
	free(f->joined);
	f->joined = NULL;
	return okvp_large_join(head(f), find, f, &f->joined, &f->joined_size, &f->err);
}

static void assert_joins_to(struct fixture *f, const void *value, size_t size)
{
	if (!join(f))
		fail_msg("%s", f->err.message);
	assert_int_equal(f->joined_size, size);
	assert_memory_equal(f->joined, value, size);
}

/* The same character n times. */
static char *text_of(const char *character, size_t n)
{
	char *text = malloc(n * strlen(character) + 1);

	for (size_t i = 0; i < n; i++)
		strcpy(text + i * strlen(character), character);
	return text;
}

static void expect_item(const struct okvp_item *item, const char *key, const char *value)
{
	assert_int_equal(item->key_length, strlen(key));
	assert_memory_equal(item->key, key, strlen(key));
	assert_int_equal(item->value_length, strlen(value));
	assert_memory_equal(item->value, value, strlen(value));
}

static void a_value_that_fits_is_one_plain_item(void **state)
{
	struct fixture *f = *state;
	char *text = text_of("x", 1022);

	split(f, "key", text, 1022);
	assert_int_equal(f->count, 1);
	expect_item(head(f), "key", text);
	split(f, "empty", "", 0);
	assert_int_equal(f->count, 1);
	expect_item(head(f), "empty", "");
	free(text);
}

static void a_longer_text_is_cut_between_characters(void **state)
{
	static const char *const characters[] = { "x", "\xC3\xA9", "\xE6\xBC\xA2",
						  "\xF0\x9F\x98\x80" };
	struct fixture *f = *state;

	for (size_t i = 0; i < 4; i++) {
		char *text = text_of(characters[i], 5000);

		split(f, "key", text, strlen(text));
		assert_true(f->count > 5);
		assert_joins_to(f, text, strlen(text));
		free(text);
	}
}

static void the_head_comes_last_and_says_what_there_is(void **state)
{
	struct fixture *f = *state;
	char *text = text_of("x", 2000);
	struct okvp_large_head read;

	split(f, "key", text, 2000);
	assert_int_equal(f->count, 3);
	expect_item(head(f), "key", "openkvp-large 1 2000 2 a5feb4fb text");
	assert_memory_equal(f->items[0].key, "key#a5feb4fb.0", 14);
	assert_memory_equal(f->items[1].key, "key#a5feb4fb.1", 14);
	assert_int_equal(f->items[0].value_length, 1022);
	assert_true(okvp_large_read_head(head(f), &read));
	assert_int_equal(read.size, 2000);
	assert_int_equal(read.count, 2);
	assert_false(read.base64);
	assert_false(okvp_large_read_head(&f->items[0], &read));
	free(text);
}

static void bytes_that_are_no_text_travel_as_base64(void **state)
{
	struct fixture *f = *state;
	char bytes[3000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	split(f, "key", bytes, sizeof(bytes));
	assert_int_equal(f->count, 5);
	assert_joins_to(f, bytes, sizeof(bytes));
	split(f, "key", "\x01", 1);
	assert_int_equal(f->count, 2);
	assert_memory_equal(f->items[0].value, "AQ==", 4);
	assert_joins_to(f, "\x01", 1);
}

static void the_largest_value_fits_and_no_larger_one(void **state)
{
	struct fixture *f = *state;
	char *bytes = malloc(OKVP_LARGE_MAX + 1), *text = text_of("x", OKVP_LARGE_MAX);

	for (size_t i = 0; i <= OKVP_LARGE_MAX; i++)
		bytes[i] = (char)(i * i >> 3);
	split(f, "key", bytes, OKVP_LARGE_MAX);
	assert_int_equal(f->count, OKVP_LARGE_PIECES_MAX + 1);
	assert_joins_to(f, bytes, OKVP_LARGE_MAX);
	split(f, "key", text, OKVP_LARGE_MAX);
	assert_int_equal(f->count, 1028);
	assert_joins_to(f, text, OKVP_LARGE_MAX);
	free(f->items);
	f->items = NULL;
	assert_false(okvp_large_split("key", 3, bytes, OKVP_LARGE_MAX + 1, &f->items, &f->count,
				      &f->err));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
	free(bytes);
	free(text);
}

static void a_value_that_looks_like_a_head_is_not_taken_for_one(void **state)
{
	static const char value[] = "openkvp-large 1 2000 2 a5feb4fb text";
	struct fixture *f = *state;

	split(f, "key", value, strlen(value));
	assert_int_equal(f->count, 2);
	assert_joins_to(f, value, strlen(value));
}

static void a_missing_piece_is_told_and_never_a_short_value_given(void **state)
{
	struct fixture *f = *state;
	char *text = text_of("x", 5000);

	split(f, "key", text, 5000);
	for (f->lost = 0; f->lost + 1 < f->count; f->lost++) {
		char expected[80];

		assert_false(join(f));
		snprintf(expected, sizeof(expected),
			 "'key' is incomplete: 1 of 5 pieces are missing, the first is number %zu",
			 f->lost);
		assert_int_equal(f->err.status, OKVP_WRONG_STATE);
		assert_string_equal(f->err.message, expected);
		assert_null(f->joined);
	}
	free(text);
}

static void a_piece_of_another_value_is_told(void **state)
{
	struct fixture *f = *state;
	char *text = text_of("x", 3000);

	split(f, "key", text, 3000);
	f->items[1].value = f->items[0].key; /* of the same length */
	assert_false(join(f));
	assert_int_equal(f->err.status, OKVP_WRONG_STATE);
	f->items[1].value_length = 2;
	assert_false(join(f));
	f->items[1].value_length = 60000;
	assert_false(join(f));
	free(text);
}

static void heads_that_nobody_writes_are_ordinary_values(void **state)
{
	static const char *const values[] = {
		"",
		"openkvp-large 1 ",
		"openkvp-large 1 2000 2 a5feb4fb",
		"openkvp-large 1 2000 2 a5feb4fb text ",
		"openkvp-large 1 2000 2 A5FEB4FB text",
		"openkvp-large 1 2000 2 a5feb4fb zip",
		"openkvp-large 1 -2000 2 a5feb4fb text",
		"openkvp-large 1  2000 2 a5feb4fb text",
		"openkvp-large 1 02000 2 a5feb4fb text",
		"openkvp-large 1 1048577 2 a5feb4fb text",
		"openkvp-large 1 2000 2001 a5feb4fb text",
		"openkvp-large 1 2000 99999999999 a5feb4fb text",
		"openkvp-large 2 2000 2 a5feb4fb text",
		"openkvp-large 1 2000 2 a5feb4fb text, and much more text behind it, it goes on",
	};
	struct okvp_large_head read;

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		const struct okvp_item item = { .key = "key",
						.key_length = 3,
						.value = values[i],
						.value_length = (uint16_t)strlen(values[i]) };

		assert_false(okvp_large_read_head(&item, &read));
	}
}

static void keys_of_pieces_are_known(void **state)
{
	static const struct {
		const char *key;
		bool is_piece;
	} keys[] = {
		{ "key#a5feb4fb.0", true },
		{ "key#a5feb4fb.1", true },
		{ "key#a5feb4fb.2", false },
		{ "key#a5feb4fb.01", false },
		{ "key#a5feb4fb.", false },
		{ "key#a5feb4f1.0", false },
		{ "kei#a5feb4fb.0", false },
		{ "key", false },
		{ "key#", false },
		{ "key#a5feb4fb.0 ", false },
		{ "key#a5feb4fb.+1", false },
		{ "key2#a5feb4fb.0", false },
		{ "key#a5feb4fb.0000000000000000000000000001", false },
	};
	struct fixture *f = *state;
	char *text = text_of("x", 2000);
	struct okvp_large_head read;

	split(f, "key", text, 2000);
	assert_true(okvp_large_read_head(head(f), &read));
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert_int_equal(
			okvp_large_is_piece(head(f), &read, keys[i].key, strlen(keys[i].key)),
			keys[i].is_piece);
	free(text);
}

static void keys_say_what_they_are_pieces_of(void **state)
{
	static const struct {
		const char *key;
		size_t piece_of, number_of;
	} keys[] = {
		{ "key#a5feb4fb.0", 3, 12 },
		{ "key#a5feb4fb.1370", 3, 12 },
		{ "k#a5feb4fb.1#a5feb4fb.2", 12, 21 },
		{ "key#a5feb4fb.01", 0, 0 },
		{ "key#a5feb4fb.", 0, 0 },
		{ "key#A5feb4fb.0", 0, 12 },
		{ "key#a5feb4f.0", 0, 11 },
		{ "key#0a5feb4fb.0", 0, 13 },
		{ "#a5feb4fb.0", 0, 9 },
		{ "key.10", 0, 3 },
		{ "key.0", 0, 3 },
		{ "key.00", 0, 0 },
		{ "key.1x", 0, 0 },
		{ "key10", 0, 0 },
		{ "10", 0, 0 },
		{ ".1", 0, 0 },
		{ "", 0, 0 },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *key = keys[i].key;

		assert_int_equal(okvp_large_piece_of(key, strlen(key)), keys[i].piece_of);
		assert_int_equal(okvp_large_number_of(key, strlen(key)), keys[i].number_of);
	}
}

static void a_key_must_leave_room_for_those_of_the_pieces(void **state)
{
	struct fixture *f = *state;
	char *key = text_of("k", 256), *text = text_of("x", 2000);

	key[241] = '\0';
	split(f, key, text, 2000);
	free(f->items);
	f->items = NULL;
	key[241] = 'k', key[242] = '\0';
	assert_false(okvp_large_split(key, 242, text, 2000, &f->items, &f->count, &f->err));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
	assert_string_equal(f->err.message, "the key of a value that is split has at most 241 "
					    "UTF-16 units and 497 bytes");
	assert_false(okvp_large_split("", 0, text, 2000, &f->items, &f->count, &f->err));
	assert_int_equal(f->err.status, OKVP_INVALID);
	free(key);
	free(text);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(a_value_that_fits_is_one_plain_item),
		test(a_longer_text_is_cut_between_characters),
		test(the_head_comes_last_and_says_what_there_is),
		test(bytes_that_are_no_text_travel_as_base64),
		test(the_largest_value_fits_and_no_larger_one),
		test(a_value_that_looks_like_a_head_is_not_taken_for_one),
		test(a_missing_piece_is_told_and_never_a_short_value_given),
		test(a_piece_of_another_value_is_told),
		test(heads_that_nobody_writes_are_ordinary_values),
		test(keys_of_pieces_are_known),
		test(keys_say_what_they_are_pieces_of),
		test(a_key_must_leave_room_for_those_of_the_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
