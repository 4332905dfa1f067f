/* SPDX-License-Identifier: MIT */
/* test_object_set.c -- store/object_set */
#include "store/object_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void put_object(struct object_set *set, const char *class_name, const char *key,
		       const char *text)
{
	object_set_put(set, &(struct object){ class_name, key, "ann", text });
}

static struct object_set *of_two(void)
{
	struct object_set *set = object_set_derive(NULL, 2);

	put_object(set, "Filter", "a", "1");
	put_object(set, "Handler", "a", "2");
	return set;
}

static void objects_are_found_by_class_and_key(void **state)
{
	struct object_set *set = of_two();

	assert_string_equal(object_set_find(set, "Filter", "a")->text, "1");
	assert_string_equal(object_set_find(set, "Handler", "a")->text, "2");
	assert_string_equal(object_set_find(set, "Handler", "a")->owner, "ann");
	assert_null(object_set_find(set, "Filter", "b"));
	object_set_release(&set);
	assert_null(set);
}

static void an_object_that_is_put_again_keeps_its_place(void **state)
{
	struct object_set *set = of_two();

	put_object(set, "Filter", "a", "3");
	assert_int_equal(set->count, 2);
	assert_string_equal(set->object[0]->text, "3");
	object_set_release(&set);
}

static void a_set_that_is_derived_leaves_the_other_as_it_was(void **state)
{
	struct object_set *set = of_two(), *next = object_set_derive(set, 1);

	put_object(next, "Filter", "b", "4");
	assert_true(object_set_remove(next, "Filter", "a"));
	assert_false(object_set_remove(next, "Filter", "a"));
	assert_true(next->generation > set->generation);
	assert_int_equal(set->count, 2);
	assert_non_null(object_set_find(set, "Filter", "a"));
	object_set_release(&set);
	assert_int_equal(next->count, 2);
	assert_string_equal(next->object[0]->class_name, "Handler");
	assert_string_equal(next->object[1]->key, "b");
	object_set_release(&next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_found_by_class_and_key),
		cmocka_unit_test(an_object_that_is_put_again_keeps_its_place),
		cmocka_unit_test(a_set_that_is_derived_leaves_the_other_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
