/* SPDX-License-Identifier: MIT */
/* test_arguments.c -- cli/arguments, and the tables of cli/commands */
#include "cli/arguments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static struct arguments arguments;
static struct okvp_error error;

static int release(void **state)
{
	arguments_done(&arguments);
	return 0;
}

/* Reads words that end with NULL. */
#define READ(...) read_words((const char *[]){ __VA_ARGS__, NULL })
static bool read_words(const char *const *words)
{
	size_t count = 0;

	release(NULL);
	while (words[count])
		count++;
	return arguments_read(words, count, &arguments, &error);
}

static void a_command_is_found_by_its_words(void **state)
{
	assert_true(READ("item", "add", "web1", "a", "1"));
	assert_string_equal(arguments.command->name, "item add");
	assert_int_equal(arguments.count, 3);
	assert_string_equal(arguments.words[0], "web1");
}

static void options_may_stand_anywhere(void **state)
{
	assert_true(READ("--server", "/s", "item", "--host-only", "list", "web1", "--json"));
	assert_string_equal(arguments.command->name, "item list");
	assert_string_equal(arguments.given[OPTION_SERVER], "/s");
	assert_non_null(arguments.given[OPTION_HOST_ONLY]);
	assert_non_null(arguments.given[OPTION_JSON]);
	assert_int_equal(arguments.count, 1);
}

static void an_argument_may_be_joined(void **state)
{
	assert_true(READ("job", "wait", "x", "--wait=5"));
	assert_string_equal(arguments.given[OPTION_WAIT], "5");
}

static void two_dashes_end_the_options(void **state)
{
	assert_true(READ("item", "put", "web1", "--", "--json", "-x"));
	assert_null(arguments.given[OPTION_JSON]);
	assert_int_equal(arguments.count, 3);
	assert_string_equal(arguments.words[1], "--json");
}

static void one_dash_is_a_word(void **state)
{
	assert_true(READ("item", "put", "web1", "k", "-"));
	assert_string_equal(arguments.words[2], "-");
}

static void an_unknown_option_is_refused_and_named(void **state)
{
	assert_false(READ("vm", "list", "--jsn"));
	assert_non_null(strstr(error.message, "'--jsn'"));
	assert_false(READ("item", "put", "web1", "k", "-5"));
	assert_non_null(strstr(error.message, "'-5'"));
	assert_false(READ("vm", "list", "--j"));
}

static void a_missing_argument_is_refused(void **state)
{
	assert_false(READ("job", "wait", "x", "--wait"));
	assert_non_null(strstr(error.message, "SECONDS"));
}

static void an_argument_too_many_is_refused(void **state)
{
	assert_false(READ("vm", "list", "--json=yes"));
}

static void an_unknown_command_is_named(void **state)
{
	assert_true(READ("item", "frobnicate", "web1"));
	assert_null(arguments.command);
	assert_false(arguments_check(&arguments, &error));
	assert_non_null(strstr(error.message, "'item frobnicate'"));
}

static void half_a_command_is_none(void **state)
{
	assert_true(READ("item"));
	assert_null(arguments.command);
	assert_true(READ("items", "add"));
	assert_null(arguments.command);
}

static void an_option_of_another_command_is_refused(void **state)
{
	assert_true(READ("vm", "list", "--wait", "5"));
	assert_false(arguments_check(&arguments, &error));
	assert_non_null(strstr(error.message, "'--wait'"));
}

static void a_wrong_number_of_words_is_refused(void **state)
{
	assert_true(READ("item", "add", "web1", "k"));
	assert_false(arguments_check(&arguments, &error));
	assert_non_null(strstr(error.message, "VM KEY VALUE"));
}

static void words_that_are_not_utf8_are_refused(void **state)
{
	assert_true(READ("item", "add", "web1", "k", "\xFF"));
	assert_false(arguments_check(&arguments, &error));
	assert_true(READ("vm", "define", "web1", "--channel", "unix:/\xFF"));
	assert_false(arguments_check(&arguments, &error));
}

static void a_number_is_read_up_to_its_limit(void **state)
{
	uint64_t number = 7;

	assert_true(READ("job", "wait", "x"));
	assert_true(arguments_number(&arguments, OPTION_WAIT, 100, &number, &error));
	assert_int_equal(number, 7);
	assert_true(READ("job", "wait", "x", "--wait", "100"));
	assert_true(arguments_number(&arguments, OPTION_WAIT, 100, &number, &error));
	assert_int_equal(number, 100);
	assert_false(arguments_number(&arguments, OPTION_WAIT, 99, &number, &error));
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const wrong[] = { "",   "-1",   "+1",  " 1",
					     "1x", "0x10", "1.5", "99999999999999999999999" };
	uint64_t number;

	for (size_t i = 0; i < count_of(wrong); i++) {
		assert_true(READ("job", "wait", "x", "--wait", wrong[i]));
		assert_false(
			arguments_number(&arguments, OPTION_WAIT, UINT64_MAX, &number, &error));
	}
}

static void every_command_is_found_by_its_own_name(void **state)
{
	for (const struct command *command = commands; command->name; command++) {
		char *copy = xstrdup(command->name), *rest = copy;
		const char *words[4];
		size_t count = 0, used;

		while ((words[count] = strsep(&rest, " ")))
			count++;
		assert_ptr_equal(command_find(words, count, &used), command);
		assert_int_equal(used, count);
		assert_null(command_find(words, count - 1, &used));
		free(copy);
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, release)
	const struct CMUnitTest tests[] = {
		test(a_command_is_found_by_its_words),
		test(options_may_stand_anywhere),
		test(an_argument_may_be_joined),
		test(two_dashes_end_the_options),
		test(one_dash_is_a_word),
		test(an_unknown_option_is_refused_and_named),
		test(a_missing_argument_is_refused),
		test(an_argument_too_many_is_refused),
		test(an_unknown_command_is_named),
		test(half_a_command_is_none),
		test(an_option_of_another_command_is_refused),
		test(a_wrong_number_of_words_is_refused),
		test(words_that_are_not_utf8_are_refused),
		test(a_number_is_read_up_to_its_limit),
		test(what_is_no_number_is_refused),
		test(every_command_is_found_by_its_own_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
