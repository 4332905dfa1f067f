/* SPDX-License-Identifier: MIT */
/* test_hv_message.c -- openkvp/hv_message */
#include "openkvp/hv_message.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/ic_message.h"
#include "openkvp/wire.h"

/* Where things stand in a SET, and how much later in an ENUMERATE. */
enum { TYPE = 4, KEY_COUNT = 8, VALUE_COUNT = 12, KEY = 16, VALUE = 528, INDEX_SIZE = 4 };

struct fixture {
	struct okvp_kvp_message message, read;
	uint8_t bytes[OKVP_HV_MESSAGE_SIZE], expected[OKVP_HV_MESSAGE_SIZE];
	uint32_t status;
	struct okvp_error err;
	char many[2049]; /* letters */
};

static int open_fixture(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	memset(fixture.bytes, 0xAA, sizeof(fixture.bytes));
	memset(fixture.many, 'x', sizeof(fixture.many));
	*state = &fixture;
	return 0;
}

static void set_message(struct okvp_kvp_message *message, uint8_t operation, const char *key,
			const char *value)
{
	message->operation = operation;
	message->item = (struct okvp_item){ .key = key,
					    .value = value,
					    .key_length = (uint16_t)strlen(key),
					    .value_length = (uint16_t)strlen(value) };
}

static void poke_u32(uint8_t *bytes, uint32_t number)
{
	struct wire_writer out = wire_writer_on(bytes, 4);

	wire_write_u32(&out, number);
}

static void expect_text(const char *text, uint16_t length, const char *expected)
{
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(text, expected, length);
}

static void expect_bad_request(struct fixture *f, enum okvp_status status)
{
	assert_false(okvp_hv_read_request(f->bytes, &f->read, &f->err));
	assert_int_equal(f->err.status, status);
}

static void expect_bad_reply(struct fixture *f, enum okvp_status status)
{
	assert_false(okvp_hv_read_reply(f->bytes, &f->read, &f->status, &f->err));
	assert_int_equal(f->err.status, status);
}

/* A daemon's reply to a request to enumerate: Linux sets key and value and leaves the sizes. */
static void write_stock_reply(struct fixture *f, const char *key, const char *value)
{
	memset(f->bytes, 0, sizeof(f->bytes));
	strcpy((char *)f->bytes + KEY + INDEX_SIZE, key);
	strcpy((char *)f->bytes + VALUE + INDEX_SIZE, value);
	f->read.operation = OKVP_KVP_ENUMERATE;
	f->read.index = 5;
}

static void a_set_for_the_daemon_has_its_layout(void **state)
{
	struct fixture *f = *state;

	f->expected[0] = OKVP_KVP_SET;
	f->expected[1] = 3;
	poke_u32(f->expected + TYPE, OKVP_REG_SZ);
	poke_u32(f->expected + KEY_COUNT, 4);
	poke_u32(f->expected + VALUE_COUNT, 3);
	memcpy(f->expected + KEY, "key", 3);
	memcpy(f->expected + VALUE, "\xC3\xA9", 2);
	f->message.pool = 3;
	set_message(&f->message, OKVP_KVP_SET, "key", "\xC3\xA9");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	assert_memory_equal(f->bytes, f->expected, sizeof(f->bytes));
}

static void a_delete_for_the_daemon_has_its_layout(void **state)
{
	struct fixture *f = *state;

	f->expected[0] = OKVP_KVP_DELETE;
	poke_u32(f->expected + 4, 4);
	memcpy(f->expected + 8, "key", 3);
	set_message(&f->message, OKVP_KVP_DELETE, "key", "");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	assert_memory_equal(f->bytes, f->expected, sizeof(f->bytes));
}

static void an_enumerate_for_the_daemon_has_its_layout(void **state)
{
	struct fixture *f = *state;

	f->expected[0] = OKVP_KVP_ENUMERATE;
	f->expected[1] = 1;
	poke_u32(f->expected + 4, 258);
	f->message.pool = 1;
	f->message.index = 258;
	set_message(&f->message, OKVP_KVP_ENUMERATE, "", "");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	assert_memory_equal(f->bytes, f->expected, sizeof(f->bytes));
}

