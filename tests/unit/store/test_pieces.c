/* SPDX-License-Identifier: MIT */
/* test_pieces.c -- store/pieces: they go with the large values that they are pieces of, and have
 * their flags. */
#include "world.h"

#define HEAD "openkvp-large 1 4 2 0123abcd text" /* of k#0123abcd.0 and k#0123abcd.1 */
#define NEXT "openkvp-large 1 2 1 4567ef01 text" /* of k#4567ef01.0 */

static const struct snapshot *now(void **state)
{
	return vm_number(*state, 1);
}

/* Does what follows as one list. */
#define in_a_list(state, list, ...)                     \
	do {                                            \
		struct change_list *list = list_for(1); \
		__VA_ARGS__;                            \
		assert_true(apply(*(state), list));     \
	} while (0)

static void put_pieces(struct change_list *list, enum item_space space)
{
	put_in(list, space, "k#0123abcd.0", "ab", EXPECT_ANY);
	put_in(list, space, "k#0123abcd.1", "cd", EXPECT_ANY);
}

static void put_large(struct change_list *list, enum item_space space)
{
	put_pieces(list, space);
	put_in(list, space, "k", HEAD, EXPECT_ANY);
}

/* VM 1 with a large value and an item beside it. */
static int make_world_with_value(void **state)
{
	make_world(state);
	in_a_list(state, list, put_large(list, SPACE_EXTERNAL); put(list, "other", "1"));
	return 0;
}

/* --- Pieces with a head --- */

static void pieces_go_with_their_head(void **state)
{
	in_a_list(state, list, remove_key(list, "k", EXPECT_PRESENT));

	assert_items(now(state), "other=1");
	assert_set(now(state)->tombstones, "k@3 k#0123abcd.0@3 k#0123abcd.1@3");
}

static void pieces_go_when_their_head_becomes_something_else(void **state)
{
	in_a_list(state, list, modify(list, "k", "small"));

	assert_items(now(state), "k=small other=1");
	assert_int_equal(now(state)->tombstones->count, 2);
}

static void another_value_takes_the_place_of_the_pieces_that_there_are_by_then(void **state)
{
	struct change_list *list = list_for(1);

	/* Somebody else was first, after this list was made. */
	put(list, "k#89abcdef.0", "x");
	put(list, "k", "openkvp-large 1 1 1 89abcdef text");
	in_a_list(state, other, put(other, "k#4567ef01.0", "ef"); put(other, "k", NEXT));
	assert_true(apply(*state, list));

	assert_items(now(state), "k=openkvp-large 1 1 1 89abcdef text other=1 k#89abcdef.0=x");
}

static void old_pieces_go_last(void **state)
{
	const struct change_list *list;

	in_a_list(state, next, put(next, "k#4567ef01.0", "ef"); put(next, "k", NEXT));

	list = ((struct world *)*state)->list;
	assert_int_equal(list->outcome.changed_count, 4);
	assert_memory_equal(list->outcome.changed[1]->text, "k" NEXT, strlen("k" NEXT));
	assert_true(list->outcome.changed[2]->removed);
	assert_true(list->outcome.changed[3]->removed);
	assert_int_equal(row_of(*state, ROW_ITEM, 3)->item.position & 4095, 3);
}

static void pieces_that_the_list_names_stay(void **state)
{
	in_a_list(state, list, put_large(list, SPACE_EXTERNAL));

	assert_items(now(state), "k#0123abcd.0=ab k#0123abcd.1=cd k=" HEAD " other=1");
	assert_set(now(state)->tombstones, "");
}

static void what_only_looks_like_a_piece_stays(void **state)
{
	in_a_list(state, list, put(list, "k#0123abcd.2", "x"); put(list, "k#0123abce.0", "x");
		  put(list, "K#0123abcd.01", "x"); put(list, "other#0123abcd.0", "x"));
	in_a_list(state, list, remove_key(list, "k", EXPECT_ANY));
	in_a_list(state, list, remove_key(list, "other", EXPECT_ANY));

	assert_items(now(state),
		     "k#0123abcd.2=x k#0123abce.0=x K#0123abcd.01=x other#0123abcd.0=x");
}

static void pieces_that_go_are_in_nobodys_way(void **state)
{
	in_a_list(state, list, put(list, "K#0123ABCD.0", "x"); put(list, "k", "small"));

	assert_items(now(state), "k=small other=1 K#0123ABCD.0=x");
}

