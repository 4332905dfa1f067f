/* SPDX-License-Identifier: MIT */
/* test_pull.c -- front/cimxml/pull */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
#define VMS    CLASS("ClassName", "Msvm_ComputerSystem")
#define MAX(n) VALUE("MaxObjectCount", #n)

/* Asks an operation of the listing with this context. */
static void go_on(struct talk *talk, const char *operation, const char *context, const char *more)
{
	char parameters[400];

	snprintf(parameters, sizeof(parameters), VALUE("EnumerationContext", "%s") "%s", context,
		 more);
	talk_ask(talk, operation, parameters);
}

static bool ended(struct talk *talk)
{
	return talk_count(talk, "<PARAMVALUE NAME=\"EndOfSequence\" "
				"PARAMTYPE=\"boolean\"><VALUE>TRUE</VALUE></PARAMVALUE>") == 1;
}

static void a_listing_is_pulled_to_its_end(void **state)
{
	struct talk *talk = *state;
	char context[100];

	talk_ask(talk, "OpenEnumerateInstances",
		 VMS MAX(2) PARAMETER("PropertyList",
				      "<VALUE.ARRAY><VALUE>Name</VALUE></VALUE.ARRAY>"));
	assert_int_equal(talk_count(talk, "<VALUE.INSTANCEWITHPATH><INSTANCEPATH>"), 2);
	assert_false(ended(talk));
	strcpy(context, talk_context(talk));
	go_on(talk, "PullInstancesWithPath", context, MAX(2));
	assert_int_equal(talk_count(talk, "<VALUE.INSTANCEWITHPATH>"), 2);
	assert_int_equal(talk_count(talk, "<PROPERTY "), 2);
	assert_string_equal(talk_context(talk), context);
	go_on(talk, "PullInstancesWithPath", context, MAX(2));
	assert_int_equal(talk_count(talk, "<VALUE.INSTANCEWITHPATH>"), 1);
	assert_true(ended(talk));
	assert_string_equal(talk_context(talk), "");
	go_on(talk, "PullInstancesWithPath", context, MAX(2));
	assert_int_equal(talk_code(talk), 21);
}

static void the_last_instance_and_the_end_come_together(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "OpenEnumerateInstancePaths", VMS MAX(5));
	assert_true(ended(talk));
	assert_memory_equal(talk_result(talk), "<IRETURNVALUE><INSTANCEPATH>", 28);
	talk_ask(talk, "OpenEnumerateInstances", CLASS("ClassName", "Msvm_ConcreteJob"));
	assert_true(ended(talk));
}

static void without_a_count_nothing_is_returned_yet(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "OpenEnumerateInstances", VMS);
	assert_memory_equal(talk_result(talk), "<IRETURNVALUE></IRETURNVALUE>", 29);
	assert_false(ended(talk));
	go_on(talk, "PullInstancesWithPath", talk_context(talk), MAX(0));
	assert_false(ended(talk));
	go_on(talk, "CloseEnumeration", talk_context(talk), "");
	assert_string_equal(talk_result(talk), "");
	assert_int_equal(talk->status, 200);
}

static void a_query_is_pulled_too(void **state)
{
	static const char first[] = "<IRETURNVALUE><INSTANCE CLASSNAME=\"Msvm_ComputerSystem\">"
				    "<PROPERTY NAME=\"Name\" ";
	struct talk *talk = *state;

	talk_ask(talk, "OpenQueryInstances",
		 VALUE("FilterQueryLanguage", "DMTF:CQL")
			 VALUE("FilterQuery", "SELECT Name FROM Msvm_ComputerSystem") MAX(1)
				 VALUE("ReturnQueryResultClass", "TRUE"));
	assert_memory_equal(talk_result(talk), first, strlen(first));
	assert_int_equal(talk_count(talk, "<PARAMVALUE NAME=\"QueryResultClass\"><CLASS "
					  "NAME=\"Msvm_ComputerSystem\""),
			 1);
	go_on(talk, "PullInstances", talk_context(talk), MAX(9));
	assert_int_equal(talk_count(talk, "<PROPERTY NAME=\"Name\""), 4);
	assert_true(ended(talk));
	talk_ask(talk, "OpenQueryInstances",
		 VALUE("FilterQueryLanguage", "SQL") VALUE("FilterQuery", "SELECT 1"));
	assert_int_equal(talk_code(talk), 14);
}

