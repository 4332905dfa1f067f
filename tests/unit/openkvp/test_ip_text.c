/* SPDX-License-Identifier: MIT */
/* test_ip_text.c -- openkvp/ip_text as the device of Linux has it, by openkvp/hv_message; as the
 * messages have it: test_ip_message.c. */
#include "openkvp/hv_message.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/ic_message.h"

/* Where things stand in the device's message. */
enum {
	ADAPTER = 4,
	FAMILIES = 260,
	DHCP = 261,
	ADDRESSES = 262,
	SUBNETS = 2310,
	GATEWAYS = 4358,
	DNS = 5382,
	END = 7430,
};

#define MAC "00:15:5D:01:02:03"

struct fixture {
	struct okvp_ip_message message;
	uint8_t bytes[OKVP_HV_MESSAGE_SIZE], expected[OKVP_HV_MESSAGE_SIZE];
	uint32_t status;
	struct okvp_error err;
};

static int open_fixture(void **state)
{
	static struct fixture fixture;

	memset(&fixture, 0, sizeof(fixture));
	fixture.message = (struct okvp_ip_message){ .operation = OKVP_KVP_GET_IP,
						    .pool = 1,
						    .families = OKVP_WANT_IPV4 | OKVP_WANT_IPV6 };
	strcpy(fixture.message.adapter.id, MAC);
	*state = &fixture;
	return 0;
}

static void put(struct fixture *f, size_t offset, const char *text)
{
	strcpy((char *)f->bytes + offset, text);
}

static void expect_bad_reply(struct fixture *f, enum okvp_status status)
{
	assert_false(okvp_hv_read_ip_reply(f->bytes, &f->message, &f->status, &f->err));
	assert_int_equal(f->err.status, status);
}

static void expect_address(const struct okvp_address *address, const char *text, uint8_t prefix)
{
	char got[OKVP_ADDRESS_TEXT_SIZE];

	assert_string_equal(okvp_address_to_text(address, got), text);
	assert_int_equal(address->prefix, prefix);
}

static void a_request_for_the_daemon_has_its_layout(void **state)
{
	struct fixture *f = *state;

	memset(f->bytes, 0xAA, sizeof(f->bytes));
	f->expected[0] = OKVP_KVP_GET_IP;
	f->expected[1] = 1;
	memcpy(f->expected + ADAPTER, MAC, strlen(MAC));
	f->expected[FAMILIES] = 3;
	assert_true(okvp_hv_write_ip_request(&f->message, f->bytes, NULL));
	assert_memory_equal(f->bytes, f->expected, sizeof(f->bytes));
}

static void all_lists_have_their_places(void **state)
{
	struct fixture *f = *state;
	struct okvp_adapter *adapter = &f->message.adapter;

	assert_true(okvp_address_from_text("192.0.2.10", 10, &adapter->addresses.address[0]));
	adapter->addresses.address[0].prefix = 24;
	adapter->gateways.address[0] = adapter->dns.address[0] = adapter->addresses.address[0];
	adapter->addresses.count = adapter->gateways.count = adapter->dns.count = 1;
	adapter->dhcp = true;
	assert_true(okvp_hv_write_ip_request(&f->message, f->bytes, NULL));
	assert_int_equal(f->bytes[DHCP], 1);
	assert_string_equal((char *)f->bytes + ADDRESSES, "192.0.2.10");
	assert_string_equal((char *)f->bytes + SUBNETS, "255.255.255.0");
	assert_string_equal((char *)f->bytes + GATEWAYS, "192.0.2.10");
	assert_string_equal((char *)f->bytes + DNS, "192.0.2.10");
}

static void the_reply_of_the_stock_daemon_is_read(void **state)
{
	struct fixture *f = *state;
	const struct okvp_adapter *adapter = &f->message.adapter;

	put(f, ADAPTER, MAC);
	f->bytes[FAMILIES] = 1;
	f->bytes[DHCP] = 1;
	put(f, ADDRESSES, "192.0.2.10;2001:db8::10;");
	put(f, SUBNETS, "255.255.255.0;/64;");
	put(f, GATEWAYS, "192.0.2.1;");
	put(f, DNS, "192.0.2.53\n;");
	assert_true(okvp_hv_read_ip_reply(f->bytes, &f->message, &f->status, NULL));
	assert_int_equal(f->status, OKVP_IC_OK);
	assert_string_equal(adapter->id, MAC);
	assert_true(adapter->dhcp);
	assert_int_equal(adapter->addresses.count, 2);
	expect_address(&adapter->addresses.address[0], "192.0.2.10", 24);
	expect_address(&adapter->addresses.address[1], "2001:db8::10", 64);
	assert_int_equal(adapter->gateways.count, 1);
	expect_address(&adapter->gateways.address[0], "192.0.2.1", 0);
}

static void fields_without_a_nul_are_read_to_their_end(void **state)
{
	struct fixture *f = *state;

	memset(f->bytes + ADAPTER, 'x', 256);
	memset(f->bytes + ADDRESSES, ';', END - ADDRESSES);
	assert_true(okvp_hv_read_ip_reply(f->bytes, &f->message, &f->status, NULL));
	assert_int_equal(strlen(f->message.adapter.id), 256);
	assert_int_equal(f->message.adapter.addresses.count, 0);
}

static void a_reply_that_is_not_utf8_is_refused(void **state)
{
	struct fixture *f = *state;

	put(f, DNS, "\xFF");
	expect_bad_reply(f, OKVP_INVALID_TEXT);
	put(f, ADAPTER, "\xC3");
	expect_bad_reply(f, OKVP_INVALID_TEXT);
}

static void a_reply_with_too_many_addresses_is_refused(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i <= OKVP_ADDRESSES_MAX; i++)
		memcpy(f->bytes + ADDRESSES + 10 * i, "192.0.2.1;", 10);
	expect_bad_reply(f, OKVP_INVALID);
}

static void the_status_of_a_reply_is_read_and_its_rest_is_not(void **state)
{
	struct fixture *f = *state;

	memset(f->bytes, 0xFF, sizeof(f->bytes));
	assert_true(okvp_hv_read_ip_reply(f->bytes, &f->message, &f->status, NULL));
	assert_int_equal(f->status, 0xFFFFFFFF);
	assert_string_equal(f->message.adapter.id, MAC);
}

static void an_id_that_is_too_long_for_the_field_is_refused(void **state)
{
	struct fixture *f = *state;

	memset(f->message.adapter.id, 'x', 255);
	assert_true(okvp_hv_write_ip_request(&f->message, f->bytes, NULL));
	f->message.adapter.id[255] = 'x';
	assert_false(okvp_hv_write_ip_request(&f->message, f->bytes, &f->err));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup(name, open_fixture)
	const struct CMUnitTest tests[] = {
		test(a_request_for_the_daemon_has_its_layout),
		test(all_lists_have_their_places),
		test(the_reply_of_the_stock_daemon_is_read),
		test(fields_without_a_nul_are_read_to_their_end),
		test(a_reply_that_is_not_utf8_is_refused),
		test(a_reply_with_too_many_addresses_is_refused),
		test(the_status_of_a_reply_is_read_and_its_rest_is_not),
		test(an_id_that_is_too_long_for_the_field_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
