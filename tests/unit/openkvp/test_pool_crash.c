/* SPDX-License-Identifier: MIT */
/* test_pool_crash.c -- pool files whose writer is killed at every step, or whose disk fails there:
 * the linker puts the functions below between openkvp and the system. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/openkvp/pool_records.h"

enum { NOT_KILLED = 0, KILLED = 42 };

/* What happens at a step: nothing, or the end, before anything is done or after half of it. */
static enum mode { RUN, KILL_BEFORE, KILL_HALFWAY, FAIL } mode;
static int steps_left;

static bool is_the_step(void)
{
	return mode != RUN && --steps_left == 0;
}

#define WRAP(type, name, parameters, ...)          \
	type __real_##name parameters;             \
	type __wrap_##name parameters;             \
	type __wrap_##name parameters              \
	{                                          \
		if (is_the_step()) {               \
			if (mode != FAIL)          \
				_exit(KILLED);     \
			errno = ENOSPC;            \
			return -1;                 \
		}                                  \
		return __real_##name(__VA_ARGS__); \
	}

WRAP(int, ftruncate64, (int fd, off_t size), fd, size)
WRAP(int, fchmod, (int fd, mode_t bits), fd, bits)
WRAP(int, rename, (const char *from, const char *to), from, to)
WRAP(int, futimens, (int fd, const struct timespec times[2]), fd, times)

ssize_t __real_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
	if (is_the_step()) {
		if (mode == KILL_HALFWAY || mode == FAIL)
			__real_pwrite64(fd, bytes, size / 2 + 1, offset);
		if (mode != FAIL)
			_exit(KILLED);
		errno = ENOSPC;
		return -1;
	}
	return __real_pwrite64(fd, bytes, size, offset);
}

static void apply(struct okvp_pool_file *file, const struct okvp_pool_change *changes, size_t count)
{
	if (!okvp_pool_file_apply(file, changes, count, NULL))
		abort();
}

static void set_in_place(struct okvp_pool_file *file)
{
	const struct okvp_pool_change changes[] = { { .item = item_of("b", "two") } };

	apply(file, changes, 1);
}

static void append(struct okvp_pool_file *file)
{
	const struct okvp_pool_change changes[] = { { .item = item_of("e", "5") } };

	apply(file, changes, 1);
}

static void delete_first(struct okvp_pool_file *file)
{
	if (!delete_item(file, "a", NULL))
		abort();
}

static void delete_last(struct okvp_pool_file *file)
{
	if (!delete_item(file, "d", NULL))
		abort();
}

static void change_many(struct okvp_pool_file *file)
{
	const struct okvp_pool_change changes[] = {
		{ .item = item_of("a", "one") },
		{ .remove = true, .item = item_of("c", "") },
		{ .item = item_of("e", "5") },
		{ .item = item_of("f", "6") },
	};

	apply(file, changes, 4);
}

static void set_secret(struct okvp_pool_file *file)
{
	const struct okvp_pool_change changes[] = {
		{ .secret = true, .item = item_of("b", "hunter2") },
		{ .item = item_of("e", "5") },
	};

	apply(file, changes, 2);
}

/* Each begins with "a=1 b=2 c=3 d=4" and half a record. */
static const struct scenario {
	void (*change)(struct okvp_pool_file *file);
	const char *after;
} scenarios[] = {
	{ set_in_place, "a=1 b=two c=3 d=4" },    { append, "a=1 b=2 c=3 d=4 e=5" },
	{ delete_first, "b=2 c=3 d=4" },          { delete_last, "a=1 b=2 c=3" },
	{ change_many, "a=one b=2 d=4 e=5 f=6" }, { set_secret, "a=1 b=hunter2 c=3 d=4 e=5" }
};
static const char before[] = "a=1 b=2 c=3 d=4";

static char *folder_with(size_t behind)
{
	char *folder = temp_folder_create();
	uint8_t bytes[5 * OKVP_RECORD_SIZE];

	put_record(bytes, "a", "1", 0);
	put_record(bytes + OKVP_RECORD_SIZE, "b", "2", 'g');
	put_record(bytes + 2 * OKVP_RECORD_SIZE, "c", "3", 'h');
	put_record(bytes + 3 * OKVP_RECORD_SIZE, "d", "4", 0);
	memset(bytes + 4 * OKVP_RECORD_SIZE, 'i', OKVP_RECORD_SIZE);
	temp_folder_write(folder, POOL_NAME, bytes, 4 * OKVP_RECORD_SIZE + behind);
	return folder;
}

static char *folder_before(void)
{
	return folder_with(1000);
}

/* Changes a pool file in a process that ends at a step; whether it got there. */
static bool killed_at(const char *folder, void (*change)(struct okvp_pool_file *file),
		      enum mode how, int step)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct okvp_pool_file *file = open_pool(folder, false);

		mode = how;
		steps_left = step;
		change(file);
		_exit(NOT_KILLED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == KILLED || WEXITSTATUS(status) == NOT_KILLED);
	return WEXITSTATUS(status) == KILLED;
}

