/* SPDX-License-Identifier: MIT */
/* test_pool_redo.c -- openkvp/pool_redo */
#include "openkvp/pool_redo.h"

#include "openkvp/frame.h"
#include "openkvp/wire.h"
#include "tests/unit/openkvp/pool_records.h"

#define R OKVP_RECORD_SIZE

/* Old: a=1 b=2 c=3. New: a=1 b=two c=3 d=4. */
struct fixture {
	char *folder;
	int fd, redo_fd;
	uint8_t old_bytes[3 * R], new_bytes[4 * R];
	struct pool_image image;
	struct pool_redo redo;
};

static void set(struct pool_image *image, const char *key, const char *value)
{
	struct okvp_item item = item_of(key, value);

	assert_true(pool_image_set(image, &item, NULL));
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = temp_folder_create();
	put_record(f->old_bytes, "a", "1", 0);
	put_record(f->old_bytes + R, "b", "2", 'g');
	put_record(f->old_bytes + 2 * R, "c", "3", 0);
	memcpy(f->new_bytes, f->old_bytes, 3 * R);
	put_record(f->new_bytes + R, "b", "two", 0);
	put_record(f->new_bytes + 3 * R, "d", "4", 0);
	temp_folder_write(f->folder, POOL_NAME, f->old_bytes, 3 * R);
	f->fd = open(temp_folder_file(f->folder, POOL_NAME), O_RDWR | O_CLOEXEC);
	f->redo_fd = open(temp_folder_file(f->folder, REDO_NAME), O_RDWR | O_CREAT, 0600);
	assert_true(pool_image_reserve(&f->image, 3, NULL));
	memcpy(f->image.records, f->old_bytes, 3 * R);
	assert_true(pool_image_index(&f->image, 3, NULL));
	set(&f->image, "b", "two");
	set(&f->image, "d", "4");
	assert_true(pool_redo_make(&f->image, f->fd, 3 * R, &f->redo, NULL));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pool_redo_done(&f->redo);
	pool_image_done(&f->image);
	close(f->fd);
	close(f->redo_fd);
	temp_folder_remove(f->folder);
	free(f);
	return 0;
}

/* The redo file's bytes; free() them. */
static uint8_t *packed(struct fixture *f, size_t *ret_size)
{
	uint8_t *bytes = malloc(8 * R);

	assert_true(pool_redo_clear(f->redo_fd, NULL));
	assert_true(pool_redo_save(&f->redo, f->redo_fd, 0640, NULL));
	*ret_size = temp_folder_read(f->folder, REDO_NAME, bytes, 8 * R);
	return bytes;
}

static bool loads(struct fixture *f, const void *bytes, size_t size)
{
	struct pool_redo redo;
	bool is_one;

	temp_folder_write(f->folder, REDO_NAME, bytes, size);
	assert_true(pool_redo_load(f->redo_fd, &redo, NULL));
	is_one = redo.bytes != NULL;
	pool_redo_done(&redo);
	return is_one;
}

static void what_was_saved_is_loaded(void **state)
{
	struct fixture *f = *state;
	struct pool_redo redo;

	assert_true(pool_redo_save(&f->redo, f->redo_fd, 0640, NULL));
	assert_true(pool_redo_load(f->redo_fd, &redo, NULL));

	assert_int_equal(redo.old_size, 3 * R);
	assert_int_equal(redo.new_size, 4 * R);
	assert_int_equal(redo.extent_count, 2);
	assert_int_equal(redo.extent[0].offset, R);
	assert_int_equal(redo.extent[1].offset, 3 * R);
	assert_int_equal(redo.extent[0].length, R);
	assert_int_equal(redo.extent[0].old_length, R);
	assert_int_equal(redo.extent[1].old_length, 0);
	assert_memory_equal(redo.extent[0].new_bytes, f->new_bytes + R, R);
	assert_memory_equal(redo.extent[0].old_bytes, f->old_bytes + R, R); /* garbage and all */
	assert_memory_equal(redo.extent[1].new_bytes, f->new_bytes + 3 * R, R);
	pool_redo_done(&redo);
}

static void a_file_that_was_emptied_is_no_redo(void **state)
{
	struct fixture *f = *state;
	struct pool_redo redo;

	assert_true(pool_redo_save(&f->redo, f->redo_fd, 0640, NULL));
	assert_true(pool_redo_clear(f->redo_fd, NULL));
	assert_true(pool_redo_load(f->redo_fd, &redo, NULL));
	assert_null(redo.bytes);
}

