/* SPDX-License-Identifier: MIT */
/* test_value.c -- cim/value */
#include "cim/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
	*state = arena_create();
	return 0;
}

static int teardown(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static struct cim_value read_value(struct arena *arena, enum cim_type type, const char *text)
{
	struct cim_value value;
	struct okvp_error err;

	if (!cim_value_from_text(arena, type, text, strlen(text), &value, &err))
		fail_msg("%s", err.message);
	assert_int_equal(value.type, type);
	assert_true(value.is_set);
	assert_false(value.is_array);
	return value;
}

static void every_type_has_a_name(void **state)
{
	enum cim_type type;

	for (enum cim_type i = 0; i < CIM_TYPE_COUNT; i++) {
		assert_true(cim_type_from_name(cim_type_name(i), &type));
		assert_int_equal(type, i);
	}
	assert_string_equal(cim_type_name(CIM_UINT16), "uint16");
	assert_true(cim_type_from_name("UInt16", &type));
	assert_int_equal(type, CIM_UINT16);
	assert_false(cim_type_from_name("uint128", &type));
}

static void constructors_set_type_and_value(void **state)
{
	const struct cim_value items[] = { cim_uint(CIM_UINT16, 2), cim_uint(CIM_UINT16, 32775) };
	struct cim_value array = cim_array(CIM_UINT16, items, 2);

	assert_true(cim_boolean(true).boolean);
	assert_int_equal(cim_uint(CIM_UINT8, 255).uint, 255);
	assert_int_equal(cim_string("web1").string.length, 4);
	assert_int_equal(cim_string_of("a\0b", 3).string.length, 3);
	assert_true(cim_interval(5).datetime.is_interval);
	assert_false(cim_time(5).datetime.is_interval);
	assert_true(array.is_set && array.is_array);
	assert_int_equal(array.array.count, 2);
	assert_int_equal(array.array.item[1].uint, 32775);
}

static void nothing_makes_a_null_value(void **state)
{
	assert_false(cim_string(NULL).is_set);
	assert_false(cim_reference(NULL).is_set);
}

static void booleans_are_read_in_any_case(void **state)
{
	assert_true(read_value(*state, CIM_BOOLEAN, "TRUE").boolean);
	assert_true(read_value(*state, CIM_BOOLEAN, " true\n").boolean);
	assert_true(read_value(*state, CIM_BOOLEAN, "1").boolean);
	assert_false(read_value(*state, CIM_BOOLEAN, "False").boolean);
	assert_false(read_value(*state, CIM_BOOLEAN, "0").boolean);
}

static void integers_are_read_to_the_ends_of_their_range(void **state)
{
	assert_int_equal(read_value(*state, CIM_UINT8, "255").uint, 255);
	assert_int_equal(read_value(*state, CIM_UINT16, "0xFFFF").uint, 65535);
	assert_int_equal(read_value(*state, CIM_UINT16, "0Xff").uint, 255);
	assert_true(read_value(*state, CIM_UINT64, "18446744073709551615").uint == UINT64_MAX);
	assert_true(read_value(*state, CIM_SINT8, "-128").sint == -128);
	assert_true(read_value(*state, CIM_SINT8, "127").sint == 127);
	assert_true(read_value(*state, CIM_SINT64, "-9223372036854775808").sint == INT64_MIN);
	assert_true(read_value(*state, CIM_SINT64, "9223372036854775807").sint == INT64_MAX);
}

static void signs_zeros_and_white_space_stand_around_numbers(void **state)
{
	assert_int_equal(read_value(*state, CIM_UINT32, " \t\r\n+0000000000000000000000007 ").uint,
			 7);
	assert_int_equal(read_value(*state, CIM_UINT32, "-0").uint, 0);
	assert_true(read_value(*state, CIM_SINT32, "-007").sint == -7);
	assert_true(read_value(*state, CIM_REAL64, " -1.5e3 ").real == -1500.0);
	assert_true(read_value(*state, CIM_REAL32, "2").real == 2.0);
}

static void strings_keep_every_byte(void **state)
{
	struct cim_value value = read_value(*state, CIM_STRING, "  a b \n");

	assert_int_equal(value.string.length, 7);
	assert_string_equal(value.string.bytes, "  a b \n");
	assert_int_equal(read_value(*state, CIM_STRING, "").string.length, 0);
}

static void a_char16_is_one_character(void **state)
{
	assert_int_equal(read_value(*state, CIM_CHAR16, "x").uint, 'x');
	assert_int_equal(read_value(*state, CIM_CHAR16, " ").uint, ' ');
	assert_int_equal(read_value(*state, CIM_CHAR16, "\xE9\x8D\xB5").uint, 0x9375);
}

static void datetimes_are_read_in_both_forms(void **state)
{
	assert_true(
		read_value(*state, CIM_DATETIME, "00000000000500.000000:000").datetime.is_interval);
	assert_true(
		read_value(*state, CIM_DATETIME, " 1970-01-01T00:00:01Z ").datetime.microseconds ==
		1000000);
}

static void text_of_another_type_is_refused(void **state)
{
	static const struct {
		enum cim_type type;
		const char *text;
	} wrong[] = {
		{ CIM_BOOLEAN, "yes" },
		{ CIM_BOOLEAN, "" },
		{ CIM_BOOLEAN, "tru" },
		{ CIM_UINT8, "256" },
		{ CIM_UINT8, "-1" },
		{ CIM_UINT8, "" },
		{ CIM_UINT8, "+" },
		{ CIM_UINT8, "0x" },
		{ CIM_UINT8, "1 2" },
		{ CIM_UINT8, "1.0" },
		{ CIM_UINT8, "fe" },
		{ CIM_UINT64, "18446744073709551616" },
		{ CIM_SINT8, "128" },
		{ CIM_SINT8, "-129" },
		{ CIM_SINT64, "9223372036854775808" },
		{ CIM_SINT64, "-9223372036854775809" },
		{ CIM_REAL32, "1e39" },
		{ CIM_REAL64, "1e400" },
		{ CIM_REAL64, "nan" },
		{ CIM_REAL64, "0x1p3" },
		{ CIM_REAL64, "1.2.3" },
		{ CIM_CHAR16, "" },
		{ CIM_CHAR16, "ab" },
		{ CIM_CHAR16, "\xF0\x9F\x98\x80" },
		{ CIM_DATETIME, "now" },
	};
	struct cim_value value;
	struct okvp_error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		if (cim_value_from_text(*state, wrong[i].type, wrong[i].text, strlen(wrong[i].text),
					&value, &err))
			fail_msg("'%s' is taken as %s", wrong[i].text,
				 cim_type_name(wrong[i].type));
		assert_int_equal(err.status, OKVP_WRONG_TYPE);
	}
	assert_string_equal(err.message, "'now' is no datetime");
}

