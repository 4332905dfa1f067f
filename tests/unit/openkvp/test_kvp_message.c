/* SPDX-License-Identifier: MIT */
/* test_kvp_message.c -- openkvp/kvp_message */
#include "openkvp/kvp_message.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/wire.h"

/* Where things stand in a SET, and how much later in an ENUMERATE. */
enum { TYPE = 4, KEY_COUNT = 8, VALUE_COUNT = 12, KEY = 16, VALUE = 528, INDEX_SIZE = 4 };

struct fixture {
	struct okvp_kvp_message message, read;
	uint8_t bytes[OKVP_KVP_MESSAGE_SIZE];
	struct okvp_error err;
	char many[OKVP_KVP_VALUE_FIELD]; /* letters */
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

static void set_item(struct okvp_item *item, const char *key, const char *value)
{
	*item = (struct okvp_item){ .key = key,
				    .value = value,
				    .key_length = (uint16_t)strlen(key),
				    .value_length = (uint16_t)strlen(value) };
}

static void poke_u32(uint8_t *bytes, uint32_t number)
{
	struct wire_writer out = wire_writer_on(bytes, 4);

	wire_write_u32(&out, number);
}

/* A SET of "k" to what a test puts into its value. */
static void write_set(struct fixture *f, uint32_t type, uint32_t value_count)
{
	f->message.operation = OKVP_KVP_SET;
	set_item(&f->message.item, "k", "");
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	poke_u32(f->bytes + TYPE, type);
	poke_u32(f->bytes + VALUE_COUNT, value_count);
}

static void expect_read(struct fixture *f, const char *value, enum okvp_type type)
{
	assert_true(okvp_kvp_message_read(f->bytes, sizeof(f->bytes), &f->read, &f->err));
	assert_int_equal(f->read.item.value_length, strlen(value));
	assert_memory_equal(f->read.item.value, value, strlen(value));
	assert_int_equal(f->read.item.type, type);
}

static void expect_unreadable(struct fixture *f, enum okvp_status status)
{
	assert_false(okvp_kvp_message_read(f->bytes, sizeof(f->bytes), &f->read, &f->err));
	assert_int_equal(f->err.status, status);
}

static void expect_unwritable(struct fixture *f, enum okvp_status status)
{
	assert_false(okvp_kvp_message_write(&f->message, f->bytes, &f->err));
	assert_int_equal(f->err.status, status);
}

static void a_set_has_its_layout_and_is_zero_filled(void **state)
{
	struct fixture *f = *state;
	uint8_t expected[OKVP_KVP_MESSAGE_SIZE] = { OKVP_KVP_SET, OKVP_POOL_AUTO_EXTERNAL };

	poke_u32(expected + TYPE, OKVP_REG_SZ);
	poke_u32(expected + KEY_COUNT, 6);
	poke_u32(expected + VALUE_COUNT, 6);
	memcpy(expected + KEY, "k\0\xE9", 3);
	memcpy(expected + VALUE, "\x3D\xD8\x00\xDE", 4);
	f->message.operation = OKVP_KVP_SET;
	f->message.pool = OKVP_POOL_AUTO_EXTERNAL;
	set_item(&f->message.item, "k\xC3\xA9", "\xF0\x9F\x98\x80");
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	assert_memory_equal(f->bytes, expected, sizeof(expected));
}

static void a_set_is_read_back(void **state)
{
	struct fixture *f = *state;

	f->message.operation = OKVP_KVP_SET;
	f->message.pool = 3;
	set_item(&f->message.item, "key", "value");
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	expect_read(f, "value", OKVP_TEXT);
	assert_int_equal(f->read.operation, OKVP_KVP_SET);
	assert_int_equal(f->read.pool, 3);
	assert_true(okvp_item_same_key(&f->read.item, &f->message.item));
	assert_ptr_equal(f->read.item.key, f->read.storage.key);
}

static void a_delete_has_its_layout_and_is_read_back(void **state)
{
	struct fixture *f = *state;
	uint8_t expected[OKVP_KVP_MESSAGE_SIZE] = { OKVP_KVP_DELETE, 0, 0, 0, 4, 0, 0, 0, 'k' };

	f->message.operation = OKVP_KVP_DELETE;
	set_item(&f->message.item, "k", "not sent");
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	assert_memory_equal(f->bytes, expected, sizeof(expected));
	assert_true(okvp_kvp_message_read(f->bytes, sizeof(f->bytes), &f->read, NULL));
	assert_int_equal(f->read.operation, OKVP_KVP_DELETE);
	assert_true(okvp_item_same_key(&f->read.item, &f->message.item));
	assert_int_equal(f->read.item.value_length, 0);
}

static void a_request_to_enumerate_has_no_item(void **state)
{
	struct fixture *f = *state;
	uint8_t expected[OKVP_KVP_MESSAGE_SIZE] = { OKVP_KVP_ENUMERATE, 2, 0, 0, 0x0D, 0x0C };

	f->message.operation = OKVP_KVP_ENUMERATE;
	f->message.pool = OKVP_POOL_AUTO;
	f->message.index = 0x0C0D;
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	assert_memory_equal(f->bytes, expected, sizeof(expected));
	assert_true(okvp_kvp_message_read(f->bytes, sizeof(f->bytes), &f->read, NULL));
	assert_int_equal(f->read.index, 0x0C0D);
	assert_int_equal(f->read.item.key_length, 0);
	assert_int_equal(f->read.item.value_length, 0);
}

static void an_answer_to_enumerate_has_one(void **state)
{
	struct fixture *f = *state;

	f->message.operation = OKVP_KVP_ENUMERATE;
	f->message.index = 7;
	set_item(&f->message.item, "OSName", "");
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	expect_read(f, "", OKVP_TEXT);
	assert_int_equal(f->read.index, 7);
	assert_true(okvp_item_same_key(&f->read.item, &f->message.item));
	set_item(&f->message.item, "", "value");
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	expect_read(f, "value", OKVP_TEXT);
	assert_int_equal(f->read.item.key_length, 0);
}

static void only_enumerate_may_lack_an_item(void **state)
{
	struct fixture *f = *state;

	memset(f->bytes, 0, sizeof(f->bytes));
	f->bytes[0] = OKVP_KVP_SET;
	expect_unreadable(f, OKVP_UNSUPPORTED);
	f->bytes[0] = OKVP_KVP_ENUMERATE;
	f->bytes[TYPE + INDEX_SIZE] = 8;
	expect_unreadable(f, OKVP_UNSUPPORTED);
	f->bytes[TYPE + INDEX_SIZE] = 0;
	f->bytes[KEY_COUNT + INDEX_SIZE] = 2;
	expect_unreadable(f, OKVP_UNSUPPORTED);
	f->bytes[KEY_COUNT + INDEX_SIZE] = 0;
	f->bytes[VALUE_COUNT + INDEX_SIZE] = 2;
	expect_unreadable(f, OKVP_UNSUPPORTED);
}

/* Linux answers in place, sets the counts, and ends no text with a NUL. */
static void an_answer_of_linux_is_read(void **state)
{
	struct fixture *f = *state;

	memset(f->bytes, 0, sizeof(f->bytes));
	f->bytes[0] = OKVP_KVP_ENUMERATE;
	poke_u32(f->bytes + TYPE + INDEX_SIZE, OKVP_REG_SZ);
	poke_u32(f->bytes + KEY_COUNT + INDEX_SIZE, 4);
	poke_u32(f->bytes + VALUE_COUNT + INDEX_SIZE, 2);
	memcpy(f->bytes + KEY + INDEX_SIZE, "k\0k\0rest", 8);
	memcpy(f->bytes + VALUE + INDEX_SIZE, "v\0rest", 6);
	expect_read(f, "v", OKVP_TEXT);
	assert_int_equal(f->read.item.key_length, 2);
	assert_memory_equal(f->read.item.key, "kk", 2);
}

static void a_text_ends_at_its_nul_whatever_the_count(void **state)
{
	struct fixture *f = *state;

	write_set(f, OKVP_REG_EXPAND_SZ, OKVP_KVP_VALUE_FIELD);
	memcpy(f->bytes + VALUE, "v\0\0\0x\0", 6);
	expect_read(f, "v", OKVP_TEXT);
	poke_u32(f->bytes + VALUE_COUNT, 5);
	expect_read(f, "v", OKVP_TEXT);
	f->bytes[VALUE + 2] = 1; /* not a NUL, though its first byte might look like one */
	f->bytes[VALUE + 3] = 0;
	f->bytes[VALUE + 4] = 0;
	poke_u32(f->bytes + VALUE_COUNT, 6);
	expect_read(f, "v\x01", OKVP_TEXT);
	memcpy(f->bytes + VALUE, "\x00\x01\x00\x00", 4);
	expect_read(f, "\xC4\x80", OKVP_TEXT);
}

static void full_fields_are_read_to_their_end(void **state)
{
	struct fixture *f = *state;

	write_set(f, OKVP_REG_SZ, OKVP_KVP_VALUE_FIELD);
	poke_u32(f->bytes + KEY_COUNT, OKVP_KVP_KEY_FIELD);
	for (size_t i = KEY; i < VALUE + OKVP_KVP_VALUE_FIELD; i += 2)
		memcpy(f->bytes + i, "\xAC\x20", 2); /* U+20AC: three bytes of UTF-8 */
	assert_true(okvp_kvp_message_read(f->bytes, sizeof(f->bytes), &f->read, NULL));
	assert_int_equal(f->read.item.key_length, sizeof(f->read.storage.key));
	assert_int_equal(f->read.item.value_length, sizeof(f->read.storage.value));
	assert_memory_equal(f->read.item.value + sizeof(f->read.storage.value) - 3, "\xE2\x82\xAC",
			    3);
}

static void numbers_become_decimal_text(void **state)
{
	struct fixture *f = *state;

	write_set(f, OKVP_REG_DWORD, 4);
	poke_u32(f->bytes + VALUE, UINT32_MAX);
	expect_read(f, "4294967295", OKVP_U32);
	write_set(f, OKVP_REG_QWORD, 8);
	poke_u32(f->bytes + VALUE + 4, 0x80000000);
	expect_read(f, "9223372036854775808", OKVP_TEXT);
}

static void a_number_of_another_size_is_refused(void **state)
{
	struct fixture *f = *state;

	write_set(f, OKVP_REG_DWORD, 8);
	expect_unreadable(f, OKVP_INVALID);
	write_set(f, OKVP_REG_QWORD, 4);
	expect_unreadable(f, OKVP_INVALID);
}

static void a_u32_is_written_as_a_number(void **state)
{
	struct fixture *f = *state;

	f->message.operation = OKVP_KVP_SET;
	set_item(&f->message.item, "OsMajor", "4294967295");
	f->message.item.type = OKVP_U32;
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	assert_int_equal(f->bytes[TYPE], OKVP_REG_DWORD);
	assert_int_equal(f->bytes[VALUE_COUNT], 4);
	assert_memory_equal(f->bytes + VALUE, "\xFF\xFF\xFF\xFF\0", 5);
	expect_read(f, "4294967295", OKVP_U32);
}

static void what_is_no_u32_is_not_written_as_one(void **state)
{
	static const char *const wrong[] = { "",    "-1", "4294967296", "00000000001",
					     "1.0", "x",  "1:",         "9999999999" };
	struct fixture *f = *state;

	f->message.operation = OKVP_KVP_SET;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		set_item(&f->message.item, "k", wrong[i]);
		f->message.item.type = OKVP_U32;
		expect_unwritable(f, OKVP_WRONG_TYPE);
	}
}

