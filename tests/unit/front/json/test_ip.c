/* SPDX-License-Identifier: MIT */
/* test_ip.c -- front/json/ip */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "openkvp/own_message.h"

static void add_address(struct okvp_address_list *list, const char *text, uint8_t prefix)
{
	struct okvp_address address;

	assert_true(okvp_address_from_text(text, strlen(text), &address));
	address.prefix = prefix;
	address.origin = OKVP_ORIGIN_STATIC;
	assert_true(okvp_add_address(list, &address));
}

static void write_adapter(struct wire_writer *out, const char *mac, const char *name, bool software)
{
	struct okvp_adapter *adapter = calloc(1, sizeof(*adapter));

	snprintf(adapter->id, sizeof(adapter->id), "%s", mac);
	snprintf(adapter->name, sizeof(adapter->name), "%s", name);
	adapter->software = software;
	add_address(&adapter->addresses, "fe80::1", 64);
	add_address(&adapter->addresses, "2001:db8::1", 64);
	add_address(&adapter->addresses, software ? "172.17.0.1" : "192.0.2.10", 24);
	okvp_own_write_adapter(out, adapter);
	free(adapter);
}

#define ETH0    "52:54:00:00:00:01"
#define DOCKER0 "52:54:00:00:00:02"

/* The guest tells of eth0 and docker0, and is in contact. */
static int set_up(void **state)
{
	struct wire_writer out;

	fake_open(state);
	fake.adapters = calloc(1, sizeof(*fake.adapters) + 4096);
	fake.adapters->told_us = 1000000;
	out = wire_writer_on(fake.adapters->body, 4096);
	okvp_own_write_adapters_head(&out, 2);
	write_adapter(&out, ETH0, "eth0", false);
	write_adapter(&out, DOCKER0, "docker0", true);
	fake.adapters->length = out.at;
	fake.status.contact = VM_CONTACT_OPEN;
	fake.status.own_version = 1;
	return 0;
}

static int tear_down(void **state)
{
	free(fake.adapters);
	return fake_close(state);
}

#define HEAD_TOLD                                                                        \
	"{\"vm\":\"" WEB1                                                                \
	"\",\"source\":\"told\",\"live\":true,\"told\":\"1970-01-01T00:00:01.000000Z\"," \
	"\"adapters\":["
#define ADDRESS(text, family, prefix)                                        \
	"{\"address\":\"" text "\",\"family\":" family ",\"prefix\":" prefix \
	",\"origin\":\"static\"}"
#define ADAPTER(mac, name, software, addresses)                                            \
	"{\"mac\":\"" mac "\",\"name\":\"" name "\",\"dhcp\":false,\"software\":" software \
	",\"addresses\":[" addresses "],\"gateways\":[],\"dns\":[]}"

#define BOTH_IPV6 ADDRESS("fe80::1", "6", "64") "," ADDRESS("2001:db8::1", "6", "64")

static void adapters_of_software_and_link_local_addresses_are_left_out(void **state)
{
	fake_send("GET", "/v1/vms/web1/ip", NULL);
	assert_answer(200, HEAD_TOLD ADAPTER(ETH0, "eth0", "false",
					     ADDRESS("192.0.2.10", "4", "24") "," ADDRESS(
						     "2001:db8::1", "6", "64")) "]}");
}

static void all_are_shown_where_all_are_wanted(void **state)
{
	fake_send("GET", "/v1/vms/web1/ip?all=1&family=6", NULL);
	assert_answer(200, HEAD_TOLD ADAPTER(ETH0, "eth0", "false", BOTH_IPV6) "," ADAPTER(
				   DOCKER0, "docker0", "true", BOTH_IPV6) "]}");
}

