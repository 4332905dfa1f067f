/* SPDX-License-Identifier: MIT */
/* test_contact.c -- host/contact: a contact follows the settings of its VM. */
#include "host_fixture.h"

#include "openkvp/scoped.h"

static void switch_exchange(struct fixture *fixture, struct vm *vm, bool on)
{
	const struct exchange_vm_call set = { .verb = VM_SET,
					      .id = *vm_id(vm),
					      .exchange_enabled = &on };

	assert_int_equal(call_vm(fixture, set), OKVP_OK);
}

static void an_exchange_that_is_switched_off_ends_the_contact(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 3, "VirtualMachineName"));
	fixture->guest.silent = true;
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	switch_exchange(fixture, vm, false);
	run_until(fixture, has_ended(fixture, &change));
	assert_int_equal(job_of(fixture, &change).state, JOB_COMPLETED);
	assert_int_equal(vm_status(vm).contact, VM_CONTACT_NONE);
	assert_string_equal(job_of(fixture, &change).text,
			    "stored; delivery pending: the exchange was switched off");
}

static void an_exchange_that_is_switched_on_again_goes_on(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	switch_exchange(fixture, vm, false);
	run_until(fixture, !has_socket(fixture));
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	switch_exchange(fixture, vm, true);
	run_until(fixture, has_socket(fixture));
	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 0, "a"));
}

static void a_new_name_reaches_the_guest_without_a_new_contact(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	const struct exchange_vm_call rename = { .verb = VM_SET,
						 .id = *vm_id(vm),
						 .name = "other" };
	struct change change = { 0 };

	connect_guest(fixture, vm);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	run_until(fixture, guest_value(&fixture->guest, 3, "VirtualMachineName"));
	assert_int_equal(call_vm(fixture, rename), OKVP_OK);
	run_until(fixture,
		  strcmp(guest_value(&fixture->guest, 3, "VirtualMachineName"), "other") == 0);
	assert_string_equal(fixture->guest.log, "set a;"); /* once */
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(an_exchange_that_is_switched_off_ends_the_contact),
		test(an_exchange_that_is_switched_on_again_goes_on),
		test(a_new_name_reaches_the_guest_without_a_new_contact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
