/* SPDX-License-Identifier: MIT */
/* test_apply_items.c -- store/apply: limits, what the guest has, jobs */
#include "world.h"

static const struct snapshot *now(void **state)
{
	return vm_number(*state, 1);
}

/* --- Limits --- */

static void fill_to(struct world *world, size_t count)
{
	struct change_list *list = list_for(1);
	char key[16];

	for (size_t i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "k%zu", i);
		put(list, key, "");
	}
	assert_true(apply(world, list));
}

static void one_item_too_many_is_refused_with_the_usage(void **state)
{
	struct change_list *more = list_for(1), *less = list_for(1), *again = list_for(1);

	fill_to(*state, 1024);
	put(more, "one more", "");
	assert_false(apply(*state, more));
	assert_refused((struct world *)*state, OKVP_LIMIT,
		       "pool 0 of this VM would hold 1,025 items; 1,024 is the most");

	remove_key(less, "k5", EXPECT_PRESENT);
	assert_true(apply(*state, less));
	put(again, "one more", "");
	assert_true(apply(*state, again));
}

static void bytes_of_keys_and_values_are_limited(void **state)
{
	struct world *world = *state;
	struct change_list *list = list_for(1), *more = list_for(1);

	world->limits.item_bytes = 10;
	put(list, "key", "1234567");
	assert_true(apply(world, list));
	put(more, "key", "12345678");
	assert_false(apply(world, more));

	assert_refused(world, OKVP_LIMIT,
		       "pool 0 of this VM would hold 11 bytes of keys and values; 10 is the most");
}

static void host_only_items_have_their_own_limit(void **state)
{
	struct world *world = *state;
	struct change_list *list = list_for(1);

	world->limits.host_only_items = 1;
	put_in(list, SPACE_HOST_ONLY, "a", "", EXPECT_ANY);
	put_in(list, SPACE_HOST_ONLY, "b", "", EXPECT_ANY);
	assert_false(apply(world, list));

	assert_refused(world, OKVP_LIMIT,
		       "the host-only space of this VM would hold 2 items; 1 is the most");
}

static void who_is_above_a_lowered_limit_may_still_modify_and_remove(void **state)
{
	struct world *world = *state;
	struct change_list *list = list_for(1);

	fill_to(world, 10);
	world->limits.items = 5;
	modify(list, "k0", "x");
	remove_key(list, "k1", EXPECT_PRESENT);

	assert_true(apply(world, list));
	assert_int_equal(now(state)->space[SPACE_EXTERNAL]->count, 9);
}

static void a_list_has_at_most_4096_changes(void **state)
{
	struct change_list *list = list_for(1);
	char key[16];

	for (size_t i = 0; i < 4097; i++) {
		snprintf(key, sizeof(key), "k%zu", i);
		remove_key(list, key, EXPECT_ANY);
	}
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_LIMIT,
		       "this list would hold 4,097 changes; 4,096 is the most");
}

static void tombstones_do_not_pile_up_without_end(void **state)
{
	struct world *world = *state;
	char key[16];
	int rounds = 0;

	world->limits.items = 2;
	for (;; rounds++) {
		struct change_list *list = list_for(1), *removal = list_for(1);

		snprintf(key, sizeof(key), "k%d", rounds);
		put(list, key, "");
		assert_true(apply(world, list));
		remove_key(removal, key, EXPECT_PRESENT);
		if (!apply(world, removal))
			break;
	}
	assert_int_equal(rounds, 8);
	assert_refused(world, OKVP_LIMIT,
		       "pool 0 of this VM would hold 9 removed keys that its guest does not know "
		       "of; 8 is the most");
}

/* --- What the guest has --- */

static int make_world_with_tombstones(void **state)
{
	struct change_list *first = list_for(1), *second = list_for(1);

	make_world_with_items(state);
	remove_key(first, "a", EXPECT_ANY); /* generation 3 */
	assert_true(apply(*state, first));
	remove_key(second, "b", EXPECT_ANY); /* generation 4 */
	assert_true(apply(*state, second));
	return 0;
}

static void an_acknowledgement_drops_the_tombstones_up_to_it(void **state)
{
	struct change_list *list = list_for(1);

	change_list_acknowledge(list, 3);
	assert_true(apply(*state, list));

	assert_int_equal(now(state)->acknowledged, 3);
	assert_set(now(state)->tombstones, "b@4");
	assert_int_equal(now(state)->generation, 4);
	assert_int_equal(rows_of(*state, ROW_ITEM_DROP), 1);
	assert_int_equal(row_of(*state, ROW_VM, 0)->state.acknowledged, 3);
}

static void an_acknowledgement_never_goes_back(void **state)
{
	struct change_list *list = list_for(1), *older = list_for(1);

	change_list_acknowledge(list, 4);
	assert_true(apply(*state, list));
	change_list_acknowledge(older, 3);
	assert_true(apply(*state, older));

	assert_int_equal(now(state)->acknowledged, 4);
	assert_set(now(state)->tombstones, "");
	assert_int_equal(((struct world *)*state)->rows.count, 0);
}

static void a_guest_cannot_have_what_does_not_exist_yet(void **state)
{
	struct change_list *list = list_for(1);

	change_list_acknowledge(list, 100);
	assert_true(apply(*state, list));

	assert_int_equal(now(state)->acknowledged, 4);
}