/* A change that is none, for a writer that does nothing but replay. */
static void only_replay(struct okvp_pool_file *file)
{
	const struct okvp_pool_change nothing[] = { { .remove = true,
						      .item = item_of("none", "") } };

	apply(file, nothing, 1);
}

/* What a reader sees, which is what the next writer finds, and one more writer can go on with. */
static void assert_old_or_new(const char *folder, const char *after)
{
	struct okvp_pool_file *file = open_pool(folder, true);
	char seen[256], expected[300];

	snprintf(seen, sizeof(seen), "%s", all_items(file));
	okvp_pool_file_close(&file);
	if (strcmp(seen, before) != 0)
		assert_string_equal(seen, after);
	file = open_pool(folder, false);
	only_replay(file);
	assert_string_equal(all_items(file), seen);
	set_item(file, "next", "item");
	snprintf(expected, sizeof(expected), "%s next=item", seen);
	assert_string_equal(all_items(file), expected);
	okvp_pool_file_close(&file);
}

static void a_writer_killed_at_any_step_tears_nothing(void **state)
{
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
		for (enum mode how = KILL_BEFORE; how <= KILL_HALFWAY; how++) {
			bool killed = true;
			int step;

			for (step = 1; killed; step++) {
				char *folder = folder_before();

				killed = killed_at(folder, scenarios[i].change, how, step);
				assert_old_or_new(folder, scenarios[i].after);
				temp_folder_remove(folder);
			}
			assert_true(step > 4);
		}
}

static void a_writer_killed_while_it_replays_tears_nothing(void **state)
{
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		bool killed = true;

		for (int step = 1; killed; step++)
			for (int replay = 1; replay < 6; replay++) {
				char *folder = folder_before();

				killed = killed_at(folder, scenarios[i].change, KILL_HALFWAY, step);
				killed_at(folder, only_replay, KILL_HALFWAY, replay);
				assert_old_or_new(folder, scenarios[i].after);
				temp_folder_remove(folder);
			}
	}
}

/* As cloud-init does, which looks for no redo file. */
static void append_as_others_do(const char *folder)
{
	uint8_t bytes[16 * OKVP_RECORD_SIZE];
	size_t size = temp_folder_read(folder, POOL_NAME, bytes, sizeof(bytes));

	put_record(bytes + size, "z", "9", 'z');
	temp_folder_write(folder, POOL_NAME, bytes, size + OKVP_RECORD_SIZE);
}

static void assert_old_or_new_and_appended(const char *folder, const char *after)
{
	struct okvp_pool_file *file = NULL;
	char seen[256], expected[300];

	for (int reads = 0; reads < 3; reads++) { /* as a reader, as a writer, as a reader */
		file = open_pool(folder, reads != 1);
		if (reads == 1)
			set_item(file, "z", "9");
		snprintf(seen, sizeof(seen), "%s", all_items(file));
		okvp_pool_file_close(&file);
		snprintf(expected, sizeof(expected), "%s z=9", before);
		if (strcmp(seen, expected) != 0)
			snprintf(expected, sizeof(expected), "%s z=9", after);
		assert_string_equal(seen, expected);
	}
}

static void what_others_append_to_a_change_half_made_is_kept(void **state)
{
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
		for (enum mode how = KILL_BEFORE; how <= KILL_HALFWAY; how++) {
			bool killed = true;

			for (int step = 1; killed; step++)
				for (int replay = 1; replay < 12; replay++) {
					char *folder = folder_with(0);

					killed = killed_at(folder, scenarios[i].change, how, step);
					append_as_others_do(folder);
					killed_at(folder, only_replay, how, replay);
					assert_old_or_new_and_appended(folder, scenarios[i].after);
					temp_folder_remove(folder);
				}
		}
}

static void a_disk_that_fails_at_any_step_tears_nothing(void **state)
{
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++)
		for (int step = 1; step < 10; step++) {
			const struct okvp_pool_change changes[] = {
				{ .item = item_of("b", "two") },
				{ .item = item_of("e", "5") },
				{ .remove = true, .item = item_of("a", "") },
			};
			char *folder = folder_before();
			struct okvp_pool_file *file = open_pool(folder, false);
			bool ok;

			mode = FAIL;
			steps_left = step;
			ok = okvp_pool_file_apply(file, changes, 3, NULL);
			mode = RUN;
			assert_string_equal(all_items(file), ok ? "b=two c=3 d=4 e=5" : before);
			okvp_pool_file_close(&file);
			assert_old_or_new(folder, "b=two c=3 d=4 e=5");
			temp_folder_remove(folder);
		}
}

