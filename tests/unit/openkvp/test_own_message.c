/* SPDX-License-Identifier: MIT */
/* test_own_message.c -- openkvp/own_message: the bodies of messages, as docs/protocol.md draws
 * them */
#include "openkvp/own_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/ic_message.h"

static uint8_t body[4096];

static struct wire_writer begin(void)
{
	memset(body, 0xEE, sizeof(body));
	return wire_writer_on(body, sizeof(body));
}

static struct okvp_own_record record(const char *key, const char *value, uint8_t flags)
{
	return (struct okvp_own_record){ .item = { .key = key,
						   .value = value,
						   .key_length = (uint16_t)strlen(key),
						   .value_length = (uint16_t)strlen(value) },
					 .flags = flags };
}

static void put(struct wire_writer *out, const char *key, const char *value, uint8_t flags)
{
	const struct okvp_own_record made = record(key, value, flags);

	okvp_own_write_record(out, &made);
}

static void expect_record(struct okvp_own_records *records, const char *key, const char *value,
			  uint8_t flags)
{
	struct okvp_own_record found;

	assert_true(okvp_own_next_record(records, &found));
	assert_int_equal(found.item.key_length, strlen(key));
	assert_memory_equal(found.item.key, key, strlen(key));
	assert_int_equal(found.item.value_length, strlen(value));
	assert_memory_equal(found.item.value, value, strlen(value));
	assert_int_equal(found.flags, flags);
}

static void a_record_is_as_it_is_drawn(void **state)
{
	struct okvp_own_record number = record("n", "42", OKVP_RECORD_SECRET);
	struct wire_writer out = begin();

	number.item.type = OKVP_U32;
	okvp_own_write_record(&out, &number);
	assert_int_equal(out.at, okvp_own_record_size(&number.item));
	assert_memory_equal(body, "\1\0\2\0\1\2n42", 9);
}

static void a_state_is_written_and_read(void **state)
{
	const struct okvp_own_state said = {
		.key_bytes = 511,
		.value_bytes = 2047,
		.abilities = OKVP_OWN_CAN_SET_IP,
		.pool = { { 1, 0x0102030405060708 }, { 2, 9 }, { 3, 10 }, { 4, 11 } },
	};
	struct wire_writer out = begin();
	struct okvp_own_state heard;

	okvp_own_write_state(&out, &said);
	assert_int_equal(out.at, OKVP_OWN_STATE_SIZE);
	assert_memory_equal(body, "\xFF\1\xFF\7\1\0\0\0\1\0\0\0\x08\7\6\5\4\3\2\1\2\0\0\0\x09", 25);
	assert_true(okvp_own_read_state(body, out.at, &heard, NULL));
	assert_int_equal(heard.key_bytes, 511);
	assert_int_equal(heard.value_bytes, 2047);
	assert_int_equal(heard.abilities, OKVP_OWN_CAN_SET_IP);
	for (size_t i = 0; i < OKVP_OWN_POOLS; i++) {
		assert_int_equal(heard.pool[i].count, said.pool[i].count);
		assert_true(heard.pool[i].digest == said.pool[i].digest);
	}
	assert_false(okvp_own_read_state(body, out.at - 1, &heard, NULL));
}

static void a_change_is_written_and_read(void **state)
{
	const struct okvp_own_changed said = { .pool = OKVP_POOL_GUEST,
					       .before = 1,
					       .after = 2,
					       .count = 9,
					       .at = 3,
					       .gone = 1,
					       .come = 2 };
	struct wire_writer out = begin();
	struct okvp_own_changed heard;
	struct okvp_own_record none;

	okvp_own_write_changed(&out, &said);
	assert_int_equal(out.at, OKVP_OWN_CHANGED_SIZE);
	put(&out, "a", "1", 0);
	put(&out, "b", "", 0);
	assert_true(okvp_own_read_changed(body, out.at, &heard, NULL));
	assert_int_equal(heard.pool, OKVP_POOL_GUEST);
	assert_false(heard.untold);
	assert_int_equal(heard.before, 1);
	assert_int_equal(heard.after, 2);
	assert_int_equal(heard.count, 9);
	assert_int_equal(heard.at, 3);
	assert_int_equal(heard.gone, 1);
	assert_int_equal(heard.come, 2);
	expect_record(&heard.records, "a", "1", 0);
	expect_record(&heard.records, "b", "", 0);
	assert_false(okvp_own_next_record(&heard.records, &none));
}

static void a_change_may_leave_open_what_it_was(void **state)
{
	const struct okvp_own_changed said = { .pool = OKVP_POOL_AUTO, .untold = true, .after = 7 };
	struct wire_writer out = begin();
	struct okvp_own_changed heard;

	okvp_own_write_changed(&out, &said);
	assert_int_equal(body[1], 1);
	assert_true(okvp_own_read_changed(body, out.at, &heard, NULL));
	assert_true(heard.untold);
}

