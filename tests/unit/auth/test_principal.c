/* SPDX-License-Identifier: MIT */
/* test_principal.c -- auth/principal */
#include "auth/principal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void every_role_is_found_by_its_name(void **state)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		enum role found = ROLE_COUNT;

		assert_true(role_from_name(role_name((enum role)role), &found));
		assert_int_equal(found, role);
	}
}

static void no_role_has_a_name_in_another_case(void **state)
{
	enum role role = ROLE_ADMIN;

	assert_false(role_from_name("Read", &role));
	assert_false(role_from_name("", &role));
	assert_int_equal(role, ROLE_ADMIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_role_is_found_by_its_name),
		cmocka_unit_test(no_role_has_a_name_in_another_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
