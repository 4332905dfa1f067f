/* SPDX-License-Identifier: MIT */
/* test_items.c -- front/json/items */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"

#define ITEMS "/v1/vms/web1/items/external"

static bool is_change(size_t i, enum exchange_verb verb, const char *key, const char *value)
{
	const struct exchange_change *change = &fake.batch->changes[i];

	return change->verb == verb && change->item.key_length == strlen(key) &&
	       memcmp(change->item.key, key, strlen(key)) == 0 &&
	       change->item.value_length == strlen(value) &&
	       memcmp(change->item.value, value, strlen(value)) == 0;
}

static void items_are_listed_with_their_delivery(void **state)
{
	fake_add(SPACE_EXTERNAL, "a\"", "1\n");
	fake_add(SPACE_EXTERNAL, "b", "");
	fake_add_tombstone("old");
	fake.delivery = (struct delivery_view){ DELIVERY_REFUSED, "full" };
	fake_send("GET", ITEMS, NULL);
#define REST                                                                                     \
	"\"generation\":5,\"changed\":\"1970-01-01T00:00:02.000000Z\",\"delivery\":\"refused\"," \
	"\"reason\":\"full\"}"
	assert_answer(200, "{\"vm\":\"" WEB1 "\",\"pool\":\"external\",\"generation\":7,"
			   "\"acknowledged\":6,\"items\":[{\"key\":\"a\\\"\",\"value\":\"1\\n\","
			   "\"flags\":[]," REST ",{\"key\":\"b\",\"value\":\"\",\"flags\":[]," REST
			   "],\"removing\":[{\"key\":\"old\"," REST "]}");
}

static void host_only_items_have_no_delivery(void **state)
{
	fake_add(SPACE_HOST_ONLY, "h", "1");
	fake_add_tombstone("old");
	fake_send("GET", "/v1/vms/web1/items/host-only", NULL);
	assert_answer(200,
		      "{\"vm\":\"" WEB1 "\",\"pool\":\"host-only\",\"generation\":7,"
		      "\"acknowledged\":6,\"items\":[{\"key\":\"h\",\"value\":\"1\","
		      "\"flags\":[],\"generation\":5,\"changed\":\"1970-01-01T00:00:02.000000Z\","
		      "\"delivery\":null,\"reason\":\"\"}],\"removing\":[]}");
}

static void secrets_are_shown_to_those_who_ask_and_may(void **state)
{
	fake_add_flagged("token", "hunter2", ITEM_SECRET | ITEM_ONCE);
	fake_send("GET", ITEMS, NULL);
	assert_null(strstr(fake.body, "hunter2"));
	assert_non_null(strstr(fake.body, "{\"key\":\"token\",\"value\":null,"
					  "\"flags\":[\"secret\",\"once\"],"));
	fake_send("GET", ITEMS "/token", NULL);
	assert_null(strstr(fake.body, "hunter2"));

	fake_send_as(ROLE_WRITE, "GET", ITEMS "?secrets=1", NULL);
	assert_non_null(strstr(fake.body, "{\"key\":\"token\",\"value\":\"hunter2\","));
	fake_send_as(ROLE_READ, "GET", ITEMS "/token?secrets=1", NULL);
	assert_refused(403, "DENIED", "'write'");
	fake_send_as(ROLE_WRITE, "GET", ITEMS "/token?secrets=yes", NULL);
	assert_refused(400, "INVALID", "'secrets'");
}

#define HEAD "openkvp-large 1 4 2 0123abcd text"

static void a_large_value_is_one_entry(void **state)
{
	fake_add(SPACE_EXTERNAL, "k#0123abcd.0", "ab");
	fake_add(SPACE_EXTERNAL, "k#0123abcd.1", "cd");
	fake_add(SPACE_EXTERNAL, "k", HEAD);
	fake_add(SPACE_EXTERNAL, "k#0123abcd.2", "of nobody");
	fake_send("GET", ITEMS, NULL);
	assert_non_null(
		strstr(fake.body, "{\"key\":\"k\",\"value\":null,\"size\":4,\"pieces\":2,"));
	assert_non_null(strstr(fake.body, "of nobody"));
	assert_null(strstr(fake.body, "abcd.0"));
	assert_null(strstr(fake.body, "abcd.1"));
	fake_send("GET", ITEMS "/k", NULL);
	assert_non_null(
		strstr(fake.body, "{\"key\":\"k\",\"value\":null,\"size\":4,\"pieces\":2,"));
	fake_send("GET", ITEMS "/k%230123abcd.0", NULL);
	assert_non_null(strstr(fake.body, "\"value\":\"ab\""));
}

static void a_large_value_has_come_as_far_as_its_last_piece(void **state)
{
	fake_add(SPACE_EXTERNAL, "k#0123abcd.0", "ab");
	fake_add(SPACE_EXTERNAL, "k", HEAD);
	fake.delivery = (struct delivery_view){ DELIVERY_ACKNOWLEDGED, "" };
	fake.delivery_of = "k#0123abcd.0";
	fake.other_delivery = (struct delivery_view){ DELIVERY_REFUSED, "full" };
	fake_send("GET", ITEMS, NULL);
	assert_non_null(strstr(fake.body, "\"delivery\":\"refused\",\"reason\":\"full\"}]"));
}

