/* SPDX-License-Identifier: MIT */
/* test_map.c -- base/map */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MANY 5000

static char names[MANY][8];
static int values[MANY];

static int fill(void **state)
{
	static struct map map;

	map = (struct map){ 0 };
	for (int i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		assert_null(map_put(&map, names[i], strlen(names[i]), &values[i]));
	}
	*state = &map;
	return 0;
}

static int empty(void **state)
{
	map_done(*state);
	return 0;
}

static void what_was_put_is_found(void **state)
{
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(map_find(*state, names[i], strlen(names[i])), &values[i]);
	assert_null(map_find(*state, "n", 1));
}

static void putting_a_key_again_replaces_its_value(void **state)
{
	assert_ptr_equal(map_put(*state, "n7", 2, &values[0]), &values[7]);
	assert_ptr_equal(map_find(*state, "n7", 2), &values[0]);
}

static void what_was_removed_is_not_found_and_the_rest_is(void **state)
{
	for (int i = 0; i < MANY; i += 2)
		assert_ptr_equal(map_remove(*state, names[i], strlen(names[i])), &values[i]);
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(map_find(*state, names[i], strlen(names[i])),
				 i % 2 ? &values[i] : NULL);
	assert_null(map_remove(*state, "n0", 2));
}

static void a_walk_meets_each_value_once(void **state)
{
	char seen[MANY] = { 0 };
	size_t at = 0;
	int *value;

	while ((value = map_next(*state, &at)))
		assert_int_equal(seen[value - values]++, 0);
	assert_null(memchr(seen, 0, MANY));
}

static void coming_and_going_does_not_grow_the_table(void **state)
{
	struct map *map = *state;
	size_t room = map->room;

	for (int round = 0; round < 20; round++)
		for (int i = 0; i < MANY; i++) {
			map_remove(map, names[i], strlen(names[i]));
			map_put(map, names[i], strlen(names[i]), &values[i]);
		}
	assert_true(map->room <= 2 * room);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fill, empty)
	const struct CMUnitTest tests[] = {
		test(what_was_put_is_found),
		test(putting_a_key_again_replaces_its_value),
		test(what_was_removed_is_not_found_and_the_rest_is),
		test(a_walk_meets_each_value_once),
		test(coming_and_going_does_not_grow_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
