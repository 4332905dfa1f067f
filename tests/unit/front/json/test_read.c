/* SPDX-License-Identifier: MIT */
/* test_read.c -- front/json/read */
#include "front/json/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

/* What a body is read into. */
struct reading {
	struct http_request http;
	json_t *name, *on, *number, *list;
	struct okvp_error error;
};

static int open_reading(void **state)
{
	struct reading *reading = xcalloc(1, sizeof(*reading));

	reading->http.arena = arena_create();
	*state = reading;
	return 0;
}

static int close_reading(void **state)
{
	struct reading *reading = *state;

	arena_free(&reading->http.arena);
	free(reading);
	return 0;
}

static bool read_bytes(struct reading *reading, const char *body, size_t length)
{
	const struct api_member members[] = {
		{ "name", &reading->name, API_STRING, API_NEEDED },
		{ "on", &reading->on, API_BOOLEAN, API_OPTIONAL },
		{ "number", &reading->number, API_NUMBER, API_OPTIONAL },
		{ "list", &reading->list, API_LIST, API_OPTIONAL },
	};

	reading->name = reading->on = reading->number = reading->list = NULL;
	reading->http.body = body;
	reading->http.body_length = length;
	return api_read_body(&reading->http, members, count_of(members), &reading->error);
}

#define assert_read(body) assert_true(read_bytes(*state, (body), strlen(body)))
#define assert_not_read(body, expected_status, part)                      \
	do {                                                              \
		struct reading *tried = *state;                           \
		assert_false(read_bytes(tried, (body), strlen(body)));    \
		assert_int_equal(tried->error.status, (expected_status)); \
		assert_non_null(strstr(tried->error.message, (part)));    \
	} while (0)

static void members_are_found(void **state)
{
	struct reading *reading = *state;

	assert_read("{\"number\": 7, \"name\": \"a\", \"on\": true, \"list\": [1]}");
	assert_string_equal(json_string_value(reading->name), "a");
	assert_true(json_is_true(reading->on));
	assert_int_equal(json_integer_value(reading->number), 7);
	assert_int_equal(json_array_size(reading->list), 1);
}

static void what_is_optional_may_be_absent(void **state)
{
	struct reading *reading = *state;

	assert_read("{\"name\": \"a\"}");
	assert_null(reading->on);
	assert_null(reading->list);
}

static void what_is_needed_must_be_there(void **state)
{
	assert_not_read("{\"on\": true}", OKVP_INVALID, "'name' is missing");
}

static void an_unknown_member_is_refused_and_named(void **state)
{
	assert_not_read("{\"name\": \"a\", \"nmae\": 1}", OKVP_INVALID, "'nmae'");
}

static void a_member_given_twice_is_refused(void **state)
{
	assert_not_read("{\"name\": \"a\", \"name\": \"b\"}", OKVP_INVALID, "malformed");
}

static void another_kind_of_value_is_refused(void **state)
{
	assert_not_read("{\"name\": 1}", OKVP_WRONG_TYPE, "'name' is not a string");
	assert_not_read("{\"name\": null}", OKVP_WRONG_TYPE, "'name'");
	assert_not_read("{\"name\": \"a\", \"on\": 1}", OKVP_WRONG_TYPE, "'on'");
	assert_not_read("{\"name\": \"a\", \"number\": -1}", OKVP_WRONG_TYPE, "'number'");
	assert_not_read("{\"name\": \"a\", \"number\": 1.5}", OKVP_WRONG_TYPE, "'number'");
	assert_not_read("{\"name\": \"a\", \"list\": {}}", OKVP_WRONG_TYPE, "'list'");
	assert_not_read("[1]", OKVP_WRONG_TYPE, "not an object");
}

static void what_is_no_json_is_refused(void **state)
{
	assert_not_read("", OKVP_INVALID, "no body");
	assert_not_read("{", OKVP_INVALID, "line 1");
	assert_not_read("{\"name\": \"a\"} x", OKVP_INVALID, "malformed");
	assert_not_read("{\"name\": \"\xFF\"}", OKVP_INVALID, "malformed");
	assert_not_read("{\"name\": \"\\ud800\"}", OKVP_INVALID, "malformed");
	assert_not_read("{\"number\": 99999999999999999999}", OKVP_INVALID, "malformed");
}

static void deep_nesting_is_refused_before_it_is_read(void **state)
{
	char body[4096];

	memset(body, '[', sizeof(body));
	body[sizeof(body) - 1] = '\0';
	assert_not_read(body, OKVP_INVALID, "nested");
}

static void too_many_values_are_refused_before_they_are_read(void **state)
{
	char body[2 * API_VALUES_MAX + 8] = "[0";

	for (size_t i = 2; i + 2 < sizeof(body); i += 2)
		memcpy(body + i, ",0", 3);
	assert_not_read(body, OKVP_LIMIT, "2048 values");
}

static void brackets_and_commas_in_strings_do_not_count(void **state)
{
	struct text body = { 0 };

	text_literal(&body, "{\"name\": \"\\\"");
	for (int i = 0; i < 3000; i++)
		text_literal(&body, "[,{");
	text_literal(&body, "\\\\\"}");
	assert_true(read_bytes(*state, body.bytes, body.length));
	text_done(&body);
}

static void a_text_with_a_nul_is_refused(void **state)
{
	struct reading *reading = *state;
	const char *text;

	assert_read("{\"name\": \"a\\u0000b\"}");
	assert_false(api_read_text(reading->name, "name", &text, &reading->error));
	assert_int_equal(reading->error.status, OKVP_INVALID_TEXT);
}

static void an_absent_text_is_null(void **state)
{
	struct reading *reading = *state;
	const char *text = "x";

	assert_true(api_read_text(NULL, "name", &text, &reading->error));
	assert_null(text);
}

static void an_item_keeps_its_lengths(void **state)
{
	struct reading *reading = *state;
	struct okvp_item item;

	assert_read("{\"name\": \"a\\u0000b\"}");
	assert_true(api_read_item(reading->name, reading->name, &item, &reading->error));
	assert_int_equal(item.key_length, 3);
	assert_memory_equal(item.value, "a\0b", 3);
	assert_true(api_read_item(reading->name, NULL, &item, &reading->error));
	assert_int_equal(item.value_length, 0);
}

static void a_value_longer_than_any_item_is_refused(void **state)
{
	struct reading *reading = *state;
	struct okvp_item item;
	struct text body = { 0 };

	text_literal(&body, "{\"name\": \"");
	for (int i = 0; i <= UINT16_MAX; i++)
		text_putc(&body, 'x');
	text_literal(&body, "\"}");
	assert_true(read_bytes(reading, body.bytes, body.length));
	text_done(&body);
	assert_false(api_read_item(reading->name, NULL, &item, &reading->error));
	assert_int_equal(reading->error.status, OKVP_TOO_LONG);
	assert_non_null(strstr(reading->error.message, "65536 bytes"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_reading, close_reading)
	const struct CMUnitTest tests[] = {
		test(members_are_found),
		test(what_is_optional_may_be_absent),
		test(what_is_needed_must_be_there),
		test(an_unknown_member_is_refused_and_named),
		test(a_member_given_twice_is_refused),
		test(another_kind_of_value_is_refused),
		test(what_is_no_json_is_refused),
		test(deep_nesting_is_refused_before_it_is_read),
		test(too_many_values_are_refused_before_they_are_read),
		test(brackets_and_commas_in_strings_do_not_count),
		test(a_text_with_a_nul_is_refused),
		test(an_absent_text_is_null),
		test(an_item_keeps_its_lengths),
		test(a_value_longer_than_any_item_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
