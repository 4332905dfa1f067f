/* SPDX-License-Identifier: MIT */
/* test_parameters.c -- front/cimxml/parameters */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
#define VM_CLASS CLASS("ClassName", "Msvm_ComputerSystem")

static void expect(void **state, const char *operation, const char *parameters, int code)
{
	struct talk *talk = *state;

	talk_ask(talk, operation, parameters);
	assert_int_equal(talk->status, 200);
	if (talk_code(talk) != code)
		fail_msg("%s %s: %d", operation, parameters, talk_code(talk));
}

static void parameters_are_found_in_any_order_and_case(void **state)
{
	expect(state, "EnumerateInstances",
	       VALUE("deepinheritance", " TRUE ") CLASS("CLASSNAME", "msvm_computersystem"), 0);
}

static void a_null_is_as_good_as_nothing(void **state)
{
	expect(state, "EnumerateInstances", VM_CLASS PARAMETER("PropertyList", ""), 0);
	expect(state, "EnumerateInstances", PARAMETER("ClassName", ""), 4);
}

static void what_an_operation_does_not_take_is_4(void **state)
{
	expect(state, "EnumerateInstances", VM_CLASS VALUE("Nope", "1"), 4);
	expect(state, "EnumerateInstances", VM_CLASS VALUE("Role", "1"), 4);
	expect(state, "EnumerateQualifiers", VM_CLASS, 4);
}

static void what_is_there_twice_is_4(void **state)
{
	expect(state, "EnumerateInstances", VM_CLASS CLASS("classname", "Msvm_ComputerSystem"), 4);
	expect(state, "EnumerateInstances",
	       VM_CLASS PARAMETER("PropertyList", "") PARAMETER("PropertyList", ""), 4);
}

static void what_is_missing_is_4(void **state)
{
	expect(state, "EnumerateInstances", "", 4);
	expect(state, "GetProperty", PARAMETER("InstanceName", VM_NAME(1)), 4);
	expect(state, "ExecQuery", VALUE("Query", "SELECT * FROM Msvm_ComputerSystem"), 4);
}

static void another_element_than_expected_is_4(void **state)
{
	expect(state, "EnumerateInstances", VALUE("ClassName", "Msvm_ComputerSystem"), 4);
	expect(state, "GetInstance", CLASS("InstanceName", "Msvm_ComputerSystem"), 4);
	expect(state, "EnumerateInstances", VM_CLASS VALUE("PropertyList", "Name"), 4);
	expect(state, "EnumerateInstances", VM_CLASS CLASS("DeepInheritance", "TRUE"), 4);
}

static void a_value_that_does_not_fit_is_4(void **state)
{
	static const char *const counts[] = { "-1", "4294967296", "x", "" };
	char parameters[300];

	expect(state, "EnumerateInstances", VM_CLASS VALUE("DeepInheritance", "perhaps"), 4);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		snprintf(parameters, sizeof(parameters), VM_CLASS VALUE("MaxObjectCount", "%s"),
			 counts[i]);
		expect(state, "OpenEnumerateInstances", parameters, 4);
	}
}

static void the_message_names_the_parameter(void **state)
{
	struct talk *talk = *state;

	expect(state, "OpenEnumerateInstances", VM_CLASS VALUE("maxobjectcount", "x"), 4);
	assert_non_null(strstr(talk->answer.bytes, "MaxObjectCount"));
}

static void what_the_dtd_does_not_allow_is_no_valid_request(void **state)
{
	static const char *const parameters[] = {
		"<PARAMVALUE NAME=\"ClassName\"/>",
		"<IPARAMVALUE><VALUE>1</VALUE></IPARAMVALUE>",
		PARAMETER("ClassName", "<CLASSNAME/>"),
		PARAMETER("ClassName", "<CLASSNAME NAME=\"a\"/><CLASSNAME NAME=\"b\"/>"),
		VM_CLASS PARAMETER("PropertyList", "<VALUE.ARRAY><a/></VALUE.ARRAY>"),
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		talk_ask(talk, "EnumerateInstances", parameters[i]);
		assert_int_equal(talk->status, 400);
		assert_string_equal(talk->error, "request-not-valid");
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(parameters_are_found_in_any_order_and_case),
		test(a_null_is_as_good_as_nothing),
		test(what_an_operation_does_not_take_is_4),
		test(what_is_there_twice_is_4),
		test(what_is_missing_is_4),
		test(another_element_than_expected_is_4),
		test(a_value_that_does_not_fit_is_4),
		test(the_message_names_the_parameter),
		test(what_the_dtd_does_not_allow_is_no_valid_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