static void texts_as_long_as_their_fields_less_a_nul_are_written(void **state)
{
	struct fixture *f = *state;

	f->message.operation = OKVP_KVP_SET;
	f->message.item = (struct okvp_item){ .key = f->many,
					      .value = f->many,
					      .key_length = OKVP_KEY_UNITS,
					      .value_length = OKVP_VALUE_UNITS };
	assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
	assert_true(okvp_kvp_message_read(f->bytes, sizeof(f->bytes), &f->read, NULL));
	assert_int_equal(f->read.item.key_length, OKVP_KEY_UNITS);
	assert_int_equal(f->read.item.value_length, OKVP_VALUE_UNITS);
	f->message.item.value_length++;
	expect_unwritable(f, OKVP_TOO_LONG);
	assert_string_equal(f->err.message, "value: 1024 UTF-16 units, at most 1023 are possible");
	f->message.item.key_length++;
	expect_unwritable(f, OKVP_TOO_LONG);
	assert_string_equal(f->err.message, "key: 256 UTF-16 units, at most 255 are possible");
	f->message.operation = OKVP_KVP_DELETE;
	expect_unwritable(f, OKVP_TOO_LONG);
}

static void a_text_that_would_be_cut_or_is_broken_is_not_written(void **state)
{
	struct fixture *f = *state;

	f->message.operation = OKVP_KVP_SET;
	set_item(&f->message.item, "k", "a\xFF");
	expect_unwritable(f, OKVP_INVALID_TEXT);
	f->message.item.value = "a\0b";
	f->message.item.value_length = 3;
	expect_unwritable(f, OKVP_INVALID_TEXT);
}

