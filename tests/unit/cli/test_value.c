/* SPDX-License-Identifier: MIT */
/* test_value.c -- cli/value */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "fake_client.h"
#include "openkvp/scoped.h"
#include "tests/unit/temp_folder.h"

#define STORED                                           \
	{                                                \
		200, "{\"job\":\"J1\",\"generation\":8}" \
	}
#define DELIVERED                                                                     \
	{                                                                             \
		200, "{\"id\":\"J1\",\"state\":\"completed\",\"text\":\"delivered\"}" \
	}

static char *folder;

static int begin(void **state)
{
	folder = temp_folder_create();
	return 0;
}

static int end(void **state)
{
	temp_folder_remove(folder);
	return fake_done(state);
}

static void write_file(const char *name, const char *text)
{
	temp_folder_write(folder, name, text, strlen(text));
}

/* Runs a line in which %s stands for a file of the folder. */
#define RUN_ON(name, line, ...)                                                  \
	({                                                                       \
		scoped(xfree_text) char *path_ = xprintf("%s/%s", folder, name); \
		scoped(xfree_text) char *line_ = xprintf(line, path_);           \
		RUN(line_, __VA_ARGS__);                                         \
	})

static void a_file_is_put_as_it_is(void **state)
{
	write_file("v", "two\nlines");
	assert_int_equal(RUN_ON("v", "item put web1 a/b --file %s", STORED, DELIVERED), EXIT_DONE);
	assert_string_equal(fake_requests(),
			    "PUT /v1/vms/web1/items/external/a%2Fb/value two\nlines\n"
			    "GET /v1/jobs/J1?wait=0\n");
	assert_string_equal(fake_out(), "delivered\n");
}

static void flags_and_conditions_go_with_a_file(void **state)
{
	write_file("v", "");
	RUN_ON("v", "item put web1 a --file %s --secret --once --if-generation 7 --host-only",
	       STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "PUT /v1/vms/web1/items/host-only/a/value"
						"?flags=secret,once&if_generation=7 \n"));
	RUN_ON("v", "item put web1 a --file %s --plain", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "/a/value?flags= \n"));
}

static void a_dash_is_standard_input(void **state)
{
	const struct fake_answer answers[] = { STORED, DELIVERED };

	assert_int_equal(fake_run("item put web1 a --file -", "text", answers, 2), EXIT_DONE);
	assert_non_null(strstr(fake_requests(), "/a/value text\n"));
}

static void a_file_that_cannot_be_put_is_told(void **state)
{
	char *large = calloc(1, 1048577);

	assert_int_equal(RUN_ON("none", "item put web1 a --file %s", STORED), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "/none: No such file"));
	temp_folder_write(folder, "large", large, 1048577);
	assert_int_equal(RUN_ON("large", "item put web1 a --file %s", STORED), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "more than 1048576 bytes"));
	assert_int_equal(RUN_ON("none", "item put web1 a 1 --file %s", STORED), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "takes VM KEY, not 3 words"));
	free(large);
}

static void a_value_goes_out_as_it_is(void **state)
{
	RUN("item get web1 a", { 200, "x\x1By" });
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/items/external/a/value\n");
	assert_string_equal(fake_out(), "x\x1By\n");
	RUN("item get web1 a", { 200, NULL });
	assert_string_equal(fake_out(), "\n");
}

static void on_a_terminal_a_value_is_escaped(void **state)
{
	fake_terminal(80);
	RUN("item get web1 a", { 200, "x\x1By" });
	assert_string_equal(fake_out(), "x\\u001By\n");
	fake_terminal(0);
}

static void a_value_is_left_in_a_file(void **state)
{
	scoped(text_done) struct text text = { 0 };

	assert_int_equal(RUN_ON("v", "item get web1 a --file %s", { 200, "value" }), EXIT_DONE);
	assert_string_equal(fake_out(), "");
	assert_true(file_read(temp_folder_file(folder, "v"), 100, &text, NULL));
	assert_string_equal(text.bytes, "value");
	RUN("item get web1 a --file -", { 200, "value" });
	assert_string_equal(fake_out(), "value");
}

static void what_is_refused_leaves_no_file(void **state)
{
	assert_int_equal(RUN_ON("v", "item get web1 a --file %s",
				{ 409, "{\"message\":\"'a' is incomplete\"}" }),
			 EXIT_REFUSED);
	assert_non_null(strstr(fake_err(), "incomplete"));
	assert_int_equal(access(temp_folder_file(folder, "v"), F_OK), -1);
}

static void an_item_in_json_is_what_the_listing_has(void **state)
{
	RUN("item get web1 a --json", { 200, "{\"key\":\"a\"}" });
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/items/external/a\n");
	assert_string_equal(fake_out(), "{\"key\":\"a\"}\n");
	RUN("item get web1 a --json --secrets", { 200, "{}" });
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/items/external/a?secrets=1\n");
	assert_int_equal(RUN("item get web1 a --json --file -", { 200, "{}" }), EXIT_USAGE);
}

static void a_value_of_the_guest_is_printed(void **state)
{
	assert_int_equal(RUN("guest get web1 a", { 200, "1" }), EXIT_DONE);
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/guest/a/value\n");
	assert_string_equal(fake_out(), "1\n");
	assert_int_equal(RUN("guest get web1 a --json", { 200, "1" }), EXIT_USAGE);
}

static void an_ignition_configuration_is_put_where_ignition_looks(void **state)
{
	write_file("config", "{\"ignition\":{\"version\":\"3.4.0\"}}");
	assert_int_equal(RUN_ON("config", "item put-ignition web1 %s --secret", STORED, DELIVERED),
			 EXIT_DONE);
	assert_non_null(strstr(fake_requests(),
			       "PUT /v1/vms/web1/items/external/ignition.config/value"
			       "?split=numbered&flags=secret {\"ignition\":"));
}

static void what_ignition_cannot_read_is_refused(void **state)
{
	write_file("butane", "variant: fcos\n");
	assert_int_equal(RUN_ON("butane", "item put-ignition web1 %s", STORED), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "is no JSON"));
	write_file("other", "{\"version\":1}");
	assert_int_equal(RUN_ON("other", "item put-ignition web1 %s", STORED), EXIT_USAGE);
	assert_non_null(strstr(fake_err(), "no member 'ignition'"));
	assert_string_equal(fake_requests(), "");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(a_file_is_put_as_it_is),
		test(flags_and_conditions_go_with_a_file),
		test(a_dash_is_standard_input),
		test(a_file_that_cannot_be_put_is_told),
		test(a_value_goes_out_as_it_is),
		test(on_a_terminal_a_value_is_escaped),
		test(a_value_is_left_in_a_file),
		test(what_is_refused_leaves_no_file),
		test(an_item_in_json_is_what_the_listing_has),
		test(a_value_of_the_guest_is_printed),
		test(an_ignition_configuration_is_put_where_ignition_looks),
		test(what_ignition_cannot_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
