/* SPDX-License-Identifier: MIT */
/* test_adapter_text.c -- host/adapter_text */
#include "host/adapter_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/scoped.h"

static int begin(void **state)
{
	*state = calloc(1, sizeof(struct okvp_adapter));
	return 0;
}

static int end(void **state)
{
	free(*state);
	return 0;
}

static bool read_text(const char *text, struct okvp_adapter *adapter)
{
	return adapter_from_text(text, strlen(text), adapter, NULL);
}

static void what_is_read_is_written_again(void **state)
{
	static const char *const texts[] = {
		"dhcp\n",
		"address 192.0.2.10/24 2\n",
		("dhcp\naddress 192.0.2.10/24 2\naddress 2001:db8::10/64 1\n"
		 "gateway 192.0.2.1\ngateway fe80::1\ndns 192.0.2.53\n"),
	};
	struct okvp_adapter *adapter = *state;

	for (size_t i = 0; i < 3; i++) {
		struct text scoped(text_done) text = { 0 };

		assert_true(read_text(texts[i], adapter));
		adapter_to_text(adapter, &text);
		assert_string_equal(text.bytes, texts[i]);
	}
	assert_int_equal(adapter->addresses.count, 2);
	assert_int_equal(adapter->addresses.address[1].prefix, 64);
	assert_int_equal(adapter->addresses.address[1].origin, OKVP_ORIGIN_OTHER);
	assert_int_equal(adapter->gateways.count, 2);
	assert_int_equal(adapter->dns.count, 1);
}

static void damage_is_noticed(void **state)
{
	static const char *const texts[] = {
		"dhcp",
		"dhcp\n\n",
		"address 192.0.2.10\n",
		"address 192.0.2.10/33 2\n",
		"address 192.0.2.10/24\n",
		"address nowhere/24 2\n",
		"gateway\n",
		"gateway 192.0.2\n",
		"route 192.0.2.1\n",
		"dns \n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(read_text(texts[i], *state));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(what_is_read_is_written_again),
		test(damage_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
