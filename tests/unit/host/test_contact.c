/* SPDX-License-Identifier: MIT */
/* test_contact.c -- host/contact: what a guest gets, in which order, and what becomes of jobs. */
#include "host_fixture.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/delivery.h"
#include "openkvp/scoped.h"

#define change_one(fixture, vm, change, verb, key, value) \
	submit(fixture, vm, change, (struct exchange_change[]){ change_of(verb, key, value) }, 1)

static bool has_ended(struct fixture *fixture, const struct change *change)
{
	return job_of(fixture, change).state != JOB_RUNNING;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void a_channel_that_another_program_uses_is_a_fault_until_it_is_free(void **state)
{
	struct fixture *fixture = *state;
	const char *path = strchr(fixture->address, '/');
	int other = listen_at(path);
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	assert_true(vm_status(vm).fault);
	assert_non_null(strstr(vm_status(vm).reason, "another program"));
	close(other);
	unlink(path);
	run_until(fixture, !vm_status(vm).fault);
	connect_guest(fixture, vm);
}

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

static void a_guest_that_goes_leaves_a_job_that_says_pending(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 3, "VirtualMachineName"));
	fixture->guest.silent = true;
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	assert_int_equal(job_of(fixture, &change).state, JOB_RUNNING);
	disconnect_guest(fixture, vm);
	assert_int_equal(job_of(fixture, &change).state, JOB_COMPLETED);
	assert_non_null(strstr(job_of(fixture, &change).text, "stored; delivery pending"));
	assert_int_equal(delivery_of(vm, "a").state, DELIVERY_STORED);
}

static void a_guest_that_does_not_answer_fails_the_job_in_time(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 3, "VirtualMachineName"));
	fixture->guest.silent = true;
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	run_until(fixture, has_ended(fixture, &change));
	assert_int_equal(job_of(fixture, &change).error, JOB_TIMEOUT);
	assert_int_equal(vm_status(vm).contact, VM_CONTACT_LOST);
	assert_non_null(strstr(job_of(fixture, &change).text, "do not add again"));
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
		test(a_channel_that_another_program_uses_is_a_fault_until_it_is_free),
		test(an_item_is_delivered_and_its_job_completes),
		test(a_contact_begins_with_tombstones_items_and_pool_3),
		test(everything_is_sent_again_with_the_next_contact),
		test(the_acknowledged_mark_follows),
		test(a_refused_item_fails_its_job_and_the_others_arrive),
		test(a_refused_item_is_tried_again_with_the_next_contact),
		test(what_a_linux_guest_cannot_hold_is_refused_and_not_cut),
		test(a_guest_that_goes_leaves_a_job_that_says_pending),
		test(a_guest_that_does_not_answer_fails_the_job_in_time),
		test(the_newest_value_of_a_key_is_what_arrives),
		test(the_guests_own_pools_are_read_on_contact),
		test(a_reader_makes_the_guest_be_asked_again),
		test(a_reader_of_a_silent_guest_waits_only_so_long),
		test(a_guest_that_publishes_too_much_is_read_up_to_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
