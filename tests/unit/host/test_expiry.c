/* SPDX-License-Identifier: MIT */
/* test_expiry.c -- host/expiry, host/contact: secrets, items for once, transient items. */
#include "host_fixture.h"

#include "host/delivery.h"
#include "openkvp/scoped.h"

static void put(struct fixture *fixture, struct vm *vm, const char *key, const char *value,
		unsigned int flags)
{
	struct exchange_change change = change_of(EXCHANGE_PUT, key, value);
	struct change put = { 0 };

	change.flagged = true;
	change.flags = flags;
	submit(fixture, vm, &put, &change, 1);
	assert_int_equal(put.call.error.status, OKVP_OK);
}

static bool has(struct vm *vm, const char *key)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);

	return snapshot_find(snapshot, SPACE_EXTERNAL, key, strlen(key));
}

static size_t tombstones(struct vm *vm)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);

	return snapshot->tombstones->count;
}

static bool acknowledged(struct vm *vm, const char *key)
{
	return delivery_of(vm, key).state == DELIVERY_ACKNOWLEDGED;
}

static void allow_secrets(struct fixture *fixture, struct vm *vm)
{
	const struct exchange_vm_call set = { .verb = VM_SET,
					      .id = *vm_id(vm),
					      .allow_secrets = &(bool){ true } };

	assert_int_equal(call_vm(fixture, set), OKVP_OK);
}

/* --- Secrets --- */

static void a_guest_that_cannot_hide_a_secret_gets_it_when_the_vm_allows_it(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	connect_guest(fixture, vm);
	put(fixture, vm, "token", "hunter2", ITEM_SECRET);
	run_until(fixture, delivery_of(vm, "token").state == DELIVERY_REFUSED);
	assert_non_null(strstr(delivery_of(vm, "token").reason, "secret"));
	assert_null(guest_value(&fixture->guest, 0, "token"));

	allow_secrets(fixture, vm);
	run_until(fixture, acknowledged(vm, "token"));
	assert_string_equal(guest_value(&fixture->guest, 0, "token"), "hunter2");
}

/* --- Transient items --- */

static void a_transient_item_goes_with_the_contact(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	connect_guest(fixture, vm);
	put(fixture, vm, "passing", "1", ITEM_TRANSIENT);
	put(fixture, vm, "lasting", "1", 0);
	run_until(fixture, acknowledged(vm, "passing") && acknowledged(vm, "lasting"));
	disconnect_guest(fixture, vm);
	run_until(fixture, !has(vm, "passing"));
	assert_true(has(vm, "lasting"));

	connect_guest(fixture, vm);
	run_until(fixture, !guest_value(&fixture->guest, 0, "passing"));
	run_until(fixture, tombstones(vm) == 0);
}

static void a_transient_item_waits_for_the_contact_with_which_it_goes(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	put(fixture, vm, "passing", "1", ITEM_TRANSIENT);
	connect_guest(fixture, vm);
	run_until(fixture, acknowledged(vm, "passing"));
	disconnect_guest(fixture, vm);
	run_until(fixture, !has(vm, "passing"));
}

/* --- Items for once --- */

static void what_the_guest_removes_comes_back_unless_it_is_for_once(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	connect_guest(fixture, vm);
	put(fixture, vm, "used", "1", ITEM_ONCE);
	put(fixture, vm, "unused", "1", ITEM_ONCE);
	put(fixture, vm, "lasting", "1", 0);
	run_until(fixture, acknowledged(vm, "used") && acknowledged(vm, "unused") &&
				   acknowledged(vm, "lasting"));
	guest_remove(&fixture->guest, 0, "used");
	guest_remove(&fixture->guest, 0, "lasting");
	disconnect_guest(fixture, vm);
	connect_guest(fixture, vm);

	run_until(fixture, !has(vm, "used"));
	run_until(fixture, guest_value(&fixture->guest, 0, "lasting"));
	run_until(fixture, acknowledged(vm, "unused"));
	assert_null(guest_value(&fixture->guest, 0, "used"));
	assert_int_equal(tombstones(vm), 0);
}

