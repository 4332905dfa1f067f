/* SPDX-License-Identifier: MIT */
/* test_error.c -- openkvp/error */
#include "openkvp/error.h"

#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/unicode.h"

static void a_failure_is_a_status_and_a_sentence(void **state)
{
	struct okvp_error err;

	assert_false(okvp_fail(&err, OKVP_EXISTS, "key '%s'", "OSName"));
	assert_int_equal(err.status, OKVP_EXISTS);
	assert_string_equal(err.message, "key 'OSName'");
}

static void context_stands_in_front(void **state)
{
	struct okvp_error err;

	okvp_fail(&err, OKVP_NOT_FOUND, "no such object");
	assert_false(okvp_fail_in(&err, "vm '%s'", "web1"));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_string_equal(err.message, "vm 'web1': no such object");
}

static void a_failure_need_not_be_wanted(void **state)
{
	assert_false(okvp_fail(NULL, OKVP_IO, "x"));
	assert_false(okvp_fail_errno(NULL, EIO, "x"));
	assert_false(okvp_fail_in(NULL, "x"));
}

static void an_errno_has_its_status_and_text(void **state)
{
	static const struct {
		int number;
		enum okvp_status status;
	} known[] = {
		{ ENOMEM, OKVP_NO_MEMORY }, { ENOENT, OKVP_NOT_FOUND }, { EACCES, OKVP_DENIED },
		{ EPERM, OKVP_DENIED },     { EIO, OKVP_IO },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct okvp_error err;

		assert_false(okvp_fail_errno(&err, known[i].number, "open %s", "pool"));
		assert_int_equal(err.status, known[i].status);
		assert_memory_equal(err.message, "open pool: ", 11);
		assert_string_equal(err.message + 11, strerror(known[i].number));
	}
}

static void a_message_that_is_too_long_ends_with_a_character(void **state)
{
	struct okvp_error err;
	char text[sizeof(err.message)];

	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 3, "\xC3\xA9", 3);

	okvp_fail(&err, OKVP_INVALID, "%s", text);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	okvp_fail(&err, OKVP_INVALID, "-%s", text);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 2);
	okvp_fail_errno(&err, EIO, "-%s", text);
	assert_true(okvp_utf8_valid(err.message, strlen(err.message)));
	okvp_fail(&err, OKVP_INVALID, "%s", text);
	okvp_fail_in(&err, "%s", "a");
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	okvp_fail(&err, OKVP_INVALID, "%s", text);
	okvp_fail_in(&err, "%s", text);
	assert_true(okvp_utf8_valid(err.message, strlen(err.message)));
}

static void every_status_has_a_name_and_a_text(void **state)
{
	for (int status = 0; status < OKVP_STATUS_COUNT; status++) {
		assert_true(strlen(okvp_status_name(status)) > 0);
		assert_true(strlen(okvp_status_text(status)) > 0);
	}
	assert_string_equal(okvp_status_name(OKVP_EXISTS), "EXISTS");
	assert_string_equal(okvp_status_text(OKVP_EXISTS), "already exists");
	assert_int_equal(OKVP_STATUS_COUNT, OKVP_INTERNAL + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_a_status_and_a_sentence),
		cmocka_unit_test(context_stands_in_front),
		cmocka_unit_test(a_failure_need_not_be_wanted),
		cmocka_unit_test(an_errno_has_its_status_and_text),
		cmocka_unit_test(a_message_that_is_too_long_ends_with_a_character),
		cmocka_unit_test(every_status_has_a_name_and_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
