/* SPDX-License-Identifier: MIT */
/* test_crash.c -- a store whose program is killed at any moment: no list whose done() was called is
 * lost, and no list is there in part.
 *
 * A child submits lists 0, 1, 2 ... without end and reports each that is done through a pipe. Lists
 * are written in the order in which they were submitted, so what is found afterwards must be what
 * the first so many of them make, exactly, in a store that nobody kills. */
#include "pictures.h"

#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>

#include "folder.h"

#define CRASHES   20
#define VMS       5
#define UNDER_WAY 16

/* List number n: four items of one VM, one of which is removed now and then, and a job. Each takes
 * one generation. */
static struct change_list *numbered_list(uint64_t n)
{
	unsigned int vm = (unsigned int)(n % VMS + 1);
	struct change_list *list = list_for(vm);
	struct job_record job = job_record((unsigned int)n, "running");
	char key[16], value[32];

	if (n < VMS) {
		snprintf(key, sizeof(key), "vm%u", vm);
		change_list_define(list, key, "");
	}
	for (uint64_t i = 0; i < 4; i++) {
		snprintf(key, sizeof(key), "key%u", (unsigned int)((7 * n + 3 * i) % 23));
		snprintf(value, sizeof(value), "%ju-%ju", (uintmax_t)n, (uintmax_t)i);
		if (i == 3 && n % 3 == 0)
			remove_key(list, key, EXPECT_ANY);
		else
			put(list, key, value);
	}
	job.keys = (const uint8_t *)"";
	change_list_job(list, &job);
	return list;
}

/* How many lists are in the pictures. */
static uint64_t lists_in(const struct pictures *pictures)
{
	uint64_t lists = 0;

	for (int vm = 1; vm <= VMS; vm++)
		if (pictures->vm[vm])
			lists += pictures->vm[vm]->generation;
	return lists;
}

static struct store *open_store(const char *path, struct pictures *pictures)
{
	struct store_events events = pictures_events(pictures);
	struct store *store;
	struct okvp_error err;

	if (!store_open(path, &roomy, &events, &store, &err))
		fail_msg("%s", err.message);
	return store;
}

/* --- The child --- */

static sem_t may_submit;
static int report;
static uint64_t done_count;

static void report_done(void *context, const struct store_result *result)
{
	done_count++;
	if (result->error.status != OKVP_OK ||
	    write(report, &done_count, sizeof(done_count)) != sizeof(done_count))
		_exit(1);
	sem_post(&may_submit);
}

static void submit_without_end(const char *path)
{
	struct pictures pictures = { 0 };
	struct store *store = open_store(path, &pictures);

	sem_init(&may_submit, 0, UNDER_WAY);
	done_count = lists_in(&pictures);
	for (uint64_t n = done_count;; n++) {
		sem_wait(&may_submit);
		store_submit(store, numbered_list(n), report_done, NULL);
	}
}

/* --- The parent --- */

/* Lets a child work until it has reported so many lists, and kills it. Returns how many lists it
 * had reported in all when it died. */
static uint64_t crash_after(const char *path, unsigned int reports)
{
	uint64_t done = 0;
	int pipe_fd[2], status;
	pid_t child;

	assert_int_equal(pipe(pipe_fd), 0);
	child = fork();
	if (child == 0) {
		report = pipe_fd[1];
		submit_without_end(path);
	}
	close(pipe_fd[1]);
	while (reports-- > 0 && read(pipe_fd[0], &done, sizeof(done)) == sizeof(done))
		;
	kill(child, SIGKILL);
	while (read(pipe_fd[0], &done, sizeof(done)) == sizeof(done))
		;
	close(pipe_fd[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return done;
}

/* What the first lists make where nothing goes wrong. */
static char *expected_text(uint64_t lists)
{
	struct pictures pictures = { 0 };
	struct store *store = open_store(NULL, &pictures);
	char *text;

	for (uint64_t n = 0; n < lists; n++)
		store_submit(store, numbered_list(n), NULL, NULL);
	store_close(&store);
	text = pictures_text(&pictures);
	pictures_done(&pictures);
	return text;
}

static size_t lines(const struct text *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->length; i++)
		count += text->bytes[i] == '\n';
	return count;
}

static void assert_nothing_is_lost(const char *path, uint64_t done)
{
	struct pictures pictures = { 0 };
	struct store *store;
	char *expected, *found;
	uint64_t lists;

	assert_true(store_check(path, NULL));
	store = open_store(path, &pictures);
	lists = lists_in(&pictures);
	assert_in_range(lists, done, done + UNDER_WAY);
	expected = expected_text(lists);
	found = pictures_text(&pictures);
	assert_string_equal(found, expected);
	assert_int_equal(lines(&pictures.jobs), lists);
	free(expected);
	free(found);
	store_close(&store);
	pictures_done(&pictures);
}

static void killing_the_program_loses_no_list_that_was_done(void **state)
{
	char *folder = folder_make(), *path = xprintf("%s/test.db", folder);
	unsigned int seed = (unsigned int)getpid();

	print_message("seed %u\n", seed);
	for (int crash = 0; crash < CRASHES; crash++)
		assert_nothing_is_lost(path,
				       crash_after(path, 1 + (unsigned int)rand_r(&seed) % 300));
	folder_remove(&folder);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killing_the_program_loses_no_list_that_was_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
