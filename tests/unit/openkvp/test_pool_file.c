/* SPDX-License-Identifier: MIT */
/* test_pool_file.c -- openkvp/pool_file */
#include "openkvp/pool_file.h"

#include <sys/file.h>

#include "tests/unit/openkvp/pool_records.h"

struct fixture {
	char *folder;
	struct okvp_pool_file *file;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = temp_folder_create();
	f->file = open_pool(f->folder, false);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	okvp_pool_file_close(&f->file);
	temp_folder_remove(f->folder);
	free(f);
	return 0;
}

static size_t file_size(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(temp_folder_file(f->folder, POOL_NAME), &st), 0);
	return (size_t)st.st_size;
}

static void a_missing_folder_and_file_are_made(void **state)
{
	struct fixture *f = *state;
	const char *folder = temp_folder_file(f->folder, "hyperv");
	struct okvp_pool_file *file = NULL;
	mode_t mask = umask(0077);
	struct stat st;

	file = open_pool(folder, false);
	umask(mask);

	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(temp_folder_file(folder, POOL_NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_string_equal(all_items(file), "");
	okvp_pool_file_close(&file);
}

static void a_missing_file_is_not_made_for_a_reader(void **state)
{
	struct fixture *f = *state;
	struct okvp_pool_file *file = NULL;
	struct okvp_error err;

	assert_false(okvp_pool_file_open(f->folder, OKVP_POOL_EXTERNAL, true, &file, &err));

	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_null(file);
	assert_int_equal(access(temp_folder_file(f->folder, ".kvp_pool_0"), F_OK), -1);
}

static void an_item_is_written_zero_padded(void **state)
{
	struct fixture *f = *state;
	uint8_t record[OKVP_RECORD_SIZE], expected[OKVP_RECORD_SIZE];

	put_record(expected, "color", "green", 0);
	set_item(f->file, "color", "green");

	assert_int_equal(temp_folder_read(f->folder, POOL_NAME, record, sizeof(record)),
			 OKVP_RECORD_SIZE);
	assert_memory_equal(record, expected, sizeof(record));
	assert_int_equal(temp_folder_read(f->folder, REDO_NAME, record, sizeof(record)), 0);
}

static void setting_a_key_again_changes_its_record_in_place(void **state)
{
	struct fixture *f = *state;

	set_item(f->file, "a", "1");
	set_item(f->file, "b", "2");
	set_item(f->file, "a", "a longer value than before");
	set_item(f->file, "a", "3");

	assert_string_equal(all_items(f->file), "a=3 b=2");
	assert_int_equal(file_size(f), 2 * OKVP_RECORD_SIZE);
}

static void the_same_value_again_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;

	set_item(f->file, "a", "1");
	assert_int_equal(stat(temp_folder_file(f->folder, POOL_NAME), &before), 0);
	set_item(f->file, "a", "1");

	assert_int_equal(stat(temp_folder_file(f->folder, POOL_NAME), &after), 0);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

static void the_longest_texts_are_kept_whole(void **state)
{
	struct fixture *f = *state;
	char key[OKVP_LINUX_KEY_BYTES + 1] = "", value[OKVP_LINUX_VALUE_BYTES + 1] = "";
	struct okvp_item item;
	struct okvp_error err;

	memset(key, 'k', OKVP_LINUX_KEY_BYTES);
	memset(value, 'v', OKVP_LINUX_VALUE_BYTES);
	set_item(f->file, key, value);

	assert_true(okvp_pool_file_get(f->file, key, OKVP_LINUX_KEY_BYTES, &item, &err));
	assert_int_equal(item.value_length, OKVP_LINUX_VALUE_BYTES);
}

static void texts_that_do_not_fit_are_refused(void **state)
{
	struct fixture *f = *state;
	char text[OKVP_RECORD_VALUE_SIZE + 1] = "";
	struct okvp_item item = item_of("k", text);
	struct okvp_error err;

	memset(text, 'x', OKVP_RECORD_VALUE_SIZE);
	item.value_length = OKVP_RECORD_VALUE_SIZE;
	assert_false(okvp_pool_file_set(f->file, &item, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);

	item = item_of(text, "v");
	item.key_length = OKVP_RECORD_KEY_SIZE;
	assert_false(okvp_pool_file_set(f->file, &item, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);

	item = item_of("k", "v");
	item.value = "a\0b", item.value_length = 3;
	assert_false(okvp_pool_file_set(f->file, &item, &err));
	assert_int_equal(err.status, OKVP_INVALID_TEXT);
	assert_int_equal(file_size(f), 0);
}

static void a_missing_key_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct okvp_item item;
	struct okvp_error err;

	set_item(f->file, "color", "green");

	assert_false(okvp_pool_file_get(f->file, "colo", 4, &item, &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_false(okvp_pool_file_at(f->file, 1, &item, &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
	assert_false(delete_item(f->file, "colors", &err));
	assert_int_equal(err.status, OKVP_NOT_FOUND);
}

static void a_reader_reads_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct okvp_pool_file *reader = open_pool(f->folder, true);
	struct okvp_item item = item_of("a", "2");
	struct okvp_error err;

	set_item(f->file, "a", "1");

	assert_string_equal(all_items(reader), "a=1");
	assert_false(okvp_pool_file_set(reader, &item, &err));
	assert_int_equal(err.status, OKVP_DENIED);
	assert_false(delete_item(reader, "a", &err));
	assert_string_equal(all_items(f->file), "a=1");
	okvp_pool_file_close(&reader);
}

static void a_batch_is_applied_in_order(void **state)
{
	struct fixture *f = *state;
	const struct okvp_pool_change changes[] = {
		{ .item = item_of("d", "4") },
		{ .item = item_of("e", "5") },
		{ .remove = true, .item = item_of("b", "") },
		{ .remove = true, .item = item_of("e", "") },
		{ .item = item_of("b", "6") },
		{ .item = item_of("a", "7") },
		{ .remove = true, .item = item_of("nowhere", "") },
	};
	struct okvp_error err;

	set_item(f->file, "a", "1");
	set_item(f->file, "b", "2");
	set_item(f->file, "c", "3");

	assert_true(okvp_pool_file_apply(f->file, changes, 7, &err));
	assert_string_equal(all_items(f->file), "a=7 c=3 d=4 b=6");
	assert_int_equal(file_size(f), 4 * OKVP_RECORD_SIZE);
}

static void a_batch_with_one_bad_item_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char long_key[OKVP_RECORD_KEY_SIZE + 1] = "";
	struct okvp_pool_change changes[] = {
		{ .item = item_of("a", "2") },
		{ .item = item_of("b", "2") },
		{ .item = { .key = long_key, .key_length = OKVP_RECORD_KEY_SIZE } },
	};
	struct okvp_error err;

	memset(long_key, 'k', OKVP_RECORD_KEY_SIZE);
	set_item(f->file, "a", "1");

	assert_false(okvp_pool_file_apply(f->file, changes, 3, &err));
	assert_int_equal(err.status, OKVP_TOO_LONG);
	assert_string_equal(all_items(f->file), "a=1");
}

static void more_records_than_allowed_are_refused(void **state)
{
	struct fixture *f = *state;
	struct okvp_item item = item_of("one", "too many");
	struct okvp_error err;
	size_t count;

	assert_int_equal(truncate(temp_folder_file(f->folder, POOL_NAME),
				  (off_t)(OKVP_POOL_FILE_RECORDS_MAX + 1) * OKVP_RECORD_SIZE),
			 0);
	assert_false(okvp_pool_file_count(f->file, &count, &err));
	assert_int_equal(err.status, OKVP_LIMIT);
	assert_false(okvp_pool_file_set(f->file, &item, &err));
	assert_int_equal(err.status, OKVP_LIMIT);
}

static void make_thousand(struct okvp_pool_file *file)
{
	static char text[1000][16];
	static struct okvp_pool_change changes[1000];
	struct okvp_error err;

	for (int i = 0; i < 1000; i++) {
		snprintf(text[i], sizeof(text[i]), "key-%d", i);
		changes[i].item = item_of(text[i], text[i] + 4);
	}
	assert_true(okvp_pool_file_apply(file, changes, 1000, &err));
}

static void of_a_thousand_records_one_in_the_middle_can_go(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;
	size_t count;

	make_thousand(f->file);
	assert_true(delete_item(f->file, "key-500", &err));

	assert_true(okvp_pool_file_count(f->file, &count, &err));
	assert_int_equal(count, 999);
	assert_int_equal(file_size(f), 999 * OKVP_RECORD_SIZE);
	for (size_t i = 0; i < count; i++) {
		struct okvp_item item;

		assert_true(okvp_pool_file_at(f->file, i, &item, &err));
		assert_int_equal(atoi(item.value), i < 500 ? i : i + 1);
	}
}

static void an_item_is_found_by_its_key_among_a_thousand(void **state)
{
	struct fixture *f = *state;
	struct okvp_pool_file *reader = open_pool(f->folder, true);
	struct okvp_item item;
	struct okvp_error err;

	make_thousand(f->file);
	set_item(f->file, "key-777", "changed");

	assert_true(okvp_pool_file_get(reader, "key-777", 7, &item, &err));
	assert_string_equal(item.value, "changed");
	assert_true(okvp_pool_file_get(reader, "key-999", 7, &item, &err));
	assert_string_equal(item.value, "999");
	okvp_pool_file_close(&reader);
}

static void what_was_written_can_be_put_on_disk(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	assert_true(okvp_pool_file_sync(f->file, &err));
	set_item(f->file, "a", "1");
	assert_true(okvp_pool_file_sync(f->file, &err));
	assert_true(okvp_pool_file_sync(f->file, &err));
}

/* Whether a program that takes flock() can write. */
static bool others_may_write(const struct fixture *f)
{
	int fd = open(temp_folder_file(f->folder, POOL_NAME), O_RDWR);
	bool may = flock(fd, LOCK_EX | LOCK_NB) == 0;

	close(fd);
	return may;
}

static void nobody_else_writes_between_begin_and_end(void **state)
{
	struct fixture *f = *state;
	struct okvp_pool_file *other = open_pool(f->folder, false);
	struct okvp_error err;

	set_item(other, "a", "1");
	okvp_pool_file_close(&other);
	assert_true(okvp_pool_file_begin(f->file, &err));
	assert_string_equal(all_items(f->file), "a=1");
	set_item(f->file, "b", "2");
	assert_true(delete_item(f->file, "a", &err));
	assert_false(delete_item(f->file, "a", &err));
	assert_string_equal(all_items(f->file), "b=2");
	assert_false(others_may_write(f));
	okvp_pool_file_end(f->file);
	assert_true(others_may_write(f));
	assert_string_equal(all_items(f->file), "b=2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_missing_folder_and_file_are_made),
		TEST(a_missing_file_is_not_made_for_a_reader),
		TEST(an_item_is_written_zero_padded),
		TEST(setting_a_key_again_changes_its_record_in_place),
		TEST(the_same_value_again_writes_nothing),
		TEST(the_longest_texts_are_kept_whole),
		TEST(texts_that_do_not_fit_are_refused),
		TEST(a_missing_key_is_not_found),
		TEST(a_reader_reads_and_changes_nothing),
		TEST(a_batch_is_applied_in_order),
		TEST(a_batch_with_one_bad_item_changes_nothing),
		TEST(more_records_than_allowed_are_refused),
		TEST(of_a_thousand_records_one_in_the_middle_can_go),
		TEST(an_item_is_found_by_its_key_among_a_thousand),
		TEST(what_was_written_can_be_put_on_disk),
		TEST(nobody_else_writes_between_begin_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