static void flags_reach_the_exchange(void **state)
{
	fake_send("POST", ITEMS,
		  "{\"add\":[{\"key\":\"a\",\"value\":\"1\",\"flags\":[\"transient\",\"secret\"]},"
		  "{\"key\":\"b\",\"value\":\"\"},{\"key\":\"c\",\"value\":\"\",\"flags\":[]}]}");
	assert_true(fake.batch->changes[0].flagged);
	assert_int_equal(fake.batch->changes[0].flags, ITEM_TRANSIENT | ITEM_SECRET);
	assert_false(fake.batch->changes[1].flagged);
	assert_true(fake.batch->changes[2].flagged);
	assert_int_equal(fake.batch->changes[2].flags, 0);
	fake_finish(OKVP_OK, "");
}

static void unknown_flags_are_refused(void **state)
{
	fake_send("POST", ITEMS,
		  "{\"add\":[{\"key\":\"a\",\"value\":\"\",\"flags\":[\"Secret\"]}]}");
	assert_refused(400, "INVALID", "'Secret' is no flag");
	fake_send("POST", ITEMS, "{\"add\":[{\"key\":\"a\",\"value\":\"\",\"flags\":[1]}]}");
	assert_refused(400, "WRONG_TYPE", "strings");
	fake_send("POST", ITEMS, "{\"remove\":[{\"key\":\"a\",\"flags\":[]}]}");
	assert_refused(400, "WRONG_TYPE", "not a string");
}

static void another_pool_is_not_found(void **state)
{
	fake_send("GET", "/v1/vms/web1/items/guest", NULL);
	assert_refused(404, "NOT_FOUND", "'external' and 'host-only'");
	fake_send("POST", "/v1/vms/web1/items/0", "{\"clear\":true}");
	assert_refused(404, "NOT_FOUND", "'0'");
}

static void one_item_is_found_by_its_encoded_key(void **state)
{
	fake_add(SPACE_EXTERNAL, "a/b", "1");
	fake_send("GET", ITEMS "/a%2Fb", NULL);
	assert_int_equal(fake.http_status, 200);
	assert_non_null(strstr(fake.body, "{\"key\":\"a/b\",\"value\":\"1\","));
	assert_non_null(strstr(fake.body, "\"delivery\":\"stored\""));
	fake_send("GET", ITEMS "/a", NULL);
	assert_refused(404, "NOT_FOUND", "not there: 'a'");
}

static void a_removed_key_is_not_found(void **state)
{
	fake_add_tombstone("old");
	fake_send("GET", ITEMS "/old", NULL);
	assert_refused(404, "NOT_FOUND", "'old'");
}

static void a_batch_reaches_the_exchange(void **state)
{
	fake_send("POST", ITEMS,
		  "{\"remove\":[\"d\"],\"add\":[{\"key\":\"a\",\"value\":\"1\"},"
		  "{\"value\":\"\",\"key\":\"b\"}],\"modify\":[{\"key\":\"m\",\"value\":\"2\"}],"
		  "\"put\":[{\"key\":\"p\",\"value\":\"3\"}],\"if_generation\":9}");
	assert_int_equal(fake.batch->count, 5);
	assert_true(is_change(0, EXCHANGE_ADD, "a", "1"));
	assert_true(is_change(1, EXCHANGE_ADD, "b", ""));
	assert_true(is_change(2, EXCHANGE_MODIFY, "m", "2"));
	assert_true(is_change(3, EXCHANGE_PUT, "p", "3"));
	assert_true(is_change(4, EXCHANGE_REMOVE, "d", ""));
	assert_int_equal(fake.batch->changes[4].space, SPACE_EXTERNAL);
	assert_int_equal(fake.batch->kind, JOB_BATCH);
	assert_false(fake.batch->clear);
	assert_int_equal(*fake.batch->if_generation, 9);
	assert_string_equal(fake.batch->principal.name, "ann");
	fake.batch->has_job = true;
	guid_from_text(JOB1, &fake.batch->job);
	fake.batch->generation = 10;
	fake_finish(OKVP_OK, "");
	assert_answer(200, "{\"job\":\"" JOB1 "\",\"generation\":10}");
}

static void a_batch_of_one_verb_is_a_job_of_that_kind(void **state)
{
	static const struct {
		const char *body;
		enum job_kind kind;
	} kinds[] = {
		{ "{\"add\":[{\"key\":\"a\",\"value\":\"1\"}],\"put\":[]}", JOB_ADD },
		{ "{\"modify\":[{\"key\":\"a\",\"value\":\"1\"}]}", JOB_MODIFY },
		{ "{\"put\":[{\"key\":\"a\",\"value\":\"1\"}]}", JOB_BATCH },
		{ "{\"remove\":[\"a\"]}", JOB_REMOVE },
		{ "{\"clear\":true}", JOB_REMOVE },
		{ "{\"clear\":true,\"add\":[{\"key\":\"a\",\"value\":\"1\"}]}", JOB_BATCH },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		fake_send("POST", ITEMS, kinds[i].body);
		assert_int_equal(fake.batch->kind, kinds[i].kind);
		fake_finish(OKVP_OK, "");
	}
}

