/* SPDX-License-Identifier: MIT */
/* test_exchange.c -- host/exchange: who may change what, and what becomes of it without a guest. */
#include "host_fixture.h"

#include "host/delivery.h"
#include "openkvp/scoped.h"

static void without_a_guest_a_job_is_complete_and_says_what_is_pending(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { .call.kind = JOB_ADD };
	struct job job;

	change_one(fixture, vm, &change, EXCHANGE_ADD, "a", "1");
	job = job_of(fixture, &change);
	assert_int_equal(job.state, JOB_COMPLETED);
	assert_int_equal(job.error, JOB_OK);
	assert_int_equal(job.percent, 100);
	assert_non_null(strstr(job.text, "stored; delivery pending"));
	assert_int_equal(delivery_of(vm, "a").state, DELIVERY_STORED);
}

static void adding_a_key_twice_fails_with_a_job_that_names_it(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change first = { .call.kind = JOB_ADD }, second = { .call.kind = JOB_ADD };
	const struct exchange_change both[] = {
		change_of(EXCHANGE_ADD, "new", "1"),
		change_of(EXCHANGE_ADD, "a", "2"),
	};
	struct snapshot *snapshot scoped(snapshot_release) = NULL;
	struct job job;

	change_one(fixture, vm, &first, EXCHANGE_ADD, "a", "1");
	submit(fixture, vm, &second, both, 2);
	assert_int_equal(second.call.error.status, OKVP_EXISTS);
	assert_int_equal(second.call.keys.count, 1);
	assert_string_equal(second.call.keys.key[0], "a");
	job = job_of(fixture, &second);
	assert_int_equal(job.state, JOB_EXCEPTION);
	assert_int_equal(job.error, JOB_INVALID_PARAMETER);
	assert_non_null(strstr(job.text, "'a'"));
	snapshot = vm_snapshot(vm);
	assert_int_equal(snapshot->space[SPACE_EXTERNAL]->count, 1);
}

static void modifying_and_removing_what_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change modify = { .call.kind = JOB_MODIFY }, remove = { .call.kind = JOB_REMOVE };

	change_one(fixture, vm, &modify, EXCHANGE_MODIFY, "a", "1");
	assert_int_equal(modify.call.error.status, OKVP_NOT_FOUND);
	assert_int_equal(job_of(fixture, &modify).error, JOB_INVALID_PARAMETER);
	change_one(fixture, vm, &remove, EXCHANGE_REMOVE, "a", NULL);
	assert_int_equal(remove.call.error.status, OKVP_OK);
	assert_int_equal(job_of(fixture, &remove).state, JOB_COMPLETED);
	assert_string_equal(job_of(fixture, &remove).text, "nothing to deliver");
}

static void argument_errors_are_told_without_a_job(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct exchange_change many[EXCHANGE_BATCH_MAX + 1];
	struct change change = { .call.kind = JOB_ADD };
	char key[300];

	for (size_t i = 0; i < EXCHANGE_BATCH_MAX + 1; i++)
		many[i] = change_of(EXCHANGE_ADD, "k", "v");
	submit(fixture, vm, &change, many, EXCHANGE_BATCH_MAX + 1);
	assert_int_equal(change.call.error.status, OKVP_LIMIT);
	assert_non_null(strstr(change.call.error.message, "129"));
	assert_false(change.call.has_job);
	submit(fixture, vm, &change, NULL, 0);
	assert_int_equal(change.call.error.status, OKVP_INVALID);
	memset(key, 'k', sizeof(key));
	key[256] = '\0';
	many[0] = change_of(EXCHANGE_ADD, "fine", "v");
	many[1] = change_of(EXCHANGE_ADD, key, "v");
	many[2] = change_of(EXCHANGE_ADD, "bad\x01", "v");
	submit(fixture, vm, &change, many, 3);
	assert_int_equal(change.call.error.status, OKVP_TOO_LONG);
	assert_int_equal(change.call.keys.count, 2);
	assert_false(change.call.has_job);
}

static void a_reader_may_not_change_items_nor_a_writer_vms(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { .call.principal = { "reader", ROLE_READ } };

	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	assert_int_equal(change.call.error.status, OKVP_DENIED);
	assert_non_null(strstr(change.call.error.message, "reader"));
	assert_false(change.call.has_job);
}

static void a_batch_on_condition_of_a_generation(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };
	uint64_t generation;

	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	generation = change.call.generation;
	change.call.if_generation = &generation;
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "2");
	assert_int_equal(change.call.error.status, OKVP_OK);
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "3");
	assert_int_equal(change.call.error.status, OKVP_CONFLICT);
}

static void host_only_items_are_stored_and_never_pending(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct exchange_change item = change_of(EXCHANGE_ADD, "note", "for us");
	struct change change = { 0 };

	item.space = SPACE_HOST_ONLY;
	submit(fixture, vm, &change, &item, 1);
	assert_string_equal(job_of(fixture, &change).text, "stored");
}

static void when_all_jobs_have_failed_a_call_is_refused_and_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { .call.kind = JOB_MODIFY };

	for (size_t i = 0; i < host_settings(fixture->host)->jobs_max; i++)
		change_one(fixture, vm, &change, EXCHANGE_MODIFY, "missing", "1");
	change_one(fixture, vm, &change, EXCHANGE_ADD, "a", "1");
	assert_int_equal(change.call.error.status, OKVP_BUSY);
	assert_int_equal(job_error_from(change.call.error.status), JOB_IN_USE);
	assert_false(change.call.has_job);
}

static void ended_jobs_make_room_for_new_ones(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct arena *arena scoped(arena_free) = arena_create();
	size_t most = host_settings(fixture->host)->jobs_max;
	struct change change = { 0 };
	struct guid *ids;

	for (size_t i = 0; i < most + 5; i++)
		change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	assert_int_equal(change.call.error.status, OKVP_OK);
	assert_int_equal(jobs_list(host_jobs(fixture->host), arena, &ids), most);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(without_a_guest_a_job_is_complete_and_says_what_is_pending),
		test(adding_a_key_twice_fails_with_a_job_that_names_it),
		test(modifying_and_removing_what_is_not_there),
		test(argument_errors_are_told_without_a_job),
		test(a_reader_may_not_change_items_nor_a_writer_vms),
		test(a_batch_on_condition_of_a_generation),
		test(host_only_items_are_stored_and_never_pending),
		test(when_all_jobs_have_failed_a_call_is_refused_and_changes_nothing),
		test(ended_jobs_make_room_for_new_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
