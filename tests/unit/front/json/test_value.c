/* SPDX-License-Identifier: MIT */
/* test_value.c -- front/json/value: values byte by byte, and split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"
#include "openkvp/large_value.h"

#define ITEMS "/v1/vms/web1/items/external"
#define VALUE ITEMS "/k/value"

static void expect_change(size_t i, enum exchange_verb verb, const char *key)
{
	const struct exchange_change *change = &fake.batch->changes[i];

	assert_true(i < fake.batch->count);
	assert_int_equal(change->verb, verb);
	assert_int_equal(change->item.key_length, strlen(key));
	assert_memory_equal(change->item.key, key, strlen(key));
}

static void put(const char *target, const char *body, size_t length)
{
	fake_send_bytes(ROLE_WRITE, "PUT", target, body, length);
}

/* --- Getting --- */

static void a_value_is_given_as_it_is(void **state)
{
	fake_add(SPACE_EXTERNAL, "k", "a\"\n");
	fake_add(SPACE_EXTERNAL, "empty", "");
	fake_send("GET", VALUE, NULL);
	assert_answer(200, "a\"\n");
	assert_false(fake.is_json);
	fake_send("GET", ITEMS "/empty/value", NULL);
	assert_answer(200, "");
}

static void a_large_value_is_put_together(void **state)
{
	fake_add(SPACE_EXTERNAL, "k", "openkvp-large 1 4 2 92c80a31 text");
	fake_add(SPACE_EXTERNAL, "k#92c80a31.1", "cd");
	fake_add(SPACE_EXTERNAL, "k#92c80a31.0", "ab");
	fake_send("GET", VALUE, NULL);
	assert_answer(200, "abcd");
}

static void of_a_large_value_that_is_not_all_there_nothing_is_given(void **state)
{
	fake_add(SPACE_EXTERNAL, "k", "openkvp-large 1 4 2 92c80a31 text");
	fake_add(SPACE_EXTERNAL, "k#92c80a31.0", "ab");
	fake_send("GET", VALUE, NULL);
	assert_refused(409, "WRONG_STATE", "1 of 2 pieces are missing, the first is number 1");
}

static void a_secret_is_for_those_who_may_write(void **state)
{
	fake_add_flagged("k", "hunter2", ITEM_SECRET);
	fake_send_as(ROLE_READ, "GET", VALUE, NULL);
	assert_refused(403, "DENIED", "'write'");
	assert_null(strstr(fake.body, "hunter2"));
	fake_send_as(ROLE_WRITE, "GET", VALUE, NULL);
	assert_answer(200, "hunter2");
}

static void what_is_not_there_is_told(void **state)
{
	fake_send("GET", VALUE, NULL);
	assert_refused(404, "NOT_FOUND", "'k'");
	fake_send("GET", "/v1/vms/web1/items/guest/k/value", NULL);
	assert_refused(404, "NOT_FOUND", "no such pool");
}

static void a_value_of_the_guest_is_read_anew(void **state)
{
	fake_add(SPACE_GUEST, "k", "published");
	fake_add(SPACE_INTRINSIC, "k", "a fact");
	fake_add(SPACE_INTRINSIC, "OSName", "Debian");
	fake_send("GET", "/v1/vms/web1/guest/k/value", NULL);
	assert_non_null(fake.done);
	fake.done(fake.context);
	assert_answer(200, "published");
	fake_send("GET", "/v1/vms/web1/guest/OSName/value", NULL);
	fake.done(fake.context);
	assert_answer(200, "Debian");
	fake_send("GET", "/v1/vms/web1/guest/no/value", NULL);
	fake.done(fake.context);
	assert_refused(404, "NOT_FOUND", "'no'");
}

/* --- Putting --- */

static void a_small_value_is_one_item(void **state)
{
	put(VALUE, "a\"", 2);
	assert_int_equal(fake.batch->count, 1);
	expect_change(0, EXCHANGE_PUT, "k");
	assert_memory_equal(fake.batch->changes[0].item.value, "a\"", 2);
	assert_false(fake.batch->changes[0].flagged);
	assert_true(fake.batch->one_value);
	assert_null(fake.batch->numbered);
	assert_null(fake.batch->if_generation);
	fake.batch->has_job = true;
	guid_from_text(JOB1, &fake.batch->job);
	fake.batch->generation = 10;
	fake_finish(OKVP_OK, "");
	assert_answer(200, "{\"job\":\"" JOB1 "\",\"generation\":10}");
}

static void an_empty_value_is_one_too(void **state)
{
	put(VALUE, "", 0);
	assert_int_equal(fake.batch->count, 1);
	assert_int_equal(fake.batch->changes[0].item.value_length, 0);
	fake_finish(OKVP_OK, "");
}

