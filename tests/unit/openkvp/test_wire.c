/* SPDX-License-Identifier: MIT */
/* test_wire.c -- openkvp/wire */
#include "openkvp/wire.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void numbers_are_little_endian(void **state)
{
	static const uint8_t expected[] = { 0x01, 0x03, 0x02, 0x07, 0x06, 0x05, 0x84, 0x0F,
					    0x0E, 0x0D, 0x0C, 0x0B, 0x0A, 0x09, 0x88 };
	uint8_t bytes[sizeof(expected)];
	struct wire_writer out = wire_writer_on(bytes, sizeof(bytes));
	struct wire_reader in = wire_reader_on(expected, sizeof(expected));

	wire_write_u8(&out, 0x01);
	wire_write_u16(&out, 0x0203);
	wire_write_u32(&out, 0x84050607);
	wire_write_u64(&out, 0x88090A0B0C0D0E0F);
	assert_true(wire_written(&out));
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_int_equal(wire_read_u8(&in), 0x01);
	assert_int_equal(wire_read_u16(&in), 0x0203);
	assert_int_equal(wire_read_u32(&in), 0x84050607);
	assert_true(wire_read_u64(&in) == 0x88090A0B0C0D0E0F);
	assert_true(wire_ok(&in));
	assert_int_equal(wire_left(&in), 0);
}

static void an_overrun_of_the_reader_is_remembered(void **state)
{
	struct wire_reader in = wire_reader_on("abc", 3);

	assert_int_equal(wire_read_u32(&in), 0);
	assert_false(wire_ok(&in));
	assert_int_equal(wire_read_u8(&in), 0);
	assert_null(wire_read_bytes(&in, 1));
	assert_false(wire_ok(&in));
}

static void no_input_has_no_bytes(void **state)
{
	struct wire_reader in = wire_reader_on(NULL, 0);

	assert_true(wire_ok(&in));
	wire_skip(&in, 1);
	assert_false(wire_ok(&in));
}

static void an_overrun_of_the_writer_writes_nothing(void **state)
{
	uint8_t bytes[4] = { 'x', 'x', 'x', 'x' };
	struct wire_writer out = wire_writer_on(bytes, 3);

	wire_write_u16(&out, 0);
	wire_write_u16(&out, 0);
	wire_write_zeros(&out, 1);
	assert_false(wire_written(&out));
	assert_null(wire_write_room(&out, 1));
	assert_memory_equal(bytes, "\0\0xx", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(an_overrun_of_the_reader_is_remembered),
		cmocka_unit_test(no_input_has_no_bytes),
		cmocka_unit_test(an_overrun_of_the_writer_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
