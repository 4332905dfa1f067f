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

	object_set_put(set, &(struct object){ "Filter", "old", "ann", "1" });
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
	return state_apply(&f->state, &roomy, f->list, 0, &f->rows);
}

/* Two of a class for each owner, three in all. */
static void put_object(struct fixture *f, const char *class_name, const char *key,
		       const char *owner, const char *text)
{
	static const struct object_limits limits = { .per_owner = 2, .in_all = 3 };

	change_list_put_object(f->list, &(struct object){ class_name, key, owner, text }, &limits);
}

static void begin_again(struct fixture *f)
{
	f->rows.count = 0; /* they point into the list */
	change_list_free(&f->list);
	f->list = change_list_create_for_objects();
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

	put_object(f, "Filter", "new", "bob", "2");
	change_list_remove_object(f->list, "Filter", "old");
	assert_true(apply(f));
	assert_int_equal(f->state.objects->count, 1);
	assert_string_equal(object_set_find(f->state.objects, "Filter", "new")->text, "2");
	assert_int_equal(f->rows.count, 2);
	assert_int_equal(f->rows.row[0].kind, ROW_OBJECT);
	assert_string_equal(f->rows.row[0].object.owner, "bob");
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

static void assert_limit(struct fixture *f, const char *sentence)
{
	assert_refused(f, OKVP_LIMIT);
	assert_string_equal(f->list->outcome.failure->error.message, sentence);
}

static void more_objects_of_an_owner_than_his_share_are_refused(void **state)
{
	struct fixture *f = *state;

	put_object(f, "Filter", "a", "ann", "");
	put_object(f, "Filter", "b", "ann", "");
	assert_limit(f, "user 'ann' would hold 3 objects of Filter; 2 is the most");
	begin_again(f);
	put_object(f, "Filter", "a", "ann", "");
	put_object(f, "Filter", "b", "bob", "");
	assert_true(apply(f));
}

static void more_objects_than_allowed_in_all_are_refused(void **state)
{
	struct fixture *f = *state;

	put_object(f, "Filter", "a", "ann", "");
	put_object(f, "Filter", "b", "bob", "");
	put_object(f, "Filter", "c", "bob", "");
	assert_limit(f, "this host would hold 4 objects of Filter; 3 is the most");
}

static void each_class_may_have_so_many(void **state)
{
	struct fixture *f = *state;

	put_object(f, "Listener", "a", "ann", "");
	put_object(f, "Listener", "b", "ann", "");
	assert_true(apply(f));
	assert_int_equal(f->state.objects->count, 3);
}

static void what_is_too_many_already_may_be_put_again_and_become_less(void **state)
{
	static const struct object_limits none = { 0 };
	struct fixture *f = *state;

	change_list_put_object(f->list, &(struct object){ "Filter", "old", "ann", "2" }, &none);
	assert_true(apply(f));
	begin_again(f);
	change_list_remove_object(f->list, "Filter", "old");
	assert_true(apply(f));
}

static void an_object_that_is_put_by_another_counts_for_him(void **state)
{
	struct fixture *f = *state;

	put_object(f, "Filter", "a", "bob", "");
	put_object(f, "Filter", "b", "bob", "");
	assert_true(apply(f));
	begin_again(f);
	put_object(f, "Filter", "old", "bob", "");
	assert_limit(f, "user 'bob' would hold 3 objects of Filter; 2 is the most");
}

static void an_object_that_is_too_large_is_refused(void **state)
{
	struct fixture *f = *state;
	char *text = calloc(1, OBJECT_TEXT_MAX + 2);

	memset(text, 'a', OBJECT_TEXT_MAX + 1);
	put_object(f, "Filter", "a", "ann", text);
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
		test(more_objects_of_an_owner_than_his_share_are_refused),
		test(more_objects_than_allowed_in_all_are_refused),
		test(each_class_may_have_so_many),
		test(what_is_too_many_already_may_be_put_again_and_become_less),
		test(an_object_that_is_put_by_another_counts_for_him),
		test(an_object_that_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