static void guest_data_replaces_what_was_known(void **state)
{
	struct change_list *list = list_for(1);

	know_guest(list, SPACE_GUEST, "ip", "10.0.0.1", 77);
	assert_true(apply(*state, list));

	assert_set(now(state)->space[SPACE_GUEST], "ip=10.0.0.1");
	assert_int_equal(now(state)->guest_read_us, 77);
	assert_int_equal(now(state)->generation, 1);
	assert_int_equal(rows_of(*state, ROW_GUEST), 1);
}

static void the_same_guest_data_only_has_another_time(void **state)
{
	struct change_list *list = list_for(1), *again = list_for(1);
	const struct item_set *set;

	know_guest(list, SPACE_GUEST, "ip", "10.0.0.1", 77);
	assert_true(apply(*state, list));
	set = now(state)->space[SPACE_GUEST];
	know_guest(again, SPACE_GUEST, "ip", "10.0.0.1", 78);
	assert_true(apply(*state, again));

	assert_ptr_equal(now(state)->space[SPACE_GUEST], set);
	assert_int_equal(now(state)->guest_read_us, 78);
	assert_int_equal(rows_of(*state, ROW_GUEST), 0);
	assert_int_equal(row_of(*state, ROW_VM, 0)->state.guest_read_us, 78);
}

/* --- Jobs --- */

static void a_job_gets_the_generation_of_its_commit_whether_it_waits_or_is_done(void **state)
{
	struct change_list *list = list_for(1);
	struct job_record waits = job_record(8, "running"), done = job_record(9, "stored");
	struct guid dropped = guid_number(7);

	waits.keys = (const uint8_t *)"";
	put(list, "a", "1");
	change_list_job(list, &waits);
	change_list_job(list, &done);
	change_list_drop_job(list, &dropped);
	assert_true(apply(*state, list));

	assert_int_equal(row_of(*state, ROW_JOB, 0)->job->generation, 2);
	assert_int_equal(row_of(*state, ROW_JOB, 1)->job->generation, 2);
	assert_true(guid_equal(&row_of(*state, ROW_JOB_DROP, 0)->vm, &dropped));
}

/* As with a round that cannot be written. */
static void apply_and_undo_behind_another(struct world *world, struct change_list *list)
{
	struct change_list *other = list_for(1);

	put(other, "a", "1");
	assert_true(apply(world, other));
	assert_true(state_apply(&world->state, &world->limits, list, 0, &world->rows));
	assert_int_equal(row_of(world, ROW_JOB, 0)->job->generation, 3);
	state_undo(&world->state, list);
	state_undo(&world->state, other);
}

static void a_job_that_has_begun_keeps_its_generation(void **state)
{
	struct change_list *list = list_for(1);
	struct job_record job = job_record(8, "delivery pending");

	job.generation = 1;
	job.keys = (const uint8_t *)"x";
	job.keys_size = 1;
	change_list_job(list, &job);
	put(list, "a", "1");
	assert_true(apply(*state, list));

	assert_int_equal(row_of(*state, ROW_JOB, 0)->job->generation, 1);
}

static void a_list_that_is_applied_again_gives_its_job_the_generation_of_then(void **state)
{
	struct world *world = *state;
	struct job_record job = job_record(8, "running");
	struct change_list *list = list_for(1);

	job.keys = (const uint8_t *)"";
	put(list, "b", "2");
	change_list_job(list, &job);
	apply_and_undo_behind_another(world, list);
	assert_true(apply(world, list));

	assert_int_equal(list->outcome.generation, 2);
	assert_int_equal(row_of(world, ROW_JOB, 0)->job->generation, 2);
}

static void a_job_alone_changes_no_picture(void **state)
{
	struct change_list *list = list_for(1);
	struct job_record job = job_record(8, "failed");
	const struct snapshot *before = now(state);

	change_list_job(list, &job);
	assert_true(apply(*state, list));

	assert_ptr_equal(now(state), before);
	assert_int_equal(rows_of(*state, ROW_JOB), 1);
	assert_int_equal(row_of(*state, ROW_JOB, 0)->job->generation, 0);
	assert_int_equal(rows_of(*state, ROW_VM), 0);
}

int main(void)
{
#define test(name, setup) cmocka_unit_test_setup_teardown(name, setup, free_world)
	const struct CMUnitTest tests[] = {
		test(one_item_too_many_is_refused_with_the_usage, make_world),
		test(bytes_of_keys_and_values_are_limited, make_world),
		test(host_only_items_have_their_own_limit, make_world),
		test(who_is_above_a_lowered_limit_may_still_modify_and_remove, make_world),
		test(a_list_has_at_most_4096_changes, make_world),
		test(tombstones_do_not_pile_up_without_end, make_world),
		test(an_acknowledgement_drops_the_tombstones_up_to_it, make_world_with_tombstones),
		test(an_acknowledgement_never_goes_back, make_world_with_tombstones),
		test(a_guest_cannot_have_what_does_not_exist_yet, make_world_with_tombstones),
		test(guest_data_replaces_what_was_known, make_world),
		test(the_same_guest_data_only_has_another_time, make_world),
		test(a_job_gets_the_generation_of_its_commit_whether_it_waits_or_is_done,
		     make_world),
		test(a_job_that_has_begun_keeps_its_generation, make_world),
		test(a_list_that_is_applied_again_gives_its_job_the_generation_of_then, make_world),
		test(a_job_alone_changes_no_picture, make_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
