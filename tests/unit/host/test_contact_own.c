/* SPDX-License-Identifier: MIT */
/* test_contact_own.c -- host/contact with a guest that speaks openkvp's own protocol: batches,
 * digests, what the guest tells, and what is set back. */
#include "own_guest.h"

#include <stdio.h>

#include "host/delivery.h"
#include "openkvp/scoped.h"

static int open_own_host(void **state)
{
	struct fixture *fixture;

	open_host(state);
	fixture = *state;
	fixture->guest.own = true;
	return 0;
}

static bool knows(struct vm *vm, enum item_space space, const char *key, const char *value)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);
	const struct stored_item *item = snapshot_find(snapshot, space, key, strlen(key));

	return item && item->value_length == strlen(value) &&
	       memcmp(item->text + item->key_length, value, item->value_length) == 0;
}

static size_t count_known(struct vm *vm, enum item_space space)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);

	return snapshot->space[space]->count;
}

static uint64_t acknowledged(struct vm *vm)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);

	return snapshot->acknowledged;
}

/* Runs on for some turns in which nothing should happen. */
static void run_on(struct fixture *fixture)
{
	uint64_t until = uv_now(&fixture->loop) + 50;

	while (uv_now(&fixture->loop) < until)
		uv_run(&fixture->loop, UV_RUN_ONCE);
}

static bool has_pool_3(struct fixture *fixture)
{
	return guest_value(&fixture->guest, 3, "VirtualMachineName");
}

static void a_batch_arrives_as_one(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct exchange_change changes[100];
	char keys[100][8];
	struct change change = { 0 };
	int before;

	connect_guest(fixture, vm);
	run_until(fixture, has_pool_3(fixture));
	before = fixture->guest.batches;
	for (int i = 0; i < 100; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		changes[i] = change_of(EXCHANGE_ADD, keys[i], "v");
	}
	submit(fixture, vm, &change, changes, 100);
	run_until(fixture, has_ended(fixture, &change));
	assert_string_equal(job_of(fixture, &change).text, "delivered");
	assert_int_equal(fixture->guest.batches - before, 1);
	assert_string_equal(guest_value(&fixture->guest, 0, "k99"), "v");
	assert_int_equal(vm_status(vm).own_version, 1);
}

static void what_is_committed_while_a_batch_is_on_its_way_goes_with_the_next(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change[20] = { 0 };
	char key[8];
	int before;

	connect_guest(fixture, vm);
	run_until(fixture, has_pool_3(fixture));
	before = fixture->guest.batches;
	fixture->guest.silent = true;
	for (int i = 0; i < 20; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		change_one(fixture, vm, &change[i], EXCHANGE_PUT, key, "v");
	}
	guest_speak(&fixture->guest);
	for (int i = 0; i < 20; i++)
		run_until(fixture, has_ended(fixture, &change[i]));
	assert_in_range(fixture->guest.batches - before, 2, 3);
	assert_string_equal(guest_value(&fixture->guest, 0, "k19"), "v");
}

static void put_many(struct fixture *fixture, struct vm *vm, struct change *change,
		     const char *prefix, size_t count)
{
	struct exchange_change changes[EXCHANGE_BATCH_MAX];
	char keys[EXCHANGE_BATCH_MAX][16];

	for (size_t i = 0; i < count; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%s%zu", prefix, i);
		changes[i] = change_of(EXCHANGE_PUT, keys[i], "v");
	}
	submit(fixture, vm, change, changes, count);
}

