/* SPDX-License-Identifier: MIT */
/* test_status.c -- cim/status */
#include "cim/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_failure_has_its_codes_and_its_sentence(void **state)
{
	struct cim_error err;

	assert_false(cim_fail(&err, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEYS_MISSING,
			      "the key '%s'", "Name"));
	assert_int_equal(err.status, 4);
	assert_int_equal(err.detail, CIM_DETAIL_KEYS_MISSING);
	assert_string_equal(err.message, "the key 'Name'");
}

static void a_long_sentence_ends_with_a_whole_character(void **state)
{
	struct cim_error err;
	char long_text[1100];

	for (size_t i = 0; i + 1 < sizeof(long_text); i += 2)
		memcpy(long_text + i, "\xC3\xA9", 2);
	long_text[sizeof(long_text) - 2] = '\0';
	cim_fail(&err, CIM_STATUS_FAILED, CIM_DETAIL_NONE, "%s", long_text);
	assert_int_equal(strlen(err.message), 1022);
}

static void a_failure_from_below_is_translated(void **state)
{
	static const struct {
		enum okvp_status from;
		enum cim_status to;
	} pairs[] = {
		{ OKVP_INVALID, CIM_STATUS_INVALID_PARAMETER },
		{ OKVP_WRONG_TYPE, CIM_STATUS_TYPE_MISMATCH },
		{ OKVP_NOT_FOUND, CIM_STATUS_NOT_FOUND },
		{ OKVP_DENIED, CIM_STATUS_ACCESS_DENIED },
		{ OKVP_LIMIT, CIM_STATUS_SERVER_LIMITS_EXCEEDED },
		{ OKVP_INTERNAL, CIM_STATUS_FAILED },
	};
	struct okvp_error cause;
	struct cim_error err;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		okvp_fail(&cause, pairs[i].from, "why");
		assert_false(cim_fail_from(&err, &cause));
		assert_int_equal(err.status, pairs[i].to);
		assert_int_equal(err.detail, CIM_DETAIL_NONE);
		assert_string_equal(err.message, "why");
	}
}

static void every_status_has_the_name_of_the_specification(void **state)
{
	assert_string_equal(cim_status_name(CIM_STATUS_NOT_FOUND), "CIM_ERR_NOT_FOUND");
	assert_string_equal(cim_status_name(CIM_STATUS_METHOD_NOT_AVAILABLE),
			    "CIM_ERR_METHOD_NOT_AVAILABLE");
	assert_string_equal(cim_status_name((enum cim_status)99), "CIM_ERR_FAILED");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_has_its_codes_and_its_sentence),
		cmocka_unit_test(a_long_sentence_ends_with_a_whole_character),
		cmocka_unit_test(a_failure_from_below_is_translated),
		cmocka_unit_test(every_status_has_the_name_of_the_specification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
