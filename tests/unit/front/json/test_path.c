/* SPDX-License-Identifier: MIT */
/* test_path.c -- front/json/path */
#include "front/json/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

#define ITEM "/v1/vms/{vm}/items/{pool}/{key}"

static int open_arena(void **state)
{
	*state = arena_create();
	return 0;
}

static int close_arena(void **state)
{
	arena_free((struct arena **)state);
	return 0;
}

static void a_path_has_the_segments_of_its_pattern(void **state)
{
	assert_true(api_path_match("/v1/vms", "/v1/vms"));
	assert_true(api_path_match("/v1/vms/{vm}", "/v1/vms/a"));
	assert_true(api_path_match(ITEM, "/v1/vms/a/items/b/c"));
}

static void more_or_less_is_another_path(void **state)
{
	assert_false(api_path_match("/v1/vms", "/v1/vms/"));
	assert_false(api_path_match("/v1/vms", "/v1/vmss"));
	assert_false(api_path_match("/v1/vms", "/v1/vm"));
	assert_false(api_path_match("/v1/vms", "/v1/vms/a"));
	assert_false(api_path_match("/v1/vms/{vm}", "/v1/vms"));
	assert_false(api_path_match("/v1/vms/{vm}", "/v1/vms/"));
	assert_false(api_path_match("/v1/vms/{vm}", "/v1/vms/a/"));
	assert_false(api_path_match("/v1/vms/{vm}", "v1/vms/a"));
	assert_false(api_path_match("/v1/vms/{vm}", ""));
	assert_false(api_path_match(ITEM, "/v1/vms//items/b/c"));
}

static void parts_are_decoded_one_by_one(void **state)
{
	const char *part[API_PARTS_MAX];
	struct okvp_error error;

	assert_true(api_path_parts(ITEM, "/v1/vms/web%201/items/external/a%2fb%2Fc%25", *state,
				   part, &error));
	assert_string_equal(part[0], "web 1");
	assert_string_equal(part[1], "external");
	assert_string_equal(part[2], "a/b/c%");
}

static void parts_that_a_pattern_lacks_are_null(void **state)
{
	const char *part[API_PARTS_MAX] = { "x", "y", "z" };
	struct okvp_error error;

	assert_true(api_path_parts("/v1/vms/{vm}", "/v1/vms/a", *state, part, &error));
	assert_string_equal(part[0], "a");
	assert_null(part[1]);
	assert_null(part[2]);
}

static void a_malformed_escape_is_refused(void **state)
{
	static const char *const wrong[] = { "/v1/vms/%",   "/v1/vms/%4",    "/v1/vms/%4x",
					     "/v1/vms/%x4", "/v1/vms/a%00b", "/v1/vms/% 4" };
	const char *part[API_PARTS_MAX];
	struct okvp_error error;

	for (size_t i = 0; i < count_of(wrong); i++) {
		assert_false(api_path_parts("/v1/vms/{vm}", wrong[i], *state, part, &error));
		assert_int_equal(error.status, OKVP_INVALID);
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(a_path_has_the_segments_of_its_pattern),
		test(more_or_less_is_another_path),
		test(parts_are_decoded_one_by_one),
		test(parts_that_a_pattern_lacks_are_null),
		test(a_malformed_escape_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
