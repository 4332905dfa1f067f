/* SPDX-License-Identifier: MIT */
/* test_job_entry.c -- host/job_entry: how jobs come back from the store. */
#include "job_fixture.h"

#include <stdlib.h>

#include "base/clock.h"

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
	record.ended_us = clock_wall_us();
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

static struct guid restore_ended(struct table *table, int64_t ended_us, const char *text)
{
	const struct okvp_item key = { .key = "a", .key_length = 1 };
	struct item_set *none = calloc(1, sizeof(*none));
	struct item_set *one = calloc(1, sizeof(*one) + sizeof(one->item[0]));
	struct snapshot vm = { .space = { one, none, none, none }, .tombstones = none };
	struct job_record record = running(table);
	uint8_t *encoded = job_keys_encode(&key, sizeof(key), 1, &record.keys_size);

	one->count = 1;
	one->item[0] = table->a;
	record.keys = ended_us ? encoded : NULL;
	record.keys_size = ended_us ? record.keys_size : 0;
	record.state = JOB_COMPLETED;
	record.ended_us = ended_us ? ended_us : clock_wall_us();
	record.text = text;
	jobs_restore(table->jobs, &record, &vm);
	free(encoded);
	free(one);
	free(none);
	return record.id;
}

static void one_that_says_what_the_guest_lacks_is_not_delivered(void **state)
{
	struct table *table = *state;
	struct guid pending = restore_ended(table, 0, "stored; delivery pending: off");
	struct guid refused = restore_ended(table, 0, "stored, not delivered: 'a' (too long)");
	struct guid delivered = restore_ended(table, 0, "delivered");

	assert_false(look(table, &pending).delivered);
	assert_false(look(table, &refused).delivered);
	assert_true(look(table, &delivered).delivered);
}

static void one_that_nobody_can_see_any_more_waits_for_nothing(void **state)
{
	struct guid id = restore_ended(*state, 1, "stored; delivery pending: off");

	assert_false(look(*state, &id).awaited);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(a_stored_job_waits_again_for_what_its_vm_still_has),
		test(so_does_one_whose_delivery_was_pending),
		test(one_that_says_what_the_guest_lacks_is_not_delivered),
		test(one_that_nobody_can_see_any_more_waits_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
