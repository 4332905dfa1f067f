/* SPDX-License-Identifier: MIT */
/* test_help.c -- cli/help, and that the manual page tells the same as the tables */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fake_client.h"

static void all_commands_are_listed(void **state)
{
	assert_int_equal(RUN("help", { 0, NULL }), EXIT_DONE);
	for (const struct command *command = commands; command->name; command++)
		if (command->help)
			assert_non_null(strstr(fake_out(), command->name));
		else
			assert_null(strstr(fake_out(), command->name));
	assert_non_null(strstr(fake_out(), "\n  5  the job"));
}

static void a_group_is_explained(void **state)
{
	assert_int_equal(RUN("help job", { 0, NULL }), EXIT_DONE);
	assert_non_null(strstr(fake_out(), "job wait JOB"));
	assert_null(strstr(fake_out(), "vm list"));
}

static void a_command_is_explained_with_its_options(void **state)
{
	assert_int_equal(RUN("help item add", { 0, NULL }), EXIT_DONE);
	assert_non_null(strstr(fake_out(), "Usage: openkvp item add [OPTION]... VM KEY VALUE"));
	assert_non_null(strstr(fake_out(), "--if-generation N"));
	assert_null(strstr(fake_out(), "--role"));
}

static void help_may_be_an_option(void **state)
{
	assert_int_equal(RUN("item add --help", { 0, NULL }), EXIT_DONE);
	assert_non_null(strstr(fake_out(), "Usage: openkvp item add"));
	assert_int_equal(RUN("-h", { 0, NULL }), EXIT_DONE);
	assert_non_null(strstr(fake_out(), "Exit status"));
}

static void help_on_what_is_not_there_is_an_error(void **state)
{
	assert_int_equal(RUN("help frobnicate", { 0, NULL }), EXIT_USAGE);
	assert_string_equal(fake_out(), "");
	assert_non_null(strstr(fake_err(), "'frobnicate'"));
}

static void a_mistake_shows_how_it_is_right(void **state)
{
	assert_int_equal(RUN("vm show", { 0, NULL }), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "Usage: openkvp vm show [OPTION]... VM\n"));
	assert_int_equal(RUN("vm frob", { 0, NULL }), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "vm define"));
	assert_int_equal(RUN("", { 0, NULL }), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "openkvp help"));
}

static void the_version_is_printed(void **state)
{
	assert_int_equal(RUN("--version", { 0, NULL }), EXIT_DONE);
	assert_string_equal(fake_out(), "openkvp " OPENKVP_VERSION "\n");
}

/* The manual page as words: without its marks for bold and underlined. */
static int read_manual(void **state)
{
	char *page = xcalloc(1, 1 << 16), *out = page;
	FILE *file = fopen(getenv("OPENKVP_MANUAL"), "r");

	if (!file)
		return -1;
	fread(page, 1, (1 << 16) - 1, file);
	fclose(file);
	for (const char *at = page; *at; at++)
		if (*at != '*' && *at != '_')
			*out++ = *at;
	*out = '\0';
	*state = page;
	return 0;
}

static int free_manual(void **state)
{
	free(*state);
	return 0;
}

static void the_manual_has_every_command_and_option(void **state)
{
	for (const struct command *command = commands; command->name; command++) {
		char *line = xprintf("\n%s%s%s", command->name, *command->args ? " " : "",
				     command->args);

		if (command->help && !strstr(*state, line))
			fail_msg("the manual lacks '%s'", line + 1);
		free(line);
	}
	for (enum option option = 0; option < OPTION_COUNT; option++) {
		const struct option_text *text = &option_texts[option];
		char *shown = xprintf("--%s%s%s", text->name, text->argument ? " " : "",
				      text->argument ? text->argument : "");

		if (!strstr(*state, shown))
			fail_msg("the manual lacks '%s'", shown);
		free(shown);
	}
}

static void the_manual_has_every_exit_status(void **state)
{
	const char *section = strstr(*state, "# EXIT STATUS");

	assert_non_null(section);
#define X(name, text)                                                    \
	{                                                                \
		char number[8];                                          \
		snprintf(number, sizeof(number), " %d\n:", EXIT_##name); \
		assert_non_null(strstr(section, number));                \
	}
	EXIT_LIST(X)
#undef X
}

int main(void)
{
#define test(name)   cmocka_unit_test_teardown(name, fake_done)
#define manual(name) cmocka_unit_test_setup_teardown(name, read_manual, free_manual)
	const struct CMUnitTest tests[] = {
		test(all_commands_are_listed),
		test(a_group_is_explained),
		test(a_command_is_explained_with_its_options),
		test(help_may_be_an_option),
		test(help_on_what_is_not_there_is_an_error),
		test(a_mistake_shows_how_it_is_right),
		test(the_version_is_printed),
		manual(the_manual_has_every_command_and_option),
		manual(the_manual_has_every_exit_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
