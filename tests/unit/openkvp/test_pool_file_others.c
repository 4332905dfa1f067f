/* SPDX-License-Identifier: MIT */
/* test_pool_file_others.c -- openkvp/pool_file, when other programs write the same file */
#include "openkvp/pool_file.h"

#include <time.h>

#include "tests/unit/openkvp/pool_records.h"

/* The linker puts this before the C library's: a clock that stands still when frozen. */
static struct timespec frozen;

int __real_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	if (frozen.tv_sec == 0 || id != CLOCK_REALTIME)
		return __real_clock_gettime(id, time);
	*time = frozen;
	return 0;
}

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

	frozen = (struct timespec){ 0 };
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

static void garbage_behind_a_nul_is_no_part_of_an_item(void **state)
{
	struct fixture *f = *state;
	uint8_t records[2 * OKVP_RECORD_SIZE];

	put_record(records, "a", "1", 'x');
	put_record(records + OKVP_RECORD_SIZE, "b", "2", 0xFF);
	temp_folder_write(f->folder, POOL_NAME, records, sizeof(records));

	assert_string_equal(all_items(f->file), "a=1 b=2");
	set_item(f->file, "b", "3");
	assert_string_equal(all_items(f->file), "a=1 b=3");
}

static void a_field_without_a_nul_is_read_to_its_end(void **state)
{
	struct fixture *f = *state;
	uint8_t record[OKVP_RECORD_SIZE];
	struct okvp_item item;
	struct okvp_error err;

	memset(record, 'x', sizeof(record));
	temp_folder_write(f->folder, POOL_NAME, record, sizeof(record));

	assert_true(okvp_pool_file_at(f->file, 0, &item, &err));
	assert_int_equal(item.key_length, OKVP_RECORD_KEY_SIZE);
	assert_int_equal(item.value_length, OKVP_RECORD_VALUE_SIZE);
}

static void of_duplicates_all_are_listed_and_the_last_one_counts(void **state)
{
	struct fixture *f = *state;
	uint8_t records[4 * OKVP_RECORD_SIZE];
	struct okvp_item item;
	struct okvp_error err;

	put_record(records, "a", "1", 0);
	put_record(records + OKVP_RECORD_SIZE, "b", "2", 0);
	put_record(records + 2 * OKVP_RECORD_SIZE, "a", "3", 0);
	put_record(records + 3 * OKVP_RECORD_SIZE, "c", "4", 'y');
	temp_folder_write(f->folder, POOL_NAME, records, sizeof(records));

	assert_true(okvp_pool_file_get(f->file, "a", 1, &item, &err));
	assert_memory_equal(item.value, "3", 2);
	set_item(f->file, "a", "5");
	assert_string_equal(all_items(f->file), "a=1 b=2 a=5 c=4");
	assert_true(delete_item(f->file, "a", &err));
	assert_string_equal(all_items(f->file), "b=2 c=4");
	assert_int_equal(file_size(f), 2 * OKVP_RECORD_SIZE);
}

static void half_a_record_at_the_end_is_ignored_and_written_over(void **state)
{
	struct fixture *f = *state;
	uint8_t records[2 * OKVP_RECORD_SIZE];

	put_record(records, "a", "1", 0);
	memset(records + OKVP_RECORD_SIZE, 'h', OKVP_RECORD_SIZE);
	temp_folder_write(f->folder, POOL_NAME, records, OKVP_RECORD_SIZE + 700);

	assert_string_equal(all_items(f->file), "a=1");
	set_item(f->file, "a", "2");
	assert_string_equal(all_items(f->file), "a=2");
	set_item(f->file, "b", "3");
	assert_string_equal(all_items(f->file), "a=2 b=3");
	assert_int_equal(file_size(f), 2 * OKVP_RECORD_SIZE);
}

static void what_others_write_is_seen_at_once(void **state)
{
	struct fixture *f = *state;
	uint8_t record[OKVP_RECORD_SIZE];

	set_item(f->file, "a", "1");
	for (char digit = '2'; digit <= '9'; digit++) {
		const char value[] = { digit, '\0' };
		char expected[] = "a=?";

		expected[2] = digit;
		put_record(record, "a", value, 0);
		temp_folder_write(f->folder, POOL_NAME, record, sizeof(record));
		assert_string_equal(all_items(f->file), expected);
		assert_string_equal(all_items(f->file), expected);
	}
}

/* Writes a record as another program does whose system stamps every write with the same time. */
static void write_at(const char *folder, const char *value, const struct timespec *time)
{
	const struct timespec times[] = { *time, *time };
	uint8_t record[OKVP_RECORD_SIZE];

	put_record(record, "a", value, 0);
	temp_folder_write(folder, POOL_NAME, record, sizeof(record));
	assert_int_equal(utimensat(AT_FDCWD, temp_folder_file(folder, POOL_NAME), times, 0), 0);
}

