/* SPDX-License-Identifier: MIT */
/* test_once_check.c -- host/once_check */
#include "host/once_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/ic_message.h"
#include "openkvp/pool_file.h"

static struct okvp_item pair(const char *key)
{
	return (struct okvp_item){ .key = key, .key_length = (uint16_t)strlen(key), .value = "" };
}

static int begin(void **state)
{
	struct once_check *check = calloc(1, sizeof(*check));

	for (const char *key = "a\0b\0c\0"; *key; key += 2) {
		struct okvp_item item = pair(key);

		once_check_add(check, stored_item_create(&item));
	}
	*state = check;
	return 0;
}

static int end(void **state)
{
	once_check_done(*state);
	free(*state);
	return 0;
}

static bool see(struct once_check *check, const char *key)
{
	const struct okvp_item item = pair(key);
	struct channel_part part = { .status = OKVP_IC_OK, .readable = true, .one = &item };

	return once_check_take(check, &part);
}

static bool see_end(struct once_check *check, uint32_t status)
{
	struct channel_part part = {
		.status = status,
		.readable = true,
		.end = status == OKVP_IC_NO_MORE_ITEMS,
	};

	return once_check_take(check, &part);
}

static void pool_0_is_asked_for_item_by_item(void **state)
{
	struct once_check *check = *state;

	see(check, "x");
	assert_int_equal(check->index, 1);
}

static void an_item_is_found_among_those_looked_for(void **state)
{
	struct once_check *check = *state;
	struct okvp_item item = pair("a");
	struct stored_item *other = stored_item_create(&item);

	assert_true(once_check_has(check, check->item[2]));
	assert_false(once_check_has(check, other));
	stored_item_release(&other);
}

static void what_is_not_there_stands_behind_what_is(void **state)
{
	struct once_check *check = *state;

	assert_false(see(check, "c"));
	assert_false(see(check, "other"));
	assert_false(see(check, "c"));
	assert_false(see_end(check, OKVP_IC_NO_MORE_ITEMS));
	assert_int_equal(check->index, 0); /* once more, to be sure */
	assert_false(see(check, "other"));
	assert_true(see_end(check, OKVP_IC_NO_MORE_ITEMS));

	assert_int_equal(check->seen, 1);
	assert_memory_equal(check->item[0]->text, "c", 1);
	assert_int_equal(check->count, 3);
}

static void what_moved_while_the_pool_was_read_is_found(void **state)
{
	assert_false(see(*state, "a"));
	assert_false(see(*state, "b")); /* a goes, and c is where b was */
	assert_false(see_end(*state, OKVP_IC_NO_MORE_ITEMS));
	assert_false(see(*state, "b"));
	assert_true(see(*state, "c"));
}

static void when_all_are_there_the_rest_is_not_asked_for(void **state)
{
	assert_false(see(*state, "a"));
	assert_false(see(*state, "b"));
	assert_true(see(*state, "c"));
}

static void a_pool_that_cannot_be_read_says_nothing(void **state)
{
	struct once_check *check = *state;

	assert_false(see(check, "a"));
	assert_true(see_end(check, OKVP_IC_FAIL));

	assert_int_equal(check->seen, check->count);
}

static void a_record_that_cannot_be_read_says_nothing(void **state)
{
	struct channel_part part = { .status = OKVP_IC_OK };
	struct once_check *check = *state;

	assert_true(once_check_take(check, &part));

	assert_int_equal(check->seen, check->count);
}

static void an_endless_pool_is_not_read_for_ever(void **state)
{
	struct once_check *check = *state;
	uint32_t taken = 0;

	while (!see(check, "x"))
		taken++;

	assert_int_equal(taken, OKVP_POOL_FILE_RECORDS_MAX);
	assert_int_equal(check->seen, check->count);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(pool_0_is_asked_for_item_by_item),
		test(an_item_is_found_among_those_looked_for),
		test(what_is_not_there_stands_behind_what_is),
		test(what_moved_while_the_pool_was_read_is_found),
		test(when_all_are_there_the_rest_is_not_asked_for),
		test(a_pool_that_cannot_be_read_says_nothing),
		test(a_record_that_cannot_be_read_says_nothing),
		test(an_endless_pool_is_not_read_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