static void what_is_cut_is_refused(void **state)
{
	static const struct {
		uint8_t operation;
		size_t size;
	} least[] = { { OKVP_KVP_SET, 2576 },
		      { OKVP_KVP_DELETE, 520 },
		      { OKVP_KVP_ENUMERATE, 2580 } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(least) / sizeof(*least); i++) {
		f->message.operation = least[i].operation;
		set_item(&f->message.item, "k", "v");
		assert_true(okvp_kvp_message_write(&f->message, f->bytes, NULL));
		assert_true(okvp_kvp_message_read(f->bytes, least[i].size, &f->read, NULL));
		for (size_t size = 0; size < least[i].size; size++) {
			assert_false(okvp_kvp_message_read(f->bytes, size, &f->read, &f->err));
			assert_int_equal(f->err.status, OKVP_INVALID);
		}
	}
}

static void a_count_beyond_its_field_is_refused(void **state)
{
	struct fixture *f = *state;

	write_set(f, OKVP_REG_SZ, OKVP_KVP_VALUE_FIELD + 1);
	expect_unreadable(f, OKVP_INVALID);
	poke_u32(f->bytes + KEY_COUNT, (uint32_t)-42); /* what Linux leaves when it fails */
	expect_unreadable(f, OKVP_INVALID);
	f->bytes[0] = OKVP_KVP_DELETE;
	poke_u32(f->bytes + 4, OKVP_KVP_KEY_FIELD + 1);
	expect_unreadable(f, OKVP_INVALID);
}