static void a_head_that_does_not_expire_keeps_its_pieces(void **state)
{
	struct change_list *list = list_for(1);

	change_list_expire(list, snapshot_find(now(state), SPACE_EXTERNAL, "k", 1), true);
	in_a_list(state, again, put_large(again, SPACE_EXTERNAL));
	assert_true(apply(*state, list));

	assert_int_equal(now(state)->space[SPACE_EXTERNAL]->count, 4);
}

static void the_spaces_have_pieces_of_their_own(void **state)
{
	in_a_list(state, list, put_large(list, SPACE_HOST_ONLY));
	in_a_list(state, list, remove_key(list, "k", EXPECT_PRESENT));
	assert_int_equal(now(state)->space[SPACE_HOST_ONLY]->count, 3);
	in_a_list(state, list, change_list_remove(list, SPACE_HOST_ONLY, "k", 1, EXPECT_PRESENT));

	assert_set(now(state)->space[SPACE_HOST_ONLY], "");
	assert_int_equal(rows_of(*state, ROW_ITEM_DROP), 3);
}

static void a_value_fits_that_takes_the_place_of_another(void **state)
{
	struct world *world = *state;

	world->limits.items = 4;
	in_a_list(state, list, put(list, "k#4567ef01.0", "ef"); put(list, "k#4567ef01.1", "gh");
		  put(list, "k", "openkvp-large 1 4 2 4567ef01 text"));

	assert_int_equal(now(state)->space[SPACE_EXTERNAL]->count, 4);
}

/* --- Numbered pieces --- */

static void put_numbered(struct change_list *list, const char *key, int count)
{
	char name[64];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s.%d", key, i);
		put(list, name, "new");
	}
	change_list_numbered(list, key, strlen(key));
}

static void numbered_pieces_take_the_place_of_all_others(void **state)
{
	in_a_list(state, list, put(list, "n", "single"); put(list, "n.2", "old");
		  put(list, "n.10", "old"));
	in_a_list(state, list, put_numbered(list, "n", 2); remove_key(list, "other", EXPECT_ANY);
		  remove_key(list, "k", EXPECT_ANY));

	assert_items(now(state), "n.0=new n.1=new");
}

static void what_has_another_name_stays(void **state)
{
	in_a_list(state, list, put(list, "n.02", "x"); put(list, "n.2b", "x"); put(list, "n.", "x");
		  put(list, "nn.3", "x"); put(list, "n.3.4", "x"));
	in_a_list(state, list, put_numbered(list, "n", 1); remove_key(list, "other", EXPECT_ANY);
		  remove_key(list, "k", EXPECT_ANY));

	assert_items(now(state), "n.02=x n.2b=x n.=x nn.3=x n.3.4=x n.0=new");
}

static void numbered_pieces_take_the_place_of_large_values_and_their_pieces(void **state)
{
	in_a_list(state, list, put(list, "k.5#4567ef01.0", "ef"); put(list, "k.5", NEXT));
	in_a_list(state, list, put_numbered(list, "k", 1));

	assert_items(now(state), "other=1 k.0=new");
}

/* --- Flags --- */

static void put_flagged(struct change_list *list, const char *key, const char *value,
			unsigned int flags)
{
	struct okvp_item item = pair(key, value);

	change_list_put_flagged(list, SPACE_EXTERNAL, &item, flags, EXPECT_ANY);
}

#define flags_of(state, key) (snapshot_find(now(state), SPACE_EXTERNAL, key, strlen(key))->flags)

static void new_pieces_have_the_flags_of_their_key(void **state)
{
	in_a_list(state, list, put_flagged(list, "k", "small", ITEM_SECRET | ITEM_TRANSIENT));
	in_a_list(state, list, put_large(list, SPACE_EXTERNAL));

	assert_int_equal(flags_of(state, "k#0123abcd.0"), ITEM_SECRET | ITEM_TRANSIENT);
	assert_int_equal(flags_of(state, "k#0123abcd.1"), ITEM_SECRET | ITEM_TRANSIENT);
	assert_int_equal(flags_of(state, "k"), ITEM_SECRET | ITEM_TRANSIENT);
	assert_int_equal(row_of(*state, ROW_ITEM, 0)->item.item->flags,
			 ITEM_SECRET | ITEM_TRANSIENT);
}

