/* SPDX-License-Identifier: MIT */
/* test_ic_message.c -- openkvp/ic_message */
#include "openkvp/ic_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* A key-value request of framework 3.0, message 4.0, with a body of two bytes. */
static const uint8_t message_bytes[] = {
	3,   0,   0, 0,    /* framework */
	2,   0,            /* type */
	4,   0,   0, 0,    /* message version */
	2,   0,            /* size */
	5,   64,  0, 0x80, /* status */
	7,   3,   0, 0,    /* transaction, flags, reserved */
	'h', 'i',
};

/* What OpenVMM's host offers. */
static const struct okvp_negotiation offer = {
	.framework_count = 2,
	.framework = { { 1, 0 }, { 3, 0 } },
	.message_count = 3,
	.message = { { 3, 0 }, { 4, 0 }, { 5, 0 } },
};

static const struct okvp_negotiation known = {
	.framework_count = 2,
	.framework = { { 3, 0 }, { 1, 0 } },
	.message_count = 2,
	.message = { { 4, 0 }, { 3, 0 } },
};

static void a_message_is_read(void **state)
{
	struct okvp_ic_header header;
	const uint8_t *body;

	assert_true(okvp_ic_read(message_bytes, sizeof(message_bytes), &header, &body, NULL));
	assert_int_equal(header.framework.major, 3);
	assert_int_equal(header.framework.minor, 0);
	assert_int_equal(header.type, OKVP_IC_KVP);
	assert_int_equal(header.message.major, 4);
	assert_int_equal(header.message.minor, 0);
	assert_int_equal(header.size, 2);
	assert_int_equal(header.status, OKVP_IC_FAIL);
	assert_int_equal(header.transaction, 7);
	assert_int_equal(header.flags, OKVP_IC_TRANSACTION | OKVP_IC_REQUEST);
	assert_ptr_equal(body, message_bytes + OKVP_IC_HEADER_SIZE);
}

static void a_header_is_written_as_it_is_read(void **state)
{
	struct okvp_ic_header header;
	uint8_t bytes[OKVP_IC_HEADER_SIZE];
	const uint8_t *body;

	assert_true(okvp_ic_read(message_bytes, sizeof(message_bytes), &header, &body, NULL));
	okvp_ic_write_header(&header, bytes);
	assert_memory_equal(bytes, message_bytes, sizeof(bytes));
}

static void a_message_that_is_cut_is_refused(void **state)
{
	struct okvp_ic_header header;
	struct okvp_error err;
	const uint8_t *body;

	for (size_t size = 0; size < sizeof(message_bytes); size++) {
		assert_false(okvp_ic_read(message_bytes, size, &header, &body, &err));
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

static void a_negotiation_is_read_as_it_is_written(void **state)
{
	static const uint8_t expected[] = { 2, 0, 3, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0,
					    0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0 };
	struct okvp_negotiation list;
	uint8_t bytes[64];

	assert_int_equal(okvp_negotiation_write(&offer, bytes, sizeof(bytes)), sizeof(expected));
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_true(okvp_negotiation_read(bytes, sizeof(expected), &list, NULL));
	assert_int_equal(list.framework_count, 2);
	assert_int_equal(list.message_count, 3);
	assert_memory_equal(list.framework, offer.framework, 2 * sizeof(struct okvp_version));
	assert_memory_equal(list.message, offer.message, 3 * sizeof(struct okvp_version));
}

static void a_negotiation_that_does_not_fit_is_not_written(void **state)
{
	uint8_t bytes[64];

	for (size_t room = 0; room < 28; room++)
		assert_int_equal(okvp_negotiation_write(&offer, bytes, room), 0);
}

static void a_negotiation_that_is_cut_is_refused(void **state)
{
	struct okvp_negotiation list;
	struct okvp_error err;
	uint8_t bytes[64];
	size_t whole = okvp_negotiation_write(&offer, bytes, sizeof(bytes));

	for (size_t size = 0; size < whole; size++) {
		assert_false(okvp_negotiation_read(bytes, size, &list, &err));
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

static void a_negotiation_of_too_many_versions_is_refused(void **state)
{
	uint8_t bytes[8 + 4 * (2 * OKVP_IC_VERSIONS_MAX + 1)] = { OKVP_IC_VERSIONS_MAX, 0,
								  OKVP_IC_VERSIONS_MAX, 0 };
	struct okvp_negotiation list;
	struct okvp_error err;

	assert_true(okvp_negotiation_read(bytes, sizeof(bytes), &list, NULL));
	bytes[0]++;
	assert_false(okvp_negotiation_read(bytes, sizeof(bytes), &list, &err));
	assert_int_equal(err.status, OKVP_INVALID);
	bytes[0]--;
	bytes[2]++;
	assert_false(okvp_negotiation_read(bytes, sizeof(bytes), &list, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void the_best_known_pair_is_chosen(void **state)
{
	struct okvp_negotiation answer;

	assert_true(okvp_negotiation_choose(&offer, &known, &answer));
	assert_int_equal(answer.framework_count, 1);
	assert_int_equal(answer.message_count, 1);
	assert_int_equal(answer.framework[0].major, 3);
	assert_int_equal(answer.message[0].major, 4);
}

static void without_a_pair_the_counts_are_zero(void **state)
{
	struct okvp_negotiation no_framework = offer, no_message = offer, answer;

	no_framework.framework[1].minor = 1;
	no_framework.framework_count = 2;
	no_framework.framework[0].major = 2;
	no_message.message_count = 0;
	assert_false(okvp_negotiation_choose(&no_framework, &known, &answer));
	assert_int_equal(answer.framework_count, 0);
	assert_int_equal(answer.message_count, 0);
	assert_false(okvp_negotiation_choose(&no_message, &known, &answer));
	assert_int_equal(answer.framework_count, 0);
	assert_int_equal(answer.message_count, 0);
}

static void a_status_is_shown_with_its_text(void **state)
{
	char text[64];

	assert_string_equal(okvp_ic_status_text(OKVP_IC_FAIL, text), "0x80004005 (failed)");
	assert_string_equal(okvp_ic_status_text(OKVP_IC_NO_MORE_ITEMS, text),
			    "0x80070103 (no more items)");
	assert_string_equal(okvp_ic_status_text(0xDEAD, text), "0x0000DEAD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_read),
		cmocka_unit_test(a_header_is_written_as_it_is_read),
		cmocka_unit_test(a_message_that_is_cut_is_refused),
		cmocka_unit_test(a_negotiation_is_read_as_it_is_written),
		cmocka_unit_test(a_negotiation_that_does_not_fit_is_not_written),
		cmocka_unit_test(a_negotiation_that_is_cut_is_refused),
		cmocka_unit_test(a_negotiation_of_too_many_versions_is_refused),
		cmocka_unit_test(the_best_known_pair_is_chosen),
		cmocka_unit_test(without_a_pair_the_counts_are_zero),
		cmocka_unit_test(a_status_is_shown_with_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