static void requests_are_read_back(void **state)
{
	struct fixture *f = *state;

	f->message.pool = 3;
	f->message.index = 9;
	set_message(&f->message, OKVP_KVP_SET, "key", "value");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	assert_true(okvp_hv_read_request(f->bytes, &f->read, NULL));
	assert_int_equal(f->read.operation, OKVP_KVP_SET);
	assert_int_equal(f->read.pool, 3);
	expect_text(f->read.item.key, f->read.item.key_length, "key");
	expect_text(f->read.item.value, f->read.item.value_length, "value");

	set_message(&f->message, OKVP_KVP_DELETE, "key", "");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	assert_true(okvp_hv_read_request(f->bytes, &f->read, NULL));
	assert_int_equal(f->read.operation, OKVP_KVP_DELETE);
	expect_text(f->read.item.key, f->read.item.key_length, "key");
	assert_int_equal(f->read.item.value_length, 0);

	f->message.operation = OKVP_KVP_ENUMERATE;
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	assert_true(okvp_hv_read_request(f->bytes, &f->read, NULL));
	assert_int_equal(f->read.operation, OKVP_KVP_ENUMERATE);
	assert_int_equal(f->read.index, 9);
	assert_int_equal(f->read.item.key_length, 0);
}

static void texts_must_leave_room_for_a_nul(void **state)
{
	struct fixture *f = *state;

	set_message(&f->message, OKVP_KVP_SET, "", "");
	f->message.item.key = f->message.item.value = f->many;
	f->message.item.key_length = 511;
	f->message.item.value_length = 2047;
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	f->message.item.value_length = 2048;
	assert_false(okvp_hv_write_request(&f->message, f->bytes, &f->err));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
	assert_string_equal(f->err.message, "value: 2048 bytes, at most 2047 are possible");
	f->message.item.key_length = 512;
	assert_false(okvp_hv_write_request(&f->message, f->bytes, &f->err));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
	assert_string_equal(f->err.message, "key: 512 bytes, at most 511 are possible");
	f->message.operation = OKVP_KVP_DELETE;
	assert_false(okvp_hv_write_request(&f->message, f->bytes, &f->err));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
	f->message.operation = OKVP_KVP_ENUMERATE;
	assert_false(okvp_hv_write_reply(&f->message, OKVP_IC_OK, f->bytes, &f->err));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
}

static void broken_texts_are_not_written(void **state)
{
	struct fixture *f = *state;

	set_message(&f->message, OKVP_KVP_SET, "k", "\xFF");
	assert_false(okvp_hv_write_request(&f->message, f->bytes, &f->err));
	assert_int_equal(f->err.status, OKVP_INVALID_TEXT);
	f->message.item.value = "a\0b";
	f->message.item.value_length = 3;
	assert_false(okvp_hv_write_request(&f->message, f->bytes, &f->err));
	assert_int_equal(f->err.status, OKVP_INVALID_TEXT);
}

static void other_operations_are_unsupported(void **state)
{
	static const uint8_t others[] = { OKVP_KVP_GET, OKVP_KVP_GET_IP, OKVP_KVP_SET_IP, 99 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(others); i++) {
		set_message(&f->message, others[i], "k", "v");
		assert_false(okvp_hv_write_request(&f->message, f->bytes, &f->err));
		assert_int_equal(f->err.status, OKVP_UNSUPPORTED);
		f->bytes[0] = others[i];
		expect_bad_request(f, OKVP_UNSUPPORTED);
	}
}

static void a_request_with_a_count_beyond_its_field_is_refused(void **state)
{
	struct fixture *f = *state;

	set_message(&f->message, OKVP_KVP_SET, "k", "v");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	poke_u32(f->bytes + VALUE_COUNT, 2049);
	expect_bad_request(f, OKVP_INVALID);
	poke_u32(f->bytes + KEY_COUNT, 513);
	expect_bad_request(f, OKVP_INVALID);
	f->bytes[0] = OKVP_KVP_DELETE;
	poke_u32(f->bytes + 4, 513);
	expect_bad_request(f, OKVP_INVALID);
}