static void pieces_that_come_before_their_head_have_them_too(void **state)
{
	in_a_list(state, list, put_flagged(list, "k", "small", ITEM_SECRET));
	in_a_list(state, list, put_pieces(list, SPACE_EXTERNAL));

	assert_int_equal(flags_of(state, "k#0123abcd.1"), ITEM_SECRET);
}

static void flags_that_a_list_gives_to_a_head_are_those_of_its_pieces(void **state)
{
	in_a_list(state, list, put_pieces(list, SPACE_EXTERNAL);
		  put_flagged(list, "k", HEAD, ITEM_SECRET));
	assert_int_equal(flags_of(state, "k#0123abcd.0"), ITEM_SECRET);

	/* Taken off the head, a flag stays where nobody has taken it off. */
	in_a_list(state, list, put(list, "k#0123abcd.0", "ab");
		  put_flagged(list, "k#0123abcd.1", "cd", 0); put_flagged(list, "k", HEAD, 0));
	assert_int_equal(flags_of(state, "k#0123abcd.0"), ITEM_SECRET);
	assert_int_equal(flags_of(state, "k#0123abcd.1"), 0);
}

static void others_have_flags_of_their_own(void **state)
{
	in_a_list(state, list, put_flagged(list, "other", "1", ITEM_SECRET));
	in_a_list(state, list, put_large(list, SPACE_EXTERNAL);
		  put_in(list, SPACE_HOST_ONLY, "other#0123abcd.0", "ab", EXPECT_ANY);
		  put(list, "other.1", "2"));

	assert_int_equal(flags_of(state, "k#0123abcd.0"), 0);
	assert_int_equal(flags_of(state, "other.1"), 0);
	assert_int_equal(now(state)->space[SPACE_HOST_ONLY]->item[0]->flags, 0);
}

static void a_piece_of_a_secret_that_was_public_becomes_secret(void **state)
{
	in_a_list(state, list, put_flagged(list, "k#0123abcd.0", "ab", 0);
		  put_flagged(list, "k", HEAD, ITEM_SECRET));
	in_a_list(state, list, put_large(list, SPACE_EXTERNAL));

	assert_int_equal(flags_of(state, "k#0123abcd.0"), ITEM_SECRET);
}

static void numbered_pieces_have_the_flags_of_the_first(void **state)
{
	in_a_list(state, list, put_flagged(list, "n.0", "old", ITEM_SECRET));
	in_a_list(state, list, put_numbered(list, "n", 3));

	assert_int_equal(flags_of(state, "n.0"), ITEM_SECRET);
	assert_int_equal(flags_of(state, "n.2"), ITEM_SECRET);
}

static void numbered_pieces_have_the_flags_of_the_item_that_they_replace(void **state)
{
	in_a_list(state, list, put_flagged(list, "n", "small", ITEM_TRANSIENT));
	in_a_list(state, list, put_numbered(list, "n", 2));

	assert_int_equal(flags_of(state, "n.0"), ITEM_TRANSIENT);
	assert_int_equal(flags_of(state, "n.1"), ITEM_TRANSIENT);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make_world_with_value, free_world)
	const struct CMUnitTest tests[] = {
		test(pieces_go_with_their_head),
		test(pieces_go_when_their_head_becomes_something_else),
		test(another_value_takes_the_place_of_the_pieces_that_there_are_by_then),
		test(old_pieces_go_last),
		test(pieces_that_the_list_names_stay),
		test(what_only_looks_like_a_piece_stays),
		test(pieces_that_go_are_in_nobodys_way),
		test(a_head_that_does_not_expire_keeps_its_pieces),
		test(the_spaces_have_pieces_of_their_own),
		test(a_value_fits_that_takes_the_place_of_another),
		test(numbered_pieces_take_the_place_of_all_others),
		test(what_has_another_name_stays),
		test(numbered_pieces_take_the_place_of_large_values_and_their_pieces),
		test(new_pieces_have_the_flags_of_their_key),
		test(pieces_that_come_before_their_head_have_them_too),
		test(flags_that_a_list_gives_to_a_head_are_those_of_its_pieces),
		test(others_have_flags_of_their_own),
		test(a_piece_of_a_secret_that_was_public_becomes_secret),
		test(numbered_pieces_have_the_flags_of_the_first),
		test(numbered_pieces_have_the_flags_of_the_item_that_they_replace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
