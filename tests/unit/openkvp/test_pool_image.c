/* SPDX-License-Identifier: MIT */
/* test_pool_image.c -- openkvp/pool_image */
#include "openkvp/pool_image.h"

#include "tests/unit/openkvp/pool_records.h"

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct pool_image));
	return 0;
}

static int teardown(void **state)
{
	pool_image_done(*state);
	free(*state);
	return 0;
}

static void set(struct pool_image *image, const char *key, const char *value)
{
	struct okvp_item item = item_of(key, value);

	assert_true(pool_image_set(image, &item, NULL));
}

static const char *value_of(const struct pool_image *image, const char *key)
{
	size_t place = pool_image_find(image, key, strlen(key));

	if (place == POOL_IMAGE_NONE)
		return NULL;
	return (const char *)pool_image_record(image, place) + OKVP_RECORD_KEY_SIZE;
}

/* Runs of touched records, "begin+count begin+count". */
static const char *runs(const struct pool_image *image)
{
	static char text[256];
	size_t begin, run, at = 0;

	text[0] = '\0';
	for (size_t place = 0; (run = pool_image_touched(image, &place, &begin)) > 0;)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%zu+%zu", at ? " " : "",
				       begin, run);
	return text;
}

static void an_empty_image_finds_nothing(void **state)
{
	struct pool_image *image = *state;

	assert_int_equal(pool_image_find(image, "a", 1), POOL_IMAGE_NONE);
	assert_false(pool_image_remove(image, "a", 1));
	assert_true(pool_image_index(image, 0, NULL));
	assert_int_equal(pool_image_find(image, "", 0), POOL_IMAGE_NONE);
	assert_false(image->changed);
}

static void thousands_of_keys_are_told_apart(void **state)
{
	struct pool_image *image = *state;
	char key[16];

	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		set(image, key, key);
	}

	for (int i = 0; i < 3000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		assert_string_equal(value_of(image, key), key);
	}
	assert_null(value_of(image, "3000"));
}

static void what_is_touched_is_told_in_runs(void **state)
{
	struct pool_image *image = *state;

	for (const char *key = "a\0b\0c\0d\0e\0f\0"; *key; key += 2)
		set(image, key, "1");
	assert_string_equal(runs(image), "0+6");
	pool_image_clean(image);
	assert_string_equal(runs(image), "");

	set(image, "b", "2");
	set(image, "e", "2");
	set(image, "d", "2");
	set(image, "a", "1");
	assert_string_equal(runs(image), "1+1 3+2");
}

static void the_last_record_removed_leaves_nothing_to_write(void **state)
{
	struct pool_image *image = *state;

	set(image, "a", "1");
	set(image, "b", "2");
	pool_image_clean(image);
	assert_true(pool_image_remove(image, "b", 1));
	pool_image_compact(image);

	assert_int_equal(image->count, 1);
	assert_string_equal(runs(image), "");
	assert_true(image->changed);
}

static void records_that_move_are_zero_padded(void **state)
{
	struct pool_image *image = *state;
	uint8_t expected[OKVP_RECORD_SIZE];

	assert_true(pool_image_reserve(image, 2, NULL));
	put_record(pool_image_record(image, 0), "a", "1", 'x');
	put_record(pool_image_record(image, 1), "b", "2", 'x');
	assert_true(pool_image_index(image, 2, NULL));
	assert_true(pool_image_remove(image, "a", 1));
	pool_image_compact(image);

	put_record(expected, "b", "2", 0);
	assert_memory_equal(pool_image_record(image, 0), expected, sizeof(expected));
	assert_string_equal(value_of(image, "b"), "2");
	assert_string_equal(runs(image), "0+1");
}

static void a_removed_key_that_is_set_again_goes_to_the_end(void **state)
{
	struct pool_image *image = *state;

	for (const char *key = "a\0b\0c\0"; *key; key += 2)
		set(image, key, "1");
	assert_true(pool_image_remove(image, "a", 1));
	assert_null(value_of(image, "a"));
	set(image, "a", "2");
	for (const char *key = "d\0e\0f\0g\0h\0i\0"; *key; key += 2)
		set(image, key, "1"); /* the table grows while a record is marked as removed */
	pool_image_compact(image);

	assert_int_equal(image->count, 9);
	assert_int_equal(pool_image_find(image, "b", 1), 0);
	assert_int_equal(pool_image_find(image, "a", 1), 2);
	assert_true(pool_image_remove(image, "a", 1));
	assert_null(value_of(image, "a"));
}

static void all_records_can_go(void **state)
{
	struct pool_image *image = *state;

	set(image, "a", "1");
	set(image, "b", "2");
	assert_true(pool_image_remove(image, "a", 1));
	assert_true(pool_image_remove(image, "b", 1));
	pool_image_compact(image);

	assert_int_equal(image->count, 0);
	set(image, "a", "3");
	assert_string_equal(value_of(image, "a"), "3");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_image_finds_nothing),
		TEST(thousands_of_keys_are_told_apart),
		TEST(what_is_touched_is_told_in_runs),
		TEST(the_last_record_removed_leaves_nothing_to_write),
		TEST(records_that_move_are_zero_padded),
		TEST(a_removed_key_that_is_set_again_goes_to_the_end),
		TEST(all_records_can_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
