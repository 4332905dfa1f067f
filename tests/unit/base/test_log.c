/* SPDX-License-Identifier: MIT */
/* test_log.c -- base/log: what reaches standard error. */
#include "base/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct capture {
	int pipe[2], kept;
	char text[65536];
};

static struct capture capture;

static int begin(void **state)
{
	unsetenv("JOURNAL_STREAM");
	assert_int_equal(pipe2(capture.pipe, O_NONBLOCK), 0);
	capture.kept = dup(STDERR_FILENO);
	dup2(capture.pipe[1], STDERR_FILENO);
	return 0;
}

static int end(void **state)
{
	dup2(capture.kept, STDERR_FILENO);
	close(capture.kept);
	close(capture.pipe[0]);
	close(capture.pipe[1]);
	return 0;
}

/* What was written since the last call. */
static const char *written(void)
{
	ssize_t length = read(capture.pipe[0], capture.text, sizeof(capture.text) - 1);

	capture.text[length > 0 ? length : 0] = '\0';
	return capture.text;
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void a_line_has_its_subject_and_level(void **state)
{
	log_info("", "ready");
	log_warning("web1", "%d items", 3);
	assert_string_equal(written(), "ready\nwarning: web1: 3 items\n");
}

static void the_journal_gets_its_own_levels(void **state)
{
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_error("", "broken");
	assert_string_equal(written(), "<3>broken\n");
}

static void what_is_less_urgent_than_the_level_is_not_written(void **state)
{
	log_debug("", "detail");
	assert_string_equal(written(), "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("", "detail");
	log_set_level(LOG_LEVEL_INFO);
	assert_string_equal(written(), "debug: detail\n");
}

static void control_characters_cannot_forge_a_line(void **state)
{
	log_info("a\nb", "x\x1b[0m\ny");
	assert_string_equal(written(), "a?b: x?[0m?y\n");
}

static void a_subject_has_ten_lines_a_minute_and_others_are_not_held_back(void **state)
{
	for (int i = 0; i < 100; i++)
		log_info("noisy", "again");
	assert_int_equal(count_lines(written()), LOG_LINES_PER_MINUTE);
	log_info("quiet", "hello");
	for (int i = 0; i < 20; i++)
		log_info("", "the program itself");
	assert_int_equal(count_lines(written()), 21);
}

static void however_many_subjects_there_are_the_lines_are_bounded(void **state)
{
	int file = memfd_create("log", MFD_CLOEXEC);
	off_t first;

	dup2(file, STDERR_FILENO);
	for (int turn = 0; turn < 2 * LOG_LINES_PER_MINUTE; turn++) {
		for (int subject = 0; subject < 10000; subject++) {
			char name[16];

			snprintf(name, sizeof(name), "vm-%05d", subject);
			log_info(name, "again");
		}
		if (turn == LOG_LINES_PER_MINUTE - 1)
			first = lseek(file, 0, SEEK_END);
	}
	assert_int_equal(lseek(file, 0, SEEK_END), first);
	assert_true(first < 10000 * LOG_LINES_PER_MINUTE * (off_t)strlen("vm-00000: again"));
	close(file);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(a_line_has_its_subject_and_level),
		test(the_journal_gets_its_own_levels),
		test(what_is_less_urgent_than_the_level_is_not_written),
		test(control_characters_cannot_forge_a_line),
		test(a_subject_has_ten_lines_a_minute_and_others_are_not_held_back),
		test(however_many_subjects_there_are_the_lines_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
