/* SPDX-License-Identifier: MIT */
/* test_values.c -- agent/values */
#include "agent/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "openkvp/large_value.h"
#include "openkvp/scoped.h"
#include "tests/unit/temp_folder.h"

struct fixture {
	char *folder;
	struct okvp_pool_file *file;
	struct okvp_error err;
	const char *vanishes;  /* looking up a piece of this value removes it ... */
	const char *put_after; /* ... and puts this one */
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->folder = temp_folder_create();
	assert_true(okvp_pool_file_open(f->folder, OKVP_POOL_GUEST, false, &f->file, NULL));
	*state = f;
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	okvp_pool_file_close(&f->file);
	temp_folder_remove(f->folder);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *key, const char *value, size_t size)
{
	struct okvp_item *items;
	size_t count;

	assert_true(okvp_large_split(key, strlen(key), value, size, &items, &count, NULL));
	assert_true(values_change(f->file, key, items, count, NULL));
	free(items);
}

static bool find(void *context, const char *key, size_t key_length, struct okvp_item *ret_item)
{
	struct fixture *f = context;

	if (f->vanishes && memchr(key, '#', key_length)) {
		const char *next = f->put_after;

		f->vanishes = f->put_after = NULL;
		assert_true(values_change(f->file, "key", NULL, 0, NULL));
		if (next)
			put(f, "key", next, strlen(next));
	}
	return okvp_pool_file_get(f->file, key, key_length, ret_item, NULL);
}

static void assert_reads(struct fixture *f, const char *key, const char *value, size_t size)
{
	scoped(text_done) struct text text = { 0 };

	if (!values_read(find, f, key, &text, &f->err))
		fail_msg("%s", f->err.message);
	assert_int_equal(text.length, size);
	assert_memory_equal(text.bytes, value, size);
}

static size_t records(struct fixture *f)
{
	size_t count;

	assert_true(okvp_pool_file_count(f->file, &count, NULL));
	return count;
}

static char long_text[2500], other_text[5000];

static int make_texts(void **state)
{
	memset(long_text, 'x', sizeof(long_text));
	memset(other_text, 'y', sizeof(other_text));
	return 0;
}

static void a_value_is_read_from_its_pieces(void **state)
{
	struct fixture *f = *state;

	put(f, "key", long_text, sizeof(long_text));
	put(f, "plain", "1", 1);
	assert_int_equal(records(f), 5);
	assert_reads(f, "key", long_text, sizeof(long_text));
	assert_reads(f, "plain", "1", 1);
}

static void another_value_takes_the_place_of_all_pieces(void **state)
{
	struct fixture *f = *state;

	put(f, "other", long_text, sizeof(long_text));
	put(f, "key", long_text, sizeof(long_text));
	put(f, "key", other_text, sizeof(other_text));
	assert_int_equal(records(f), 4 + 6);
	put(f, "key", "1", 1);
	assert_int_equal(records(f), 4 + 1);
	assert_reads(f, "other", long_text, sizeof(long_text));
}

static void the_same_value_again_stays_whole(void **state)
{
	struct fixture *f = *state;

	put(f, "key", long_text, sizeof(long_text));
	put(f, "key", long_text, sizeof(long_text));
	assert_reads(f, "key", long_text, sizeof(long_text));
	assert_int_equal(records(f), 4);
}

static void a_value_is_removed_with_its_pieces(void **state)
{
	struct fixture *f = *state;

	put(f, "key", long_text, sizeof(long_text));
	assert_true(values_change(f->file, "key", NULL, 0, NULL));
	assert_int_equal(records(f), 0);
	assert_false(values_change(f->file, "key", NULL, 0, &f->err));
	assert_int_equal(f->err.status, OKVP_NOT_FOUND);
}

static void a_value_that_lacks_a_piece_is_not_read(void **state)
{
	struct fixture *f = *state;
	scoped(text_done) struct text text = { 0 };
	struct okvp_item piece;

	put(f, "key", long_text, sizeof(long_text));
	assert_true(okvp_pool_file_at(f->file, 1, &piece, NULL));
	assert_true(okvp_pool_file_delete(f->file, piece.key, piece.key_length, NULL));
	assert_false(values_read(find, f, "key", &text, &f->err));
	assert_int_equal(f->err.status, OKVP_WRONG_STATE);
	assert_int_equal(text.length, 0);
}

static void a_value_that_is_replaced_meanwhile_is_read_anew(void **state)
{
	struct fixture *f = *state;

	put(f, "key", long_text, sizeof(long_text));
	f->vanishes = "key";
	f->put_after = "new";
	assert_reads(f, "key", "new", 3);
}

static void a_value_that_is_removed_meanwhile_is_not_there(void **state)
{
	struct fixture *f = *state;
	scoped(text_done) struct text text = { 0 };

	put(f, "key", long_text, sizeof(long_text));
	f->vanishes = "key";
	assert_false(values_read(find, f, "key", &text, &f->err));
	assert_int_equal(f->err.status, OKVP_NOT_FOUND);
}

#define WRITERS 4
#define ROUNDS  100

/* Another process, which puts one value again and again from when the pipe ends. */
static pid_t start_writer(struct fixture *f, const int begin[2], const char *value, size_t size)
{
	struct okvp_pool_file *file = NULL;
	struct okvp_item *items = NULL;
	pid_t writer = fork();
	size_t count = 0;
	bool ok;
	char end;

	if (writer != 0)
		return writer;
	close(begin[1]);
	ok = okvp_pool_file_open(f->folder, OKVP_POOL_GUEST, false, &file, NULL) &&
	     okvp_large_split("key", 3, value, size, &items, &count, NULL) &&
	     read(begin[0], &end, 1) == 0;
	for (int round = 0; ok && round < ROUNDS; round++)
		ok = values_change(file, "key", items, count, NULL);
	okvp_pool_file_close(&file);
	free(items);
	_exit(ok ? 0 : 1);
}

static void of_values_put_at_the_same_time_one_is_left(void **state)
{
	struct fixture *f = *state;
	pid_t writer[WRITERS];
	int begin[2], status;

	assert_int_equal(pipe2(begin, O_CLOEXEC), 0);
	for (size_t i = 0; i < WRITERS; i++) /* values of other sizes have other checksums */
		writer[i] = start_writer(f, begin, other_text, sizeof(other_text) - i);
	for (size_t i = 0; i < 2; i++)
		close(begin[i]);
	for (size_t i = 0; i < WRITERS; i++) {
		assert_true(writer[i] > 0 && waitpid(writer[i], &status, 0) == writer[i]);
		assert_int_equal(status, 0);
	}
	put(f, "key", "1", 1);
	assert_int_equal(records(f), 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(a_value_is_read_from_its_pieces),
		test(another_value_takes_the_place_of_all_pieces),
		test(the_same_value_again_stays_whole),
		test(a_value_is_removed_with_its_pieces),
		test(a_value_that_lacks_a_piece_is_not_read),
		test(a_value_that_is_replaced_meanwhile_is_read_anew),
		test(a_value_that_is_removed_meanwhile_is_not_there),
		test(of_values_put_at_the_same_time_one_is_left),
	};

	return cmocka_run_group_tests(tests, make_texts, NULL);
}
