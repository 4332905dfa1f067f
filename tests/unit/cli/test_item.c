/* SPDX-License-Identifier: MIT */
/* test_item.c -- cli/item, and how cli/job tells what became of a batch */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_client.h"

#define STORED                                           \
	{                                                \
		200, "{\"job\":\"J1\",\"generation\":8}" \
	}
#define DELIVERED                                                                     \
	{                                                                             \
		200, "{\"id\":\"J1\",\"state\":\"completed\",\"text\":\"delivered\"," \
		     "\"delivered\":true}"                                            \
	}
#define RUNNING                                                                              \
	{                                                                                    \
		200, "{\"id\":\"J1\",\"state\":\"running\",\"text\":\"stored; on its way\"," \
		     "\"awaited\":true}"                                                     \
	}
#define PENDING(awaited)                                                                 \
	{                                                                                \
		200, "{\"id\":\"J1\",\"state\":\"completed\",\"text\":\"pending: off\"," \
		     "\"delivered\":false,\"awaited\":" awaited "}"                      \
	}
#define REFUSED                                                                              \
	{                                                                                    \
		200, "{\"id\":\"J1\",\"state\":\"exception\",\"text\":\"refused: 'a' (disk " \
		     "full)\"}"                                                              \
	}

static void pairs_become_one_batch(void **state)
{
	assert_int_equal(RUN("item add web1 a 1 b=c 2", STORED, DELIVERED), EXIT_DONE);
	assert_string_equal(
		fake_requests(),
		"POST /v1/vms/web1/items/external "
		"{\"add\":[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b=c\",\"value\":\"2\"}]}\n"
		"GET /v1/jobs/J1?wait=0\n");
	assert_string_equal(fake_out(), "delivered\n");
}

static void each_verb_has_its_member(void **state)
{
	RUN("item modify web1 a 1", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "{\"modify\":[{\"key\":\"a\",\"value\":\"1\"}]}"));
	RUN("item put web1 a 1", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "{\"put\":[{\"key\":\"a\",\"value\":\"1\"}]}"));
	RUN("item remove web1 a b", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "{\"remove\":[\"a\",\"b\"]}"));
	RUN("item clear web1", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "{\"clear\":true}"));
}

static void host_only_items_have_a_pool_of_their_own(void **state)
{
	RUN("item put web1 a 1 --host-only", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "POST /v1/vms/web1/items/host-only "));
	RUN("item get web1 a --host-only", { 200, "1" });
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/items/host-only/a/value\n");
}

static void a_condition_goes_with_the_batch(void **state)
{
	RUN("item clear web1 --if-generation 7", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "{\"clear\":true,\"if_generation\":7}"));
}

static void a_dash_stands_for_standard_input(void **state)
{
	const struct fake_answer answers[] = { STORED, DELIVERED };

	assert_int_equal(fake_run("item put web1 a -", "two\nlines\n", answers, 2), EXIT_DONE);
	assert_non_null(strstr(fake_requests(), "{\"key\":\"a\",\"value\":\"two\\nlines\\n\"}"));
}

static void standard_input_is_one_value_only(void **state)
{
	assert_int_equal(fake_run("item put web1 a - b -", "x", NULL, 0), EXIT_USAGE);
	assert_string_equal(fake_requests(), "");
}

static void standard_input_must_be_text(void **state)
{
	assert_int_equal(fake_run("item put web1 a -", "\xFF", NULL, 0), EXIT_USAGE);
	assert_string_equal(fake_requests(), "");
}

static void without_waiting_a_running_job_is_told(void **state)
{
	assert_int_equal(RUN("item put web1 a 1", STORED, RUNNING), EXIT_DONE);
	assert_string_equal(fake_out(), "stored; on its way: job J1\n");
}

static void waiting_asks_until_the_job_ends(void **state)
{
	assert_int_equal(RUN("item put web1 a 1 --wait 100", STORED, RUNNING, RUNNING, DELIVERED),
			 EXIT_DONE);
	assert_non_null(strstr(fake_requests(), "GET /v1/jobs/J1?wait=60\n"));
	assert_string_equal(fake_out(), "delivered\n");
}

static void a_job_that_outlasts_the_wait_is_an_error(void **state)
{
	assert_int_equal(RUN("item put web1 a 1 --wait 0", STORED, RUNNING), EXIT_JOB);
	assert_string_equal(fake_err(), "openkvp: item put: still running: job J1\n");
}

static void without_waiting_a_pending_delivery_is_told(void **state)
{
	assert_int_equal(RUN("item put web1 a 1", STORED, PENDING("true")), EXIT_DONE);
	assert_string_equal(fake_out(), "pending: off\n");
}

static void waiting_for_a_vm_that_is_off_asks_until_it_has_come_up(void **state)
{
	assert_int_equal(
		RUN("item put web1 a 1 --wait 100", STORED, PENDING("true"), RUNNING, DELIVERED),
		EXIT_DONE);
	assert_string_equal(fake_out(), "delivered\n");
}

static void what_was_waited_for_and_not_delivered_is_an_error(void **state)
{
	assert_int_equal(RUN("item put web1 a 1 --wait 0", STORED, PENDING("true")), EXIT_JOB);
	assert_string_equal(fake_err(), "openkvp: item put: pending: off\n");
	assert_int_equal(RUN("item put web1 a 1 --wait 100", STORED, PENDING("false")), EXIT_JOB);
	assert_string_equal(fake_err(), "openkvp: item put: pending: off\n");
}

static void a_job_that_ends_with_an_error_is_an_error(void **state)
{
	assert_int_equal(RUN("item put web1 a 1", STORED, REFUSED), EXIT_JOB);
	assert_string_equal(fake_err(), "openkvp: item put: refused: 'a' (disk full)\n");
}

