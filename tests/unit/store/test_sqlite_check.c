/* SPDX-License-Identifier: MIT */
/* test_sqlite_check.c -- store/sqlite_check */
#include "helpers.h"

#include <sqlite3.h>

#include "folder.h"
#include "store/sqlite_schema.h"

struct fixture {
	char *folder, *path;
};

static struct store *open_store(struct fixture *f)
{
	struct store *store;

	assert_true(store_open(f->path, &roomy, &(struct store_events){ 0 }, &store, NULL));
	return store;
}

/* A store with a VM that has some of everything. */
static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct change_list *list = definition(1, "web1"), *removal = list_for(1);
	struct job_record job = job_record(9, "running");
	struct store *store;

	f->folder = folder_make();
	f->path = xprintf("%s/test.db", f->folder);
	store = open_store(f);
	put(list, "a", "1");
	put(list, "gone", "2");
	put_in(list, SPACE_HOST_ONLY, "note", "x", EXPECT_ANY);
	know_guest(list, SPACE_GUEST, "ip", "10.0.0.1", 77);
	change_list_job(list, &job);
	assert_true(store_apply(store, list, NULL, NULL));
	remove_key(removal, "gone", EXPECT_PRESENT);
	assert_true(store_apply(store, removal, NULL, NULL));
	store_close(&store);
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	folder_remove(&f->folder);
	free(f->path);
	free(f);
	return 0;
}

static void run_sql(struct fixture *f, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* The check finds exactly this (behind the path and ": "). */
static void assert_finds(struct fixture *f, enum okvp_status status, const char *message)
{
	struct okvp_error err;

	assert_false(store_check(f->path, &err));
	assert_memory_equal(err.message, f->path, strlen(f->path));
	assert_string_equal(err.message + strlen(f->path) + 2, message);
	assert_int_equal(err.status, status);
}

static void a_sound_store_passes(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	if (!store_check(f->path, &err))
		fail_msg("%s", err.message);
	assert_true(store_check(f->path, NULL));
}

static void a_store_is_not_changed_by_looking_at_it(void **state)
{
	struct fixture *f = *state;
	char *command = xprintf("cp %s %s.before && chmod a-w %s", f->path, f->path, f->path);
	char *compare = xprintf("cmp %s %s.before", f->path, f->path);

	assert_int_equal(system(command), 0);
	assert_true(store_check(f->path, NULL));
	assert_int_equal(system(compare), 0);
	free(command);
	free(compare);
}

static void what_is_in_the_log_only_is_checked_too(void **state)
{
	struct fixture *f = *state;
	struct store *store = open_store(f);
	struct change_list *list = definition(2, "web2");
	char *command =
		xprintf("cp %s %s.2 && cp %s-wal %s.2-wal", f->path, f->path, f->path, f->path);
	char *copy = xprintf("%s.2", f->path);

	put(list, "a", "bad \xFF text");
	assert_true(store_apply(store, list, NULL, NULL));
	assert_int_equal(system(command), 0); /* as a crash would leave it */
	store_close(&store);

	assert_false(store_check(copy, NULL));
	free(command);
	free(copy);
}

static void a_store_in_use_is_not_checked(void **state)
{
	struct fixture *f = *state;
	struct store *store = open_store(f);

	assert_finds(f, OKVP_BUSY, "another program has the store open");
	store_close(&store);
}

static void a_missing_or_empty_file_is_no_store(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(truncate(f->path, 0), 0);
	assert_finds(f, OKVP_INVALID, "the file is empty");
	assert_int_equal(unlink(f->path), 0);
	assert_finds(f, OKVP_NOT_FOUND,
		     "cannot open the store: unable to open database file: No such file or "
		     "directory");
	assert_int_equal(access(f->path, F_OK), -1);
}

static void an_object_that_is_no_text_is_told(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "INSERT INTO object (class, key, text) VALUES ('A', 'k', CAST(x'FF' AS TEXT))");
	assert_finds(f, OKVP_INVALID_TEXT, "object 0 is not valid UTF-8");
}

static void a_newer_store_is_told(void **state)
{
	struct fixture *f = *state;
	char *expected = xprintf("the store has format 1000, written by openkvp 9.9; this is "
				 "openkvp " OPENKVP_VERSION ", which knows formats up to %zu",
				 store_schema.version);

	run_sql(f, "PRAGMA user_version = 1000; UPDATE meta SET value = '9.9'");
	assert_finds(f, OKVP_UNSUPPORTED, expected);
	free(expected);
}

