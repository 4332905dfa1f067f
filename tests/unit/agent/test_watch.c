/* SPDX-License-Identifier: MIT */
/* test_watch.c -- agent/watch */
#include "agent/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/temp_folder.h"

struct fixture {
	char *folder;
	struct watch *watch;
	bool changed[OKVP_POOL_COUNT];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct okvp_error err;

	f->folder = temp_folder_create();
	if (!watch_open(f->folder, &f->watch, &err))
		fail_msg("%s", err.message);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	watch_close(&f->watch);
	temp_folder_remove(f->folder);
	free(f);
	return 0;
}

static bool is_readable(const struct fixture *f)
{
	struct pollfd descriptor = { .fd = watch_descriptor(f->watch), .events = POLLIN };

	return poll(&descriptor, 1, 0) == 1;
}

static void write_file(const struct fixture *f, const char *name)
{
	int fd = open(temp_folder_file(f->folder, name), O_WRONLY | O_CREAT, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

/* That these pools, and no others, have changed. */
static void expect_changed(struct fixture *f, const char *pools)
{
	char found[OKVP_POOL_COUNT + 1] = "";
	size_t count = 0;

	watch_read(f->watch, f->changed);
	for (int pool = 0; pool < OKVP_POOL_COUNT; pool++)
		if (f->changed[pool])
			found[count++] = (char)('0' + pool);
	assert_string_equal(found, pools);
}

static void nothing_has_happened_at_first(void **state)
{
	struct fixture *f = *state;

	assert_false(is_readable(f));
	expect_changed(f, "");
}

static void a_write_is_noticed_once(void **state)
{
	struct fixture *f = *state;

	write_file(f, ".kvp_pool_1");
	write_file(f, ".kvp_pool_3");
	assert_true(is_readable(f));
	expect_changed(f, "13");
	assert_false(is_readable(f));
	expect_changed(f, "");
}

static void a_write_is_noticed_before_the_file_is_closed(void **state)
{
	struct fixture *f = *state;
	int fd;

	write_file(f, ".kvp_pool_0");
	expect_changed(f, "0");
	fd = open(temp_folder_file(f->folder, ".kvp_pool_0"), O_WRONLY);
	expect_changed(f, "");
	assert_int_equal(write(fd, "y", 1), 1);
	expect_changed(f, "0");
	assert_int_equal(ftruncate(fd, 0), 0);
	expect_changed(f, "0");
	close(fd);
}

static void a_file_that_takes_the_place_is_noticed(void **state)
{
	struct fixture *f = *state;
	char from[256];

	write_file(f, "new");
	snprintf(from, sizeof(from), "%s", temp_folder_file(f->folder, "new"));
	assert_int_equal(rename(from, temp_folder_file(f->folder, ".kvp_pool_2")), 0);
	expect_changed(f, "2");
	unlink(temp_folder_file(f->folder, ".kvp_pool_2"));
	expect_changed(f, "2");
}

static void other_files_are_no_pools(void **state)
{
	struct fixture *f = *state;

	write_file(f, ".kvp_pool_1.redo");
	write_file(f, ".kvp_pool_11");
	write_file(f, "kvp_pool_1");
	expect_changed(f, "");
}

static void a_folder_that_is_not_there_cannot_be_watched(void **state)
{
	struct watch *watch = NULL;
	struct okvp_error err;

	assert_false(watch_open("/does/not/exist", &watch, &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_null(watch);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(nothing_has_happened_at_first),
		test(a_write_is_noticed_once),
		test(a_write_is_noticed_before_the_file_is_closed),
		test(a_file_that_takes_the_place_is_noticed),
		test(other_files_are_no_pools),
		test(a_folder_that_is_not_there_cannot_be_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