static void a_commit_that_fits_into_a_batch_is_not_split(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change[4] = { 0 };

	connect_guest(fixture, vm);
	run_until(fixture, has_pool_3(fixture));
	fixture->guest.silent = true;
	put_many(fixture, vm, &change[0], "a", 1);
	put_many(fixture, vm, &change[1], "b", 100);
	put_many(fixture, vm, &change[2], "c", 20);
	put_many(fixture, vm, &change[3], "d", 100);
	guest_speak(&fixture->guest);
	run_until(fixture, has_ended(fixture, &change[2]));
	assert_int_equal(fixture->guest.last_batch, 120);
	run_until(fixture, has_ended(fixture, &change[3]));
	assert_int_equal(fixture->guest.last_batch, 100);
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

static void of_a_batch_with_one_bad_item_the_others_arrive(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };
	const struct exchange_change three[] = {
		change_of(EXCHANGE_PUT, "a", "1"),
		change_of(EXCHANGE_PUT, "bad", "2"),
		change_of(EXCHANGE_PUT, "c", "3"),
	};

	connect_guest(fixture, vm);
	fixture->guest.refuses = "bad";
	submit(fixture, vm, &change, three, 3);
	run_until(fixture, has_ended(fixture, &change));
	assert_int_equal(job_of(fixture, &change).error, JOB_FAILED);
	assert_non_null(strstr(job_of(fixture, &change).text, "'bad'"));
	assert_string_equal(guest_value(&fixture->guest, 0, "a"), "1");
	assert_string_equal(guest_value(&fixture->guest, 0, "c"), "3");
	assert_int_equal(delivery_of(vm, "bad").state, DELIVERY_REFUSED);
	assert_int_equal(delivery_of(vm, "c").state, DELIVERY_ACKNOWLEDGED);
}

static void what_the_guest_cannot_hold_is_refused_and_not_cut(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };
	static char value[3 * 1000 + 1];

	for (int i = 0; i < 1000; i++)
		memcpy(value + 3 * i, "\xE6\xBC\xA2", 3);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "han", value);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "fits", "x");
	connect_guest(fixture, vm);
	run_until(fixture, delivery_of(vm, "han").state == DELIVERY_REFUSED);
	assert_non_null(strstr(delivery_of(vm, "han").reason, "2047"));
	run_until(fixture, guest_value(&fixture->guest, 0, "fits"));
	assert_null(guest_value(&fixture->guest, 0, "han"));
}

/* --- The beginning of a contact --- */

static void a_guest_gets_what_is_different_and_loses_what_is_too_much(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	change_one(fixture, vm, &change, EXCHANGE_PUT, "same", "1");
	change_one(fixture, vm, &change, EXCHANGE_PUT, "other", "2");
	change_one(fixture, vm, &change, EXCHANGE_PUT, "missing", "3");
	change_one(fixture, vm, &change, EXCHANGE_PUT, "gone", "4");
	change_one(fixture, vm, &change, EXCHANGE_REMOVE, "gone", NULL);
	guest_put(&fixture->guest, 0, "same", "1");
	guest_put(&fixture->guest, 0, "other", "not 2");
	guest_put(&fixture->guest, 0, "gone", "4");
	guest_put(&fixture->guest, 0, "foreign", "5");
	connect_guest(fixture, vm);
	run_until(fixture, acknowledged(vm) == change.call.generation);
	assert_string_equal(guest_value(&fixture->guest, 0, "same"), "1");
	assert_string_equal(guest_value(&fixture->guest, 0, "other"), "2");
	assert_string_equal(guest_value(&fixture->guest, 0, "missing"), "3");
	assert_null(guest_value(&fixture->guest, 0, "gone"));
	assert_null(guest_value(&fixture->guest, 0, "foreign"));
	assert_null(strstr(fixture->guest.log, "set same"));
	assert_int_equal(fixture->guest.reads[0], 1);
}