static void a_refusal_quotes_long_text_only_in_part(void **state)
{
	char text[1000];
	struct cim_value value;
	struct okvp_error err;

	memset(text, '9', sizeof(text));
	assert_false(cim_value_from_text(*state, CIM_UINT64, text, sizeof(text), &value, &err));
	assert_true(strlen(err.message) < 80);
}

static void assert_order(struct cim_value a, struct cim_value b, int expected)
{
	int order;

	assert_true(cim_value_compare(&a, &b, &order));
	assert_int_equal(order, expected);
	assert_true(cim_value_compare(&b, &a, &order));
	assert_int_equal(order, -expected);
}

static void numbers_of_all_types_compare_by_value(void **state)
{
	struct cim_value minus_one = read_value(*state, CIM_SINT8, "-1");
	struct cim_value minus_two = read_value(*state, CIM_SINT64, "-2");
	struct cim_value most = cim_uint(CIM_UINT64, UINT64_MAX);

	assert_order(cim_uint(CIM_UINT16, 2), cim_uint(CIM_UINT64, 2), 0);
	assert_order(cim_uint(CIM_UINT16, 3), cim_uint(CIM_UINT64, 2), 1);
	assert_order(minus_one, cim_uint(CIM_UINT8, 0), -1);
	assert_order(minus_one, minus_two, 1);
	assert_order(minus_one, most, -1);
	assert_order(read_value(*state, CIM_SINT64, "7"), cim_uint(CIM_UINT8, 7), 0);
	assert_order(read_value(*state, CIM_REAL64, "1.5"), cim_uint(CIM_UINT8, 1), 1);
	assert_order(read_value(*state, CIM_REAL64, "-1"), minus_one, 0);
	assert_order(read_value(*state, CIM_REAL32, "1e20"), most, 1);
}

static void strings_compare_without_case(void **state)
{
	assert_order(cim_string("Web1"), cim_string("wEB1"), 0);
	assert_order(cim_string("web1"), cim_string("WEB2"), -1);
	assert_order(cim_string("web"), cim_string("web1"), -1);
	assert_order(cim_string(""), cim_string(""), 0);
	assert_order(cim_string("z"), cim_string("\xC3\xA9"), -1);
}

static void booleans_and_datetimes_compare_with_their_like(void **state)
{
	assert_order(cim_boolean(true), cim_boolean(true), 0);
	assert_order(cim_boolean(true), cim_boolean(false), 1);
	assert_order(cim_time(1), cim_time(2), -1);
	assert_order(cim_interval(2), cim_interval(2), 0);
}

static void unlike_kinds_do_not_compare(void **state)
{
	const struct cim_value kinds[] = { cim_boolean(true), cim_uint(CIM_UINT8, 1),
					   cim_string("1"), cim_time(1), cim_interval(1) };
	const struct cim_value reference = { .type = CIM_REFERENCE, .is_set = true };
	int order;

	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < 5; j++)
			assert_int_equal(cim_value_compare(&kinds[i], &kinds[j], &order), i == j);
	}
	assert_false(cim_value_compare(&reference, &reference, &order));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_a_name),
		cmocka_unit_test(constructors_set_type_and_value),
		cmocka_unit_test(nothing_makes_a_null_value),
		cmocka_unit_test(booleans_are_read_in_any_case),
		cmocka_unit_test(integers_are_read_to_the_ends_of_their_range),
		cmocka_unit_test(signs_zeros_and_white_space_stand_around_numbers),
		cmocka_unit_test(strings_keep_every_byte),
		cmocka_unit_test(a_char16_is_one_character),
		cmocka_unit_test(datetimes_are_read_in_both_forms),
		cmocka_unit_test(text_of_another_type_is_refused),
		cmocka_unit_test(a_refusal_quotes_long_text_only_in_part),
		cmocka_unit_test(numbers_of_all_types_compare_by_value),
		cmocka_unit_test(strings_compare_without_case),
		cmocka_unit_test(booleans_and_datetimes_compare_with_their_like),
		cmocka_unit_test(unlike_kinds_do_not_compare),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
