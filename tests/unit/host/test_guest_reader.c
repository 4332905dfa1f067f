/* SPDX-License-Identifier: MIT */
/* test_guest_reader.c -- host/guest_reader: reading pools 1 and 2 from a guest of any kind. */
#include "host/guest_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct guest_reader reader;

static int begin(void **state)
{
	guest_reader_begin(&reader, 4, 20);
	return 0;
}

static int end(void **state)
{
	guest_reader_done(&reader);
	return 0;
}

/* The guest answers with an item. */
static bool take_item(const char *key, const char *value)
{
	const struct okvp_kvp_message answer = {
		.item = { .key = key,
			  .key_length = (uint16_t)strlen(key),
			  .value = value,
			  .value_length = (uint16_t)strlen(value) },
	};

	return guest_reader_take(&reader, &answer, OKVP_IC_OK, true);
}

static bool take_status(uint32_t status, bool readable)
{
	static const struct okvp_kvp_message none;

	return guest_reader_take(&reader, &none, status, readable);
}

static void expect_request(enum okvp_pool pool, uint32_t index)
{
	struct okvp_kvp_message request;

	guest_reader_request(&reader, &request);
	assert_int_equal(request.operation, OKVP_KVP_ENUMERATE);
	assert_int_equal(request.pool, pool);
	assert_int_equal(request.index, index);
}

static void both_pools_are_read_to_their_end(void **state)
{
	expect_request(OKVP_POOL_GUEST, 0);
	assert_false(take_item("a", "1"));
	expect_request(OKVP_POOL_GUEST, 1);
	assert_false(take_status(OKVP_IC_NO_MORE_ITEMS, true));
	expect_request(OKVP_POOL_AUTO, 0);
	assert_false(take_item("OSName", "x"));
	assert_true(take_status(OKVP_IC_NO_MORE_ITEMS, true));
	assert_false(reader.active);
	assert_int_equal(guest_reader_list(&reader, SPACE_GUEST)->count, 1);
	assert_int_equal(guest_reader_list(&reader, SPACE_INTRINSIC)->count, 1);
}

static void a_record_that_cannot_be_read_is_passed_over(void **state)
{
	take_status(OKVP_IC_FAIL, true);
	expect_request(OKVP_POOL_GUEST, 1);
	take_status(OKVP_IC_OK, false);
	expect_request(OKVP_POOL_GUEST, 2);
	take_item("a", "1");
	assert_int_equal(guest_reader_list(&reader, SPACE_GUEST)->count, 1);
}

static void a_guest_that_only_fails_is_given_up(void **state)
{
	int answers = 1;

	while (!take_status(OKVP_IC_FAIL, true))
		assert_true(++answers < 1000);
	assert_int_equal(answers, 2 * (READER_SKIPS_MAX + 1));
}

static void the_limits_end_a_pool(void **state)
{
	for (int i = 0; i < 4; i++)
		assert_false(take_item("k", "v"));
	assert_false(take_item("k", "v"));
	expect_request(OKVP_POOL_AUTO, 0);
	assert_true(reader.cut);
	assert_true(take_item("key", "a value of twenty bytes"));
	assert_int_equal(guest_reader_list(&reader, SPACE_INTRINSIC)->count, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(both_pools_are_read_to_their_end),
		test(a_record_that_cannot_be_read_is_passed_over),
		test(a_guest_that_only_fails_is_given_up),
		test(the_limits_end_a_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
