/* SPDX-License-Identifier: MIT */
/* test_ip_message.c -- openkvp/ip_message */
#include "openkvp/ip_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct okvp_version v3 = { 3, 0 }, v4 = { 4, 0 }, v5 = { 5, 0 };

static uint8_t body[OKVP_IP_SIZE_MAX];

static struct okvp_address address(const char *text, uint8_t prefix, uint8_t origin)
{
	struct okvp_address made;

	assert_true(okvp_address_from_text(text, strlen(text), &made));
	made.prefix = prefix;
	made.origin = origin;
	return made;
}

static void add(struct okvp_address_list *list, const char *text, uint8_t prefix, uint8_t origin)
{
	struct okvp_address made = address(text, prefix, origin);

	assert_true(okvp_add_address(list, &made));
}

/* What both forms carry without loss, with the families in the order in which the binary one has
 * them. */
static void fill(struct okvp_ip_message *message)
{
	struct okvp_address gateway = address("192.0.2.1", 0, 0);

	memset(message, 0, sizeof(*message));
	message->operation = OKVP_KVP_SET_IP;
	message->pool = 1;
	message->families = OKVP_WANT_IPV4 | OKVP_WANT_IPV6;
	strcpy(message->adapter.id, "00:15:5D:01:02:03");
	message->adapter.dhcp = true;
	add(&message->adapter.addresses, "192.0.2.10", 24, 0);
	add(&message->adapter.addresses, "192.0.2.11", 26, 0);
	add(&message->adapter.addresses, "2001:db8::10", 64, 0);
	assert_true(okvp_add_gateway(&message->adapter.gateways, &gateway));
	add(&message->adapter.dns, "192.0.2.53", 0, 0);
	add(&message->adapter.dns, "2001:db8::53", 0, 0);
}

