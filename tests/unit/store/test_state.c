/* SPDX-License-Identifier: MIT */
/* test_state.c -- store/state */
#include "world.h"

static struct state *state_of(void **state)
{
	return &((struct world *)*state)->state;
}

static void names_are_found_without_case(void **state)
{
	assert_ptr_equal(state_find_name(state_of(state), "WeB1"), vm_number(*state, 1));
	assert_null(state_find_name(state_of(state), "web2"));
}

static void a_list_that_is_taken_back_leaves_no_trace(void **state)
{
	const struct snapshot *before = vm_number(*state, 1);
	struct change_list *list = list_for(1);

	change_list_set(list, &(struct vm_settings_change){ .name = "db1" });
	put(list, "a", "1");
	assert_true(apply(*state, list));
	state_undo(state_of(state), list);

	assert_ptr_equal(vm_number(*state, 1), before);
	assert_ptr_equal(state_find_name(state_of(state), "web1"), before);
	assert_null(state_find_name(state_of(state), "db1"));
}

static void a_list_that_was_taken_back_can_be_applied_again(void **state)
{
	struct world *world = *state;
	struct change_list *list = list_for(1);

	put(list, "a", "1");
	assert_true(apply(world, list));
	state_undo(&world->state, list);
	world->rows.count = 0;

	assert_true(state_apply(&world->state, &world->limits, list, 5000, &world->rows));
	assert_items(vm_number(world, 1), "a=1");
	assert_int_equal(vm_number(world, 1)->generation, 2);
	assert_int_equal(list->outcome.changed_count, 1);
}

static void definitions_and_removals_are_taken_back(void **state)
{
	struct world *world = *state;
	struct change_list *made = definition(2, "web2"), *gone = list_for(1);

	change_list_undefine(gone, false);
	assert_true(state_apply(&world->state, &world->limits, made, 1, &world->rows));
	assert_true(state_apply(&world->state, &world->limits, gone, 1, &world->rows));
	assert_null(vm_number(world, 1));

	state_undo(&world->state, gone);
	state_undo(&world->state, made);
	assert_non_null(vm_number(world, 1));
	assert_ptr_equal(state_find_name(&world->state, "web1"), vm_number(world, 1));
	assert_null(vm_number(world, 2));
	assert_null(state_find_name(&world->state, "web2"));
	change_list_free(&made);
	change_list_free(&gone);
}

static void a_refused_list_is_taken_back_without_harm(void **state)
{
	struct change_list *list = list_for(1);

	modify(list, "a", "1");
	assert_false(apply(*state, list));
	state_undo(state_of(state), list);

	assert_non_null(vm_number(*state, 1));
	assert_null(list->outcome.failure);
}

static void names_can_be_exchanged(void **state)
{
	struct world *world = *state;
	const char *const names[][2] = { { "web1", "x" }, { "web2", "web1" }, { "x", "web2" } };
	const unsigned int vm[] = { 1, 2, 1 };

	assert_true(apply(world, definition(2, "web2")));
	for (int i = 0; i < 3; i++) {
		struct change_list *list = list_for(vm[i]);

		change_list_set(list, &(struct vm_settings_change){ .name = names[i][1] });
		assert_true(apply(world, list));
		assert_null(state_find_name(&world->state, names[i][0]));
	}
	assert_ptr_equal(state_find_name(&world->state, "web1"), vm_number(world, 2));
	assert_ptr_equal(state_find_name(&world->state, "web2"), vm_number(world, 1));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)
	const struct CMUnitTest tests[] = {
		test(names_are_found_without_case),
		test(a_list_that_is_taken_back_leaves_no_trace),
		test(a_list_that_was_taken_back_can_be_applied_again),
		test(definitions_and_removals_are_taken_back),
		test(a_refused_list_is_taken_back_without_harm),
		test(names_can_be_exchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
