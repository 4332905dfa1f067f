/* SPDX-License-Identifier: MIT */
/* test_adapters.c -- agent/adapters: the machine that the tests run on, and name servers. What
 * addresses mean is tested in network namespaces (tests/integration/test_network.py). */
#include "agent/adapters.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/temp_folder.h"

static void this_machine_can_be_asked(void **state)
{
	struct machine_adapters adapters;
	struct okvp_error err;

	if (!adapters_read(&adapters, &err))
		fail_msg("%s", err.message);
	for (size_t i = 0; i < adapters.count; i++) {
		const struct okvp_adapter *one = &adapters.list[i].adapter;

		assert_int_equal(strlen(one->id), 17);
		assert_string_not_equal(one->name, "lo");
		assert_non_null(adapters_find(&adapters, one->id));
	}
	assert_null(adapters_find(&adapters, "no MAC"));
	assert_null(adapters_find(&adapters, "02:00:00:00:00:FE"));
	adapters_done(&adapters);
}

static void name_servers_are_read_but_those_on_this_machine(void **state)
{
	char *folder = temp_folder_create();
	const char *path = temp_folder_file(folder, "resolv.conf");
	struct okvp_address_list list = { 0 };
	char text[OKVP_ADDRESS_TEXT_SIZE];
	FILE *out = fopen(path, "w");

	fputs("# a comment\nsearch example.org\nnameserver 192.0.2.53\n nameserver\t2001:db8::53\n"
	      "nameserver 127.0.0.53\nnameserver ::1\nnameserver fe80::1%eth0\nnameserver junk\n",
	      out);
	fclose(out);
	adapters_read_dns(path, &list);
	assert_int_equal(list.count, 3);
	assert_string_equal(okvp_address_to_text(&list.address[0], text), "192.0.2.53");
	assert_string_equal(okvp_address_to_text(&list.address[1], text), "2001:db8::53");
	assert_string_equal(okvp_address_to_text(&list.address[2], text), "fe80::1");
	adapters_read_dns("/does/not/exist", &list);
	assert_int_equal(list.count, 3);
	temp_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_machine_can_be_asked),
		cmocka_unit_test(name_servers_are_read_but_those_on_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
