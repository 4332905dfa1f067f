/* SPDX-License-Identifier: MIT */
/* test_lazy.c -- store/lazy: what waits to be written. Its rounds are in test_store.c. */
#include "world.h"

#include "store/lazy.h"

struct fixture {
	struct world *world;
	struct lazy lazy;
	struct rows rows;
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	make_world_with_items((void **)&f->world);
	lazy_init(&f->lazy, 5000);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	lazy_done(&f->lazy);
	free(f->rows.row);
	free_world((void **)&f->world);
	free(f);
	return 0;
}

static void note(struct fixture *f, struct change_list *list, uint64_t now_ms)
{
	assert_true(apply(f->world, list));
	lazy_note(&f->lazy, list, now_ms);
}

static size_t rows_waiting(struct fixture *f, bool guests)
{
	f->rows.count = 0;
	lazy_rows(&f->lazy, &f->world->state, guests, &f->rows);
	return f->rows.count;
}

static struct change_list *reading(void)
{
	struct change_list *list = list_for(1);

	know_guest(list, SPACE_GUEST, "ip", "10.0.0.1", 77);
	return list;
}

static struct change_list *acknowledging(uint64_t generation)
{
	struct change_list *list = list_for(1);

	change_list_acknowledge(list, generation);
	return list;
}

static void what_came_first_says_when_all_is_due(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->lazy.due_ms, 0);
	note(f, reading(), 100);
	assert_int_equal(f->lazy.due_ms, 5100);
	note(f, acknowledging(1), 200);
	assert_int_equal(f->lazy.due_ms, 5100);
}

static void a_commit_leaves_guest_data_and_its_time(void **state)
{
	struct fixture *f = *state;

	note(f, reading(), 100);
	assert_int_equal(rows_waiting(f, false), 1); /* the VM: when its guest was read */
	lazy_written(&f->lazy, false);

	assert_int_equal(f->lazy.due_ms, 5100);
	assert_int_equal(rows_waiting(f, false), 0);
	assert_int_equal(rows_waiting(f, true), 1);
	lazy_written(&f->lazy, true);
	assert_int_equal(f->lazy.due_ms, 0);
	assert_int_equal(rows_waiting(f, true), 0);
}

static void a_vm_is_written_as_it_is_at_that_moment(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);

	note(f, acknowledging(2), 100);
	put(list, "d", "4");
	assert_true(apply(f->world, list));

	assert_int_equal(rows_waiting(f, false), 1);
	assert_int_equal(f->rows.row[0].state.generation, 3);
	assert_int_equal(f->rows.row[0].state.acknowledged, 2);
}

static void tombstones_that_went_are_dropped_unless_their_key_is_back(void **state)
{
	struct fixture *f = *state;
	struct change_list *removal = list_for(1), *list = list_for(1);

	remove_key(removal, "a", EXPECT_ANY);
	remove_key(removal, "b", EXPECT_ANY);
	assert_true(apply(f->world, removal));
	note(f, acknowledging(3), 100);
	assert_int_equal(rows_waiting(f, false), 3);
	assert_int_equal(f->rows.row[1].kind, ROW_ITEM_DROP);

	put(list, "a", "again");
	assert_true(apply(f->world, list));
	assert_int_equal(rows_waiting(f, false), 2);
	assert_memory_equal(f->rows.row[1].item.item->text, "b", 1);
}

static void only_the_last_of_several_records_of_a_job_is_written(void **state)
{
	struct fixture *f = *state;
	struct change_list *first = list_for(1), *second = list_for(1), *third = list_for(1);
	struct job_record job = job_record(9, "first");
	struct guid id = guid_number(9);

	change_list_job(first, &job);
	note(f, first, 100);
	job.text = "second";
	change_list_job(second, &job);
	note(f, second, 100);
	assert_int_equal(rows_waiting(f, false), 1);
	assert_string_equal(f->rows.row[0].job->text, "second");

	change_list_drop_job(third, &id);
	note(f, third, 100);
	assert_int_equal(rows_waiting(f, false), 1);
	assert_int_equal(f->rows.row[0].kind, ROW_JOB_DROP);
}

static void what_is_written_now_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct change_list *lazy = list_for(1), *list = list_for(1);
	struct job_record nine = job_record(9, "nine"), ten = job_record(10, "ten");

	change_list_job(lazy, &nine);
	change_list_job(lazy, &ten);
	note(f, lazy, 100);
	change_list_job(list, &nine);
	assert_true(apply(f->world, list));
	lazy_forget(&f->lazy, list);

	assert_int_equal(rows_waiting(f, true), 1);
	assert_string_equal(f->rows.row[0].job->text, "ten");
}

static void nothing_waits_of_a_vm_that_is_gone(void **state)
{
	struct fixture *f = *state;
	struct change_list *lazy = reading(), *list = list_for(1);

	for (unsigned int i = 0; i < 20; i++) {
		struct job_record job = job_record(i, "running");

		change_list_job(lazy, &job);
	}
	note(f, lazy, 100);
	change_list_undefine(list, true);
	assert_true(apply(f->world, list));
	lazy_forget(&f->lazy, list);

	assert_int_equal(rows_waiting(f, true), 0);
}

static void a_failure_is_not_followed_by_another_try_at_once(void **state)
{
	struct fixture *f = *state;

	lazy_put_off(&f->lazy, 50);
	assert_int_equal(f->lazy.due_ms, 0);
	note(f, reading(), 100);
	lazy_put_off(&f->lazy, 6000);
	assert_int_equal(f->lazy.due_ms, 11000);
	f->lazy.delay_ms = 0;
	lazy_put_off(&f->lazy, 6000);
	assert_int_equal(f->lazy.due_ms, 7000);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(what_came_first_says_when_all_is_due),
		test(a_commit_leaves_guest_data_and_its_time),
		test(a_vm_is_written_as_it_is_at_that_moment),
		test(tombstones_that_went_are_dropped_unless_their_key_is_back),
		test(only_the_last_of_several_records_of_a_job_is_written),
		test(what_is_written_now_is_forgotten),
		test(nothing_waits_of_a_vm_that_is_gone),
		test(a_failure_is_not_followed_by_another_try_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
