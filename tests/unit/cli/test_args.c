/* SPDX-License-Identifier: MIT */
/* test_args.c -- cli/args */
#include "cli/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void a_line_of_words_takes_exactly_so_many(void **state)
{
	assert_true(args_fit("", 0));
	assert_false(args_fit("", 1));
	assert_false(args_fit("VM NAME", 1));
	assert_true(args_fit("VM NAME", 2));
	assert_false(args_fit("VM NAME", 3));
}

static void the_last_word_may_repeat(void **state)
{
	assert_false(args_fit("VM KEY...", 1));
	assert_true(args_fit("VM KEY...", 2));
	assert_true(args_fit("VM KEY...", 9));
}

static void pairs_repeat_as_pairs(void **state)
{
	const char *args = "VM KEY VALUE [KEY VALUE]...";

	assert_false(args_fit(args, 2));
	assert_true(args_fit(args, 3));
	assert_false(args_fit(args, 4));
	assert_true(args_fit(args, 5));
}

static void what_is_optional_may_be_missing(void **state)
{
	assert_true(args_fit("[COMMAND]...", 0));
	assert_true(args_fit("[COMMAND]...", 2));
}

static void a_place_has_a_meaning(void **state)
{
	const char *args = "VM KEY VALUE [KEY VALUE]...";

	assert_true(args_is(args, 0, "VM"));
	assert_true(args_is(args, 1, "KEY"));
	assert_true(args_is(args, 2, "VALUE"));
	assert_true(args_is(args, 3, "KEY"));
	assert_true(args_is(args, 4, "VALUE"));
	assert_true(args_is(args, 9, "KEY"));
	assert_true(args_is("VM KEY...", 5, "KEY"));
	assert_true(args_is("[COMMAND]...", 3, "COMMAND"));
}

static void a_place_behind_the_end_has_none(void **state)
{
	size_t length;

	assert_null(args_at("VM", 1, &length));
	assert_null(args_at("", 0, &length));
	assert_false(args_is("VM", 1, "VM"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_words_takes_exactly_so_many),
		cmocka_unit_test(the_last_word_may_repeat),
		cmocka_unit_test(pairs_repeat_as_pairs),
		cmocka_unit_test(what_is_optional_may_be_missing),
		cmocka_unit_test(a_place_has_a_meaning),
		cmocka_unit_test(a_place_behind_the_end_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
