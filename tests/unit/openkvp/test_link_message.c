/* SPDX-License-Identifier: MIT */
/* test_link_message.c -- openkvp/link_message */
#include "openkvp/link_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t hello[] = { 1, 0, 'K', 'O', 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0 };
static const uint8_t pipe[] = { 1, 0, 0, 0, 3, 0, 0, 0, 'a', 'b', 'c' };

static void hello_and_its_answer_are_written(void **state)
{
	uint8_t bytes[OKVP_LINK_HELLO_SIZE];

	okvp_link_write_hello(OKVP_LINK_HELLO, 0, 5, bytes);
	assert_memory_equal(bytes, hello, sizeof(hello));
	okvp_link_write_hello(OKVP_LINK_HELLO_ANSWER, 0, 0, bytes);
	assert_memory_equal(bytes, "\2\0KO\0\0\0\0\0\0\0\0\0\0\0\0", sizeof(bytes));
}

static void hello_is_read(void **state)
{
	struct okvp_link_message message;

	assert_true(okvp_link_message_read(hello, sizeof(hello), &message, NULL));
	assert_int_equal(message.type, OKVP_LINK_HELLO);
	assert_int_equal(message.lowest, 0);
	assert_int_equal(message.highest, 5);
}

static void an_answer_is_read(void **state)
{
	struct okvp_link_message message;
	uint8_t bytes[OKVP_LINK_HELLO_SIZE];

	okvp_link_write_hello(OKVP_LINK_HELLO_ANSWER, 2, 3, bytes);
	assert_true(okvp_link_message_read(bytes, sizeof(bytes), &message, NULL));
	assert_int_equal(message.type, OKVP_LINK_HELLO_ANSWER);
	assert_int_equal(message.lowest, 2);
	assert_int_equal(message.highest, 3);
}

static void a_pipe_message_is_read(void **state)
{
	struct okvp_link_message message;
	uint8_t header[OKVP_LINK_HEADER_SIZE];

	okvp_link_write_pipe_header(3, header);
	assert_memory_equal(header, pipe, sizeof(header));
	assert_true(okvp_link_message_read(pipe, sizeof(pipe), &message, NULL));
	assert_int_equal(message.type, OKVP_LINK_PIPE);
	assert_int_equal(message.length, 3);
	assert_ptr_equal(message.body, pipe + 8);
}

static void bytes_behind_a_pipe_message_are_ignored(void **state)
{
	struct okvp_link_message message;

	assert_true(
		okvp_link_message_read((const uint8_t *)"\1\0\0\0\0\0\0\0abc", 11, &message, NULL));
	assert_int_equal(message.length, 0);
}

static void what_is_cut_is_refused(void **state)
{
	struct okvp_link_message message;
	struct okvp_error err;

	for (size_t size = 0; size < sizeof(hello); size++) {
		assert_false(okvp_link_message_read(hello, size, &message, &err));
		assert_int_equal(err.status, OKVP_INVALID);
	}
	for (size_t size = 0; size < sizeof(pipe); size++) {
		assert_false(okvp_link_message_read(pipe, size, &message, &err));
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

static void an_unknown_type_is_refused(void **state)
{
	struct okvp_link_message message;
	uint8_t bytes[sizeof(hello)];
	struct okvp_error err;

	memcpy(bytes, hello, sizeof(bytes));
	bytes[2] = 'L';
	assert_false(okvp_link_message_read(bytes, sizeof(bytes), &message, &err));
	assert_int_equal(err.status, OKVP_INVALID);
	assert_string_equal(err.message, "a link message of type 0x4F4C0001");
}

static void what_belongs_to_our_own_protocol_is_given_on(void **state)
{
	static const uint8_t batch[] = { 0x20, 0, 'K', 'O', 1, 0, 0, 0, 'a', 'b' };
	struct okvp_link_message message;

	assert_true(okvp_link_message_read(batch, sizeof(batch), &message, NULL));
	assert_int_equal(message.type, OKVP_LINK_OWN);
	assert_int_equal(message.own_type, 0x4F4B0020);
	assert_int_equal(message.flags, 1);
	assert_int_equal(message.length, 2);
	assert_memory_equal(message.body, "ab", 2);
}

static void the_greatest_version_that_both_know_is_chosen(void **state)
{
	assert_int_equal(okvp_link_choose(0, 5, 1), 1);
	assert_int_equal(okvp_link_choose(0, 1, 3), 1);
	assert_int_equal(okvp_link_choose(0, 0, 1), 0);
	assert_int_equal(okvp_link_choose(2, 5, 1), 0);
}

static void a_wake_has_no_body(void **state)
{
	static const uint8_t drawn[] = { 0x03, 0x00, 0x4B, 0x4F, 0, 0, 0, 0 };
	uint8_t bytes[OKVP_LINK_HEADER_SIZE];
	struct okvp_link_message message;

	okvp_link_write_wake(bytes);
	assert_memory_equal(bytes, drawn, sizeof(drawn));
	assert_true(okvp_link_message_read(bytes, sizeof(bytes), &message, NULL));
	assert_int_equal(message.type, OKVP_LINK_WAKE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_and_its_answer_are_written),
		cmocka_unit_test(hello_is_read),
		cmocka_unit_test(an_answer_is_read),
		cmocka_unit_test(a_pipe_message_is_read),
		cmocka_unit_test(bytes_behind_a_pipe_message_are_ignored),
		cmocka_unit_test(what_is_cut_is_refused),
		cmocka_unit_test(an_unknown_type_is_refused),
		cmocka_unit_test(what_belongs_to_our_own_protocol_is_given_on),
		cmocka_unit_test(the_greatest_version_that_both_know_is_chosen),
		cmocka_unit_test(a_wake_has_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