static void a_batch_is_written_and_read(void **state)
{
	const struct okvp_own_batch said = { .pool = OKVP_POOL_EXTERNAL, .count = 2 };
	struct wire_writer out = begin();
	struct okvp_own_batch heard;

	okvp_own_write_batch(&out, &said);
	put(&out, "gone", "", OKVP_RECORD_REMOVE);
	put(&out, "secret", "x", OKVP_RECORD_SECRET);
	assert_true(okvp_own_read_batch(body, out.at, &heard, NULL));
	assert_int_equal(heard.pool, OKVP_POOL_EXTERNAL);
	assert_int_equal(heard.count, 2);
	expect_record(&heard.records, "gone", "", OKVP_RECORD_REMOVE);
	expect_record(&heard.records, "secret", "x", OKVP_RECORD_SECRET);
}

static bool try_batch(uint16_t count, uint16_t written)
{
	const struct okvp_own_batch said = { .pool = OKVP_POOL_EXTERNAL, .count = count };
	struct wire_writer out = begin();
	struct okvp_own_batch heard;

	okvp_own_write_batch(&out, &said);
	while (written-- > 0)
		put(&out, "k", "v", 0);
	return okvp_own_read_batch(body, out.at, &heard, NULL);
}

static void a_batch_has_1_to_128_records(void **state)
{
	assert_false(try_batch(0, 0));
	assert_true(try_batch(1, 1));
	assert_true(try_batch(128, 128));
	assert_false(try_batch(129, 129));
	assert_false(try_batch(2, 1));
	assert_false(try_batch(UINT16_MAX, 1));
}