static void the_counts_of_a_request_bound_its_texts(void **state)
{
	struct fixture *f = *state;

	set_message(&f->message, OKVP_KVP_SET, "key", "value");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	poke_u32(f->bytes + KEY_COUNT, 2);
	poke_u32(f->bytes + VALUE_COUNT, 0);
	assert_true(okvp_hv_read_request(f->bytes, &f->read, NULL));
	expect_text(f->read.item.key, f->read.item.key_length, "ke");
	expect_text(f->read.item.value, f->read.item.value_length, "");
}

static void a_request_that_is_not_utf8_is_refused(void **state)
{
	struct fixture *f = *state;

	set_message(&f->message, OKVP_KVP_SET, "k", "v");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	f->bytes[VALUE] = 0xFF;
	expect_bad_request(f, OKVP_INVALID_TEXT);
	f->bytes[KEY] = 0xFF;
	expect_bad_request(f, OKVP_INVALID_TEXT);
	set_message(&f->message, OKVP_KVP_DELETE, "k", "");
	assert_true(okvp_hv_write_request(&f->message, f->bytes, NULL));
	f->bytes[8] = 0xFF;
	expect_bad_request(f, OKVP_INVALID_TEXT);
}

static void the_reply_of_the_stock_daemon_is_read(void **state)
{
	struct fixture *f = *state;

	write_stock_reply(f, "OSName", "Debian GNU/Linux");
	assert_true(okvp_hv_read_reply(f->bytes, &f->read, &f->status, NULL));
	assert_int_equal(f->status, OKVP_IC_OK);
	assert_int_equal(f->read.index, 5);
	expect_text(f->read.item.key, f->read.item.key_length, "OSName");
	expect_text(f->read.item.value, f->read.item.value_length, "Debian GNU/Linux");
}

static void fields_without_a_nul_are_read_to_their_end(void **state)
{
	struct fixture *f = *state;

	write_stock_reply(f, "", "");
	memset(f->bytes + KEY + INDEX_SIZE, 'x', 512 + 2048);
	assert_true(okvp_hv_read_reply(f->bytes, &f->read, &f->status, NULL));
	assert_int_equal(f->read.item.key_length, 512);
	assert_int_equal(f->read.item.value_length, 2048);
}

static void a_reply_that_makes_no_sense_is_refused(void **state)
{
	struct fixture *f = *state;

	write_stock_reply(f, "k", "\xFF");
	expect_bad_reply(f, OKVP_INVALID_TEXT);
	write_stock_reply(f, "\xC3", "v");
	expect_bad_reply(f, OKVP_INVALID_TEXT);
	write_stock_reply(f, "k", "v");
	poke_u32(f->bytes + KEY_COUNT + INDEX_SIZE, 513);
	expect_bad_reply(f, OKVP_INVALID);
	write_stock_reply(f, "k", "v");
	poke_u32(f->bytes + VALUE_COUNT + INDEX_SIZE, 2049);
	expect_bad_reply(f, OKVP_INVALID);
}

static void the_status_of_a_reply_is_read_and_its_rest_is_not(void **state)
{
	struct fixture *f = *state;

	set_message(&f->read, OKVP_KVP_ENUMERATE, "before", "");
	poke_u32(f->bytes, OKVP_IC_NO_MORE_ITEMS);
	assert_true(okvp_hv_read_reply(f->bytes, &f->read, &f->status, NULL));
	assert_int_equal(f->status, OKVP_IC_NO_MORE_ITEMS);
	expect_text(f->read.item.key, f->read.item.key_length, "before");
	f->read.operation = OKVP_KVP_SET;
	poke_u32(f->bytes, OKVP_IC_OK);
	assert_true(okvp_hv_read_reply(f->bytes, &f->read, &f->status, NULL));
	assert_int_equal(f->status, OKVP_IC_OK);
	expect_text(f->read.item.key, f->read.item.key_length, "before");
}