static void expect_same(const struct okvp_ip_message *a, const struct okvp_ip_message *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

/* The text at an offset, from UTF-16. */
static void expect_field(size_t offset, const char *expected)
{
	size_t i = 0;

	for (; body[offset + 2 * i]; i++)
		assert_int_equal(body[offset + 2 * i], expected[i]);
	assert_int_equal(expected[i], '\0');
}

static void as_text_each_list_has_its_place(void **state)
{
	struct okvp_ip_message message;

	fill(&message);
	assert_int_equal(okvp_ip_message_write(&message, v4, body, NULL), 7428);
	assert_int_equal(body[0], OKVP_KVP_SET_IP);
	assert_int_equal(body[1], 1);
	expect_field(2, "00:15:5D:01:02:03");
	assert_int_equal(body[258], 3);
	assert_int_equal(body[259], 1);
	expect_field(260, "192.0.2.10;192.0.2.11;2001:db8::10");
	expect_field(2308, "255.255.255.0;255.255.255.192;/64");
	expect_field(4356, "192.0.2.1");
	expect_field(5380, "192.0.2.53;2001:db8::53");
}

static void in_binary_each_array_has_its_place(void **state)
{
	struct okvp_ip_message message;

	fill(&message);
	message.adapter.addresses.address[2].origin = OKVP_ORIGIN_STATIC;
	assert_int_equal(okvp_ip_message_write(&message, v5, body, NULL), 3716);
	assert_memory_equal(body + 4, "\2\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0", 24);
	expect_field(28, "00:15:5D:01:02:03");
	assert_int_equal(body[284], 3);
	assert_int_equal(body[285], 1);
	assert_memory_equal(body + 288, "\xC0\0\2\x0A\xC0\0\2\x0B\0\0\0\0", 12);
	assert_memory_equal(body + 544, "\x20\x01\x0D\xB8", 4);
	assert_memory_equal(body + 1568, "\xFF\xFF\xFF\0\xFF\xFF\xFF\xC0", 8);
	assert_int_equal(body[1824], 64);
	assert_memory_equal(body + 2080, "\xC0\0\2\1", 4);
	assert_memory_equal(body + 2180, "\xC0\0\2\x35", 4);
	assert_memory_equal(body + 2436, "\x20\x01\x0D\xB8", 4);
	assert_memory_equal(body + 3460, "\0\0\0\0\2\0", 6);
}

static void both_forms_are_read_as_they_were_written(void **state)
{
	static const struct okvp_version *const versions[] = { &v4, &v5 };

	for (size_t i = 0; i < 2; i++) {
		struct okvp_ip_message message, again;
		size_t size;

		fill(&message);
		size = okvp_ip_message_write(&message, *versions[i], body, NULL);
		assert_true(okvp_ip_message_read(body, size, *versions[i], &again, NULL));
		expect_same(&message, &again);
	}
}

static void version_3_has_no_ip_information(void **state)
{
	struct okvp_ip_message message, again;
	struct okvp_error err;

	fill(&message);
	assert_int_equal(okvp_ip_message_write(&message, v3, body, &err), 0);
	assert_int_equal(err.status, OKVP_UNSUPPORTED);
	assert_false(okvp_ip_message_read(body, sizeof(body), v3, &again, &err));
	assert_int_equal(err.status, OKVP_UNSUPPORTED);
}

static void another_operation_is_not_taken(void **state)
{
	struct okvp_ip_message message;
	struct okvp_error err;

	memset(body, 0, sizeof(body));
	body[0] = OKVP_KVP_SET;
	assert_false(okvp_ip_message_read(body, sizeof(body), v4, &message, &err));
	assert_int_equal(err.status, OKVP_UNSUPPORTED);
}

static void put_field(size_t offset, const char *text)
{
	for (size_t i = 0; text[i]; i++) {
		body[offset + 2 * i] = (uint8_t)text[i];
		body[offset + 2 * i + 1] = 0;
	}
}

/* As the daemon of Linux answers: ";" behind the last member, lines of a script among the DNS
 * servers. */
static void what_linux_answers_is_understood(void **state)
{
	struct okvp_ip_message message;

	memset(body, 0, sizeof(body));
	body[0] = OKVP_KVP_GET_IP;
	put_field(2, "00:15:5D:01:02:03");
	put_field(260, "192.0.2.10;fe80::215:5dff:fe01:203;");
	put_field(2308, "255.255.255.0;/64;");
	put_field(4356, "192.0.2.1;");
	put_field(5380, "search example.org;192.0.2.53;");
	assert_true(okvp_ip_message_read(body, sizeof(body), v4, &message, NULL));
	assert_int_equal(message.adapter.addresses.count, 2);
	assert_int_equal(message.adapter.addresses.address[0].prefix, 24);
	assert_int_equal(message.adapter.addresses.address[1].prefix, 64);
	assert_int_equal(message.adapter.gateways.count, 1);
	assert_int_equal(message.adapter.dns.count, 1);
	assert_memory_equal(message.adapter.dns.address[0].bytes, "\xC0\0\2\x35", 4);
}

static void a_subnet_that_makes_no_sense_leaves_no_prefix(void **state)
{
	struct okvp_ip_message message;

	memset(body, 0, sizeof(body));
	body[0] = OKVP_KVP_GET_IP;
	put_field(260, "192.0.2.10;192.0.2.11");
	put_field(2308, "255.0.255.0");
	assert_true(okvp_ip_message_read(body, sizeof(body), v4, &message, NULL));
	assert_int_equal(message.adapter.addresses.count, 2);
	assert_int_equal(message.adapter.addresses.address[0].prefix, 0);
}

static void a_text_that_is_cut_or_not_utf16_is_refused(void **state)
{
	struct okvp_ip_message message;
	struct okvp_error err;

	memset(body, 0, sizeof(body));
	body[0] = OKVP_KVP_GET_IP;
	for (size_t size = 1; size < OKVP_IP_TEXT_SIZE; size += 97) {
		assert_false(okvp_ip_message_read(body, size, v4, &message, &err));
		assert_int_equal(err.status, OKVP_INVALID);
	}
	memset(body + 260, 0xD8, 2);
	assert_false(okvp_ip_message_read(body, sizeof(body), v4, &message, &err));
	assert_int_equal(err.status, OKVP_INVALID_TEXT);
}

static void more_addresses_than_there_can_be_are_refused(void **state)
{
	struct okvp_ip_message message;
	struct okvp_error err;

	memset(body, 0, sizeof(body));
	body[0] = OKVP_KVP_GET_IP;
	for (size_t i = 0; i < OKVP_ADDRESSES_MAX + 1; i++)
		put_field(260 + 2 * 8 * i, "1.2.3.4;");
	assert_false(okvp_ip_message_read(body, sizeof(body), v4, &message, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void a_count_beyond_its_array_is_refused(void **state)
{
	static const uint8_t most[6] = { 64, 64, 5, 5, 64, 64 };

	for (size_t i = 0; i < 6; i++) {
		struct okvp_ip_message message;
		struct okvp_error err;

		memset(body, 0, sizeof(body));
		body[0] = OKVP_KVP_GET_IP;
		body[4 + 4 * i] = most[i];
		assert_true(okvp_ip_message_read(body, OKVP_IP_BINARY_SIZE, v5, &message, NULL));
		body[4 + 4 * i]++;
		assert_false(okvp_ip_message_read(body, OKVP_IP_BINARY_SIZE, v5, &message, &err));
		assert_int_equal(err.status, OKVP_INVALID);
		body[4 + 4 * i] = 1;
		body[7 + 4 * i] = 0xFF;
		assert_false(okvp_ip_message_read(body, OKVP_IP_BINARY_SIZE, v5, &message, &err));
	}
}

static void a_binary_message_that_is_cut_is_refused(void **state)
{
	struct okvp_ip_message message, again;
	struct okvp_error err;
	size_t size;

	fill(&message);
	size = okvp_ip_message_write(&message, v5, body, NULL);
	for (size_t cut = 0; cut < size; cut++) {
		assert_false(okvp_ip_message_read(body, cut, v5, &again, &err));
		assert_true(err.status == OKVP_INVALID || cut == 0);
	}
}

static void a_prefix_longer_than_an_address_is_refused(void **state)
{
	struct okvp_ip_message message, again;
	struct okvp_error err;
	size_t size;

	fill(&message);
	size = okvp_ip_message_write(&message, v5, body, NULL);
	body[1824] = 129;
	assert_false(okvp_ip_message_read(body, size, v5, &again, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void what_has_no_room_as_text_is_not_cut(void **state)
{
	struct okvp_ip_message message;
	struct okvp_error err;

	fill(&message);
	message.adapter.addresses.count = 0;
	for (size_t i = 0; i < 40; i++)
		add(&message.adapter.addresses, "2001:db8:1111:2222:3333:4444:5555:6666", 64, 0);
	assert_int_equal(okvp_ip_message_write(&message, v4, body, &err), 0);
	assert_int_equal(err.status, OKVP_TOO_LONG);
	assert_int_equal(okvp_ip_message_write(&message, v5, body, NULL), 3716);
	fill(&message);
	memset(message.adapter.id, 'x', 200);
	assert_int_equal(okvp_ip_message_write(&message, v5, body, &err), 0);
	assert_int_equal(err.status, OKVP_TOO_LONG);
}

static void an_adapter_with_all_it_may_have_fits(void **state)
{
	struct okvp_ip_message message, again;

	fill(&message);
	while (message.adapter.addresses.count < 2 * OKVP_ADDRESSES_MAX) {
		struct okvp_address v6 = address("::", 128, 2), v4_one = address("1.1.1.1", 32, 2);

		okvp_add_address(&message.adapter.addresses, &v4_one);
		okvp_add_address(&message.adapter.addresses, &v6);
		okvp_add_address(&message.adapter.dns, &v4_one);
		okvp_add_address(&message.adapter.dns, &v6);
	}
	assert_int_equal(okvp_ip_message_write(&message, v5, body, NULL), 3716);
	assert_true(okvp_ip_message_read(body, 3716, v5, &again, NULL));
	assert_int_equal(again.adapter.addresses.count, 2 * OKVP_ADDRESSES_MAX);
	assert_int_equal(again.adapter.addresses.address[127].prefix, 128);
	assert_int_equal(again.adapter.addresses.address[127].origin, OKVP_ORIGIN_STATIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_text_each_list_has_its_place),
		cmocka_unit_test(in_binary_each_array_has_its_place),
		cmocka_unit_test(both_forms_are_read_as_they_were_written),
		cmocka_unit_test(version_3_has_no_ip_information),
		cmocka_unit_test(another_operation_is_not_taken),
		cmocka_unit_test(what_linux_answers_is_understood),
		cmocka_unit_test(a_subnet_that_makes_no_sense_leaves_no_prefix),
		cmocka_unit_test(a_text_that_is_cut_or_not_utf16_is_refused),
		cmocka_unit_test(more_addresses_than_there_can_be_are_refused),
		cmocka_unit_test(a_count_beyond_its_array_is_refused),
		cmocka_unit_test(a_binary_message_that_is_cut_is_refused),
		cmocka_unit_test(a_prefix_longer_than_an_address_is_refused),
		cmocka_unit_test(what_has_no_room_as_text_is_not_cut),
		cmocka_unit_test(an_adapter_with_all_it_may_have_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