static void an_item_for_once_that_never_arrived_is_sent(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	connect_guest(fixture, vm);
	fixture->guest.refuses = "once";
	put(fixture, vm, "once", "1", ITEM_ONCE);
	run_until(fixture, delivery_of(vm, "once").state == DELIVERY_REFUSED);
	disconnect_guest(fixture, vm);
	fixture->guest.refuses = NULL;
	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 0, "once"));
	assert_true(has(vm, "once"));
}

static void an_item_for_once_that_the_guest_changed_is_set_back(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	connect_guest(fixture, vm);
	put(fixture, vm, "once", "1", ITEM_ONCE);
	run_until(fixture, acknowledged(vm, "once"));
	disconnect_guest(fixture, vm);
	guest_put(&fixture->guest, 0, "once", "changed");
	connect_guest(fixture, vm);
	run_until(fixture, strcmp(guest_value(&fixture->guest, 0, "once"), "1") == 0);
}

static void the_pieces_of_a_value_for_once_go_with_its_head(void **state)
{
	static const char head[] = "openkvp-large 1 4 2 0123abcd text";
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	connect_guest(fixture, vm);
	put(fixture, vm, "k#0123abcd.0", "ab", ITEM_ONCE);
	put(fixture, vm, "k#0123abcd.1", "cd", ITEM_ONCE);
	put(fixture, vm, "k", head, ITEM_ONCE);
	run_until(fixture, acknowledged(vm, "k"));
	guest_remove(&fixture->guest, 0, "k");
	guest_remove(&fixture->guest, 0, "k#0123abcd.1");
	disconnect_guest(fixture, vm);
	connect_guest(fixture, vm);

	run_until(fixture, !has(vm, "k") && !has(vm, "k#0123abcd.0") && !has(vm, "k#0123abcd.1"));
	run_until(fixture, !guest_value(&fixture->guest, 0, "k#0123abcd.0"));
}

static void what_was_put_anew_meanwhile_does_not_end(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	connect_guest(fixture, vm);
	put(fixture, vm, "once", "1", ITEM_ONCE);
	run_until(fixture, acknowledged(vm, "once"));
	guest_remove(&fixture->guest, 0, "once");
	disconnect_guest(fixture, vm);
	put(fixture, vm, "once", "2", ITEM_ONCE);
	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 0, "once"));
	assert_string_equal(guest_value(&fixture->guest, 0, "once"), "2");
	assert_true(has(vm, "once"));
}

static void an_item_that_stays_on_the_host_ends_with_no_guest(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct exchange_change change = change_of(EXCHANGE_PUT, "note", "1");
	struct change put = { 0 };

	change.space = SPACE_HOST_ONLY;
	change.flagged = true;
	change.flags = ITEM_SECRET;
	submit(fixture, vm, &put, &change, 1);
	assert_int_equal(put.call.error.status, OKVP_OK);
	change.flags = ITEM_SECRET | ITEM_TRANSIENT;
	submit(fixture, vm, &put, &change, 1);
	assert_int_equal(put.call.error.status, OKVP_INVALID);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(a_guest_that_cannot_hide_a_secret_gets_it_when_the_vm_allows_it),
		test(a_transient_item_goes_with_the_contact),
		test(a_transient_item_waits_for_the_contact_with_which_it_goes),
		test(what_the_guest_removes_comes_back_unless_it_is_for_once),
		test(an_item_for_once_that_never_arrived_is_sent),
		test(an_item_for_once_that_the_guest_changed_is_set_back),
		test(the_pieces_of_a_value_for_once_go_with_its_head),
		test(what_was_put_anew_meanwhile_does_not_end),
		test(an_item_that_stays_on_the_host_ends_with_no_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