static void a_reply_is_read_as_it_is_written(void **state)
{
	struct fixture *f = *state;

	set_message(&f->message, OKVP_KVP_ENUMERATE, "key", "");
	assert_true(okvp_hv_write_reply(&f->message, OKVP_IC_OK, f->bytes, NULL));
	f->read.operation = OKVP_KVP_ENUMERATE;
	assert_true(okvp_hv_read_reply(f->bytes, &f->read, &f->status, NULL));
	assert_int_equal(f->read.item.value_length, 0);
	set_message(&f->message, OKVP_KVP_ENUMERATE, "key", "value");
	f->message.index = 6;
	assert_true(okvp_hv_write_reply(&f->message, OKVP_IC_OK, f->bytes, NULL));
	assert_true(okvp_hv_read_reply(f->bytes, &f->read, &f->status, NULL));
	expect_text(f->read.item.key, f->read.item.key_length, "key");
	expect_text(f->read.item.value, f->read.item.value_length, "value");
	assert_int_equal(f->bytes[4], 6);
	assert_int_equal(f->bytes[KEY_COUNT + INDEX_SIZE], 4);
}

static void a_reply_without_an_item_is_its_status(void **state)
{
	struct fixture *f = *state;

	poke_u32(f->expected, OKVP_IC_FAIL);
	set_message(&f->message, OKVP_KVP_ENUMERATE, "key", "value");
	assert_true(okvp_hv_write_reply(&f->message, OKVP_IC_FAIL, f->bytes, NULL));
	assert_memory_equal(f->bytes, f->expected, sizeof(f->bytes));
	poke_u32(f->expected, OKVP_IC_OK);
	set_message(&f->message, OKVP_KVP_SET, "key", "value");
	assert_true(okvp_hv_write_reply(&f->message, OKVP_IC_OK, f->bytes, NULL));
	assert_memory_equal(f->bytes, f->expected, sizeof(f->bytes));
}

static void a_registration_is_known_by_its_first_byte(void **state)
{
	struct fixture *f = *state;

	f->bytes[0] = OKVP_HV_REGISTER1;
	assert_true(okvp_hv_is_register(f->bytes));
	f->bytes[0] = 0;
	assert_false(okvp_hv_is_register(f->bytes));
}

static void the_answer_to_a_registration_is_a_version(void **state)
{
	struct fixture *f = *state;

	f->expected[0] = OKVP_HV_REGISTER1;
	memcpy(f->expected + 4, "3.1", 3);
	okvp_hv_write_register_answer("3.1", f->bytes);
	assert_memory_equal(f->bytes, f->expected, sizeof(f->bytes));
	assert_true(okvp_hv_read_request(f->bytes, &f->read, NULL));
	assert_int_equal(f->read.operation, OKVP_HV_REGISTER1);
	expect_text(f->read.item.value, f->read.item.value_length, "3.1");
	f->bytes[4] = 0xFF;
	expect_bad_request(f, OKVP_INVALID_TEXT);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup(name, open_fixture)
	const struct CMUnitTest tests[] = {
		test(a_set_for_the_daemon_has_its_layout),
		test(a_delete_for_the_daemon_has_its_layout),
		test(an_enumerate_for_the_daemon_has_its_layout),
		test(requests_are_read_back),
		test(texts_must_leave_room_for_a_nul),
		test(broken_texts_are_not_written),
		test(other_operations_are_unsupported),
		test(a_request_with_a_count_beyond_its_field_is_refused),
		test(the_counts_of_a_request_bound_its_texts),
		test(a_request_that_is_not_utf8_is_refused),
		test(the_reply_of_the_stock_daemon_is_read),
		test(fields_without_a_nul_are_read_to_their_end),
		test(a_reply_that_makes_no_sense_is_refused),
		test(the_status_of_a_reply_is_read_and_its_rest_is_not),
		test(a_reply_is_read_as_it_is_written),
		test(a_reply_without_an_item_is_its_status),
		test(a_registration_is_known_by_its_first_byte),
		test(the_answer_to_a_registration_is_a_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
