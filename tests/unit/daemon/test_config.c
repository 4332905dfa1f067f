/* SPDX-License-Identifier: MIT */
/* test_config.c -- daemon/config: the table of settings and the files that set them. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct config config;
	struct okvp_error err;
	char path[32];
};

static int begin(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int fd;

	strcpy(fixture->path, "/tmp/openkvp-conf-XXXXXX");
	fd = mkstemp(fixture->path);
	assert_true(fd >= 0);
	close(fd);
	config_init(&fixture->config);
	*state = fixture;
	return 0;
}

static int end(void **state)
{
	struct fixture *fixture = *state;

	unlink(fixture->path);
	free(fixture);
	return 0;
}

static bool read_text(struct fixture *fixture, const char *text)
{
	FILE *file = fopen(fixture->path, "w");

	fputs(text, file);
	fclose(file);
	return config_read(fixture->path, &fixture->config, &fixture->err);
}

static void the_defaults_are_the_documented_ones(void **state)
{
	struct fixture *fixture = *state;

	assert_string_equal(fixture->config.state_dir, "/var/lib/openkvp");
	assert_string_equal(fixture->config.listen_http, "127.0.0.1:5985");
	assert_string_equal(fixture->config.listen_cimxml_http, "127.0.0.1:5988");
	assert_string_equal(fixture->config.listen_cimxml_https, "");
	assert_int_equal(fixture->config.guest_answer_timeout, 45);
	assert_int_equal(fixture->config.jobs_max, 100000);
	assert_string_equal(fixture->config.remove_missing, "ignore");
	assert_false(fixture->config.allow_case_variants);
	assert_true(config_finish(&fixture->config, &fixture->err));
}

static void a_file_sets_what_it_names(void **state)
{
	struct fixture *fixture = *state;

	assert_true(read_text(fixture,
			      "# comment\n[guest]\nguest_answer_timeout = 10\n"
			      "[items]\nremove_missing=refuse\nallow_case_variants = YES\n"));
	assert_int_equal(fixture->config.guest_answer_timeout, 10);
	assert_string_equal(fixture->config.remove_missing, "refuse");
	assert_true(fixture->config.allow_case_variants);
}

static void a_fault_is_told_with_file_line_and_what_would_be_right(void **state)
{
	static const struct {
		const char *text, *line, *message;
	} faults[] = {
		{ "[guest]\n\nguest_answer_timeout = 0\n", "line 3", "from 1 to 3600" },
		{ "[guest]\nguest_answer_timeout = 5s\n", "line 2", "no number of seconds" },
		{ "[guest]\nguest_anser_timeout = 5\n", "line 2",
		  "no setting 'guest_anser_timeout'" },
		{ "[http]\nguest_answer_timeout = 5\n", "line 2", "section [guest]" },
		{ "[items]\nremove_missing = maybe\n", "line 2", "ignore|refuse" },
		{ "[items]\nallow_case_variants = 1\n", "line 2", "yes nor no" },
		{ "[items]\nnonsense\n", "line 2", "name = value" },
		{ "[guest]\n[items\nvms = 5\n", "line 2", "ends with ]" },
		{ "[guest]\n \t[items\nvms = 5\n", "line 2", "ends with ]" },
		{ "[items]\nvms = 5\nitems = 7\nvms = 5\n", "line 4", "vms is given twice" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		assert_false(read_text(fixture, faults[i].text));
		assert_non_null(strstr(fixture->err.message, fixture->path));
		assert_non_null(strstr(fixture->err.message, faults[i].line));
		assert_non_null(strstr(fixture->err.message, faults[i].message));
	}
}

static void an_overlong_line_is_told_and_not_cut(void **state)
{
	struct fixture *fixture = *state;
	char text[700] = "[service]\nstate_dir = /";

	memset(text + strlen(text), 'x', 600);
	assert_false(read_text(fixture, text));
	assert_non_null(strstr(fixture->err.message, "line 2"));
	assert_int_equal(fixture->err.status, OKVP_TOO_LONG);
}

static void a_missing_file_is_told_as_such(void **state)
{
	struct fixture *fixture = *state;

	assert_false(config_read("/nonexistent/x.conf", &fixture->config, &fixture->err));
	assert_int_equal(fixture->err.status, OKVP_NOT_FOUND);
}

static void passwords_in_clear_leave_no_loopback(void **state)
{
	static const char *const wrong[] = { "0.0.0.0:5985", "192.0.2.1:5985", "[::]:5985",
					     "5985" };
	static const char *const right[] = { "127.0.0.1:0", "127.8.8.8:1", "[::1]:5985",
					     "localhost:1", "" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_true(config_set(&fixture->config, "listen_http", wrong[i], NULL));
		assert_false(config_finish(&fixture->config, &fixture->err));
		assert_non_null(strstr(fixture->err.message, "listen_https"));
	}
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++) {
		assert_true(config_set(&fixture->config, "listen_http", right[i], NULL));
		assert_true(config_finish(&fixture->config, &fixture->err));
	}
}

static void what_holds_for_one_plain_listener_holds_for_the_other(void **state)
{
	struct fixture *fixture = *state;

	config_set(&fixture->config, "listen_cimxml_http", "0.0.0.0:5988", NULL);
	assert_false(config_finish(&fixture->config, &fixture->err));
	assert_non_null(strstr(fixture->err.message, "use listen_cimxml_https"));
}

static void tls_needs_a_certificate_and_a_key(void **state)
{
	static const char *const settings[] = { "listen_https", "listen_cimxml_https" };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		config_init(&fixture->config);
		config_set(&fixture->config, settings[i], "0.0.0.0:5986", NULL);
		assert_false(config_finish(&fixture->config, &fixture->err));
		assert_memory_equal(fixture->err.message, settings[i], strlen(settings[i]));
		config_set(&fixture->config, "certificate", "/c.pem", NULL);
		config_set(&fixture->config, "key", "/k.pem", NULL);
		assert_true(config_finish(&fixture->config, &fixture->err));
	}
}

static void what_is_printed_as_an_example_can_be_read(void **state)
{
	struct fixture *fixture = *state;
	char text[20000] = "";
	FILE *file = fmemopen(text, sizeof(text), "w");

	config_print(file, CONFIG_EXAMPLE);
	fclose(file);
	for (char *at = text; (at = strstr(at, "\n#")); at++)
		if (at[2] != ' ') /* every setting, with its default */
			memmove(at + 1, at + 2, strlen(at + 2) + 1);
	if (!read_text(fixture, text))
		fail_msg("%s", fixture->err.message);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		test(the_defaults_are_the_documented_ones),
		test(a_file_sets_what_it_names),
		test(a_fault_is_told_with_file_line_and_what_would_be_right),
		test(an_overlong_line_is_told_and_not_cut),
		test(a_missing_file_is_told_as_such),
		test(passwords_in_clear_leave_no_loopback),
		test(what_holds_for_one_plain_listener_holds_for_the_other),
		test(tls_needs_a_certificate_and_a_key),
		test(what_is_printed_as_an_example_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