static void a_guest_that_agrees_gets_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };
	int batches, reads;

	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	guest_put(&fixture->guest, 1, "published", "x");
	connect_guest(fixture, vm);
	run_until(fixture, has_pool_3(fixture) && acknowledged(vm) > 0);
	run_until(fixture, knows(vm, SPACE_GUEST, "published", "x") && vm_status(vm).guest_live);
	disconnect_guest(fixture, vm);
	batches = fixture->guest.batches;
	reads = fixture->guest.reads[0] + fixture->guest.reads[1] + fixture->guest.reads[3];
	connect_guest(fixture, vm);
	run_until(fixture, vm_status(vm).guest_live);
	run_on(fixture);
	assert_int_equal(fixture->guest.batches, batches);
	assert_int_equal(
		fixture->guest.reads[0] + fixture->guest.reads[1] + fixture->guest.reads[3], reads);
	assert_int_equal(delivery_of(vm, "a").state, DELIVERY_ACKNOWLEDGED);
}

static void what_agrees_is_acknowledged_also_when_it_never_was(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	change_one(fixture, vm, &change, EXCHANGE_PUT, "b", "1");
	change_one(fixture, vm, &change, EXCHANGE_REMOVE, "b", NULL);
	guest_put(&fixture->guest, 0, "a", "1");
	connect_guest(fixture, vm);
	run_until(fixture, acknowledged(vm) == change.call.generation);
	assert_null(strstr(fixture->guest.log, "set a"));
	assert_int_equal(fixture->guest.reads[0], 0);
}

static void a_pool_may_come_in_several_parts(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	fixture->guest.part = 2;
	for (int i = 0; i < 5; i++) {
		char key[8];

		snprintf(key, sizeof(key), "k%d", i);
		guest_put(&fixture->guest, 1, key, "v");
	}
	connect_guest(fixture, vm);
	run_until(fixture, count_known(vm, SPACE_GUEST) == 5);
	assert_int_equal(fixture->guest.reads[1], 3);
}

static void a_pool_that_changes_while_it_is_read_is_read_anew(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct exchange_change items[] = {
		change_of(EXCHANGE_PUT, "a", "1"),
		change_of(EXCHANGE_PUT, "b", "2"),
		change_of(EXCHANGE_PUT, "token", "3"),
	};
	struct change change = { 0 };

	items[2].flagged = true;
	items[2].flags = ITEM_ONCE;
	connect_guest(fixture, vm);
	submit(fixture, vm, &change, items, 3);
	run_until(fixture, acknowledged(vm) == change.call.generation);
	disconnect_guest(fixture, vm);
	guest_put(&fixture->guest, 0, "b", "not 2");
	fixture->guest.part = 2;
	fixture->guest.goes = "a"; /* the token moves into what was read */
	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 0, "a") &&
				   strcmp(guest_value(&fixture->guest, 0, "b"), "2") == 0);
	run_on(fixture);
	assert_true(knows(vm, SPACE_EXTERNAL, "token", "3"));
	assert_string_equal(guest_value(&fixture->guest, 0, "token"), "3");
}

/* --- What the guest tells --- */

static void open_with_three(struct fixture *fixture, struct vm *vm)
{
	guest_put(&fixture->guest, 1, "a", "1");
	guest_put(&fixture->guest, 1, "b", "2");
	guest_put(&fixture->guest, 1, "c", "3");
	connect_guest(fixture, vm);
	run_until(fixture, count_known(vm, SPACE_GUEST) == 3 && vm_status(vm).guest_tells);
}

static void a_change_in_the_guest_is_known_without_asking(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	int reads;

	open_with_three(fixture, vm);
	reads = fixture->guest.reads[1];
	guest_put(&fixture->guest, 1, "b", "changed");
	own_guest_tell(fixture, 1, 1, 1, 1);
	run_until(fixture, knows(vm, SPACE_GUEST, "b", "changed"));
	guest_put(&fixture->guest, 1, "d", "4");
	own_guest_tell(fixture, 1, 3, 0, 1);
	run_until(fixture, knows(vm, SPACE_GUEST, "d", "4"));
	guest_remove(&fixture->guest, 1, "a");
	own_guest_tell(fixture, 1, 0, 1, 0);
	run_until(fixture, count_known(vm, SPACE_GUEST) == 3);
	assert_true(knows(vm, SPACE_GUEST, "b", "changed"));
	assert_true(knows(vm, SPACE_GUEST, "c", "3"));
	assert_int_equal(fixture->guest.reads[1], reads);
	assert_true(vm_status(vm).guest_tells);
}