static void an_adapter_is_found_by_its_mac_in_any_form(void **state)
{
	fake_send("GET", "/v1/vms/web1/ip?mac=52-54-00-00-00-02&family=4", NULL);
	assert_answer(200, HEAD_TOLD ADAPTER(DOCKER0, "docker0", "true",
					     ADDRESS("172.17.0.1", "4", "24")) "]}");
	fake_send("GET", "/v1/vms/web1/ip?mac=520000000009", NULL);
	assert_int_equal(fake.http_status, 404);
}

static void what_was_told_in_an_earlier_contact_is_not_live(void **state)
{
	fake.status.contact = VM_CONTACT_NONE;
	fake.status.own_version = 0;
	fake_send("GET", "/v1/vms/web1/ip", NULL);
	assert_non_null(strstr(fake.body, "\"live\":false"));
	assert_non_null(strstr(fake.body, "192.0.2.10"));
}

static void another_guest_is_asked_for_one_adapter(void **state)
{
	struct okvp_adapter *adapter = calloc(1, sizeof(*adapter));

	fake.status.own_version = 0;
	fake_send("GET", "/v1/vms/web1/ip?mac=52:54:00:00:00:0a", NULL);
	assert_string_equal(fake.mac, "52:54:00:00:00:0A");
	snprintf(adapter->id, sizeof(adapter->id), "%s", fake.mac);
	add_address(&adapter->addresses, "192.0.2.7", 0);
	fake.adapter_done(fake.context, adapter, NULL);
	assert_int_equal(fake.http_status, 200);
	assert_non_null(strstr(fake.body, "\"source\":\"asked\",\"live\":true"));
	assert_non_null(strstr(fake.body, "\"name\":null"));
	assert_non_null(strstr(fake.body, ADDRESS("192.0.2.7", "4", "null")));
	free(adapter);
}

static void why_a_guest_does_not_answer_is_told(void **state)
{
	struct okvp_error why;

	fake.status.own_version = 0;
	okvp_fail(&why, OKVP_UNSUPPORTED, "a guest with the message version 3.0 cannot");
	fake_send("GET", "/v1/vms/web1/ip?mac=52:54:00:00:00:0a", NULL);
	fake.adapter_done(fake.context, NULL, &why);
	assert_non_null(strstr(fake.body, why.message));
}

static void without_a_mac_it_is_what_the_guest_says_of_itself(void **state)
{
	fake.status.own_version = 0;
	fake.status.guest_live = true;
	fake.status.guest_read_us = 1000000;
	fake_add(SPACE_INTRINSIC, "NetworkAddressIPv6", "fe80::1;2001:db8::1;nonsense");
	fake_add(SPACE_INTRINSIC, "NetworkAddressIPv4", "192.0.2.1;192.0.2.2");
	fake_send("GET", "/v1/vms/web1/ip?family=4", NULL);
	fake.done(fake.context);
	assert_non_null(strstr(fake.body, "\"source\":\"intrinsic\",\"live\":true"));
	assert_non_null(strstr(fake.body, "{\"mac\":null,\"name\":null"));
	assert_non_null(strstr(fake.body, "192.0.2.1"));
	assert_non_null(strstr(fake.body, "192.0.2.2"));
	assert_null(strstr(fake.body, "2001:"));
}

static void a_question_that_makes_no_sense_is_refused(void **state)
{
	fake_send("GET", "/v1/vms/web1/ip?family=5", NULL);
	assert_int_equal(fake.http_status, 400);
	fake_send("GET", "/v1/vms/web1/ip?mac=eth0", NULL);
	assert_int_equal(fake.http_status, 400);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(adapters_of_software_and_link_local_addresses_are_left_out),
		test(all_are_shown_where_all_are_wanted),
		test(an_adapter_is_found_by_its_mac_in_any_form),
		test(what_was_told_in_an_earlier_contact_is_not_live),
		test(another_guest_is_asked_for_one_adapter),
		test(why_a_guest_does_not_answer_is_told),
		test(without_a_mac_it_is_what_the_guest_says_of_itself),
		test(a_question_that_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
