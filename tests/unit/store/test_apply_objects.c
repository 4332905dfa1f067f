/* SPDX-License-Identifier: MIT */
/* test_apply_objects.c -- store/apply_objects: a list for objects applied to the state */
#include "helpers.h"
#include "store/state.h"

struct fixture {
	struct state state;
	struct rows rows;
	struct change_list *list;
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct object_set *set = object_set_derive(NULL, 1);

	object_set_put(set, "Filter", "old", "1");
	state_replace_objects(&f->state, set);
	object_set_release(&set);
	f->list = change_list_create_for_objects();
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	change_list_free(&f->list);
	state_done(&f->state);
	free(f->rows.row);
	free(f);
	return 0;
}

static bool apply(struct fixture *f)
{
	struct store_limits limits = roomy;

	limits.objects = 2;
	return state_apply(&f->state, &limits, f->list, 0, &f->rows);
}

static void assert_refused(struct fixture *f, enum okvp_status status)
{
	struct object_set *before = f->state.objects;

	assert_false(apply(f));
	assert_int_equal(f->list->outcome.failure->error.status, status);
	assert_ptr_equal(f->state.objects, before);
	assert_int_equal(f->rows.count, 0);
}

static void a_list_puts_and_removes(void **state)
{
	struct fixture *f = *state;

	change_list_put_object(f->list, "Filter", "new", "2");
	change_list_remove_object(f->list, "Filter", "old");
	assert_true(apply(f));
	assert_int_equal(f->state.objects->count, 1);
	assert_string_equal(object_set_find(f->state.objects, "Filter", "new")->text, "2");
	assert_int_equal(f->rows.count, 2);
	assert_int_equal(f->rows.row[0].kind, ROW_OBJECT);
	assert_string_equal(f->rows.row[0].object.text, "2");
	assert_int_equal(f->rows.row[1].kind, ROW_OBJECT_DROP);
	assert_string_equal(f->rows.row[1].object.key, "old");
}

static void a_list_is_taken_back(void **state)
{
	struct fixture *f = *state;
	struct object_set *before = f->state.objects;

	change_list_remove_object(f->list, "Filter", "old");
	assert_true(apply(f));
	state_undo(&f->state, f->list);
	assert_ptr_equal(f->state.objects, before);
	assert_int_equal(f->state.objects->count, 1);
}

static void a_list_for_another_picture_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	uint64_t generation = f->state.objects->generation;

	change_list_remove_object(f->list, "Filter", "old");
	change_list_if_generation(f->list, generation + 1);
	assert_refused(f, OKVP_CONFLICT);
	outcome_done(&f->list->outcome);
	change_list_if_generation(f->list, generation);
	assert_true(apply(f));
	assert_true(f->state.objects->generation > generation);
}

static void more_objects_than_allowed_are_refused(void **state)
{
	struct fixture *f = *state;

	change_list_put_object(f->list, "Filter", "a", "");
	change_list_put_object(f->list, "Filter", "b", "");
	assert_refused(f, OKVP_LIMIT);
	assert_non_null(strstr(f->list->outcome.failure->error.message, "2"));
}

static void each_class_may_have_so_many(void **state)
{
	struct fixture *f = *state;

	change_list_put_object(f->list, "Listener", "a", "");
	change_list_put_object(f->list, "Listener", "b", "");
	assert_true(apply(f));
	assert_int_equal(f->state.objects->count, 3);
}

static void an_object_that_is_too_large_is_refused(void **state)
{
	struct fixture *f = *state;
	char *text = calloc(1, OBJECT_TEXT_MAX + 2);

	memset(text, 'a', OBJECT_TEXT_MAX + 1);
	change_list_put_object(f->list, "Filter", "a", text);
	assert_refused(f, OKVP_TOO_LONG);
	outcome_done(&f->list->outcome);
	f->list->object[0].text[OBJECT_TEXT_MAX] = '\0';
	assert_true(apply(f));
	free(text);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(a_list_puts_and_removes),
		test(a_list_is_taken_back),
		test(a_list_for_another_picture_is_a_conflict),
		test(more_objects_than_allowed_are_refused),
		test(each_class_may_have_so_many),
		test(an_object_that_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