static void padding_takes_no_room(void **state)
{
	struct fixture *f = *state;
	size_t size, with_garbage;

	free(packed(f, &with_garbage));
	memset(f->redo.extent[0].old_bytes + 2, 0, 510);
	memset(f->redo.extent[0].old_bytes + 514, 0, 2046);
	free(packed(f, &size));
	assert_true(with_garbage > R);
	assert_true(size < 128);
}

static void half_a_record_of_the_old_file_is_kept(void **state)
{
	struct fixture *f = *state;
	uint8_t half[700];
	struct pool_redo redo;

	memset(half, 'h', sizeof(half));
	assert_int_equal(pwrite(f->fd, half, sizeof(half), 3 * R), sizeof(half));
	pool_redo_done(&f->redo);
	assert_true(pool_redo_make(&f->image, f->fd, 3 * R + 700, &f->redo, NULL));
	assert_true(pool_redo_save(&f->redo, f->redo_fd, 0640, NULL));

	assert_true(pool_redo_load(f->redo_fd, &redo, NULL));
	assert_int_equal(redo.new_size, 4 * R);
	assert_int_equal(redo.extent[1].old_length, 700);
	assert_memory_equal(redo.extent[1].old_bytes, half, 700);
	pool_redo_done(&redo);
}

static void a_file_cut_anywhere_is_no_redo(void **state)
{
	struct fixture *f = *state;
	size_t size;
	uint8_t *bytes = packed(f, &size);

	assert_true(loads(f, bytes, size));
	for (size_t cut = 0; cut < size; cut += cut < 200 ? 1 : 97)
		assert_false(loads(f, bytes, cut));
	assert_false(loads(f, bytes, size - 1));
	free(bytes);
}

static void a_file_with_one_wrong_byte_is_no_redo(void **state)
{
	struct fixture *f = *state;
	size_t size;
	uint8_t *bytes = packed(f, &size);

	for (size_t at = 0; at < size; at += at < 200 ? 1 : 97) {
		bytes[at] ^= 0x10;
		assert_false(loads(f, bytes, size));
		bytes[at] ^= 0x10;
	}
	free(bytes);
}

/* Puts a number into a redo file and makes its checksum right again. */
static void forge(uint8_t *bytes, size_t size, size_t at, uint64_t number, size_t width)
{
	struct wire_writer out = wire_writer_on(bytes + at, width);

	if (width == 2)
		wire_write_u16(&out, (uint16_t)number);
	else
		wire_write_u64(&out, number);
	out = wire_writer_on(bytes + 4, 4);
	wire_write_u32(&out, okvp_crc32c(bytes + 8, size - 8));
}

static void numbers_that_lead_outside_are_no_redo(void **state)
{
	static const struct {
		size_t at;
		uint64_t number;
		size_t width;
	} forged[] = {
		{ 8, UINT64_MAX, 8 },      /* old size */
		{ 16, UINT64_MAX, 8 },     /* new size */
		{ 16, 3 * R, 8 },          /* the second extent is behind it */
		{ 24, UINT32_MAX, 8 },     /* extents */
		{ 24, 3, 8 },              /* one more */
		{ 24, 1, 8 },              /* one less */
		{ 32, UINT64_MAX, 8 },     /* offset */
		{ 32, 3 * R, 8 },          /* the extents overlap */
		{ 40, UINT64_MAX, 8 },     /* length */
		{ 40, R - 1, 8 },          /* no whole records */
		{ 40, 0, 8 },              /* less than there is */
		{ 56, UINT64_MAX - R, 8 }, /* length of the second */
		{ 64, 513, 2 },            /* a key */
		{ 64, 512, 2 },            /* a key that takes the bytes of others */
		{ 66, 2049, 2 },           /* a value */
		{ 64, 0xFFFF, 2 },         /* not packed, but of another length */
	};
	struct fixture *f = *state;
	size_t size;
	uint8_t *bytes = packed(f, &size), *good = malloc(size);

	memcpy(good, bytes, size);
	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++) {
		forge(bytes, size, forged[i].at, forged[i].number, forged[i].width);
		assert_false(loads(f, bytes, size));
		memcpy(bytes, good, size);
	}
	free(good);
	free(bytes);
}

