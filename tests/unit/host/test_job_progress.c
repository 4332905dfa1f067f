/* SPDX-License-Identifier: MIT */
/* test_job_progress.c -- host/job_progress: how jobs go on and end. */
#include "job_fixture.h"

static void a_job_ends_with_the_last_of_its_items(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table);

	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_int_equal(look(table, &id).state, JOB_RUNNING);
	assert_int_equal(look(table, &id).percent, 50);
	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_int_equal(look(table, &id).percent, 50);
	jobs_item_settled(table->jobs, &table->vm, table->b, NULL);
	assert_int_equal(look(table, &id).state, JOB_COMPLETED);
	assert_int_equal(look(table, &id).percent, 100);
}

static void an_overtaken_item_counts_and_an_older_one_does_not(void **state)
{
	struct table *table = *state;
	struct stored_item *newer = item_of("a", 9), *older = item_of("b", 4);
	struct guid id = begin(table);

	jobs_item_settled(table->jobs, &table->vm, newer, NULL);
	jobs_item_settled(table->jobs, &table->vm, older, NULL);
	assert_int_equal(look(table, &id).percent, 50);
	stored_item_release(&newer);
	stored_item_release(&older);
}

static void items_of_another_vm_do_not_count(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table), other = guid_random();

	jobs_item_settled(table->jobs, &other, table->a, NULL);
	assert_int_equal(look(table, &id).percent, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(a_job_ends_with_the_last_of_its_items),
		test(an_overtaken_item_counts_and_an_older_one_does_not),
		test(items_of_another_vm_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