static void a_second_write_with_the_same_stamp_is_seen(void **state)
{
	struct fixture *f = *state;
	const struct timespec stamp = { .tv_sec = 1000000000, .tv_nsec = 500000000 };
	const struct timespec coarse_stamp = { .tv_sec = 1000000000 };

	frozen = (struct timespec){ .tv_sec = 1000000000, .tv_nsec = 515000000 };
	write_at(f->folder, "1", &stamp);
	assert_string_equal(all_items(f->file), "a=1");
	write_at(f->folder, "2", &stamp);
	assert_string_equal(all_items(f->file), "a=2");

	write_at(f->folder, "3", &coarse_stamp);
	assert_string_equal(all_items(f->file), "a=3");
	write_at(f->folder, "4", &coarse_stamp);
	assert_string_equal(all_items(f->file), "a=4");
}

static void an_old_stamp_saves_reading_the_file_again(void **state)
{
	struct fixture *f = *state;
	const struct timespec stamp = { .tv_sec = 1000000000, .tv_nsec = 500000000 };

	write_at(f->folder, "1", &stamp);
	assert_string_equal(all_items(f->file), "a=1");
	write_at(f->folder, "2", &stamp);
	assert_string_equal(all_items(f->file), "a=1");
}

static void two_handles_see_each_others_changes(void **state)
{
	struct fixture *f = *state;
	struct okvp_pool_file *other = open_pool(f->folder, false);
	struct okvp_error err;

	set_item(f->file, "a", "1");
	set_item(other, "b", "2");
	set_item(f->file, "c", "3");
	assert_true(delete_item(other, "b", &err));

	assert_string_equal(all_items(f->file), "a=1 c=3");
	assert_string_equal(all_items(other), "a=1 c=3");
	okvp_pool_file_close(&other);
}

static void a_file_that_takes_the_place_of_another_is_opened(void **state)
{
	struct fixture *f = *state;
	uint8_t record[OKVP_RECORD_SIZE];

	set_item(f->file, "a", "1");
	put_record(record, "b", "2", 0);
	temp_folder_write(f->folder, "new", record, sizeof(record));
	assert_int_equal(
		rename(temp_folder_file(f->folder, "new"), temp_folder_file(f->folder, POOL_NAME)),
		0);

	assert_string_equal(all_items(f->file), "b=2");
	set_item(f->file, "c", "3");
	assert_int_equal(unlink(temp_folder_file(f->folder, POOL_NAME)), 0);
	set_item(f->file, "d", "4");
	assert_string_equal(all_items(f->file), "d=4");
}

static void a_file_keeps_its_mode_and_its_redo_file_is_no_wider(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	set_item(f->file, "a", "1");
	assert_int_equal(chmod(temp_folder_file(f->folder, POOL_NAME), 0600), 0);
	set_item(f->file, "a", "2");

	assert_int_equal(stat(temp_folder_file(f->folder, POOL_NAME), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(temp_folder_file(f->folder, REDO_NAME), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static mode_t mode_of(const struct fixture *f, const char *name)
{
	struct stat st;

	assert_int_equal(stat(temp_folder_file(f->folder, name), &st), 0);
	return st.st_mode & 0777;
}

static void apply_one(struct fixture *f, const struct okvp_pool_change *change)
{
	struct okvp_error err;

	if (!okvp_pool_file_apply(f->file, change, 1, &err))
		fail_msg("%s", err.message);
}

static void a_secret_takes_the_file_from_others_for_good(void **state)
{
	const struct okvp_pool_change secret = { .secret = true, .item = item_of("a", "1") };
	struct fixture *f = *state;

	set_item(f->file, "b", "2");
	assert_int_equal(mode_of(f, POOL_NAME), 0644);
	apply_one(f, &secret);
	assert_int_equal(mode_of(f, POOL_NAME), 0600);
	assert_int_equal(mode_of(f, REDO_NAME), 0600);

	assert_true(delete_item(f->file, "a", NULL));
	set_item(f->file, "b", "3");
	assert_int_equal(mode_of(f, POOL_NAME), 0600);
}

static void a_secret_that_is_removed_changes_no_mode(void **state)
{
	const struct okvp_pool_change gone = { .remove = true,
					       .secret = true,
					       .item = item_of("a", "") };
	struct fixture *f = *state;

	set_item(f->file, "a", "1");
	apply_one(f, &gone);

	assert_int_equal(mode_of(f, POOL_NAME), 0644);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(garbage_behind_a_nul_is_no_part_of_an_item),
		TEST(a_field_without_a_nul_is_read_to_its_end),
		TEST(of_duplicates_all_are_listed_and_the_last_one_counts),
		TEST(half_a_record_at_the_end_is_ignored_and_written_over),
		TEST(what_others_write_is_seen_at_once),
		TEST(a_second_write_with_the_same_stamp_is_seen),
		TEST(an_old_stamp_saves_reading_the_file_again),
		TEST(two_handles_see_each_others_changes),
		TEST(a_file_that_takes_the_place_of_another_is_opened),
		TEST(a_file_keeps_its_mode_and_its_redo_file_is_no_wider),
		TEST(a_secret_takes_the_file_from_others_for_good),
		TEST(a_secret_that_is_removed_changes_no_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