static void a_refusal_names_key_and_vm(void **state)
{
	assert_int_equal(
		RUN("item add web1 color red",
		    { 409, "{\"status\":\"EXISTS\",\"message\":\"already there: 'color'\"}" }),
		EXIT_REFUSED);
	assert_string_equal(fake_err(), "openkvp: item add: already there: 'color' (vm 'web1')\n");
}

static void a_vm_that_is_named_already_is_not_named_again(void **state)
{
	assert_int_equal(
		RUN("item list gone",
		    { 404, "{\"status\":\"NOT_FOUND\",\"message\":\"no such VM: 'gone'\"}" }),
		EXIT_NOT_FOUND);
	assert_string_equal(fake_err(), "openkvp: item list: no such VM: 'gone'\n");
}

static void a_message_cannot_command_the_terminal(void **state)
{
	RUN("item list x", { 409, "{\"message\":\"key '\\u001b[2J'\"}" });
	assert_string_equal(fake_err(), "openkvp: item list: key '\\u001B[2J' (vm 'x')\n");
}

static void nobody_answering_is_told(void **state)
{
	assert_int_equal(RUN("item list web1", { 0, NULL }), EXIT_NOBODY);
	assert_string_equal(fake_err(), "openkvp: item list: nobody answers at all\n");
}

static void json_is_printed_as_it_came(void **state)
{
	assert_int_equal(RUN("item list web1 --json", { 200, "{\"items\": [ ]}" }), EXIT_DONE);
	assert_string_equal(fake_out(), "{\"items\": [ ]}\n");
}

static void a_refusal_in_json_is_printed_too(void **state)
{
	assert_int_equal(RUN("item list web1 --json", { 404, "{\"message\":\"no\"}" }),
			 EXIT_NOT_FOUND);
	assert_string_equal(fake_out(), "{\"message\":\"no\"}\n");
}

static void the_list_shows_items_and_what_is_being_removed(void **state)
{
	RUN("item list web1", { 200, "{\"items\":[{\"key\":\"a\",\"value\":\"1\",\"changed\":null,"
				     "\"delivery\":\"refused\",\"reason\":\"full\"}],"
				     "\"removing\":[{\"key\":\"b\",\"changed\":null,\"delivery\":"
				     "\"sent\",\"reason\":\"\"}]}" });
	assert_string_equal(fake_out(), "KEY  VALUE  FLAGS  CHANGED  DELIVERY\n"
					"a    1      -      -        refused: full\n"
					"b    -      -      -        removal sent\n");
}

static void the_list_says_what_stands_for_a_value(void **state)
{
	RUN("item list web1",
	    { 200,
	      "{\"items\":[{\"key\":\"a\",\"value\":null,\"flags\":[\"secret\",\"once\"],"
	      "\"delivery\":\"sent\"},{\"key\":\"b\",\"value\":null,\"size\":70000,\"pieces\":69,"
	      "\"flags\":[],\"delivery\":\"sent\"}],\"removing\":[]}" });
	assert_string_equal(fake_out(), "KEY  VALUE          FLAGS        CHANGED  DELIVERY\n"
					"a    (secret)       secret,once  -        sent\n"
					"b    (70000 bytes)  -            -        sent\n");
	RUN("item list web1 --secrets", { 200, "{\"items\":[],\"removing\":[]}" });
	assert_string_equal(fake_requests(), "GET /v1/vms/web1/items/external?secrets=1\n");
}

static void flags_go_with_every_pair(void **state)
{
	RUN("item add web1 a 1 b 2 --secret --once", STORED, DELIVERED);
	assert_non_null(
		strstr(fake_requests(),
		       "{\"add\":[{\"key\":\"a\",\"value\":\"1\",\"flags\":[\"secret\",\"once\"]},"
		       "{\"key\":\"b\",\"value\":\"2\",\"flags\":[\"secret\",\"once\"]}]}"));
	RUN("item put web1 a 1 --transient", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "\"flags\":[\"transient\"]"));
	RUN("item put web1 a 1 --plain", STORED, DELIVERED);
	assert_non_null(strstr(fake_requests(), "\"flags\":[]"));
}

static void plain_excludes_the_other_flags(void **state)
{
	assert_int_equal(RUN("item put web1 a 1 --plain --once", STORED), EXIT_USAGE);
	assert_string_equal(fake_requests(), "");
	assert_string_equal(fake_err(),
			    "openkvp: item put: '--plain' and '--once' exclude each other\n");
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, fake_done)
	const struct CMUnitTest tests[] = {
		test(pairs_become_one_batch),
		test(each_verb_has_its_member),
		test(host_only_items_have_a_pool_of_their_own),
		test(a_condition_goes_with_the_batch),
		test(a_dash_stands_for_standard_input),
		test(standard_input_is_one_value_only),
		test(standard_input_must_be_text),
		test(without_waiting_a_running_job_is_told),
		test(waiting_asks_until_the_job_ends),
		test(a_job_that_outlasts_the_wait_is_an_error),
		test(without_waiting_a_pending_delivery_is_told),
		test(waiting_for_a_vm_that_is_off_asks_until_it_has_come_up),
		test(what_was_waited_for_and_not_delivered_is_an_error),
		test(a_job_that_ends_with_an_error_is_an_error),
		test(a_refusal_names_key_and_vm),
		test(a_vm_that_is_named_already_is_not_named_again),
		test(a_message_cannot_command_the_terminal),
		test(nobody_answering_is_told),
		test(json_is_printed_as_it_came),
		test(a_refusal_in_json_is_printed_too),
		test(the_list_shows_items_and_what_is_being_removed),
		test(the_list_says_what_stands_for_a_value),
		test(flags_go_with_every_pair),
		test(plain_excludes_the_other_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