/* Whether it fits a file to which nobody has appended. */
static bool fits(struct fixture *f, const uint8_t *bytes, size_t size)
{
	size_t reached;

	return pool_redo_fits(&f->redo, bytes, size, &reached) && reached == size;
}

static void old_and_new_bytes_and_mixtures_fit(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[4 * R];

	memcpy(bytes, f->old_bytes, 3 * R);
	assert_true(fits(f, bytes, 3 * R));
	for (size_t done = R; done <= 4 * R; done += 160) {
		memcpy(bytes, f->new_bytes, done);
		assert_true(fits(f, bytes, done < 3 * R ? 3 * R : done));
	}
}

static void what_somebody_else_wrote_does_not_fit(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[5 * R] = { 0 };

	memcpy(bytes, f->old_bytes, 3 * R);
	put_record(bytes + R, "b", "3", 0);
	assert_false(fits(f, bytes, 3 * R)); /* the key has got another value */
	memcpy(bytes, f->old_bytes, 3 * R);
	memcpy(bytes + R, bytes + 2 * R, R);
	assert_false(fits(f, bytes, 3 * R)); /* a record before it is gone */
	memcpy(bytes, f->new_bytes, 4 * R);
	assert_false(fits(f, bytes, 4 * R + 7)); /* there is something behind it */
	assert_false(fits(f, bytes, 2 * R));     /* it is shorter */
}

static void records_that_others_appended_stand_behind_the_change(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[6 * R], record[R];
	size_t reached;

	put_record(record, "e", "5", 'g');
	for (size_t at = 3 * R; at <= 4 * R; at += R / 2) { /* so far it was written */
		memcpy(bytes, f->new_bytes, at);
		memcpy(bytes + R, f->old_bytes + R, R);
		memcpy(bytes + at, record, R);
		assert_true(pool_redo_fits(&f->redo, bytes, at + R, &reached));
		assert_int_equal(reached, at);
		assert_int_equal(pool_redo_overlay(&f->redo, bytes, at + R, at), 5 * R);
		assert_memory_equal(bytes, f->new_bytes, 4 * R);
		assert_memory_equal(bytes + 4 * R, record, R);
	}
}

static void it_is_written_and_written_back(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[5 * R];

	assert_true(pool_redo_write(&f->redo, f->fd, NULL));
	assert_int_equal(temp_folder_read(f->folder, POOL_NAME, bytes, sizeof(bytes)), 4 * R);
	assert_memory_equal(bytes, f->new_bytes, 4 * R);

	assert_true(pool_redo_write_back(&f->redo, f->fd, NULL));
	assert_int_equal(temp_folder_read(f->folder, POOL_NAME, bytes, sizeof(bytes)), 3 * R);
	assert_memory_equal(bytes, f->old_bytes, 3 * R);
}

static void memory_is_changed_like_the_file(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[4 * R];

	memcpy(bytes, f->old_bytes, 3 * R);
	assert_int_equal(pool_redo_overlay(&f->redo, bytes, 3 * R, 3 * R), 4 * R);
	assert_memory_equal(bytes, f->new_bytes, 4 * R);
}

static void the_redo_file_has_the_mode_of_the_pool_file(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_true(pool_redo_save(&f->redo, f->redo_fd, 0100640, NULL));
	assert_int_equal(fstat(f->redo_fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void a_file_that_cannot_be_written_is_an_error(void **state)
{
	struct fixture *f = *state;
	int full = open("/dev/full", O_RDWR);
	struct okvp_error err;

	assert_false(pool_redo_save(&f->redo, -1, 0644, &err));
	assert_false(pool_redo_save(&f->redo, full, 0666, &err));
	assert_int_equal(err.status, OKVP_IO);
	close(full);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_saved_is_loaded),
		TEST(a_file_that_was_emptied_is_no_redo),
		TEST(padding_takes_no_room),
		TEST(half_a_record_of_the_old_file_is_kept),
		TEST(a_file_cut_anywhere_is_no_redo),
		TEST(a_file_with_one_wrong_byte_is_no_redo),
		TEST(numbers_that_lead_outside_are_no_redo),
		TEST(old_and_new_bytes_and_mixtures_fit),
		TEST(what_somebody_else_wrote_does_not_fit),
		TEST(records_that_others_appended_stand_behind_the_change),
		TEST(it_is_written_and_written_back),
		TEST(memory_is_changed_like_the_file),
		TEST(the_redo_file_has_the_mode_of_the_pool_file),
		TEST(a_file_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
