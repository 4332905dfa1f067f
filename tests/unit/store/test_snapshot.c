/* SPDX-License-Identifier: MIT */
/* test_snapshot.c -- store/snapshot */
#include "helpers.h"

static int make_snapshot(void **state)
{
	struct guid id = guid_number(1);
	struct snapshot *snapshot =
		snapshot_create(&id, vm_settings_create("web1", "unix:/run/web1"));
	struct item_set *set = item_set_create(3);

	item_set_add(set, stored("a", "1"));
	item_set_add(set, stored("b", "2"));
	item_set_add(set, stored("a", "3"));
	snapshot_set(&snapshot->space[SPACE_GUEST], set);
	*state = snapshot;
	return 0;
}

static int release_snapshot(void **state)
{
	snapshot_release((struct snapshot **)state);
	return 0;
}

static void an_item_gives_back_what_it_was_made_of(void **state)
{
	struct stored_item *item = stored_item_create(&(struct okvp_item){ .key = "k\0k",
									   .key_length = 3,
									   .value = "17",
									   .value_length = 2,
									   .type = OKVP_U32 });
	struct okvp_item view = stored_item_view(item);

	assert_int_equal(view.key_length, 3);
	assert_memory_equal(view.key, "k\0k", 3);
	assert_int_equal(view.value_length, 2);
	assert_memory_equal(view.value, "17", 2);
	assert_int_equal(view.type, OKVP_U32);
	stored_item_release(&item);
	assert_null(item);
}

static void an_item_without_value_is_whole(void **state)
{
	struct stored_item *item = stored("k", "");

	assert_int_equal(item->value_length, 0);
	assert_false(item->removed);
	stored_item_release(&item);
}

static void items_are_equal_by_key_value_and_type(void **state)
{
	struct item_set *a = item_set_create(1), *b = item_set_create(1), *c = item_set_create(1);

	item_set_add(a, stored("k", "v"));
	item_set_add(b, stored("k", "v"));
	item_set_add(c, stored("k", "w"));
	assert_true(item_set_equal(a, b));
	assert_false(item_set_equal(a, c));
	b->item[0]->type = OKVP_U32;
	assert_false(item_set_equal(a, b));
	item_set_release(&a);
	item_set_release(&b);
	item_set_release(&c);
}

static void a_set_counts_its_items_and_their_bytes(void **state)
{
	struct snapshot *snapshot = *state;

	assert_int_equal(snapshot->space[SPACE_GUEST]->count, 3);
	assert_int_equal(snapshot->space[SPACE_GUEST]->bytes, 6);
	assert_int_equal(snapshot->space[SPACE_EXTERNAL]->count, 0);
}

static void the_last_of_several_items_with_a_key_is_found(void **state)
{
	struct stored_item *item = snapshot_find(*state, SPACE_GUEST, "a", 1);

	assert_non_null(item);
	assert_memory_equal(stored_item_view(item).value, "3", 1);
}

static void a_key_that_is_not_there_is_not_found(void **state)
{
	assert_null(snapshot_find(*state, SPACE_GUEST, "c", 1));
	assert_null(snapshot_find(*state, SPACE_GUEST, "A", 1));
	assert_null(snapshot_find(*state, SPACE_EXTERNAL, "a", 1));
	assert_null(snapshot_find_tombstone(*state, "a", 1));
}

static void a_derived_snapshot_shares_sets_and_outlives_its_original(void **state)
{
	struct snapshot *original = *state, *derived = snapshot_derive(original);

	assert_ptr_equal(derived->space[SPACE_GUEST], original->space[SPACE_GUEST]);
	assert_ptr_equal(derived->settings, original->settings);
	snapshot_release((struct snapshot **)state);
	assert_set(derived->space[SPACE_GUEST], "a=1 b=2 a=3");
	assert_string_equal(derived->settings->name, "web1");
	assert_string_equal(derived->settings->channel, "unix:/run/web1");
	*state = derived;
}

static void settings_begin_with_everything_switched_on(void **state)
{
	const struct vm_settings *settings = ((struct snapshot *)*state)->settings;

	assert_true(settings->exchange_enabled);
	assert_true(settings->host_items);
	assert_true(settings->created_us > 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make_snapshot, release_snapshot)
	const struct CMUnitTest tests[] = {
		test(an_item_gives_back_what_it_was_made_of),
		test(an_item_without_value_is_whole),
		test(items_are_equal_by_key_value_and_type),
		test(a_set_counts_its_items_and_their_bytes),
		test(the_last_of_several_items_with_a_key_is_found),
		test(a_key_that_is_not_there_is_not_found),
		test(a_derived_snapshot_shares_sets_and_outlives_its_original),
		test(settings_begin_with_everything_switched_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