static void what_cannot_be_opened_has_its_code(void **state)
{
	static const struct {
		const char *parameters;
		int code;
	} cases[] = {
		{ VALUE("ContinueOnError", "TRUE"), 26 },
		{ VALUE("ContinueOnError", "FALSE"), 0 },
		{ VALUE("OperationTimeout", "0"), 22 },
		{ VALUE("OperationTimeout", "61"), 22 },
		{ VALUE("OperationTimeout", "60"), 0 },
		{ VALUE("FilterQueryLanguage", "DMTF:FQL") VALUE("FilterQuery", "Name = 'a'"), 25 },
		{ VALUE("FilterQuery", "Name = 'a'"), 25 },
		{ VALUE("FilterQueryLanguage", "WQL") VALUE("FilterQuery", "x"), 14 },
	};
	struct talk *talk = *state;
	char parameters[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(parameters, sizeof(parameters), VMS MAX(5) "%s", cases[i].parameters);
		talk_ask(talk, "OpenEnumerateInstances", parameters);
		assert_int_equal(talk_code(talk), cases[i].code);
	}
	talk_ask(talk, "OpenEnumerateInstances", CLASS("ClassName", "Nope"));
	assert_int_equal(talk_code(talk), 5);
}

static void another_operation_or_namespace_does_not_get_a_listing_and_leaves_it(void **state)
{
	static const char document[] =
		"<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" "
		"PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>"
		"<IMETHODCALL NAME=\"PullInstancesWithPath\"><LOCALNAMESPACEPATH><NAMESPACE "
		"NAME=\"root\"/><NAMESPACE NAME=\"virtualization\"/>"
		"</LOCALNAMESPACEPATH><IPARAMVALUE "
		"NAME=\"EnumerationContext\"><VALUE>%s</VALUE></IPARAMVALUE>" MAX(
			1) "</IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>";
	struct talk *talk = *state;
	char context[100], foreign[sizeof(document) + 100];

	talk_ask(talk, "OpenEnumerateInstances", VMS);
	strcpy(context, talk_context(talk));
	go_on(talk, "PullInstancePaths", context, MAX(1));
	assert_int_equal(talk_code(talk), 21);
	snprintf(foreign, sizeof(foreign), document, context);
	talk_raw(talk, foreign, strlen(foreign));
	assert_int_equal(talk_code(talk), 21);
	go_on(talk, "PullInstancesWithPath", context, MAX(1));
	assert_int_equal(talk_code(talk), 0);
}

static void another_user_does_not_get_a_listing(void **state)
{
	struct talk *talk = *state;
	char context[100];

	talk_ask(talk, "OpenEnumerateInstances", VMS);
	strcpy(context, talk_context(talk));
	strcpy(talk->message.principal.name, "bob");
	go_on(talk, "PullInstancesWithPath", context, MAX(1));
	assert_int_equal(talk_code(talk), 21);
	go_on(talk, "CloseEnumeration", context, "");
	assert_int_equal(talk_code(talk), 21);
}

static void too_many_listings_are_27(void **state)
{
	struct talk *talk = *state;

	for (int i = 0; i < 3; i++) {
		talk_ask(talk, "OpenEnumerateInstances", VMS);
		assert_int_equal(talk_code(talk), 0);
	}
	talk_ask(talk, "OpenEnumerateInstances", VMS);
	assert_int_equal(talk_code(talk), 27);
	assert_non_null(strstr(talk->answer.bytes, "3 of 3"));
}

static void a_page_ends_where_the_answer_would_become_too_large(void **state)
{
	struct talk *talk = *state;

	talk->fake->vms = 200;
	talk_ask(talk, "OpenEnumerateInstances", VMS MAX(1000));
	assert_true(talk_count(talk, "<VALUE.INSTANCEWITHPATH>") < 100);
	assert_true(talk_count(talk, "<VALUE.INSTANCEWITHPATH>") > 1);
	assert_false(ended(talk));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_listing_is_pulled_to_its_end),
		test(the_last_instance_and_the_end_come_together),
		test(without_a_count_nothing_is_returned_yet),
		test(a_query_is_pulled_too),
		test(what_cannot_be_opened_has_its_code),
		test(another_operation_or_namespace_does_not_get_a_listing_and_leaves_it),
		test(another_user_does_not_get_a_listing),
		test(too_many_listings_are_27),
		test(a_page_ends_where_the_answer_would_become_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
