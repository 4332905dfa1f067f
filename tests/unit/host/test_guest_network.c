/* SPDX-License-Identifier: MIT */
/* test_guest_network.c -- host/guest_network: what becomes of a call in the store and the job
 * table; with guests it is shown by tests/integration/test_guest_addresses.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host_fixture.h"
#include "openkvp/scoped.h"

static void an_adapter_is_named_by_mac_or_guid(void **state)
{
	static const struct {
		const char *text, *id;
	} cases[] = {
		{ "52:54:00:12:34:5f", "52:54:00:12:34:5F" },
		{ "52-54-00-12-34-5F", "52:54:00:12:34:5F" },
		{ "Microsoft:GuestNetwork\\VM\\52540012345f", "52:54:00:12:34:5F" },
		{ "Microsoft:{7ed0f7a0-0000-4000-8000-000000000001}",
		  NULL }, /* no backslash: no adapter */
		{ "Microsoft:X\\\\7ed0f7a0-0000-4000-8000-00000000000a",
		  "7ED0F7A0-0000-4000-8000-00000000000A" },
		{ "eth0", NULL },
		{ "", NULL },
	};
	char id[OKVP_ADAPTER_ID_SIZE];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(guest_network_read_id(cases[i].text, id, NULL),
				 cases[i].id != NULL);
		if (cases[i].id)
			assert_string_equal(id, cases[i].id);
	}
}

static void told(struct guest_network_call *call)
{
	*(bool *)call->context = true;
}

/* One adapter with DHCP, by its MAC. */
static void configure(struct fixture *fixture, struct vm *vm, const char *mac,
		      struct guest_network_call *call)
{
	struct okvp_adapter adapter = { .dhcp = true };
	bool finished = false;

	snprintf(adapter.id, sizeof(adapter.id), "%s", mac);
	call->vm = vm;
	call->adapters = &adapter;
	call->count = 1;
	call->finished = told;
	call->context = &finished;
	guest_network_configure(host_network(fixture->host), call);
	run_until(fixture, *(volatile bool *)&finished);
}

static size_t stored(struct fixture *fixture)
{
	scoped(object_set_release) struct object_set *objects = host_objects(fixture->host);

	return objects->count;
}

static void the_last_for_each_adapter_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct guest_network_call call = { .principal = admin };

	configure(fixture, vm, "52:54:00:00:00:01", &call);
	configure(fixture, vm, "52:54:00:00:00:02", &call);
	configure(fixture, vm, "52:54:00:00:00:01", &call);
	assert_true(call.has_job);
	assert_int_equal(stored(fixture), 2);
}

static void each_user_has_a_share_of_what_may_wait(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct guest_network_call call = { .principal = admin }, other = { .principal = writer };

	configure(fixture, vm, "52:54:00:00:00:01", &call);
	configure(fixture, vm, "52:54:00:00:00:02", &call);
	configure(fixture, vm, "52:54:00:00:00:03", &call);
	assert_int_equal(call.error.status, OKVP_LIMIT);
	assert_non_null(strstr(call.error.message, "user 'admin'"));
	assert_false(call.has_job);
	configure(fixture, vm, "52:54:00:00:00:03", &other);
	assert_true(other.has_job);
	configure(fixture, vm, "52:54:00:00:00:04", &other);
	assert_int_equal(other.error.status, OKVP_LIMIT);
	assert_non_null(strstr(other.error.message, "this host"));
	assert_int_equal(stored(fixture), 3);
}

static void who_may_only_read_sets_up_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct guest_network_call call = { .principal = { .name = "bob", .role = ROLE_READ } };

	configure(fixture, vm, "52:54:00:00:00:01", &call);
	assert_false(call.has_job);
	assert_int_equal(call.error.status, OKVP_DENIED);
	assert_int_equal(stored(fixture), 0);
}

static void vm_gone(struct exchange_vm_call *call)
{
	*(bool *)call->context = true;
}

static void an_undefined_vm_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct guest_network_call call = { .principal = admin };
	bool finished = false;
	struct exchange_vm_call undefine = {
		.verb = VM_UNDEFINE,
		.id = *vm_id(vm),
		.principal = admin,
		.finished = vm_gone,
		.context = &finished,
	};

	configure(fixture, vm, "52:54:00:00:00:01", &call);
	exchange_change_vm(host_exchange(fixture->host), &undefine);
	run_until(fixture, *(volatile bool *)&finished);
	run_until(fixture, stored(fixture) == 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_adapter_is_named_by_mac_or_guid),
		test(the_last_for_each_adapter_is_kept),
		test(each_user_has_a_share_of_what_may_wait),
		test(who_may_only_read_sets_up_nothing),
		test(an_undefined_vm_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
