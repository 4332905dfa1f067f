/* SPDX-License-Identifier: MIT */
/* test_contact_turns.c -- host/contact_turns: when the pools of a guest are read. */
#include "host_fixture.h"

#include <stdio.h>

#include "openkvp/scoped.h"

static bool knows(struct vm *vm, enum item_space space, const char *key)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);

	return snapshot_find(snapshot, space, key, strlen(key)) != NULL;
}

static void the_guests_own_pools_are_read_on_contact(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	guest_put(&fixture->guest, 1, "published", "x");
	guest_put(&fixture->guest, 2, "OSName", "Test");
	connect_guest(fixture, vm);
	run_until(fixture,
		  knows(vm, SPACE_GUEST, "published") && knows(vm, SPACE_INTRINSIC, "OSName"));
	assert_true(vm_status(vm).guest_live);
}

static void set_true(void *context)
{
	*(bool *)context = true;
}

static void a_reader_makes_the_guest_be_asked_again(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	bool done = false;

	connect_guest(fixture, vm);
	run_until(fixture, vm_status(vm).guest_live);
	guest_put(&fixture->guest, 1, "later", "x");
	exchange_refresh(host_exchange(fixture->host), vm, 0, 10000, set_true, &done);
	run_until(fixture, *(volatile bool *)&done);
	assert_true(knows(vm, SPACE_GUEST, "later"));
}

static void a_reader_of_a_silent_guest_waits_only_so_long(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	bool done = false;

	connect_guest(fixture, vm);
	run_until(fixture, vm_status(vm).guest_live);
	fixture->guest.silent = true;
	exchange_refresh(host_exchange(fixture->host), vm, 0, 20, set_true, &done);
	run_until(fixture, *(volatile bool *)&done);
}

static void a_guest_that_publishes_too_much_is_read_up_to_the_limit(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct snapshot *snapshot scoped(snapshot_release) = NULL;
	char key[8];

	for (int i = 0; i < 12; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		guest_put(&fixture->guest, 1, key, "x");
	}
	connect_guest(fixture, vm);
	run_until(fixture, vm_status(vm).guest_live);
	run_until(fixture, knows(vm, SPACE_GUEST, "k7"));
	snapshot = vm_snapshot(vm);
	assert_int_equal(snapshot->space[SPACE_GUEST]->count, 8);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(the_guests_own_pools_are_read_on_contact),
		test(a_reader_makes_the_guest_be_asked_again),
		test(a_reader_of_a_silent_guest_waits_only_so_long),
		test(a_guest_that_publishes_too_much_is_read_up_to_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