static void a_pool_that_is_not_exchanged_is_refused(void **state)
{
	const struct okvp_own_read said = { .pool = OKVP_POOL_AUTO_INTERNAL };
	struct wire_writer out = begin();
	struct okvp_own_read heard;
	struct okvp_error err;

	okvp_own_write_read(&out, &said);
	assert_false(okvp_own_read_read(body, out.at, &heard, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void expect_refused(const struct okvp_own_record *one, enum okvp_status status)
{
	struct okvp_own_batch said = { .pool = OKVP_POOL_EXTERNAL, .count = 1 }, heard;
	struct wire_writer out = begin();
	struct okvp_error err;

	okvp_own_write_batch(&out, &said);
	okvp_own_write_record(&out, one);
	assert_true(wire_written(&out));
	assert_false(okvp_own_read_batch(body, out.at, &heard, &err));
	assert_int_equal(err.status, status);
}

static void a_text_that_cannot_be_is_refused(void **state)
{
	static char many[OKVP_OWN_VALUE_MAX + 2];
	struct okvp_own_record nul = record("k", "v", 0), bad = record("\xC3", "v", 0),
			       surrogate = record("k", "\xED\xA0\x80", 0), long_key, long_value;

	memset(many, 'x', sizeof(many) - 1);
	nul.item.value = "\0";
	long_value = record("k", many, 0);
	long_key = record("k", "", 0);
	long_key.item.key = many;
	long_key.item.key_length = OKVP_OWN_KEY_MAX + 1;
	expect_refused(&nul, OKVP_INVALID_TEXT);
	expect_refused(&bad, OKVP_INVALID_TEXT);
	expect_refused(&surrogate, OKVP_INVALID_TEXT);
	expect_refused(&long_key, OKVP_TOO_LONG);
	expect_refused(&long_value, OKVP_TOO_LONG);
}

static void the_answer_to_a_batch_is_written_and_read(void **state)
{
	const struct okvp_own_batch_answer said = {
		.status = OKVP_IC_INVALID_ARGUMENT,
		.count = 2,
		.of = { OKVP_IC_CANCELLED, OKVP_IC_INVALID_ARGUMENT },
	};
	struct wire_writer out = begin();
	struct okvp_own_batch_answer heard;

	okvp_own_write_batch_answer(&out, &said);
	assert_int_equal(out.at, OKVP_OWN_BATCH_ANSWER_SIZE(2));
	assert_true(okvp_own_read_batch_answer(body, out.at, &heard, NULL));
	assert_int_equal(heard.status, OKVP_IC_INVALID_ARGUMENT);
	assert_int_equal(heard.count, 2);
	assert_int_equal(heard.of[0], OKVP_IC_CANCELLED);
	assert_int_equal(heard.of[1], OKVP_IC_INVALID_ARGUMENT);
	assert_false(okvp_own_read_batch_answer(body, out.at - 1, &heard, NULL));
	body[4] = 129;
	assert_false(okvp_own_read_batch_answer(body, sizeof(body), &heard, NULL));
}

static void a_reading_and_its_answer_are_written_and_read(void **state)
{
	const struct okvp_own_read asked = { .pool = OKVP_POOL_GUEST, .first = 7 };
	const struct okvp_own_read_answer said = {
		.pool = OKVP_POOL_GUEST, .digest = 5, .total = 9, .first = 7, .count = 1
	};
	struct wire_writer out = begin();
	struct okvp_own_read_answer heard;
	struct okvp_own_read understood;

	okvp_own_write_read(&out, &asked);
	assert_int_equal(out.at, OKVP_OWN_READ_SIZE);
	assert_true(okvp_own_read_read(body, out.at, &understood, NULL));
	assert_int_equal(understood.pool, OKVP_POOL_GUEST);
	assert_int_equal(understood.first, 7);

	out = begin();
	okvp_own_write_read_answer(&out, &said);
	assert_int_equal(out.at, OKVP_OWN_READ_ANSWER_SIZE);
	put(&out, "a", "1", 0);
	assert_true(okvp_own_read_read_answer(body, out.at, &heard, NULL));
	assert_int_equal(heard.pool, OKVP_POOL_GUEST);
	assert_int_equal(heard.digest, 5);
	assert_int_equal(heard.total, 9);
	assert_int_equal(heard.first, 7);
	expect_record(&heard.records, "a", "1", 0);
	assert_false(okvp_own_read_read_answer(body, out.at - 1, &heard, NULL));
}

static void a_reading_that_failed_has_a_status_only(void **state)
{
	struct okvp_own_read_answer heard;

	assert_true(okvp_own_read_read_answer((const uint8_t *)"\5\x40\0\x80", 4, &heard, NULL));
	assert_int_equal(heard.status, OKVP_IC_FAIL);
	assert_int_equal(heard.records.left, 0);
	assert_false(okvp_own_read_read_answer((const uint8_t *)"\0\0\0\0", 4, &heard, NULL));
}

static void a_result_has_a_sentence_or_none(void **state)
{
	const struct okvp_own_result said = { OKVP_IC_NOT_FOUND, "no such adapter", 15 };
	struct wire_writer out = begin();
	struct okvp_own_result heard;

	okvp_own_write_result(&out, &said);
	assert_true(okvp_own_read_result(body, out.at, &heard, NULL));
	assert_int_equal(heard.status, OKVP_IC_NOT_FOUND);
	assert_int_equal(heard.text_length, 15);
	assert_memory_equal(heard.text, "no such adapter", 15);
	assert_true(okvp_own_read_result(body, 4, &heard, NULL));
	assert_int_equal(heard.text_length, 0);
	for (size_t cut = 0; cut < out.at; cut++)
		assert_int_equal(okvp_own_read_result(body, cut, &heard, NULL), cut == 4);
}

static void a_long_sentence_is_cut_at_a_character(void **state)
{
	static char many[OKVP_OWN_TEXT_MAX + 3];
	struct okvp_own_result said = { 0, many, sizeof(many) - 1 }, heard;
	struct wire_writer out = begin();

	memset(many, 'x', sizeof(many) - 1);
	memcpy(many + OKVP_OWN_TEXT_MAX - 1, "\xC3\xA9", 2);
	okvp_own_write_result(&out, &said);
	assert_true(okvp_own_read_result(body, out.at, &heard, NULL));
	assert_int_equal(heard.text_length, OKVP_OWN_TEXT_MAX - 1);
}

static void what_must_be_answered_is_a_request(void **state)
{
	assert_true(okvp_own_is_request(OKVP_OWN_BATCH));
	assert_true(okvp_own_is_request(0x4F4B7FFF));
	assert_false(okvp_own_is_request(OKVP_OWN_BATCH + OKVP_OWN_ANSWER));
	assert_false(okvp_own_is_request(OKVP_OWN_HEARTBEAT));
	assert_false(okvp_own_is_request(0x4F4C0020));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_as_it_is_drawn),
		cmocka_unit_test(a_state_is_written_and_read),
		cmocka_unit_test(a_change_is_written_and_read),
		cmocka_unit_test(a_change_may_leave_open_what_it_was),
		cmocka_unit_test(a_batch_is_written_and_read),
		cmocka_unit_test(a_batch_has_1_to_128_records),
		cmocka_unit_test(a_pool_that_is_not_exchanged_is_refused),
		cmocka_unit_test(a_text_that_cannot_be_is_refused),
		cmocka_unit_test(the_answer_to_a_batch_is_written_and_read),
		cmocka_unit_test(a_reading_and_its_answer_are_written_and_read),
		cmocka_unit_test(a_reading_that_failed_has_a_status_only),
		cmocka_unit_test(a_result_has_a_sentence_or_none),
		cmocka_unit_test(a_long_sentence_is_cut_at_a_character),
		cmocka_unit_test(what_must_be_answered_is_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
