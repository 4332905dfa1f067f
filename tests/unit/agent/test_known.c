/* SPDX-License-Identifier: MIT */
/* test_known.c -- agent/known and agent/listing: what is different from what the host knows. */
#include "agent/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/digest.h"

struct fixture {
	struct known known;
	struct listing listing;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	known_done(&f->known);
	listing_done(&f->listing);
	free(f);
	return 0;
}

static struct okvp_item item(const char *text)
{
	const char *value = strchr(text, '=') + 1;

	return (struct okvp_item){ .key = text,
				   .key_length = (uint16_t)(value - 1 - text),
				   .value = value,
				   .value_length = (uint16_t)strlen(value) };
}

/* A listing of "a=1" "b=2" ...; NULL ends it. */
static void list(struct fixture *f, enum okvp_pool pool, const char *const *texts)
{
	listing_done(&f->listing);
	listing_begin(&f->listing, pool);
	for (; *texts; texts++) {
		const struct okvp_item one = item(*texts);

		listing_add(&f->listing, &one);
	}
}

#define LIST(f, pool, ...) list(f, pool, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_difference(struct fixture *f, size_t at, size_t gone, size_t come)
{
	struct difference found = known_compare(&f->known, &f->listing);

	assert_int_equal(found.at, at);
	assert_int_equal(found.gone, gone);
	assert_int_equal(found.come, come);
}

static void the_same_has_no_difference(void **state)
{
	struct fixture *f = *state;

	expect_difference(f, 0, 0, 0);
	LIST(f, OKVP_POOL_GUEST, "a=1", "b=2");
	known_take(&f->known, &f->listing);
	expect_difference(f, 2, 0, 0);
}

static void one_stretch_covers_all_that_differs(void **state)
{
	struct fixture *f = *state;

	LIST(f, OKVP_POOL_GUEST, "a=1", "b=2", "c=3", "d=4");
	known_take(&f->known, &f->listing);
	LIST(f, OKVP_POOL_GUEST, "a=1", "b=x", "c=3", "d=4");
	expect_difference(f, 1, 1, 1);
	LIST(f, OKVP_POOL_GUEST, "a=1", "b=x", "c=3", "d=x");
	expect_difference(f, 1, 3, 3);
	LIST(f, OKVP_POOL_GUEST, "a=1", "c=3", "d=4");
	expect_difference(f, 1, 1, 0);
	LIST(f, OKVP_POOL_GUEST, "a=1", "b=2", "c=3", "d=4", "e=5");
	expect_difference(f, 4, 0, 1);
	LIST(f, OKVP_POOL_GUEST, "e=5");
	expect_difference(f, 0, 4, 1);
}

static void the_same_key_twice_does_not_confuse(void **state)
{
	struct fixture *f = *state;

	LIST(f, OKVP_POOL_GUEST, "a=1", "a=1", "a=1");
	known_take(&f->known, &f->listing);
	LIST(f, OKVP_POOL_GUEST, "a=1", "a=1");
	expect_difference(f, 2, 1, 0);
	LIST(f, OKVP_POOL_GUEST, "a=1", "a=1", "a=1", "a=1");
	expect_difference(f, 3, 0, 1);
}

static void apply(struct fixture *f, const char *text, uint8_t flags)
{
	const struct okvp_own_record change = { .item = item(text), .flags = flags };

	known_apply(&f->known, &change);
}

static void what_the_host_does_itself_is_no_difference(void **state)
{
	struct fixture *f = *state;

	LIST(f, OKVP_POOL_EXTERNAL, "a=1", "b=2", "a=3");
	known_take(&f->known, &f->listing);
	apply(f, "a=9", 0);
	LIST(f, OKVP_POOL_EXTERNAL, "a=1", "b=2", "a=9");
	expect_difference(f, 3, 0, 0);
	assert_true(f->known.digest == f->listing.digest);
	apply(f, "c=4", 0);
	apply(f, "a=", OKVP_RECORD_REMOVE);
	apply(f, "never=", OKVP_RECORD_REMOVE);
	LIST(f, OKVP_POOL_EXTERNAL, "b=2", "c=4");
	expect_difference(f, 2, 0, 0);
	assert_true(f->known.digest == f->listing.digest);
}

static void a_pool_may_grow(void **state)
{
	struct fixture *f = *state;
	char text[16];

	listing_begin(&f->listing, OKVP_POOL_EXTERNAL);
	for (int i = 0; i < 100; i++) {
		struct okvp_item one;

		snprintf(text, sizeof(text), "k%d=v", i);
		one = item(text);
		listing_add(&f->listing, &one);
		apply(f, text, 0);
	}
	expect_difference(f, 100, 0, 0);
	assert_true(f->known.digest == f->listing.digest);
}

static void a_listing_holds_records_one_behind_the_other(void **state)
{
	struct fixture *f = *state;
	size_t size;

	LIST(f, OKVP_POOL_GUEST, "a=1", "bb=22", "c=");
	assert_memory_equal(listing_records(&f->listing, 1, 2, &size), "\2\0\2\0\0\0bb22", 10);
	assert_int_equal(size, 10);
	listing_records(&f->listing, 0, 3, &size);
	assert_int_equal(size, 8 + 10 + 7);
	listing_records(&f->listing, 3, 3, &size);
	assert_int_equal(size, 0);
	listing_records(&f->listing, 9, 9, &size);
	assert_int_equal(size, 0);
}

static void what_is_not_utf8_is_not_listed(void **state)
{
	struct fixture *f = *state;

	LIST(f, OKVP_POOL_GUEST, "a=1", "\xFF=2", "b=\xC3", "c=3");
	assert_int_equal(f->listing.count, 2);
}

static void the_digest_of_a_listing_is_that_of_its_pool(void **state)
{
	const struct okvp_item a = item("a=1"), b = item("b=2");
	struct fixture *f = *state;

	LIST(f, OKVP_POOL_GUEST, "a=1", "b=2");
	assert_true(f->listing.digest == okvp_digest_of(OKVP_POOL_GUEST, 0, &a) +
						 okvp_digest_of(OKVP_POOL_GUEST, 1, &b));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(the_same_has_no_difference),
		test(one_stretch_covers_all_that_differs),
		test(the_same_key_twice_does_not_confuse),
		test(what_the_host_does_itself_is_no_difference),
		test(a_pool_may_grow),
		test(a_listing_holds_records_one_behind_the_other),
		test(what_is_not_utf8_is_not_listed),
		test(the_digest_of_a_listing_is_that_of_its_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
