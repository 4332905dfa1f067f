/* SPDX-License-Identifier: MIT */
/* test_watch.c -- channel/watch: paths that appear and go. */
#include "channel/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport_fixture.h"

struct waiting {
	struct fixture *fixture;
	struct watch_wait wait;
	int told;
};

static void tell(void *context)
{
	struct waiting *waiting = context;

	waiting->told++;
}

static void wait_for(struct fixture *fixture, struct waiting *waiting, const char *path)
{
	waiting->fixture = fixture;
	assert_true(watch_begin(fixture->hub.watch, &waiting->wait, path, tell, waiting, NULL));
}

static void touch(const char *path)
{
	close(open(path, O_CREAT | O_WRONLY, 0600));
}

static const char *in(const char *folder, const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void a_file_that_appears_is_told_once(void **state)
{
	struct fixture *fixture = *state;
	struct waiting waiting = { 0 };

	wait_for(fixture, &waiting, fixture->path);
	touch(in(fixture->folder, "other"));
	touch(fixture->path);
	run_until(fixture, waiting.told > 0);
	unlink(fixture->path);
	run_once(fixture);
	assert_int_equal(waiting.told, 1);
}

static void a_file_that_goes_or_is_replaced_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct waiting waiting = { 0 };

	touch(fixture->path);
	wait_for(fixture, &waiting, fixture->path);
	unlink(fixture->path);
	run_until(fixture, waiting.told == 1);
	touch(in(fixture->folder, "new"));
	wait_for(fixture, &waiting, fixture->path);
	rename(in(fixture->folder, "new"), fixture->path);
	run_until(fixture, waiting.told == 2);
}

static void folders_on_the_way_are_followed(void **state)
{
	struct fixture *fixture = *state;
	struct waiting waiting = { 0 };
	char path[200];

	snprintf(path, sizeof(path), "%s/a/b/s", fixture->folder);
	wait_for(fixture, &waiting, path);
	mkdir(in(fixture->folder, "a"), 0700);
	run_until(fixture, waiting.told == 1);
	wait_for(fixture, &waiting, path);
	mkdir(in(fixture->folder, "a/b"), 0700);
	run_until(fixture, waiting.told == 2);
	wait_for(fixture, &waiting, path);
	touch(path);
	run_until(fixture, waiting.told == 3);
}

static void a_folder_that_goes_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct waiting waiting = { 0 };
	char path[200];

	snprintf(path, sizeof(path), "%s/a/s", fixture->folder);
	mkdir(in(fixture->folder, "a"), 0700);
	wait_for(fixture, &waiting, path);
	rmdir(in(fixture->folder, "a"));
	run_until(fixture, waiting.told == 1);
}

static void all_who_wait_for_one_name_are_told(void **state)
{
	struct fixture *fixture = *state;
	struct waiting waiting[3] = { 0 };

	for (int i = 0; i < 3; i++)
		wait_for(fixture, &waiting[i], fixture->path);
	touch(fixture->path);
	run_until(fixture, waiting[0].told && waiting[1].told && waiting[2].told);
}

static void who_has_ended_waiting_is_not_told(void **state)
{
	struct fixture *fixture = *state;
	struct waiting first = { 0 }, second = { 0 };

	wait_for(fixture, &first, fixture->path);
	wait_for(fixture, &second, fixture->path);
	watch_end(fixture->hub.watch, &first.wait);
	touch(fixture->path);
	run_until(fixture, second.told);
	assert_int_equal(first.told, 0);
	watch_end(fixture->hub.watch, &second.wait);
}

static void end_both(void *context)
{
	struct waiting *pair = context;

	pair[0].told++;
	for (int i = 0; i < 2; i++)
		watch_end(pair[0].fixture->hub.watch, &pair[i].wait);
}

static void who_is_told_may_end_the_waiting_of_others(void **state)
{
	struct fixture *fixture = *state;
	struct waiting pair[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		pair[i].fixture = fixture;
		assert_true(watch_begin(fixture->hub.watch, &pair[i].wait, fixture->path, end_both,
					pair, NULL));
	}
	touch(fixture->path);
	run_until(fixture, pair[0].told > 0);
	run_once(fixture);
	assert_int_equal(pair[0].told, 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, prepare_transport, clean_up_transport)
	const struct CMUnitTest tests[] = {
		test(a_file_that_appears_is_told_once),
		test(a_file_that_goes_or_is_replaced_is_told),
		test(folders_on_the_way_are_followed),
		test(a_folder_that_goes_is_told),
		test(all_who_wait_for_one_name_are_told),
		test(who_has_ended_waiting_is_not_told),
		test(who_is_told_may_end_the_waiting_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