static void what_is_not_utf16_is_refused(void **state)
{
	struct fixture *f = *state;

	write_set(f, OKVP_REG_SZ, 4);
	memcpy(f->bytes + VALUE, "v\0\x3D\xD8", 4); /* a lone surrogate */
	expect_unreadable(f, OKVP_INVALID_TEXT);
	poke_u32(f->bytes + VALUE_COUNT, 3); /* half a unit */
	expect_unreadable(f, OKVP_INVALID_TEXT);
	write_set(f, OKVP_REG_SZ, 2);
	memcpy(f->bytes + KEY, "\x00\xDC", 2);
	expect_unreadable(f, OKVP_INVALID_TEXT);
}

static void other_operations_and_types_are_unsupported(void **state)
{
	static const uint8_t others[] = { OKVP_KVP_GET, OKVP_KVP_GET_IP, OKVP_KVP_SET_IP, 6, 255 };
	struct fixture *f = *state;

	write_set(f, 8, 8); /* what Linux takes for a QWORD */
	expect_unreadable(f, OKVP_UNSUPPORTED);
	for (size_t i = 0; i < sizeof(others); i++) {
		f->message.operation = f->bytes[0] = others[i];
		expect_unreadable(f, OKVP_UNSUPPORTED);
		expect_unwritable(f, OKVP_UNSUPPORTED);
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup(name, open_fixture)
	const struct CMUnitTest tests[] = {
		test(a_set_has_its_layout_and_is_zero_filled),
		test(a_set_is_read_back),
		test(a_delete_has_its_layout_and_is_read_back),
		test(a_request_to_enumerate_has_no_item),
		test(an_answer_to_enumerate_has_one),
		test(only_enumerate_may_lack_an_item),
		test(an_answer_of_linux_is_read),
		test(a_text_ends_at_its_nul_whatever_the_count),
		test(full_fields_are_read_to_their_end),
		test(numbers_become_decimal_text),
		test(a_number_of_another_size_is_refused),
		test(a_u32_is_written_as_a_number),
		test(what_is_no_u32_is_not_written_as_one),
		test(texts_as_long_as_their_fields_less_a_nul_are_written),
		test(a_text_that_would_be_cut_or_is_broken_is_not_written),
		test(what_is_cut_is_refused),
		test(a_count_beyond_its_field_is_refused),
		test(what_is_not_utf16_is_refused),
		test(other_operations_and_types_are_unsupported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
