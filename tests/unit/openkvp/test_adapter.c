/* SPDX-License-Identifier: MIT */
/* test_adapter.c -- openkvp/adapter */
#include "openkvp/adapter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct okvp_address address(const char *text)
{
	struct okvp_address made;

	assert_true(okvp_address_from_text(text, strlen(text), &made));
	return made;
}

static void macs_are_read_in_every_usual_form(void **state)
{
	static const uint8_t expected[] = { 0x00, 0x15, 0x5D, 0xAB, 0x02, 0xFF };
	static const char *const forms[] = { "00:15:5D:AB:02:FF", "00-15-5d-ab-02-ff",
					     "00155DAB02FF" };
	char text[OKVP_MAC_TEXT_SIZE];
	uint8_t mac[OKVP_MAC_SIZE];

	for (size_t i = 0; i < 3; i++) {
		assert_true(okvp_mac_from_text(forms[i], mac));
		assert_memory_equal(mac, expected, sizeof(mac));
	}
	okvp_mac_to_text(mac, text);
	assert_string_equal(text, "00:15:5D:AB:02:FF");
}

static void what_is_no_mac_is_refused(void **state)
{
	static const char *const others[] = { "",
					      "00:15:5D:AB:02",
					      "00:15:5D:AB:02:FG",
					      "00.15.5D.AB.02.FF",
					      "00155DAB02FF0",
					      "{2A34B1C2-FD73-4043-8A5B-DD2159BC743F}" };
	uint8_t mac[OKVP_MAC_SIZE];

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(okvp_mac_from_text(others[i], mac));
}

static void addresses_of_both_families_are_text_and_bytes(void **state)
{
	char text[OKVP_ADDRESS_TEXT_SIZE];
	struct okvp_address a = address("192.0.2.10"), b = address("2001:db8::1");

	assert_int_equal(a.family, OKVP_IPV4);
	assert_memory_equal(a.bytes, "\xC0\0\2\x0A", 4);
	assert_string_equal(okvp_address_to_text(&a, text), "192.0.2.10");
	assert_int_equal(b.family, OKVP_IPV6);
	assert_string_equal(okvp_address_to_text(&b, text), "2001:db8::1");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const others[] = { "",
					      "192.0.2",
					      "192.0.2.256",
					      "fe80::1%eth0",
					      "::g",
					      "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000" };
	struct okvp_address made;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(okvp_address_from_text(others[i], strlen(others[i]), &made));
}

static void expect_prefix(const char *of, const char *subnet, int expected)
{
	struct okvp_address a = address(of);
	bool ok = okvp_prefix_from_text(subnet, strlen(subnet), &a);

	assert_int_equal(ok ? a.prefix : -1, expected);
}

static void subnets_are_masks_or_numbers_of_bits(void **state)
{
	expect_prefix("192.0.2.1", "255.255.255.0", 24);
	expect_prefix("192.0.2.1", "0.0.0.0", 0);
	expect_prefix("192.0.2.1", "255.255.255.255", 32);
	expect_prefix("192.0.2.1", "26", 26);
	expect_prefix("2001:db8::1", "/64", 64);
	expect_prefix("2001:db8::1", "128", 128);
	expect_prefix("192.0.2.1", "255.0.255.0", -1);
	expect_prefix("192.0.2.1", "33", -1);
	expect_prefix("2001:db8::1", "255.255.255.0", -1);
	expect_prefix("2001:db8::1", "129", -1);
	expect_prefix("2001:db8::1", "/", -1);
	expect_prefix("2001:db8::1", "999999", -1);
}

static void a_mask_that_is_made_is_read_again(void **state)
{
	for (uint8_t prefix = 0; prefix <= 32; prefix++) {
		uint8_t mask[4], again;

		okvp_mask_of(prefix, mask);
		assert_true(okvp_prefix_of(mask, &again));
		assert_int_equal(again, prefix);
	}
}

static void link_local_addresses_are_known(void **state)
{
	static const struct {
		const char *text;
		bool is;
	} known[] = { { "169.254.1.1", true }, { "169.253.1.1", false }, { "10.0.0.1", false },
		      { "fe80::1", true },     { "febf::1", true },      { "fec0::1", false },
		      { "2001:db8::1", false } };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct okvp_address a = address(known[i].text);

		assert_int_equal(okvp_address_is_link_local(&a), known[i].is);
	}
}

static void a_list_holds_so_many_of_each_family(void **state)
{
	struct okvp_address_list list = { 0 };
	struct okvp_gateway_list gateways = { 0 };
	struct okvp_address a = address("192.0.2.1"), b = address("::1");

	for (int i = 0; i < OKVP_ADDRESSES_MAX; i++)
		assert_true(okvp_add_address(&list, &a));
	assert_false(okvp_add_address(&list, &a));
	for (int i = 0; i < OKVP_ADDRESSES_MAX; i++)
		assert_true(okvp_add_address(&list, &b));
	assert_false(okvp_add_address(&list, &b));
	for (int i = 0; i < OKVP_GATEWAYS_MAX; i++)
		assert_true(okvp_add_gateway(&gateways, &b));
	assert_false(okvp_add_gateway(&gateways, &b));
	assert_true(okvp_add_gateway(&gateways, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs_are_read_in_every_usual_form),
		cmocka_unit_test(what_is_no_mac_is_refused),
		cmocka_unit_test(addresses_of_both_families_are_text_and_bytes),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(subnets_are_masks_or_numbers_of_bits),
		cmocka_unit_test(a_mask_that_is_made_is_read_again),
		cmocka_unit_test(link_local_addresses_are_known),
		cmocka_unit_test(a_list_holds_so_many_of_each_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
