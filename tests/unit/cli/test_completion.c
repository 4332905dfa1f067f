/* SPDX-License-Identifier: MIT */
/* test_completion.c -- cli/completion */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_client.h"

/* What is offered for a line of words; a last word that is empty is written as two quotes. */
static const char *complete(const char *line, const char *answer)
{
	struct fake_answer answers[] = { { answer ? 200 : 0, answer } };
	char words[256];

	snprintf(words, sizeof(words), "completion words -- %s", line);
	assert_int_equal(fake_run(words, "", answers, 1), EXIT_DONE);
	assert_string_equal(fake_err(), "");
	return fake_out();
}

#define ITEMS \
	"{\"items\":[{\"key\":\"color\"},{\"key\":\"a\\nb\"},{\"key\":\"cpu\"},{\"key\":\"x\"}]}"

static void groups_come_first_and_each_once(void **state)
{
	assert_string_equal(complete("i", NULL), "item\n");
	assert_string_equal(complete("c", NULL), "completion\n");
}

static void commands_of_a_group_follow(void **state)
{
	assert_string_equal(complete("job s", NULL), "show\n");
	assert_string_equal(complete("status s", NULL), "");
	assert_string_equal(complete("completion ", NULL), "completion\n");
	assert_string_equal(complete("completion b", NULL), "bash\n");
	assert_string_equal(complete("completion w", NULL), "");
}

static void names_of_vms_are_asked_for(void **state)
{
	assert_string_equal(
		complete("vm show w", "{\"vms\":[{\"name\":\"web1\"},{\"name\":\"db\"}]}"),
		"web1\n");
	assert_string_equal(fake_requests(), "GET /v1/vms\n");
}

static void keys_of_the_vm_are_asked_for(void **state)
{
	assert_string_equal(complete("item add web/1 c", ITEMS), "color\ncpu\n");
	assert_string_equal(fake_requests(), "GET /v1/vms/web%2F1/items/external\n");
	assert_string_equal(complete("item add --host-only web1 k v x", ITEMS), "x\n");
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/items/host-only\n");
}

static void keys_that_the_guest_publishes_are_asked_for(void **state)
{
	assert_string_equal(complete("guest get web1 r", "{\"guest\":[{\"key\":\"ready\"}]}"),
			    "ready\n");
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/guest\n");
	assert_string_equal(complete("guest get w", "{\"vms\":[{\"name\":\"web1\"}]}"), "web1\n");
}

static void a_key_that_is_no_line_is_not_offered(void **state)
{
	assert_string_equal(complete("item get web1 a", ITEMS), "");
}

static void a_value_is_the_users_own(void **state)
{
	assert_string_equal(complete("item add web1 k v", ITEMS), "");
	assert_string_equal(fake_requests(), "");
}

static void options_of_the_command_are_offered(void **state)
{
	assert_string_equal(complete("item clear web1 --h", NULL), "--help\n--host-only\n");
	assert_string_equal(complete("vm list --h", NULL), "--help\n");
}

static void choices_of_an_option_are_offered(void **state)
{
	assert_string_equal(complete("vm set web1 --exchange o", NULL), "on\noff\n");
	assert_string_equal(complete("user add --role w", NULL), "write\n");
	assert_string_equal(complete("vm define --id G", NULL), "");
}

static void when_nobody_answers_nothing_is_said(void **state)
{
	assert_string_equal(complete("vm show w", NULL), "");
}

static void a_line_that_is_wrong_has_no_completion(void **state)
{
	assert_string_equal(complete("vm --frob x", NULL), "");
}

static void help_completes_commands(void **state)
{
	assert_string_equal(complete("help us", NULL), "user\n");
	assert_string_equal(complete("help user r", NULL), "remove\n");
}

static void the_script_asks_this_program(void **state)
{
	assert_int_equal(RUN("completion bash", { 0, NULL }), EXIT_DONE);
	assert_non_null(strstr(fake_out(), "completion words --"));
	assert_non_null(strstr(fake_out(), "complete -F _openkvp openkvp\n"));
	assert_non_null(strstr(fake_out(), "\t*\" item put-ignition \"*)\n"));
	assert_non_null(strstr(fake_out(), "\t--server | --cacert | --file)\n"));
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, fake_done)
	const struct CMUnitTest tests[] = {
		test(groups_come_first_and_each_once),
		test(commands_of_a_group_follow),
		test(names_of_vms_are_asked_for),
		test(keys_of_the_vm_are_asked_for),
		test(keys_that_the_guest_publishes_are_asked_for),
		test(a_key_that_is_no_line_is_not_offered),
		test(a_value_is_the_users_own),
		test(options_of_the_command_are_offered),
		test(choices_of_an_option_are_offered),
		test(when_nobody_answers_nothing_is_said),
		test(a_line_that_is_wrong_has_no_completion),
		test(help_completes_commands),
		test(the_script_asks_this_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
