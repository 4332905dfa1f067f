/* SPDX-License-Identifier: MIT */
/* test_item_plan.c -- store/item_plan, by lists that are applied to VM 1 with a=1 b=2 c=3 */
#include "world.h"

static const struct snapshot *now(void **state)
{
	return vm_number(*state, 1);
}

/* --- Order --- */

static void new_items_come_last_in_the_order_of_the_list(void **state)
{
	struct change_list *list = list_for(1);

	add(list, "z", "4");
	add(list, "y", "5");

	assert_true(apply(*state, list));
	assert_items(now(state), "a=1 b=2 c=3 z=4 y=5");
}

static void modifying_keeps_the_place(void **state)
{
	struct change_list *list = list_for(1);

	modify(list, "b", "two");

	assert_true(apply(*state, list));
	assert_items(now(state), "a=1 b=two c=3");
}

static void adding_a_removed_key_puts_it_last(void **state)
{
	struct change_list *removal = list_for(1), *addition = list_for(1);

	remove_key(removal, "a", EXPECT_PRESENT);
	assert_true(apply(*state, removal));
	assert_items(now(state), "b=2 c=3");
	add(addition, "a", "again");
	assert_true(apply(*state, addition));
	assert_items(now(state), "b=2 c=3 a=again");
}

static void positions_follow_generation_and_list(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "a", "new");
	put(list, "d", "4");
	assert_true(apply(*state, list));

	assert_int_equal(row_of(*state, ROW_ITEM, 0)->item.position, 3 << 12);
	assert_int_equal(row_of(*state, ROW_ITEM, 1)->item.position, 3 << 12 | 1);
}

/* --- Generations --- */

static void all_items_of_a_list_get_its_generation(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "a", "1"); /* the value that it has: it was asked for again */
	put(list, "d", "4");
	assert_true(apply(*state, list));

	assert_int_equal(now(state)->generation, 3);
	assert_int_equal(snapshot_find(now(state), SPACE_EXTERNAL, "a", 1)->generation, 3);
	assert_int_equal(snapshot_find(now(state), SPACE_EXTERNAL, "d", 1)->generation, 3);
	assert_int_equal(snapshot_find(now(state), SPACE_EXTERNAL, "b", 1)->generation, 2);
	assert_true(snapshot_find(now(state), SPACE_EXTERNAL, "a", 1)->changed_us >
		    snapshot_find(now(state), SPACE_EXTERNAL, "b", 1)->changed_us);
}

static void removing_nothing_changes_nothing(void **state)
{
	struct change_list *list = list_for(1);
	const struct snapshot *before = now(state);

	remove_key(list, "x", EXPECT_ANY);
	assert_true(apply(*state, list));

	assert_ptr_equal(now(state), before);
	assert_int_equal(list->outcome.generation, 2);
	assert_int_equal(((struct world *)*state)->rows.count, 0);
}

/* --- Tombstones --- */

static void removing_leaves_a_tombstone(void **state)
{
	struct change_list *list = list_for(1);

	remove_key(list, "b", EXPECT_ANY);
	assert_true(apply(*state, list));

	assert_items(now(state), "a=1 c=3");
	assert_set(now(state)->tombstones, "b@3");
	assert_non_null(snapshot_find_tombstone(now(state), "b", 1));
	assert_int_equal(rows_of(*state, ROW_ITEM), 1);
	assert_true(row_of(*state, ROW_ITEM, 0)->item.item->removed);
}

static void putting_a_removed_key_replaces_its_tombstone(void **state)
{
	struct change_list *removal = list_for(1), *list = list_for(1);

	remove_key(removal, "a", EXPECT_ANY);
	remove_key(removal, "b", EXPECT_ANY);
	assert_true(apply(*state, removal));
	put(list, "a", "again");
	assert_true(apply(*state, list));

	assert_set(now(state)->tombstones, "b@3");
	assert_int_equal(rows_of(*state, ROW_ITEM), 1);
	assert_int_equal(rows_of(*state, ROW_ITEM_DROP), 0);
}

static void a_host_only_key_leaves_none(void **state)
{
	struct change_list *list = list_for(1), *removal = list_for(1);

	put_in(list, SPACE_HOST_ONLY, "note", "x", EXPECT_ABSENT);
	assert_true(apply(*state, list));
	assert_set(now(state)->space[SPACE_HOST_ONLY], "note=x");
	assert_int_equal(list->outcome.changed_count, 0);
	change_list_remove(removal, SPACE_HOST_ONLY, "note", 4, EXPECT_PRESENT);
	assert_true(apply(*state, removal));

	assert_set(now(state)->space[SPACE_HOST_ONLY], "");
	assert_int_equal(now(state)->generation, 4);
	assert_set(now(state)->tombstones, "");
	assert_int_equal(rows_of(*state, ROW_ITEM_DROP), 1);
}