/* Whether a file holds the secret and others may read it. */
static bool shows_secret(const char *folder, const char *name)
{
	char bytes[16 * OKVP_RECORD_SIZE];
	struct stat st;
	size_t size;

	if (stat(temp_folder_file(folder, name), &st) != 0 || (st.st_mode & 0077) == 0)
		return false;
	size = temp_folder_read(folder, name, bytes, sizeof(bytes));
	return memmem(bytes, size, "hunter2", 7) != NULL;
}

static void a_writer_killed_at_any_step_shows_no_secret(void **state)
{
	bool killed = true;

	for (int step = 1; killed; step++) {
		char *folder = folder_before();

		/* What an earlier change has left: a redo file that others may read. */
		assert_true(killed_at(folder, append, KILL_HALFWAY, 4));
		killed = killed_at(folder, set_secret, KILL_HALFWAY, step);
		assert_false(shows_secret(folder, POOL_NAME));
		assert_false(shows_secret(folder, REDO_NAME));
		temp_folder_remove(folder);
	}
}

static void a_secret_is_not_written_into_a_file_that_stays_open_to_others(void **state)
{
	char *folder = folder_before();
	struct okvp_pool_file *file = open_pool(folder, false);
	const struct okvp_pool_change secret = { .secret = true, .item = item_of("b", "hunter2") };

	mode = FAIL;
	steps_left = 1;
	assert_false(okvp_pool_file_apply(file, &secret, 1, NULL));
	mode = RUN;
	assert_false(shows_secret(folder, POOL_NAME));
	assert_string_equal(all_items(file), before);
	okvp_pool_file_close(&file);
	temp_folder_remove(folder);
}

static void a_redo_of_long_ago_does_not_undo_what_others_wrote(void **state)
{
	uint8_t record[OKVP_RECORD_SIZE];

	for (int step = 1; step < 6; step++) {
		char *folder = folder_before();
		struct okvp_pool_file *file = NULL;

		assert_true(killed_at(folder, set_in_place, KILL_BEFORE, step));
		put_record(record, "z", "9", 'q');
		temp_folder_write(folder, POOL_NAME, record, sizeof(record));

		file = open_pool(folder, false);
		assert_string_equal(all_items(file), "z=9");
		set_item(file, "y", "8");
		assert_string_equal(all_items(file), "z=9 y=8");
		okvp_pool_file_close(&file);
		temp_folder_remove(folder);
	}
}

/* A process that sets keys to ever new values, and tells of each through a pipe. */
static pid_t start_writer(const char *folder, int tell)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child > 0)
		return child;
	for (struct okvp_pool_file *file = open_pool(folder, false);;)
		for (int i = 0;; i++) {
			char key[16], value[2000];

			snprintf(key, sizeof(key), "key-%d", i % 20);
			snprintf(value, sizeof(value), "%s %01900d", key, i);
			set_item(file, key, value);
			if (i % 7 == 6)
				delete_item(file, key, NULL); /* the other may have been faster */
			if (write(tell, "", 1) < 0)
				_exit(1);
		}
}

static void assert_none_torn(const char *folder)
{
	struct okvp_pool_file *file = open_pool(folder, true);
	struct okvp_error err;
	size_t count;

	assert_true(okvp_pool_file_count(file, &count, &err));
	assert_true(count <= 20);
	for (size_t i = 0; i < count; i++) {
		struct okvp_item item;

		assert_true(okvp_pool_file_at(file, i, &item, &err));
		assert_int_equal(item.value_length, item.key_length + 1 + 1900);
		assert_memory_equal(item.key, item.value, item.key_length);
	}
	okvp_pool_file_close(&file);
}

static void two_writers_killed_again_and_again_tear_nothing(void **state)
{
	char *folder = temp_folder_create();
	int tell[2], status;

	assert_int_equal(pipe(tell), 0);
	for (int round = 0; round < 100; round++) {
		pid_t one = start_writer(folder, tell[1]), two = start_writer(folder, tell[1]);
		char told[50];

		for (size_t got = 0; got < sizeof(told);)
			got += (size_t)read(tell[0], told, sizeof(told) - got);
		kill(one, SIGKILL);
		kill(two, SIGKILL);
		assert_int_equal(waitpid(one, &status, 0), one);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(waitpid(two, &status, 0), two);
		assert_none_torn(folder);
	}
	close(tell[0]);
	close(tell[1]);
	temp_folder_remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_writer_killed_at_any_step_tears_nothing),
		cmocka_unit_test(a_writer_killed_while_it_replays_tears_nothing),
		cmocka_unit_test(what_others_append_to_a_change_half_made_is_kept),
		cmocka_unit_test(a_disk_that_fails_at_any_step_tears_nothing),
		cmocka_unit_test(a_writer_killed_at_any_step_shows_no_secret),
		cmocka_unit_test(a_secret_is_not_written_into_a_file_that_stays_open_to_others),
		cmocka_unit_test(a_redo_of_long_ago_does_not_undo_what_others_wrote),
		cmocka_unit_test(two_writers_killed_again_and_again_tear_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