static void a_broken_tree_is_told(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	run_sql(f, "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET rootpage = 900"
		   " WHERE name = 'item'");
	assert_false(store_check(f->path, &err));
	assert_int_equal(err.status, OKVP_CORRUPT);
}

static void items_of_no_vm_are_told(void **state)
{
	struct fixture *f = *state;

	run_sql(f, "DELETE FROM vm");
	assert_finds(f, OKVP_CORRUPT,
		     "an item of VM 00000000-0000-0000-0000-000000000001, which is not there");
}

static void texts_that_are_not_utf_8_are_told(void **state)
{
	static const char *const damages[] = {
		"UPDATE item SET value = CAST(x'6180' AS TEXT) WHERE key = 'a'",
		"UPDATE item SET value = CAST(x'6180' AS TEXT) WHERE key = 'note'",
		"UPDATE item SET key = CAST(x'6180' AS TEXT) WHERE removed",
		"UPDATE item SET refusal = CAST(x'6180' AS TEXT) WHERE key = 'a'",
		"UPDATE guest_item SET value = CAST(x'6180' AS TEXT)",
		"UPDATE job SET text = CAST(x'6180' AS TEXT)",
		"UPDATE vm SET channel = CAST(x'6180' AS TEXT)",
		"UPDATE vm SET name = CAST(x'6180' AS TEXT)",
	};
	struct fixture *f = *state;
	char *save = xprintf("cp %s %s.sound", f->path, f->path);
	char *restore = xprintf("cp %s.sound %s", f->path, f->path);

	assert_int_equal(system(save), 0);
	for (size_t i = 0; i < count_of(damages); i++) {
		struct okvp_error err;

		assert_int_equal(system(restore), 0);
		run_sql(f, damages[i]);
		if (store_check(f->path, &err))
			fail_msg("passed after: %s", damages[i]);
		assert_int_equal(err.status, OKVP_INVALID_TEXT);
	}
	free(save);
	free(restore);
}

static void lengths_over_their_limits_are_told(void **state)
{
	static const char *const damages[] = {
		"UPDATE item SET value = printf('%.*c', 1024, 'v') WHERE key = 'a'",
		"UPDATE item SET key = printf('%.*c', 256, 'k') WHERE key = 'a'",
		"UPDATE item SET value = printf('%.*c', 16385, 'v') WHERE key = 'note'",
	};
	struct fixture *f = *state;
	char *save = xprintf("cp %s %s.sound", f->path, f->path);
	char *restore = xprintf("cp %s.sound %s", f->path, f->path);

	assert_int_equal(system(save), 0);
	for (size_t i = 0; i < count_of(damages); i++) {
		struct okvp_error err;

		assert_int_equal(system(restore), 0);
		run_sql(f, damages[i]);
		if (store_check(f->path, &err))
			fail_msg("passed after: %s", damages[i]);
		assert_int_equal(err.status, OKVP_TOO_LONG);
	}
	free(save);
	free(restore);
}

static void a_vm_without_a_proper_name_is_told(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	run_sql(f, "UPDATE vm SET name = ''");
	assert_false(store_check(f->path, &err));
	assert_int_equal(err.status, OKVP_INVALID);
	run_sql(f, "UPDATE vm SET name = printf('%.*c', 256, 'n')");
	assert_false(store_check(f->path, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void an_item_is_told_with_its_vm_and_without_its_value(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	run_sql(f, "UPDATE item SET value = CAST(x'736563726574ff' AS TEXT) WHERE key = 'a'");
	assert_false(store_check(f->path, &err));

	assert_non_null(strstr(err.message, "VM 'web1' (00000000-0000-0000-0000-000000000001)"));
	assert_non_null(strstr(err.message, "'a'"));
	assert_null(strstr(err.message, "secret"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(a_sound_store_passes),
		test(a_store_is_not_changed_by_looking_at_it),
		test(what_is_in_the_log_only_is_checked_too),
		test(a_store_in_use_is_not_checked),
		test(a_missing_or_empty_file_is_no_store),
		test(an_object_that_is_no_text_is_told),
		test(a_newer_store_is_told),
		test(a_broken_tree_is_told),
		test(items_of_no_vm_are_told),
		test(texts_that_are_not_utf_8_are_told),
		test(lengths_over_their_limits_are_told),
		test(a_vm_without_a_proper_name_is_told),
		test(an_item_is_told_with_its_vm_and_without_its_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