static void a_change_that_does_not_fit_has_the_pool_read(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	open_with_three(fixture, vm);
	fixture->guest.told[1]++; /* the guest has lost track */
	guest_put(&fixture->guest, 1, "b", "changed");
	own_guest_tell(fixture, 1, 1, 1, 1);
	run_until(fixture, knows(vm, SPACE_GUEST, "b", "changed"));
	assert_int_equal(fixture->guest.reads[1], 2);
	own_guest_tell(fixture, 1, 0, 900, 0); /* more than there is */
	guest_put(&fixture->guest, 1, "e", "5");
	own_guest_tell_nothing(fixture, 1);
	run_until(fixture, knows(vm, SPACE_GUEST, "e", "5"));
}

static void more_than_the_limit_is_known_up_to_it(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	open_with_three(fixture, vm);
	for (int i = 0; i < 7; i++) {
		char key[8];

		snprintf(key, sizeof(key), "m%d", i);
		guest_put(&fixture->guest, 1, key, "v");
	}
	own_guest_tell(fixture, 1, 3, 0, 7);
	run_until(fixture, count_known(vm, SPACE_GUEST) == 8);
	guest_remove(&fixture->guest, 1, "a");
	own_guest_tell(fixture, 1, 0, 1, 0);
	run_until(fixture, knows(vm, SPACE_GUEST, "m5", "v"));
}

static void set_true(void *context)
{
	*(bool *)context = true;
}

static void a_reader_need_not_wait(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	bool done = false;

	open_with_three(fixture, vm);
	fixture->guest.silent = true;
	assert_false(exchange_refresh(host_exchange(fixture->host), vm, 0, 10000, set_true, &done));
	assert_false(done);
}

/* --- A pool that cannot be read --- */

/* Asks for the guest's pools as a reader does, and waits for the answer. */
static void refresh(struct fixture *fixture, struct vm *vm)
{
	bool done = false;

	if (exchange_refresh(host_exchange(fixture->host), vm, 0, 60000, set_true, &done))
		run_until(fixture, done);
}

static void a_pool_that_cannot_be_read_is_not_live_until_it_can(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	int64_t read_us;

	open_with_three(fixture, vm);
	disconnect_guest(fixture, vm);
	read_us = vm_status(vm).guest_read_us;
	guest_put(&fixture->guest, 1, "b", "changed");
	fixture->guest.unreadable[1] = true;
	connect_guest(fixture, vm);
	refresh(fixture, vm);
	assert_int_equal(fixture->guest.reads[1], 2);
	assert_false(vm_status(vm).guest_live);
	assert_int_equal(vm_status(vm).guest_read_us, read_us);
	assert_true(knows(vm, SPACE_GUEST, "b", "2"));
	fixture->guest.unreadable[1] = false;
	own_guest_tell_nothing(fixture, 1);
	run_until(fixture, vm_status(vm).guest_live && vm_status(vm).guest_tells);
	run_until(fixture, knows(vm, SPACE_GUEST, "b", "changed"));
}

static void what_is_followed_grows_old_when_it_cannot_be_read_any_more(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	int64_t read_us;

	open_with_three(fixture, vm);
	read_us = vm_status(vm).guest_read_us;
	guest_put(&fixture->guest, 1, "b", "changed");
	fixture->guest.unreadable[1] = true;
	own_guest_tell_nothing(fixture, 1);
	run_until(fixture, !vm_status(vm).guest_tells);
	refresh(fixture, vm);
	assert_true(vm_status(vm).guest_live);
	assert_int_equal(vm_status(vm).guest_read_us, read_us);
}

/* --- What is set back --- */