static void bytes_are_split_and_their_head_comes_last(void **state)
{
	char bytes[2000];

	memset(bytes, 0x80, sizeof(bytes));
	put(VALUE "?flags=secret,once", bytes, sizeof(bytes));
	assert_int_equal(fake.batch->count, 4);
	expect_change(3, EXCHANGE_PUT, "k");
	for (size_t i = 0; i < 4; i++) {
		assert_true(fake.batch->changes[i].flagged);
		assert_int_equal(fake.batch->changes[i].flags, ITEM_SECRET | ITEM_ONCE);
	}
	fake_finish(OKVP_OK, "");
}

static void no_flags_can_be_asked_for(void **state)
{
	put(VALUE "?flags=", "1", 1);
	assert_true(fake.batch->changes[0].flagged);
	assert_int_equal(fake.batch->changes[0].flags, 0);
	fake_finish(OKVP_OK, "");
}

static void a_value_that_stays_on_the_host_is_split_later(void **state)
{
	static char text[OKVP_HOST_ONLY_VALUE_BYTES + 1];

	memset(text, 'x', sizeof(text));
	put("/v1/vms/web1/items/host-only/k/value", text, OKVP_HOST_ONLY_VALUE_BYTES);
	assert_int_equal(fake.batch->count, 1);
	assert_int_equal(fake.batch->changes[0].space, SPACE_HOST_ONLY);
	fake_finish(OKVP_OK, "");
	put("/v1/vms/web1/items/host-only/k/value", text, sizeof(text));
	assert_int_equal(fake.batch->count, 18);
	fake_finish(OKVP_OK, "");
}

static void a_value_can_depend_on_the_generation(void **state)
{
	put(VALUE "?if_generation=9", "1", 1);
	assert_int_equal(*fake.batch->if_generation, 9);
	fake_finish(OKVP_CONFLICT, "the VM is at generation 10, not 9");
	assert_refused(409, "CONFLICT", "not 9");
}

static void what_cannot_be_put_is_refused(void **state)
{
	char *large = calloc(1, OKVP_LARGE_MAX + 1);

	put(VALUE, large, OKVP_LARGE_MAX + 1);
	assert_refused(400, "TOO_LONG", "1048576 is the most");
	put(VALUE "?flags=secret,public", "1", 1);
	assert_refused(400, "INVALID", "'public'");
	put(VALUE "?split=evenly", "1", 1);
	assert_refused(400, "INVALID", "'numbered'");
	put(VALUE "?if_generation=-1", "1", 1);
	assert_refused(400, "INVALID", "'if_generation'");
	put("/v1/vms/web1/items/guest/k/value", "1", 1);
	assert_refused(404, "NOT_FOUND", "no such pool");
	fake_send_as(ROLE_READ, "PUT", VALUE, "1");
	assert_refused(403, "DENIED", "'write'");
	assert_null(fake.batch);
	free(large);
}

/* --- Numbered --- */

static void numbered_pieces_take_the_place_of_earlier_ones(void **state)
{
	static char text[1500];

	memset(text, 'x', sizeof(text));
	put(VALUE "?split=numbered", text, sizeof(text));
	assert_string_equal(fake.batch->numbered, "k");
	assert_int_equal(fake.batch->count, 2);
	expect_change(0, EXCHANGE_PUT, "k.0");
	expect_change(1, EXCHANGE_PUT, "k.1");
	assert_int_equal(fake.batch->changes[0].item.value_length, 1022);
	assert_int_equal(fake.batch->changes[1].item.value_length, 1500 - 1022);
	fake_finish(OKVP_OK, "");
}

static void what_cannot_be_numbered_is_refused(void **state)
{
	put(VALUE "?split=numbered", "", 0);
	assert_refused(400, "INVALID", "no body");
	put(VALUE "?split=numbered", "\xFF", 1);
	assert_refused(400, "INVALID_TEXT", "UTF-8");
	put("/v1/vms/web1/items/host-only/k/value?split=numbered", "1", 1);
	assert_refused(400, "INVALID", "not numbered");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		test(a_value_is_given_as_it_is),
		test(a_large_value_is_put_together),
		test(of_a_large_value_that_is_not_all_there_nothing_is_given),
		test(a_secret_is_for_those_who_may_write),
		test(what_is_not_there_is_told),
		test(a_value_of_the_guest_is_read_anew),
		test(a_small_value_is_one_item),
		test(an_empty_value_is_one_too),
		test(bytes_are_split_and_their_head_comes_last),
		test(no_flags_can_be_asked_for),
		test(a_value_that_stays_on_the_host_is_split_later),
		test(a_value_can_depend_on_the_generation),
		test(what_cannot_be_put_is_refused),
		test(numbered_pieces_take_the_place_of_earlier_ones),
		test(what_cannot_be_numbered_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
