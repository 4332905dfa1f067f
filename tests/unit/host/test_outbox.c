/* SPDX-License-Identifier: MIT */
/* test_outbox.c -- host/outbox: what becomes of jobs whose items need not be sent. */
#include "host_fixture.h"

#include "host/delivery_table.h"
#include "host/outbox.h"
#include "openkvp/scoped.h"

/* A job that begins only now, for an item that was committed before. */
static struct change begin_job(struct fixture *fixture, struct vm *vm, struct stored_item *item)
{
	struct change change = { .call = { .has_job = true, .job = guid_time_ordered() } };
	const struct job_record record = { .id = change.call.job,
					   .vm = *vm_id(vm),
					   .generation = item->generation,
					   .state = JOB_RUNNING,
					   .text = "stored; on its way to the guest" };

	assert_true(jobs_reserve(host_jobs(fixture->host), NULL));
	jobs_begin(host_jobs(fixture->host), &record, &item, 1);
	return change;
}

static void what_was_acknowledged_before_its_job_had_begun_completes_it(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct outbox outbox = { .parts.jobs = host_jobs(fixture->host), .vm = vm };
	struct snapshot *snapshot scoped(snapshot_release) = NULL;
	struct change put = { 0 }, late;
	struct stored_item *item;

	change_one(fixture, vm, &put, EXCHANGE_PUT, "a", "1");
	snapshot = vm_snapshot(vm);
	item = snapshot_find(snapshot, SPACE_EXTERNAL, "a", 1);
	delivery_note(vm_delivery(vm), item, DELIVERY_ACKNOWLEDGED, ""); /* the digests agreed */
	late = begin_job(fixture, vm, item);
	assert_false(has_ended(fixture, &late));
	outbox_commit(&outbox, item->generation, (struct stored_item *[]){ stored_item_ref(item) },
		      1);
	assert_true(outbox_is_empty(&outbox));
	assert_string_equal(job_of(fixture, &late).text, "delivered");
	outbox_end(&outbox);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(what_was_acknowledged_before_its_job_had_begun_completes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
