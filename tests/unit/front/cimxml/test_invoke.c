/* SPDX-License-Identifier: MIT */
/* test_invoke.c -- front/cimxml/invoke */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
#define SERVICE "<LOCALINSTANCEPATH>" LOCAL_V2 SERVICE_NAME "</LOCALINSTANCEPATH>"
#define TARGET                                                         \
	"<PARAMVALUE NAME=\"TargetSystem\"><VALUE.REFERENCE>" VM_NAME( \
		1) "</VALUE.REFERENCE></PARAMVALUE>"
#define ITEMS(inner) "<PARAMVALUE NAME=\"DataItems\" PARAMTYPE=\"string\">" inner "</PARAMVALUE>"
#define ON_CLASS(c)  "<LOCALCLASSPATH>" LOCAL_V2 "<CLASSNAME NAME=\"" c "\"/></LOCALCLASSPATH>"

static void a_method_gets_its_arguments_and_returns_its_outputs(void **state)
{
	struct talk *talk = *state;

	talk_call(talk, "addKVPitems", SERVICE,
		  ITEMS("<VALUE.ARRAY><VALUE>&lt;a/></VALUE><VALUE>b</VALUE></VALUE.ARRAY>")
			  TARGET);
	assert_string_equal(talk->fake->seen.bytes,
			    "root\\virtualization\\v2:Msvm_ComputerSystem.CreationClassName=\"Msvm_"
			    "ComputerSystem\",Name=\"" VM(1) "\"|<a/>|b");
	assert_int_equal(talk_count(talk, "<METHODRESPONSE NAME=\"addKVPitems\">"), 1);
	assert_string_equal(
		talk_result(talk),
		"<RETURNVALUE PARAMTYPE=\"uint32\"><VALUE>4096</VALUE></RETURNVALUE>"
		"<PARAMVALUE NAME=\"Job\" PARAMTYPE=\"reference\"><VALUE.REFERENCE><INSTANCEPATH>"
		"<NAMESPACEPATH><HOST>127.0.0.1:5988</HOST><LOCALNAMESPACEPATH><NAMESPACE "
		"NAME=\"root\"></NAMESPACE>"
		"<NAMESPACE NAME=\"virtualization\"></NAMESPACE><NAMESPACE "
		"NAME=\"v2\"></NAMESPACE></LOCALNAMESPACEPATH></NAMESPACEPATH>"
		"<INSTANCENAME CLASSNAME=\"Msvm_ConcreteJob\"><KEYBINDING "
		"NAME=\"InstanceID\"><KEYVALUE VALUETYPE=\"string\" TYPE=\"string\">"
		"job&lt;1&gt;</KEYVALUE></KEYBINDING></INSTANCENAME></INSTANCEPATH></"
		"VALUE.REFERENCE></PARAMVALUE>");
}

static void an_output_without_a_value_is_left_out(void **state)
{
	struct talk *talk = *state;

	talk_call(talk, "ModifyKvpItems", SERVICE, TARGET ITEMS(""));
	assert_string_equal(talk_result(talk),
			    "<RETURNVALUE PARAMTYPE=\"uint32\"><VALUE>32773</VALUE></RETURNVALUE>");
}

static void a_provider_that_refuses_is_an_error(void **state)
{
	struct talk *talk = *state;

	talk_call(talk, "RemoveKvpItems", SERVICE, TARGET);
	assert_string_equal(talk_result(talk),
			    "<ERROR CODE=\"6\" DESCRIPTION=\"no such VM\"></ERROR>");
}

static void what_cannot_be_called_has_its_code(void **state)
{
	static const struct {
		const char *method, *target, *parameters;
		int code;
	} cases[] = {
		{ "AddKvpItems",
		  "<LOCALINSTANCEPATH>" LOCAL_V2 NAME("Nope", "") "</LOCALINSTANCEPATH>", "", 5 },
		{ "AddKvpItems", "<LOCALINSTANCEPATH>" LOCAL_V2 VM_NAME(9) "</LOCALINSTANCEPATH>",
		  "", 6 },
		{ "Nope", SERVICE, "", 17 },
		{ "StartService", SERVICE, "", 16 },
		{ "AddKvpItems", SERVICE, "", 4 },
		{ "AddKvpItems", SERVICE, TARGET TARGET, 4 },
		{ "AddKvpItems", SERVICE, TARGET "<PARAMVALUE NAME=\"Nope\"/>", 4 },
		{ "AddKvpItems", SERVICE,
		  "<PARAMVALUE NAME=\"TargetSystem\"><VALUE>x</VALUE></PARAMVALUE>", 4 },
		{ "AddKvpItems", SERVICE,
		  "<PARAMVALUE NAME=\"TargetSystem\"><VALUE.REFERENCE>" SERVICE_NAME
		  "</VALUE.REFERENCE></PARAMVALUE>",
		  4 },
		{ "AddKvpItems", SERVICE, TARGET ITEMS("<VALUE.ARRAY><VALUE.NULL/></VALUE.ARRAY>"),
		  4 },
		{ "AddKvpItems", SERVICE,
		  TARGET ITEMS("<VALUE.REFERENCE>" VM_NAME(1) "</VALUE.REFERENCE>"), 13 },
		{ "AddKvpItems", ON_CLASS("Msvm_VirtualSystemManagementService"), "", 4 },
		{ "Nope", ON_CLASS("Msvm_VirtualSystemManagementService"), "", 17 },
		{ "AddKvpItems", ON_CLASS("Nope"), "", 5 },
		{ "AddKvpItems",
		  "<LOCALINSTANCEPATH><LOCALNAMESPACEPATH><NAMESPACE "
		  "NAME=\"interop\"/></LOCALNAMESPACEPATH>" SERVICE_NAME "</LOCALINSTANCEPATH>",
		  "", 3 },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		talk_call(talk, cases[i].method, cases[i].target, cases[i].parameters);
		if (talk_code(talk) != cases[i].code)
			fail_msg("case %zu: %d\n%s", i, talk_code(talk), talk->answer.bytes);
		assert_int_equal(talk_count(talk, "RETURNVALUE"), 0);
	}
}

static void too_many_parameters_are_refused(void **state)
{
	struct talk *talk = *state;
	struct text parameters = { 0 };

	for (int i = 0; i < 65; i++)
		text_printf(&parameters, "<PARAMVALUE NAME=\"P%d\"/>", i);
	talk_call(talk, "AddKvpItems", SERVICE, parameters.bytes);
	assert_int_equal(talk_code(talk), 4);
	text_done(&parameters);
}

static void what_the_dtd_does_not_allow_is_no_valid_request(void **state)
{
	static const char *const parameters[] = { "<a/>", "<IPARAMVALUE NAME=\"A\"/>",
						  "<PARAMVALUE/>", ITEMS("<VALUE/><VALUE/>"),
						  ITEMS("<a/>") };
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		talk_call(talk, "AddKvpItems", SERVICE, parameters[i]);
		assert_int_equal(talk->status, 400);
		assert_string_equal(talk->error, "request-not-valid");
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_method_gets_its_arguments_and_returns_its_outputs),
		test(an_output_without_a_value_is_left_out),
		test(a_provider_that_refuses_is_an_error),
		test(what_cannot_be_called_has_its_code),
		test(too_many_parameters_are_refused),
		test(what_the_dtd_does_not_allow_is_no_valid_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
