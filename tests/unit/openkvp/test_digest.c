/* SPDX-License-Identifier: MIT */
/* test_digest.c -- openkvp/digest */
#include "openkvp/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct okvp_item item(const char *key, const char *value)
{
	return (struct okvp_item){ .key = key,
				   .value = value,
				   .key_length = (uint16_t)strlen(key),
				   .value_length = (uint16_t)strlen(value) };
}

/* From the appendix of the paper, and the first and last of its authors' reference vectors. */
static void the_published_vectors_come_out(void **state)
{
	uint8_t bytes[63];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	assert_true(okvp_siphash(bytes, 0) == 0x726fdb47dd0e0e31);
	assert_true(okvp_siphash(bytes, 1) == 0x74f839c593dc67fd);
	assert_true(okvp_siphash(bytes, 8) == 0x93f5f5799a932462);
	assert_true(okvp_siphash(bytes, 15) == 0xa129ca6149be45e5);
	assert_true(okvp_siphash(bytes, 63) == 0x958a324ceb064572);
}

static void a_record_is_hashed_as_it_is_drawn(void **state)
{
	const struct okvp_item a = item("key", "value");
	const char drawn[] = "\2\0\0\0\3\0\5\0keyvalue";

	assert_true(okvp_digest_of(OKVP_POOL_GUEST, 2, &a) ==
		    okvp_siphash(drawn, sizeof(drawn) - 1));
}

static void the_place_counts_in_the_guests_pools_only(void **state)
{
	const struct okvp_item a = item("a", "1");

	assert_true(okvp_digest_of(OKVP_POOL_GUEST, 0, &a) !=
		    okvp_digest_of(OKVP_POOL_GUEST, 1, &a));
	assert_true(okvp_digest_of(OKVP_POOL_AUTO, 0, &a) != okvp_digest_of(OKVP_POOL_AUTO, 1, &a));
	assert_true(okvp_digest_of(OKVP_POOL_EXTERNAL, 0, &a) ==
		    okvp_digest_of(OKVP_POOL_EXTERNAL, 1, &a));
	assert_true(okvp_digest_of(OKVP_POOL_AUTO_EXTERNAL, 0, &a) ==
		    okvp_digest_of(OKVP_POOL_AUTO_EXTERNAL, 1, &a));
}

static void a_byte_between_key_and_value_makes_a_difference(void **state)
{
	const struct okvp_item a = item("ab", "c"), b = item("a", "bc");

	assert_true(okvp_digest_of(OKVP_POOL_EXTERNAL, 0, &a) !=
		    okvp_digest_of(OKVP_POOL_EXTERNAL, 0, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_come_out),
		cmocka_unit_test(a_record_is_hashed_as_it_is_drawn),
		cmocka_unit_test(the_place_counts_in_the_guests_pools_only),
		cmocka_unit_test(a_byte_between_key_and_value_makes_a_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