static void clearing_is_of_the_pool_in_the_path(void **state)
{
	fake_send("POST", "/v1/vms/web1/items/host-only",
		  "{\"clear\":true,\"put\":[{\"key\":\"a\",\"value\":\"1\"}]}");
	assert_true(fake.batch->clear);
	assert_int_equal(fake.batch->cleared_space, SPACE_HOST_ONLY);
	assert_int_equal(fake.batch->changes[0].space, SPACE_HOST_ONLY);
	assert_null(fake.batch->if_generation);
	fake_finish(OKVP_OK, "");
}

static void a_refusal_has_keys_and_job(void **state)
{
	fake_send("POST", ITEMS, "{\"remove\":[\"a\"]}");
	fake.batch->has_job = true;
	guid_from_text(JOB1, &fake.batch->job);
	fake.batch->keys.count = 10;
	for (size_t i = 0; i < OFFENDING_KEYS_SHOWN; i++)
		strcpy(fake.batch->keys.key[i], i == 0 ? "a\"" : "b");
	fake_finish(OKVP_EXISTS, "already there: 'a'");
	assert_answer(409, "{\"status\":\"EXISTS\",\"message\":\"already there: 'a'\","
			   "\"keys\":[\"a\\\"\",\"b\",\"b\",\"b\",\"b\",\"b\",\"b\",\"b\"],"
			   "\"job\":\"" JOB1 "\"}");
}

static void a_refusal_before_dispatch_has_no_job(void **state)
{
	fake_send("POST", ITEMS, "{\"remove\":[\"a\"]}");
	fake_finish(OKVP_TOO_LONG, "too long");
	assert_answer(400, "{\"status\":\"TOO_LONG\",\"message\":\"too long\"}");
}

static void a_batch_without_changes_is_refused(void **state)
{
	fake_send("POST", ITEMS, "{}");
	assert_refused(400, "INVALID", "nothing to change");
	fake_send("POST", ITEMS, "{\"add\":[],\"clear\":false}");
	assert_refused(400, "INVALID", "nothing to change");
}

static void a_wrong_entry_is_pointed_out(void **state)
{
	fake_send("POST", ITEMS, "{\"add\":[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\"}]}");
	assert_refused(400, "INVALID", "entry 2 of 'add': 'value' is missing");
	fake_send("POST", ITEMS, "{\"put\":[{\"key\":\"a\",\"value\":1}]}");
	assert_refused(400, "WRONG_TYPE", "entry 1 of 'put': 'value' is not a string");
	fake_send("POST", ITEMS, "{\"remove\":[{\"key\":\"a\"}]}");
	assert_refused(400, "WRONG_TYPE", "entry 1 of 'remove'");
	fake_send("POST", ITEMS, "{\"modify\":[\"a\"]}");
	assert_refused(400, "WRONG_TYPE", "entry 1 of 'modify'");
	assert_null(fake.batch);
}

static void send_removals(int count)
{
	struct text body = { 0 };

	text_literal(&body, "{\"remove\":[");
	for (int i = 0; i < count; i++)
		text_printf(&body, "%s\"k%d\"", i ? "," : "", i);
	text_literal(&body, "]}");
	fake_send("POST", ITEMS, body.bytes);
	text_done(&body);
}

static void a_batch_has_at_most_128_changes(void **state)
{
	send_removals(EXCHANGE_BATCH_MAX);
	assert_int_equal(fake.batch->count, EXCHANGE_BATCH_MAX);
	fake_finish(OKVP_OK, "");
	send_removals(EXCHANGE_BATCH_MAX + 1);
	assert_refused(422, "LIMIT", "129 changes in one batch; 128 is the most");
	assert_null(fake.batch);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		test(items_are_listed_with_their_delivery),
		test(host_only_items_have_no_delivery),
		test(secrets_are_shown_to_those_who_ask_and_may),
		test(a_large_value_is_one_entry),
		test(a_large_value_has_come_as_far_as_its_last_piece),
		test(flags_reach_the_exchange),
		test(unknown_flags_are_refused),
		test(another_pool_is_not_found),
		test(one_item_is_found_by_its_encoded_key),
		test(a_removed_key_is_not_found),
		test(a_batch_reaches_the_exchange),
		test(a_batch_of_one_verb_is_a_job_of_that_kind),
		test(clearing_is_of_the_pool_in_the_path),
		test(a_refusal_has_keys_and_job),
		test(a_refusal_before_dispatch_has_no_job),
		test(a_batch_without_changes_is_refused),
		test(a_wrong_entry_is_pointed_out),
		test(a_batch_has_at_most_128_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
