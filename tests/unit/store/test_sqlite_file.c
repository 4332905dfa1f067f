/* SPDX-License-Identifier: MIT */
/* test_sqlite_file.c -- store/sqlite and store/sqlite_load: the file, damaged files, full disks */
#include "file_store.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static int mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 0777;
}

static void nobody_else_may_read_the_files(void **state)
{
	struct fixture *f = *state;
	char *log = xprintf("%s-wal", f->path);

	assert_int_equal(mode_of(f->path), 0600);
	assert_int_equal(mode_of(log), 0600);
	free(log);
}

static void a_store_is_open_once(void **state)
{
	struct fixture *f = *state;
	struct store *second = NULL;
	struct okvp_error err;
	char *expected = xprintf("%s: another program has the store open", f->path);

	assert_false(store_open(f->path, &roomy, &(struct store_events){ 0 }, &second, &err));
	assert_null(second);
	assert_int_equal(err.status, OKVP_BUSY);
	assert_string_equal(err.message, expected);
	free(expected);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;
	struct store *store;
	char *path = xprintf("%s/none/test.db", f->folder);

	assert_false(store_open(path, &roomy, &(struct store_events){ 0 }, &store, &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_non_null(strstr(err.message, path));
	free(path);
}

static void write_file(const char *path, long at, const char *bytes, size_t size)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_int_equal(pwrite(fd, bytes, size, at), size);
	close(fd);
}

/* Root may write to everything: this is for a child that is somebody else. */
static int open_as_nobody(struct fixture *f)
{
	struct okvp_error err;
	struct store *store;
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) != 0)
			_exit(2);
		if (store_open(f->path, &roomy, &(struct store_events){ 0 }, &store, &err))
			_exit(3);
		_exit(strstr(err.message, "cannot write to the store: Permission denied") ? 0 : 4);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void a_file_that_may_not_be_written_is_told_as_such(void **state)
{
	struct fixture *f = *state;

	store_close(&f->store);
	assert_int_equal(chmod(f->folder, 0777), 0);
	assert_int_equal(chmod(f->path, 0444), 0);
	assert_int_equal(open_as_nobody(f), 0);
}

static void a_file_of_something_else_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;
	struct store *store;
	char *path = xprintf("%s/letter", f->folder), read[16] = "";
	char letter[5000];
	int fd;

	memset(letter, 'x', sizeof(letter));
	write_file(path, 0, letter, sizeof(letter));
	assert_false(store_open(path, &roomy, &(struct store_events){ 0 }, &store, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
	fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, read, 5, 0), 5);
	close(fd);
	assert_string_equal(read, "xxxxx");
	free(path);
}

/* Damages all pages but the first: what cannot be read is told when the store is opened. */
static void a_damaged_file_is_told(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);
	struct okvp_error err;
	char noise[4096];
	struct stat status;

	put(list, "a", "secret");
	apply(f, list);
	store_close(&f->store);
	memset(noise, 0xA5, sizeof(noise));
	assert_int_equal(stat(f->path, &status), 0);
	for (long at = 4096; at < status.st_size; at += 4096)
		write_file(f->path, at, noise, sizeof(noise));

	assert_false(open_store(f, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
	assert_null(strstr(err.message, "secret"));
}

static void run_sql(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void rows_that_no_store_has_are_told(void **state)
{
	static const char *const damages[] = {
		"UPDATE vm SET id = x'00'",
		"UPDATE vm SET generation = -1",
		"UPDATE vm SET name = 'a' || char(0) || 'b'",
		"UPDATE item SET space = 2",
		"UPDATE item SET key = printf('%.*c', 70000, 'k')",
		"UPDATE item SET type = 7",
		"INSERT INTO guest_item VALUES (x'00', 2, 0, 'k', 'v', 0)",
		"INSERT INTO guest_item SELECT id, 1, 0, 'k', 'v', 0 FROM vm",
		"INSERT INTO guest_item SELECT zeroblob(16), 2, 0, 'k', 'v', 0 FROM vm",
		"INSERT INTO job SELECT x'01', id, 0, 0, 0, 0, 0, 0, 0, '', NULL FROM vm",
		"INSERT INTO job SELECT id, id, 0, 0, 0, 70000, 0, 0, 0, '', NULL FROM vm",
	};
	struct fixture *f = *state;
	struct change_list *list = list_for(1);
	char *copy = xprintf("%s/copy.db", f->folder);
	char *command = xprintf("cp %s %s", f->path, copy);

	put(list, "a", "1");
	apply(f, list);
	store_close(&f->store);
	for (size_t i = 0; i < count_of(damages); i++) {
		struct store *store;
		struct okvp_error err;

		assert_int_equal(system(command), 0);
		run_sql(copy, damages[i]);
		if (store_open(copy, &roomy, &(struct store_events){ 0 }, &store, &err))
			fail_msg("opened after: %s", damages[i]);
		assert_int_equal(err.status, OKVP_CORRUPT);
	}
	free(command);
	free(copy);
}

static void people_can_read_the_views(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);
	struct job_record job = job_record(9, "running");
	sqlite3_stmt *statement;
	sqlite3 *db;

	put(list, "color", "blue");
	know_guest(list, SPACE_GUEST, "ip", "10.0.0.1", 77);
	change_list_job(list, &job);
	apply(f, list);
	store_close(&f->store);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
				   "SELECT vms.guid || ' ' || vms.name || ' ' || items.pool || ' '"
				   " || items.key || '=' || items.value || ' ' || guest_items.key"
				   " || ' ' || jobs.text || ' ' || jobs.created"
				   " FROM vms, items, guest_items, jobs",
				   -1, &statement, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	assert_string_equal(sqlite3_column_text(statement, 0),
			    "00000000-0000-0000-0000-000000000001 web1 external color=blue ip "
			    "running 1970-01-01T00:00:00Z");
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

/* --- A disk that is full --- */

static void limit_files_to(rlim_t bytes)
{
	struct rlimit limit = { .rlim_cur = bytes, .rlim_max = RLIM_INFINITY };

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static struct change_list *large_list(void)
{
	static char value[16000];
	struct change_list *list = list_for(1);
	char key[16];

	memset(value, 'v', sizeof(value) - 1);
	for (int i = 0; i < 40; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		put_in(list, SPACE_HOST_ONLY, key, value, EXPECT_ANY);
	}
	return list;
}

static void a_full_disk_is_told_and_forgotten_when_there_is_room(void **state)
{
	struct fixture *f = *state;
	struct change_list *list = list_for(1);
	struct okvp_error err;

	put(list, "a", "1");
	apply(f, list);
	signal(SIGXFSZ, SIG_IGN);
	limit_files_to(100000);
	assert_false(store_apply(f->store, large_list(), NULL, &err));
	limit_files_to(RLIM_INFINITY);
	signal(SIGXFSZ, SIG_DFL);

	assert_int_equal(err.status, OKVP_IO);
	assert_null(strstr(err.message, "vvvv"));
	assert_items(vm(f), "a=1");
	apply(f, large_list());
	assert_int_equal(vm(f)->space[SPACE_HOST_ONLY]->count, 40);
	assert_lasts(f);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(nobody_else_may_read_the_files),
		test(a_store_is_open_once),
		test(a_file_that_may_not_be_written_is_told_as_such),
		test(a_folder_that_is_not_there_is_told),
		test(a_file_of_something_else_is_left_alone),
		test(a_damaged_file_is_told),
		test(rows_that_no_store_has_are_told),
		test(people_can_read_the_views),
		test(a_full_disk_is_told_and_forgotten_when_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