static void both_spaces_change_in_one_list(void **state)
{
	struct change_list *list = list_for(1);

	put_in(list, SPACE_HOST_ONLY, "a", "mine", EXPECT_ABSENT);
	put(list, "a", "theirs");
	assert_true(apply(*state, list));

	assert_items(now(state), "a=theirs b=2 c=3");
	assert_set(now(state)->space[SPACE_HOST_ONLY], "a=mine");
	assert_int_equal(now(state)->generation, 3);
}

/* --- Clearing --- */

static void clearing_removes_what_the_list_does_not_name(void **state)
{
	struct change_list *list = list_for(1);

	change_list_clear(list, SPACE_EXTERNAL);
	put(list, "d", "4");
	put(list, "b", "two");
	assert_true(apply(*state, list));

	assert_items(now(state), "b=two d=4");
	assert_set(now(state)->tombstones, "a@3 c@3");
}

static void clearing_an_empty_space_changes_nothing(void **state)
{
	struct change_list *list = list_for(1);

	change_list_clear(list, SPACE_HOST_ONLY);
	assert_true(apply(*state, list));

	assert_int_equal(now(state)->generation, 2);
}

static void clearing_host_only_items_drops_their_rows(void **state)
{
	struct change_list *list = list_for(1), *clearing = list_for(1);

	put_in(list, SPACE_HOST_ONLY, "x", "1", EXPECT_ANY);
	put_in(list, SPACE_HOST_ONLY, "y", "2", EXPECT_ANY);
	assert_true(apply(*state, list));
	change_list_clear(clearing, SPACE_HOST_ONLY);
	assert_true(apply(*state, clearing));

	assert_set(now(state)->space[SPACE_HOST_ONLY], "");
	assert_int_equal(rows_of(*state, ROW_ITEM_DROP), 2);
	assert_items(now(state), "a=1 b=2 c=3");
}

static void what_changed_is_told_in_the_order_of_the_list(void **state)
{
	struct change_list *list = list_for(1);

	change_list_clear(list, SPACE_EXTERNAL);
	put(list, "d", "4");
	remove_key(list, "b", EXPECT_ANY);
	remove_key(list, "x", EXPECT_ANY);
	assert_true(apply(*state, list));

	assert_int_equal(list->outcome.changed_count, 4);
	assert_memory_equal(list->outcome.changed[0]->text, "a", 1);
	assert_memory_equal(list->outcome.changed[1]->text, "c", 1);
	assert_memory_equal(list->outcome.changed[2]->text, "d4", 2);
	assert_memory_equal(list->outcome.changed[3]->text, "b", 1);
	assert_true(list->outcome.changed[3]->removed);
}

/* --- Conditions --- */

static void adding_what_is_there_is_refused(void **state)
{
	struct change_list *list = list_for(1);

	add(list, "d", "4");
	add(list, "a", "x");
	add(list, "c", "x");
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_EXISTS, "already there: 'a' and 'c'");
	assert_items(now(state), "a=1 b=2 c=3");
	assert_int_equal(now(state)->generation, 2);
}

static void modifying_and_removing_what_is_not_there_is_refused(void **state)
{
	struct change_list *list = list_for(1);

	modify(list, "x", "1");
	remove_key(list, "y", EXPECT_PRESENT);
	modify(list, "a", "1");
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_NOT_FOUND, "not there: 'x' and 'y'");
}

static void a_tombstone_is_not_there(void **state)
{
	struct change_list *removal = list_for(1), *list = list_for(1);

	remove_key(removal, "a", EXPECT_PRESENT);
	assert_true(apply(*state, removal));
	remove_key(list, "a", EXPECT_PRESENT);
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_NOT_FOUND, "not there: 'a'");
}

static void a_key_named_twice_is_refused(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "d", "4");
	remove_key(list, "d", EXPECT_ANY);
	put(list, "d", "5");
	add(list, "a", "x");
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_INVALID, "named twice: 'd'");
}

static void the_same_key_in_both_spaces_is_not_named_twice(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "d", "4");
	put_in(list, SPACE_HOST_ONLY, "d", "4", EXPECT_ANY);

	assert_true(apply(*state, list));
}

