/* SPDX-License-Identifier: MIT */
/* test_job_entry.c -- host/job_entry: how jobs come back from the store. */
#include "job_fixture.h"

#include <stdlib.h>

static void restore_and_settle(struct table *table, enum job_state job_state)
{
	const struct okvp_item keys[] = { { .key = "a", .key_length = 1 },
					  { .key = "never there", .key_length = 11 } };
	struct item_set *none = calloc(1, sizeof(*none));
	struct item_set *one = calloc(1, sizeof(*one) + sizeof(one->item[0]));
	struct snapshot vm = { .space = { one, none, none, none }, .tombstones = none };
	struct job_record record = running(table);
	uint8_t *encoded = job_keys_encode(keys, sizeof(keys[0]), 2, &record.keys_size);

	one->count = 1;
	one->item[0] = table->a;
	record.keys = encoded;
	record.state = job_state;
	jobs_restore(table->jobs, &record, &vm);
	assert_int_equal(look(table, &record.id).state, job_state);
	assert_true(look(table, &record.id).awaited);
	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_int_equal(look(table, &record.id).state, JOB_COMPLETED);
	assert_string_equal(look(table, &record.id).text, "delivered");
	free(encoded);
	free(one);
	free(none);
}

static void a_stored_job_waits_again_for_what_its_vm_still_has(void **state)
{
	restore_and_settle(*state, JOB_RUNNING);
}

static void so_does_one_whose_delivery_was_pending(void **state)
{
	restore_and_settle(*state, JOB_COMPLETED);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(a_stored_job_waits_again_for_what_its_vm_still_has),
		test(so_does_one_whose_delivery_was_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
