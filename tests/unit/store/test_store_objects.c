/* SPDX-License-Identifier: MIT */
/* test_store_objects.c -- store/store and store/sqlite: objects in a file */
#include "file_store.h"

static void put_object(struct change_list *list, const char *class_name, const char *key,
		       const char *text)
{
	static const struct object_limits limits = { 100, 100 };

	change_list_put_object(list, &(struct object){ class_name, key, "ann", text }, &limits);
}

static struct change_list *putting(const char *key, const char *text)
{
	struct change_list *list = change_list_create_for_objects();

	put_object(list, "Filter", key, text);
	return list;
}

static void objects_are_there_again_in_their_order(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = change_list_create_for_objects();

	apply(f, putting("z", "1"));
	apply(f, putting("a", "2 \"\xC3\xA4\""));
	apply(f, putting("m", "3"));
	apply(f, putting("z", "4"));
	change_list_remove_object(list, "Filter", "a");
	put_object(list, "Handler", "a", "5");
	apply(f, list);
	reopen(f);
	assert_int_equal(f->pictures.objects->count, 3);
	assert_string_equal(f->pictures.objects->object[0]->key, "z");
	assert_string_equal(f->pictures.objects->object[0]->text, "4");
	assert_string_equal(f->pictures.objects->object[0]->owner, "ann");
	assert_string_equal(f->pictures.objects->object[1]->key, "m");
	assert_string_equal(f->pictures.objects->object[2]->class_name, "Handler");
}

static void a_store_without_objects_has_a_picture_of_none(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->pictures.objects->count, 0);
}

static void a_change_is_published_before_it_is_done(void **state)
{
	struct fixture *f = *state;
	uint64_t generation = f->pictures.objects->generation;

	apply(f, putting("a", "1"));
	assert_true(f->pictures.objects->generation > generation);
	assert_string_equal(object_set_find(f->pictures.objects, "Filter", "a")->text, "1");
}

static void a_refused_change_is_not_published(void **state)
{
	struct fixture *f = *state;
	struct object_set *before = f->pictures.objects;
	struct change_list *list = putting("a", "1");
	struct okvp_error err;

	change_list_if_generation(list, before->generation + 7);
	assert_false(store_apply(f->store, list, NULL, &err));
	assert_int_equal(err.status, OKVP_CONFLICT);
	assert_ptr_equal(f->pictures.objects, before);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(objects_are_there_again_in_their_order),
		test(a_store_without_objects_has_a_picture_of_none),
		test(a_change_is_published_before_it_is_done),
		test(a_refused_change_is_not_published),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
