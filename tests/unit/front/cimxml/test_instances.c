/* SPDX-License-Identifier: MIT */
/* test_instances.c -- front/cimxml/instances */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
#define VM1 PARAMETER("InstanceName", VM_NAME(1))

static void an_instance_is_returned_whole(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetInstance", VM1);
	assert_int_equal(talk_code(talk), 0);
	assert_memory_equal(talk_result(talk),
			    "<IRETURNVALUE><INSTANCE CLASSNAME=\"Msvm_ComputerSystem\">", 56);
	assert_int_equal(talk_count(talk, "NAME=\"Name\""), 1);
	assert_int_equal(talk_count(talk, "QUALIFIER"), 0);
}

static void a_property_list_says_what_is_returned(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetInstance",
		 VM1 PARAMETER("PropertyList", "<VALUE.ARRAY><VALUE>NAME</VALUE><VALUE>Nope</VALUE>"
					       "<VALUE>name</VALUE></VALUE.ARRAY>"));
	assert_string_equal(talk_result(talk),
			    "<IRETURNVALUE><INSTANCE CLASSNAME=\"Msvm_ComputerSystem\"><PROPERTY "
			    "NAME=\"Name\" TYPE=\"string\"><VALUE>" VM(
				    1) "</VALUE></PROPERTY></INSTANCE></IRETURNVALUE>");
	talk_ask(talk, "GetInstance", VM1 PARAMETER("PropertyList", "<VALUE.ARRAY/>"));
	assert_string_equal(talk_result(talk),
			    "<IRETURNVALUE><INSTANCE "
			    "CLASSNAME=\"Msvm_ComputerSystem\"></INSTANCE></IRETURNVALUE>");
}

static void the_origin_of_properties_is_told_to_who_asks(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetInstance", VM1);
	assert_int_equal(talk_count(talk, "CLASSORIGIN"), 0);
	talk_ask(talk, "GetInstance", VM1 VALUE("IncludeClassOrigin", "TRUE"));
	assert_int_equal(
		talk_count(
			talk,
			"NAME=\"Name\" TYPE=\"string\" CLASSORIGIN=\"CIM_ManagedSystemElement\""),
		1);
}

static void local_only_does_not_hide_what_is_inherited(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetInstance",
		 VM1 VALUE("LocalOnly", "TRUE") VALUE("IncludeQualifiers", "TRUE"));
	assert_int_equal(talk_count(talk, "NAME=\"ElementName\""), 1);
	assert_int_equal(talk_count(talk, "QUALIFIER"), 0);
}

static void what_is_not_there_has_its_code(void **state)
{
	static const struct {
		const char *name;
		int code;
	} cases[] = {
		{ VM_NAME(9), 6 },
		{ NAME("Nope", ""), 5 },
		{ NAME("Msvm_ComputerSystem", KEY("Nope", "x")), 4 },
		{ NAME("Msvm_ComputerSystem", KEY("Name", VM(1))), 4 },
	};
	struct talk *talk = *state;
	char parameters[2000];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(parameters, sizeof(parameters), PARAMETER("InstanceName", "%s"),
			 cases[i].name);
		talk_ask(talk, "GetInstance", parameters);
		assert_int_equal(talk_code(talk), cases[i].code);
		assert_int_equal(talk->status, 200);
		assert_int_equal(talk_count(talk, "IRETURNVALUE"), 0);
	}
}

static void an_instance_that_is_refreshed_is_returned_later(void **state)
{
	struct talk *talk = *state;

	talk->fake->hold = true;
	talk_ask(talk, "GetInstance",
		 PARAMETER("InstanceName",
			   NAME("Msvm_KvpExchangeComponent",
				KEY("CreationClassName", "Msvm_KvpExchangeComponent")
					KEY("SystemCreationClassName",
					    "Msvm_ComputerSystem") KEY("SystemName", VM(1))
						KEY("DeviceID", "Microsoft:" VM(1) "\\2A34B1C2"))));
	assert_int_equal(talk->answers, 0);
	talk->fake->ready(talk->fake->held);
	assert_int_equal(talk->answers, 1);
	assert_int_equal(
		talk_count(
			talk,
			"<PROPERTY.ARRAY NAME=\"GuestExchangeItems\" TYPE=\"string\"><VALUE.ARRAY>"
			"<VALUE>&lt;INSTANCE&gt;&lt;VALUE&gt;a&amp;amp;b&lt;/VALUE&gt;&lt;/"
			"INSTANCE&gt;</VALUE>"),
		1);
	assert_int_equal(talk_count(talk, "<PROPERTY.ARRAY NAME=\"GuestIntrinsicExchangeItems\" "
					  "TYPE=\"string\"><VALUE.ARRAY></VALUE.ARRAY>"),
			 1);
}

static void a_property_is_returned_alone(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetProperty", VM1 VALUE("PropertyName", "name"));
	assert_string_equal(talk_result(talk),
			    "<IRETURNVALUE><VALUE>" VM(1) "</VALUE></IRETURNVALUE>");
	talk_ask(talk, "GetProperty", VM1 VALUE("PropertyName", "ProcessID"));
	assert_string_equal(talk_result(talk), "<IRETURNVALUE></IRETURNVALUE>");
	talk_ask(talk, "GetProperty", VM1 VALUE("PropertyName", "Nope"));
	assert_int_equal(talk_code(talk), 12);
	talk_ask(talk, "GetProperty",
		 PARAMETER("InstanceName", VM_NAME(9)) VALUE("PropertyName", "Nope"));
	assert_int_equal(talk_code(talk), 6);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(an_instance_is_returned_whole),
		test(a_property_list_says_what_is_returned),
		test(the_origin_of_properties_is_told_to_who_asks),
		test(local_only_does_not_hide_what_is_inherited),
		test(what_is_not_there_has_its_code),
		test(an_instance_that_is_refreshed_is_returned_later),
		test(a_property_is_returned_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
