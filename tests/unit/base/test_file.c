/* SPDX-License-Identifier: MIT */
/* test_file.c -- base/file */
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/scoped.h"
#include "tests/unit/temp_folder.h"

static int begin(void **state)
{
	*state = temp_folder_create();
	return 0;
}

static int end(void **state)
{
	temp_folder_remove(*state);
	return 0;
}

static void write_file(const char *folder, const char *name, const char *text)
{
	struct okvp_error err;

	if (!file_write(temp_folder_file(folder, name), text, strlen(text), &err))
		fail_msg("%s", err.message);
}

static mode_t mode_of(const char *folder, const char *name)
{
	struct stat st;

	assert_int_equal(stat(temp_folder_file(folder, name), &st), 0);
	return st.st_mode & 0777;
}

static void assert_holds(const char *folder, const char *name, const char *expected)
{
	scoped(text_done) struct text text = { 0 };

	assert_true(file_read(temp_folder_file(folder, name), 100, &text, NULL));
	assert_string_equal(text.bytes, expected);
}

static size_t files_in(const char *folder)
{
	scoped(text_done) struct text text = { 0 };
	char command[600];
	FILE *pipe;

	snprintf(command, sizeof(command), "ls -A %s | wc -l", folder);
	pipe = popen(command, "r");
	assert_true(file_read_stream(pipe, "ls", 100, &text, NULL));
	pclose(pipe);
	return strtoul(text.bytes, NULL, 10);
}

static void what_is_written_is_read(void **state)
{
	scoped(text_done) struct text text = { 0 };
	struct okvp_error err;

	assert_true(file_write(temp_folder_file(*state, "a"), "b\0c", 3, &err));
	assert_true(file_read(temp_folder_file(*state, "a"), 3, &text, &err));
	assert_int_equal(text.length, 3);
	assert_memory_equal(text.bytes, "b\0c", 4);
	write_file(*state, "empty", "");
	assert_holds(*state, "empty", "");
}

static void a_file_that_is_too_long_is_told(void **state)
{
	scoped(text_done) struct text text = { 0 };
	struct okvp_error err;

	write_file(*state, "a", "1234");
	assert_false(file_read(temp_folder_file(*state, "a"), 3, &text, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);
	assert_non_null(strstr(err.message, "more than 3 bytes"));
}

static void a_file_that_is_not_there_is_told(void **state)
{
	scoped(text_done) struct text text = { 0 };
	struct okvp_error err;

	assert_false(file_read(temp_folder_file(*state, "a"), 3, &text, &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_false(file_write(temp_folder_file(*state, "no/a"), "", 0, &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
}

static void a_new_file_is_its_owners_alone_and_another_keeps_its_mode(void **state)
{
	write_file(*state, "new", "1");
	assert_int_equal(mode_of(*state, "new"), 0600);
	assert_int_equal(chmod(temp_folder_file(*state, "new"), 0644), 0);
	write_file(*state, "new", "2");
	assert_int_equal(mode_of(*state, "new"), 0644);
	assert_holds(*state, "new", "2");
	assert_int_equal(files_in(*state), 1);
}

static void a_file_that_cannot_be_put_in_place_stays_as_it_was(void **state)
{
	struct okvp_error err;

	assert_int_equal(mkdir(temp_folder_file(*state, "folder"), 0755), 0);
	assert_false(file_write(temp_folder_file(*state, "folder"), "1", 1, &err));
	assert_int_equal(files_in(*state), 1);
}

static void a_link_is_followed(void **state)
{
	write_file(*state, "target", "1");
	assert_int_equal(symlink("target", temp_folder_file(*state, "link")), 0);
	write_file(*state, "link", "22");
	assert_holds(*state, "target", "22");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(what_is_written_is_read),
		test(a_file_that_is_too_long_is_told),
		test(a_file_that_is_not_there_is_told),
		test(a_new_file_is_its_owners_alone_and_another_keeps_its_mode),
		test(a_file_that_cannot_be_put_in_place_stays_as_it_was),
		test(a_link_is_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
