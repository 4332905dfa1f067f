/* SPDX-License-Identifier: MIT */
/* test_auto_items.c -- host/auto_items: the sixteen items of pool 3. */
#include "host/auto_items.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <cmocka.h>

#include "openkvp/scoped.h"

struct fixture {
	struct snapshot vm;
	struct stored_item *items[AUTO_ITEMS_COUNT];
};

static const struct host_facts facts = {
	.name = "node7.example.org",
	.fqdn = "node7.example.org",
	.net_bios = "NODE7",
	.kernel_major = 6,
	.kernel_minor = 1,
	.architecture = 9,
};

static int make(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	guid_from_text("2a34b1c2-fd73-4043-8a5b-dd2159bc743f", &fixture->vm.id);
	fixture->vm.settings = vm_settings_create("web1", "");
	auto_items_make(&facts, &fixture->vm, fixture->items);
	*state = fixture;
	return 0;
}

static int release(void **state)
{
	struct fixture *fixture = *state;

	for (size_t i = 0; i < AUTO_ITEMS_COUNT; i++)
		stored_item_release(&fixture->items[i]);
	vm_settings_release(&fixture->vm.settings);
	free(fixture);
	return 0;
}

static void expect_item(const struct fixture *fixture, const char *key, const char *value,
			enum okvp_type type)
{
	for (size_t i = 0; i < AUTO_ITEMS_COUNT; i++) {
		struct okvp_item item = stored_item_view(fixture->items[i]);

		if (item.key_length != strlen(key) || memcmp(item.key, key, item.key_length) != 0)
			continue;
		assert_int_equal(item.value_length, strlen(value));
		assert_memory_equal(item.value, value, item.value_length);
		assert_int_equal(item.type, type);
		return;
	}
	fail_msg("there is no item %s", key);
}

static void texts_are_texts_and_numbers_are_numbers(void **state)
{
	expect_item(*state, "HostName", "node7.example.org", OKVP_TEXT);
	expect_item(*state, "PhysicalHostName", "NODE7", OKVP_TEXT);
	expect_item(*state, "VirtualMachineName", "web1", OKVP_TEXT);
	expect_item(*state, "VirtualMachineId", "2A34B1C2-FD73-4043-8A5B-DD2159BC743F", OKVP_TEXT);
	expect_item(*state, "HostingSystemOsMajor", "6", OKVP_U32);
	expect_item(*state, "HostingSystemProcessorArchitecture", "9", OKVP_U32);
	expect_item(*state, "HostingSystemProcessorThrottleMax", "100", OKVP_U32);
}

static void this_machine_is_described(void **state)
{
	struct host_facts read;
	struct utsname system;
	unsigned int major = 0;

	host_facts_read(&read);
	assert_int_equal(uname(&system), 0);
	sscanf(system.release, "%u", &major);
	assert_int_equal(read.kernel_major, major);
	assert_true(strlen(read.net_bios) >= 1 && strlen(read.net_bios) <= 15);
	for (const char *c = read.net_bios; *c; c++)
		assert_false(islower((unsigned char)*c) || *c == '.');
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make, release)
	const struct CMUnitTest tests[] = {
		test(texts_are_texts_and_numbers_are_numbers),
		test(this_machine_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
