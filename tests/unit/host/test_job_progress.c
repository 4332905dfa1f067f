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

static void a_job_whose_delivery_is_pending_is_told_of_it(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table);

	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	jobs_out_of_contact(table->jobs, &table->vm, false, "gone");
	assert_int_equal(look(table, &id).state, JOB_COMPLETED);
	assert_string_equal(look(table, &id).text, "stored; delivery pending: gone");
	assert_true(look(table, &id).awaited);
	assert_false(look(table, &id).delivered);
	jobs_item_settled(table->jobs, &table->vm, table->b, NULL);
	assert_int_equal(look(table, &id).percent, 100);
	assert_string_equal(look(table, &id).text, "delivered");
	assert_false(look(table, &id).awaited);
	assert_true(look(table, &id).delivered);
}

static void a_pending_delivery_that_is_refused_leaves_its_job_completed(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table);

	jobs_out_of_contact(table->jobs, &table->vm, false, "gone");
	jobs_item_settled(table->jobs, &table->vm, table->a, "too long");
	jobs_item_settled(table->jobs, &table->vm, table->b, NULL);
	assert_int_equal(look(table, &id).state, JOB_COMPLETED);
	assert_non_null(strstr(look(table, &id).text, "stored, not delivered: 'a' (too long)"));
	assert_false(look(table, &id).awaited);
	assert_false(look(table, &id).delivered);
}

static void what_was_refused_is_tried_again_with_the_next_contact(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table);

	jobs_item_settled(table->jobs, &table->vm, table->a, "busy");
	jobs_out_of_contact(table->jobs, &table->vm, false, "gone");
	jobs_item_settled(table->jobs, &table->vm, table->b, NULL);
	assert_true(look(table, &id).awaited);
	jobs_item_settled(table->jobs, &table->vm, table->a, NULL);
	assert_string_equal(look(table, &id).text, "delivered");
}

static void a_job_that_changed_nothing_is_delivered_without_a_guest_too(void **state)
{
	struct table *table = *state;
	struct guid id = begin_pending(table, 0);

	assert_string_equal(look(table, &id).text, "nothing to deliver");
	assert_true(look(table, &id).delivered);
}

static void a_guest_that_does_not_answer_is_not_awaited_any_more(void **state)
{
	struct table *table = *state;
	struct guid id = begin(table);

	jobs_out_of_contact(table->jobs, &table->vm, true, "no answer");
	assert_int_equal(look(table, &id).error, JOB_TIMEOUT);
	assert_false(look(table, &id).awaited);
	assert_false(look(table, &id).delivered);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_table, close_table)
	const struct CMUnitTest tests[] = {
		test(a_job_ends_with_the_last_of_its_items),
		test(an_overtaken_item_counts_and_an_older_one_does_not),
		test(items_of_another_vm_do_not_count),
		test(a_job_whose_delivery_is_pending_is_told_of_it),
		test(a_pending_delivery_that_is_refused_leaves_its_job_completed),
		test(what_was_refused_is_tried_again_with_the_next_contact),
		test(a_job_that_changed_nothing_is_delivered_without_a_guest_too),
		test(a_guest_that_does_not_answer_is_not_awaited_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
