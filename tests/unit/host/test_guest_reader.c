/* SPDX-License-Identifier: MIT */
/* test_guest_reader.c -- host/guest_reader: reading a pool from a guest of any kind. */
#include "host/guest_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct guest_reader reader;

static int begin(void **state)
{
	guest_reader_begin(&reader, OKVP_POOL_GUEST, 4, 20);
	return 0;
}

static int end(void **state)
{
	guest_reader_done(&reader);
	return 0;
}

/* The guest answers with an item, as it does in Hyper-V's messages. */
static bool take_item(const char *key, const char *value)
{
	const struct okvp_item item = { .key = key,
					.key_length = (uint16_t)strlen(key),
					.value = value,
					.value_length = (uint16_t)strlen(value) };
	struct channel_part part = {
		.pool = OKVP_POOL_GUEST, .first = reader.index, .readable = true, .one = &item
	};

	return guest_reader_take(&reader, &part);
}

static bool take_status(uint32_t status, bool readable)
{
	struct channel_part part = { .pool = OKVP_POOL_GUEST,
				     .first = reader.index,
				     .status = status,
				     .readable = readable,
				     .end = status == OKVP_IC_NO_MORE_ITEMS };

	return guest_reader_take(&reader, &part);
}

/* A part of several items, as openkvp's own protocol has it. */
static bool take_part(const char *const *keys, size_t count, uint64_t digest, bool is_end)
{
	uint8_t bytes[200];
	struct wire_writer out = wire_writer_on(bytes, sizeof(bytes));
	struct channel_part part = {
		.pool = OKVP_POOL_GUEST,
		.first = reader.index,
		.readable = true,
		.end = is_end,
		.has_digest = true,
		.digest = digest,
	};

	for (size_t i = 0; i < count; i++) {
		const struct okvp_own_record record = {
			.item = { .key = keys[i], .key_length = (uint16_t)strlen(keys[i]) }
		};

		okvp_own_write_record(&out, &record);
	}
	part.many = (struct okvp_own_records){ wire_reader_on(bytes, out.at), count };
	return guest_reader_take(&reader, &part);
}

static void a_pool_is_read_to_its_end(void **state)
{
	assert_int_equal(reader.index, 0);
	assert_false(take_item("a", "1"));
	assert_int_equal(reader.index, 1);
	assert_true(take_status(OKVP_IC_NO_MORE_ITEMS, true));
	assert_false(reader.active);
	assert_false(reader.failed);
	assert_int_equal(reader.list.count, 1);
}

static void a_record_that_cannot_be_read_is_passed_over(void **state)
{
	assert_false(take_status(OKVP_IC_FAIL, true));
	assert_int_equal(reader.index, 1);
	assert_false(take_status(OKVP_IC_OK, false));
	assert_int_equal(reader.index, 2);
	take_item("a", "1");
	assert_int_equal(reader.list.count, 1);
}

static void a_guest_that_only_fails_is_given_up(void **state)
{
	int answers = 1;

	while (!take_status(OKVP_IC_FAIL, true))
		assert_true(++answers < 1000);
	assert_int_equal(answers, READER_SKIPS_MAX + 1);
}

static void the_limits_end_a_pool(void **state)
{
	for (int i = 0; i < 4; i++)
		assert_false(take_item("k", "v"));
	assert_true(take_item("k", "v"));
	assert_true(reader.cut);
	guest_reader_done(&reader);
	guest_reader_begin(&reader, OKVP_POOL_GUEST, 4, 20);
	assert_true(take_item("key", "a value of twenty bytes"));
	assert_int_equal(reader.list.count, 0);
}

static void several_items_come_in_one_part(void **state)
{
	assert_false(take_part((const char *const[]){ "a", "b" }, 2, 7, false));
	assert_int_equal(reader.index, 2);
	assert_true(take_part((const char *const[]){ "c" }, 1, 7, true));
	assert_int_equal(reader.list.count, 3);
	assert_true(reader.whole);
	assert_int_equal(reader.digest, 7);
}

static void a_pool_that_changes_while_it_is_read_is_not_whole(void **state)
{
	take_part((const char *const[]){ "a" }, 1, 7, false);
	assert_true(take_part((const char *const[]){ "b" }, 1, 8, true));
	assert_false(reader.whole);
}

static void what_was_cut_is_not_whole(void **state)
{
	assert_true(take_part((const char *const[]){ "a", "b", "c", "d", "e" }, 5, 7, true));
	assert_true(reader.cut);
	assert_false(reader.whole);
	assert_int_equal(reader.list.count, 4);
}

static void a_part_that_the_guest_could_not_tell_fails_the_reading(void **state)
{
	struct channel_part part = { .status = OKVP_IC_FAIL, .end = true };

	take_part((const char *const[]){ "a" }, 1, 7, false);
	assert_true(guest_reader_take(&reader, &part));
	assert_true(reader.failed);
	assert_false(reader.whole);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(a_pool_is_read_to_its_end),
		test(a_record_that_cannot_be_read_is_passed_over),
		test(a_guest_that_only_fails_is_given_up),
		test(the_limits_end_a_pool),
		test(several_items_come_in_one_part),
		test(a_pool_that_changes_while_it_is_read_is_not_whole),
		test(what_was_cut_is_not_whole),
		test(a_part_that_the_guest_could_not_tell_fails_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
