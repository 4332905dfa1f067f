/* SPDX-License-Identifier: MIT */
/* test_faults.c -- store/faults */
#include "helpers.h"

#include "store/faults.h"

struct fixture {
	struct faults faults;
	struct failure failure;
	struct stored_item *item[16];
	size_t count;
};

static int begin(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return 0;
}

static int end(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->count; i++)
		stored_item_release(&f->item[i]);
	free(f);
	return 0;
}

static struct stored_item *keep(struct fixture *f, const char *key)
{
	return f->item[f->count++] = stored(key, "");
}

static void one_key_is_named(void **state)
{
	struct fixture *f = *state;

	faults_add(&f->faults, FAULT_MISSING, keep(f, "x"), NULL);
	faults_tell(&f->faults, &f->failure);

	assert_int_equal(f->failure.error.status, OKVP_NOT_FOUND);
	assert_string_equal(f->failure.error.message, "not there: 'x'");
	assert_int_equal(f->failure.keys.count, 1);
	assert_string_equal(f->failure.keys.key[0], "x");
}

static void many_keys_are_named_and_the_rest_is_counted(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 11; i++)
		faults_add(&f->faults, FAULT_THERE, keep(f, (char[]){ (char)('a' + i), 0 }), NULL);
	faults_tell(&f->faults, &f->failure);

	assert_int_equal(f->failure.error.status, OKVP_EXISTS);
	assert_string_equal(f->failure.error.message, "already there: 'a', 'b', 'c', 'd', 'e', "
						      "'f', 'g', 'h' and 3 more");
	assert_int_equal(f->failure.keys.count, 11);
	assert_string_equal(f->failure.keys.key[7], "h");
}

static void as_many_keys_as_fit_are_all_named(void **state)
{
	struct fixture *f = *state;

	faults_add(&f->faults, FAULT_TWICE, keep(f, "a"), NULL);
	faults_add(&f->faults, FAULT_TWICE, keep(f, "b"), NULL);
	faults_tell(&f->faults, &f->failure);

	assert_string_equal(f->failure.error.message, "named twice: 'a' and 'b'");
}

static void a_variant_in_case_names_both_keys(void **state)
{
	struct fixture *f = *state;

	faults_add(&f->faults, FAULT_CASE, keep(f, "color"), keep(f, "Color"));
	faults_tell(&f->faults, &f->failure);

	assert_int_equal(f->failure.error.status, OKVP_EXISTS);
	assert_string_equal(f->failure.error.message, "differs only in case from 'Color': 'color'");
}

static void the_first_kind_gives_the_status_and_all_are_told(void **state)
{
	struct fixture *f = *state;

	faults_add(&f->faults, FAULT_MISSING, keep(f, "b"), NULL);
	faults_add(&f->faults, FAULT_THERE, keep(f, "a"), NULL);
	faults_tell(&f->faults, &f->failure);

	assert_int_equal(f->failure.error.status, OKVP_EXISTS);
	assert_string_equal(f->failure.error.message, "already there: 'a'; not there: 'b'");
	assert_int_equal(f->failure.keys.count, 2);
	assert_string_equal(f->failure.keys.key[0], "a");
	assert_string_equal(f->failure.keys.key[1], "b");
}

static void the_longest_message_fits(void **state)
{
	struct fixture *f = *state;
	char key[256];

	memset(key, 'k', sizeof(key));
	key[255] = '\0';
	keep(f, key);
	for (int i = 0; i < 99; i++)
		faults_add(&f->faults, FAULT_CASE, f->item[0], f->item[0]);
	faults_tell(&f->faults, &f->failure);

	assert_string_equal(f->failure.error.message + strlen(f->failure.error.message) - 8,
			    " 95 more");
}

static void a_limit_is_told_with_the_usage(void **state)
{
	struct fixture *f = *state;

	assert_false(fail_limit(&f->failure, "pool 0 of this VM", 1025, "items", 1024));

	assert_int_equal(f->failure.error.status, OKVP_LIMIT);
	assert_string_equal(f->failure.error.message,
			    "pool 0 of this VM would hold 1,025 items; 1,024 is the most");
}

static void numbers_have_commas_where_they_belong(void **state)
{
	struct fixture *f = *state;

	fail_limit(&f->failure, "it", 1234567, "bytes", 999);

	assert_string_equal(f->failure.error.message,
			    "it would hold 1,234,567 bytes; 999 is the most");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(one_key_is_named),
		test(many_keys_are_named_and_the_rest_is_counted),
		test(as_many_keys_as_fit_are_all_named),
		test(a_variant_in_case_names_both_keys),
		test(the_first_kind_gives_the_status_and_all_are_told),
		test(the_longest_message_fits),
		test(a_limit_is_told_with_the_usage),
		test(numbers_have_commas_where_they_belong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
