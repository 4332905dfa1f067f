/* SPDX-License-Identifier: MIT */
/* test_pool.c -- openkvp/pool */
#include "openkvp/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_pool_has_its_writer(void **state)
{
	assert_int_equal(okvp_pool_writer(OKVP_POOL_EXTERNAL), OKVP_SIDE_HOST);
	assert_int_equal(okvp_pool_writer(OKVP_POOL_GUEST), OKVP_SIDE_GUEST);
	assert_int_equal(okvp_pool_writer(OKVP_POOL_AUTO), OKVP_SIDE_GUEST);
	assert_int_equal(okvp_pool_writer(OKVP_POOL_AUTO_EXTERNAL), OKVP_SIDE_HOST);
	assert_int_equal(okvp_pool_writer(OKVP_POOL_AUTO_INTERNAL), OKVP_SIDE_NONE);
	assert_int_equal(OKVP_POOL_COUNT, 5);
}

static void a_name_or_a_number_is_a_pool(void **state)
{
	enum okvp_pool pool;

	for (int i = 0; i < OKVP_POOL_COUNT; i++) {
		const char number[] = { (char)('0' + i), '\0' };

		assert_true(okvp_pool_from_name(number, &pool));
		assert_int_equal(pool, i);
		assert_true(okvp_pool_from_name(okvp_pool_name((enum okvp_pool)i), &pool));
		assert_int_equal(pool, i);
	}
	assert_true(okvp_pool_from_name("Auto-External", &pool));
	assert_int_equal(pool, OKVP_POOL_AUTO_EXTERNAL);
}

static void anything_else_is_none(void **state)
{
	static const char *const wrong[] = {
		"", "5", "00", "0x", "-1", "ext", "external ", "auto_"
	};
	enum okvp_pool pool;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(okvp_pool_from_name(wrong[i], &pool));
}

static void a_number_from_the_wire_may_be_no_pool(void **state)
{
	assert_string_equal(okvp_pool_name((enum okvp_pool)5), "unknown");
	assert_string_equal(okvp_pool_name((enum okvp_pool)200), "unknown");
	assert_int_equal(okvp_pool_writer((enum okvp_pool)5), OKVP_SIDE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pool_has_its_writer),
		cmocka_unit_test(a_name_or_a_number_is_a_pool),
		cmocka_unit_test(anything_else_is_none),
		cmocka_unit_test(a_number_from_the_wire_may_be_no_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
