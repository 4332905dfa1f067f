/* SPDX-License-Identifier: MIT */
/* test_own_adapters.c -- openkvp/own_message: network adapters */
#include "openkvp/own_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static uint8_t body[16384];

static void add(struct okvp_address_list *list, const char *text, uint8_t prefix, uint8_t origin)
{
	struct okvp_address made;

	assert_true(okvp_address_from_text(text, strlen(text), &made));
	made.prefix = prefix;
	made.origin = origin;
	assert_true(okvp_add_address(list, &made));
}

static void fill(struct okvp_adapter *adapter, const char *mac, const char *name)
{
	struct okvp_address gateway;

	memset(adapter, 0, sizeof(*adapter));
	strcpy(adapter->id, mac);
	strcpy(adapter->name, name);
	adapter->dhcp = true;
	add(&adapter->addresses, "192.0.2.10", 24, OKVP_ORIGIN_OTHER);
	add(&adapter->addresses, "2001:db8::10", 64, OKVP_ORIGIN_STATIC);
	add(&adapter->dns, "192.0.2.53", 0, 0);
	assert_true(okvp_address_from_text("192.0.2.1", 9, &gateway));
	assert_true(okvp_add_gateway(&adapter->gateways, &gateway));
}

static size_t write(const struct okvp_adapter *adapters, size_t count)
{
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	okvp_own_write_adapters_head(&out, count);
	for (size_t i = 0; i < count; i++)
		okvp_own_write_adapter(&out, &adapters[i]);
	assert_true(wire_written(&out));
	return out.at;
}

static void an_adapter_is_as_it_is_drawn(void **state)
{
	static const uint8_t drawn[] = {
		1,   0,   0,   0,                         /* count */
		0,   21,  93,  1,   2,    3,              /* MAC */
		1,   4,   2,   1,   1,    0,              /* DHCP, name, addresses ... */
		'e', 't', 'h', '0',                       /* */
		4,   24,  1,   0,   192,  0,    2,    10, /* an address */
		6,   64,  2,   0,   0x20, 1,    0x0D, 0xB8, 0, 0, 0,   0, 0, 0,
		0,   0,   0,   0,   0,    0x10, 4,    0,    0, 0, 192, 0, 2, 1, /* the gateway */
		4,   0,   0,   0,   192,  0,    2,    53,                       /* the DNS server */
	};
	struct okvp_adapter adapter;

	fill(&adapter, "00:15:5D:01:02:03", "eth0");
	assert_int_equal(write(&adapter, 1), sizeof(drawn));
	assert_memory_equal(body, drawn, sizeof(drawn));
}

static void adapters_are_read_as_they_were_written(void **state)
{
	struct okvp_own_adapters list;
	struct okvp_adapter adapters[2], again;
	size_t size;

	fill(&adapters[0], "00:15:5D:01:02:03", "eth0");
	fill(&adapters[1], "02:42:00:00:00:01", "docker0");
	adapters[1].software = true;
	size = write(adapters, 2);
	assert_true(okvp_own_read_adapters(body, size, &list, NULL));
	for (size_t i = 0; i < 2; i++) {
		assert_true(okvp_own_next_adapter(&list, &again));
		assert_memory_equal(&adapters[i], &again, sizeof(again));
	}
	assert_false(okvp_own_next_adapter(&list, &again));
}

static void one_adapter_alone_is_read(void **state)
{
	struct okvp_adapter adapter, again;
	size_t size;

	fill(&adapter, "00:15:5D:01:02:03", "");
	size = write(&adapter, 1);
	assert_true(okvp_own_read_adapter(body + 4, size - 4, &again, NULL));
	assert_memory_equal(&adapter, &again, sizeof(again));
}

static void an_adapter_that_is_cut_is_refused(void **state)
{
	struct okvp_own_adapters list;
	struct okvp_adapter adapter;
	struct okvp_error err;
	size_t size;

	fill(&adapter, "00:15:5D:01:02:03", "eth0");
	size = write(&adapter, 1);
	for (size_t cut = 0; cut < size; cut++) {
		assert_false(okvp_own_read_adapters(body, cut, &list, &err));
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

/* Whether the list with one byte changed is still read. */
static bool reads_with(size_t at, uint8_t byte)
{
	struct okvp_own_adapters list;
	struct okvp_adapter adapter;
	size_t size;

	fill(&adapter, "00:15:5D:01:02:03", "eth0");
	size = write(&adapter, 1);
	memset(body + size, 0, sizeof(body) - size);
	body[at] = byte;
	return okvp_own_read_adapters(body, sizeof(body), &list, NULL);
}

static void what_cannot_be_is_refused(void **state)
{
	assert_true(reads_with(0, 1));
	assert_false(reads_with(0, OKVP_ADAPTERS_MAX + 1));
	assert_false(reads_with(16, 0));    /* a NUL in the name */
	assert_false(reads_with(16, 0xFF)); /* not UTF-8 */
	assert_false(reads_with(20, 5));    /* no such family */
	assert_false(reads_with(21, 33));   /* a prefix longer than its address */
	assert_false(reads_with(29, 129));
	assert_false(reads_with(13, 11)); /* gateways */
}

static void an_unknown_origin_is_taken_for_unknown(void **state)
{
	struct okvp_own_adapters list;
	struct okvp_adapter adapter;

	assert_true(reads_with(22, 77));
	assert_true(okvp_own_read_adapters(body, sizeof(body), &list, NULL));
	assert_true(okvp_own_next_adapter(&list, &adapter));
	assert_int_equal(adapter.addresses.address[0].origin, OKVP_ORIGIN_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_adapter_is_as_it_is_drawn),
		cmocka_unit_test(adapters_are_read_as_they_were_written),
		cmocka_unit_test(one_adapter_alone_is_read),
		cmocka_unit_test(an_adapter_that_is_cut_is_refused),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(an_unknown_origin_is_taken_for_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
