/* SPDX-License-Identifier: MIT */
/* test_contact_exchange.c -- host/contact_exchange: what a guest gets, in which order, and what
 * becomes of jobs. */
#include "host_fixture.h"

#include "host/delivery.h"
#include "openkvp/scoped.h"

static void an_item_is_delivered_and_its_job_completes(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	run_until(fixture, has_ended(fixture, &change));
	assert_string_equal(job_of(fixture, &change).text, "delivered");
	assert_int_equal(job_of(fixture, &change).percent, 100);
	assert_string_equal(guest_value(&fixture->guest, 0, "a"), "1");
	assert_int_equal(delivery_of(vm, "a").state, DELIVERY_ACKNOWLEDGED);
}

static void a_contact_begins_with_tombstones_items_and_pool_3(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	change_one(fixture, vm, &change, EXCHANGE_PUT, "b", "1");
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "2");
	change_one(fixture, vm, &change, EXCHANGE_PUT, "gone", "3");
	change_one(fixture, vm, &change, EXCHANGE_REMOVE, "gone", NULL);
	guest_put(&fixture->guest, 0, "gone", "still here");
	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 3, "VirtualMachineName"));
	assert_string_equal(fixture->guest.log, "delete gone;set b;set a;");
	assert_null(guest_value(&fixture->guest, 0, "gone"));
	assert_string_equal(guest_value(&fixture->guest, 3, "VirtualMachineName"), "vm");
	assert_string_equal(guest_value(&fixture->guest, 3, "VirtualMachineId"), vm_id_text(vm));
}

static void everything_is_sent_again_with_the_next_contact(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	run_until(fixture, guest_value(&fixture->guest, 0, "a"));
	disconnect_guest(fixture, vm);
	fixture->guest.count = 0;
	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 0, "a"));
}

static void the_acknowledged_mark_follows(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };
	struct snapshot *snapshot = NULL;
	uint64_t acknowledged = 0;

	connect_guest(fixture, vm);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	change_one(fixture, vm, &change, EXCHANGE_REMOVE, "a", NULL);
	for (int i = 0; i < 10000 && acknowledged < change.call.generation; i++) {
		uv_run(&fixture->loop, UV_RUN_ONCE);
		snapshot = vm_snapshot(vm);
		acknowledged = snapshot->acknowledged;
		snapshot_release(&snapshot);
	}
	assert_int_equal(acknowledged, change.call.generation);
	snapshot = vm_snapshot(vm);
	assert_int_equal(snapshot->tombstones->count, 0);
	snapshot_release(&snapshot);
}

static void a_refused_item_fails_its_job_and_the_others_arrive(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };
	const struct exchange_change both[] = {
		change_of(EXCHANGE_PUT, "bad", "1"),
		change_of(EXCHANGE_PUT, "good", "2"),
	};

	connect_guest(fixture, vm);
	fixture->guest.refuses = "bad";
	submit(fixture, vm, &change, both, 2);
	run_until(fixture, has_ended(fixture, &change));
	assert_int_equal(job_of(fixture, &change).error, JOB_FAILED);
	assert_int_equal(job_of(fixture, &change).percent, 50);
	assert_non_null(strstr(job_of(fixture, &change).text, "'bad'"));
	assert_non_null(strstr(job_of(fixture, &change).text, "80004005"));
	assert_string_equal(guest_value(&fixture->guest, 0, "good"), "2");
	assert_int_equal(delivery_of(vm, "bad").state, DELIVERY_REFUSED);
	assert_int_equal(delivery_of(vm, "good").state, DELIVERY_ACKNOWLEDGED);
}

static void a_refused_item_is_tried_again_with_the_next_contact(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	fixture->guest.refuses = "a";
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	run_until(fixture, has_ended(fixture, &change));
	disconnect_guest(fixture, vm);
	fixture->guest.refuses = NULL;
	connect_guest(fixture, vm);
	run_until(fixture, delivery_of(vm, "a").state == DELIVERY_ACKNOWLEDGED);
}

static void what_a_linux_guest_cannot_hold_is_refused_and_not_cut(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };
	static char value[3 * 1000 + 1];

	for (int i = 0; i < 1000; i++)
		memcpy(value + 3 * i, "\xE6\xBC\xA2", 3);
	connect_guest(fixture, vm);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "han", value);
	run_until(fixture, has_ended(fixture, &change));
	assert_int_equal(job_of(fixture, &change).error, JOB_FAILED);
	assert_non_null(strstr(delivery_of(vm, "han").reason, "2047"));
	assert_null(guest_value(&fixture->guest, 0, "han"));
}

static void the_newest_value_of_a_key_is_what_arrives(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change[3] = { 0 };
	static const char *const values[] = { "1", "2", "3" };

	connect_guest(fixture, vm);
	for (int i = 0; i < 3; i++)
		change_one(fixture, vm, &change[i], EXCHANGE_PUT, "a", values[i]);
	for (int i = 0; i < 3; i++) {
		run_until(fixture, has_ended(fixture, &change[i]));
		assert_int_equal(job_of(fixture, &change[i]).error, JOB_OK);
	}
	assert_string_equal(guest_value(&fixture->guest, 0, "a"), "3");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(an_item_is_delivered_and_its_job_completes),
		test(a_contact_begins_with_tombstones_items_and_pool_3),
		test(everything_is_sent_again_with_the_next_contact),
		test(the_acknowledged_mark_follows),
		test(a_refused_item_fails_its_job_and_the_others_arrive),
		test(a_refused_item_is_tried_again_with_the_next_contact),
		test(what_a_linux_guest_cannot_hold_is_refused_and_not_cut),
		test(the_newest_value_of_a_key_is_what_arrives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