/* --- Case --- */

static void a_key_that_differs_only_in_case_is_refused(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "A", "x");
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_EXISTS, "differs only in case from 'a': 'A'");
	assert_string_equal(failure(*state)->keys.key[0], "A");
}

static void siblings_that_differ_only_in_case_are_refused(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "New", "x");
	put(list, "nEW", "x");
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_EXISTS,
		       "differs only in case from 'New': 'nEW'");
}

static void a_variant_may_follow_the_removal_of_the_other(void **state)
{
	struct change_list *list = list_for(1);

	remove_key(list, "a", EXPECT_PRESENT);
	put(list, "A", "x");

	assert_true(apply(*state, list));
	assert_items(now(state), "b=2 c=3 A=x");
}

static void a_variant_may_not_come_before_the_removal_of_the_other(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "A", "x");
	remove_key(list, "a", EXPECT_PRESENT);
	assert_false(apply(*state, list));

	assert_refused((struct world *)*state, OKVP_EXISTS, "differs only in case from 'a': 'A'");
}

static void a_variant_of_what_is_cleared_is_welcome(void **state)
{
	struct change_list *list = list_for(1);

	put(list, "A", "x");
	change_list_clear(list, SPACE_EXTERNAL);

	assert_true(apply(*state, list));
	assert_items(now(state), "A=x");
}

static void variants_are_allowed_where_the_limits_say_so(void **state)
{
	struct world *world = *state;
	struct change_list *list = list_for(1), *later = list_for(1);

	world->limits.allow_case_variants = true;
	put(list, "A", "x");
	assert_true(apply(world, list));
	assert_items(now(state), "a=1 b=2 c=3 A=x");

	/* What is there can be modified also when that is no longer allowed. */
	world->limits.allow_case_variants = false;
	modify(later, "A", "y");
	modify(later, "a", "z");
	assert_true(apply(world, later));
	assert_items(now(state), "a=z b=2 c=3 A=y");
}

/* --- Many --- */

static void many_changes_of_many_items_find_their_places(void **state)
{
	struct change_list *list = list_for(1), *second = list_for(1);
	const struct item_set *set;
	char key[16];

	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		put(list, key, "old");
	}
	change_list_clear(list, SPACE_EXTERNAL);
	assert_true(apply(*state, list));
	for (int i = 999; i >= 0; i--) {
		snprintf(key, sizeof(key), "key%d", i);
		if (i % 2)
			modify(second, key, "new");
		else
			remove_key(second, key, EXPECT_PRESENT);
	}
	assert_true(apply(*state, second));

	set = now(state)->space[SPACE_EXTERNAL];
	assert_int_equal(set->count, 500);
	assert_int_equal(now(state)->tombstones->count, 3 + 500);
	for (int i = 0; i < 500; i++) {
		snprintf(key, sizeof(key), "key%dnew", 2 * i + 1);
		assert_memory_equal(set->item[i]->text, key, strlen(key));
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make_world_with_items, free_world)
	const struct CMUnitTest tests[] = {
		test(new_items_come_last_in_the_order_of_the_list),
		test(modifying_keeps_the_place),
		test(adding_a_removed_key_puts_it_last),
		test(positions_follow_generation_and_list),
		test(all_items_of_a_list_get_its_generation),
		test(removing_nothing_changes_nothing),
		test(removing_leaves_a_tombstone),
		test(putting_a_removed_key_replaces_its_tombstone),
		test(a_host_only_key_leaves_none),
		test(both_spaces_change_in_one_list),
		test(clearing_removes_what_the_list_does_not_name),
		test(clearing_an_empty_space_changes_nothing),
		test(clearing_host_only_items_drops_their_rows),
		test(what_changed_is_told_in_the_order_of_the_list),
		test(adding_what_is_there_is_refused),
		test(modifying_and_removing_what_is_not_there_is_refused),
		test(a_tombstone_is_not_there),
		test(a_key_named_twice_is_refused),
		test(the_same_key_in_both_spaces_is_not_named_twice),
		test(a_key_that_differs_only_in_case_is_refused),
		test(siblings_that_differ_only_in_case_are_refused),
		test(a_variant_may_follow_the_removal_of_the_other),
		test(a_variant_may_not_come_before_the_removal_of_the_other),
		test(a_variant_of_what_is_cleared_is_welcome),
		test(variants_are_allowed_where_the_limits_say_so),
		test(many_changes_of_many_items_find_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