static void open_with_an_item(struct fixture *fixture, struct vm *vm, struct change *change)
{
	connect_guest(fixture, vm);
	run_until(fixture, has_pool_3(fixture));
	change_one(fixture, vm, change, EXCHANGE_PUT, "a", "1");
	run_until(fixture, acknowledged(vm) == change->call.generation);
}

static void what_somebody_changes_in_the_hosts_pools_is_set_back(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	open_with_an_item(fixture, vm, &change);
	guest_put(&fixture->guest, 0, "a", "forged");
	guest_put(&fixture->guest, 0, "mine", "x");
	guest_remove(&fixture->guest, 3, "HostName");
	own_guest_tell(fixture, 0, 0, 1, 2);
	own_guest_tell_nothing(fixture, 3);
	run_until(fixture, guest_value(&fixture->guest, 3, "HostName") &&
				   !guest_value(&fixture->guest, 0, "mine"));
	assert_string_equal(guest_value(&fixture->guest, 0, "a"), "1");
	run_until(fixture, delivery_of(vm, "a").state == DELIVERY_ACKNOWLEDGED);
}

static void a_key_is_set_back_once_a_minute(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	open_with_an_item(fixture, vm, &change);
	guest_put(&fixture->guest, 0, "a", "forged");
	own_guest_tell(fixture, 0, 0, 1, 1);
	run_until(fixture, strcmp(guest_value(&fixture->guest, 0, "a"), "1") == 0);
	guest_put(&fixture->guest, 0, "a", "again");
	guest_put(&fixture->guest, 0, "b", "new");
	own_guest_tell(fixture, 0, 0, 1, 2);
	run_until(fixture, !guest_value(&fixture->guest, 0, "b"));
	run_on(fixture);
	assert_string_equal(guest_value(&fixture->guest, 0, "a"), "again");
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "2");
	run_until(fixture, has_ended(fixture, &change));
	assert_string_equal(guest_value(&fixture->guest, 0, "a"), "2");
}

static void a_guest_that_goes_while_it_is_looked_at_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	open_with_an_item(fixture, vm, &change);
	fixture->guest.silent = true;
	guest_put(&fixture->guest, 0, "a", "forged");
	own_guest_tell(fixture, 0, 0, 1, 1);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "b", "2");
	run_on(fixture);
	disconnect_guest(fixture, vm);
	fixture->guest.silent = false;
	connect_guest(fixture, vm);
	run_until(fixture, acknowledged(vm) == change.call.generation);
	assert_string_equal(guest_value(&fixture->guest, 0, "a"), "1");
	assert_string_equal(guest_value(&fixture->guest, 0, "b"), "2");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_own_host, close_host)
	const struct CMUnitTest tests[] = {
		test(a_batch_arrives_as_one),
		test(what_is_committed_while_a_batch_is_on_its_way_goes_with_the_next),
		test(a_commit_that_fits_into_a_batch_is_not_split),
		test(the_newest_value_of_a_key_is_what_arrives),
		test(of_a_batch_with_one_bad_item_the_others_arrive),
		test(what_the_guest_cannot_hold_is_refused_and_not_cut),
		test(a_guest_gets_what_is_different_and_loses_what_is_too_much),
		test(a_guest_that_agrees_gets_nothing),
		test(what_agrees_is_acknowledged_also_when_it_never_was),
		test(a_pool_may_come_in_several_parts),
		test(a_pool_that_changes_while_it_is_read_is_read_anew),
		test(a_change_in_the_guest_is_known_without_asking),
		test(a_change_that_does_not_fit_has_the_pool_read),
		test(more_than_the_limit_is_known_up_to_it),
		test(a_reader_need_not_wait),
		test(a_pool_that_cannot_be_read_is_not_live_until_it_can),
		test(what_is_followed_grows_old_when_it_cannot_be_read_any_more),
		test(what_somebody_changes_in_the_hosts_pools_is_set_back),
		test(a_key_is_set_back_once_a_minute),
		test(a_guest_that_goes_while_it_is_looked_at_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
