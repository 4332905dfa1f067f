/* SPDX-License-Identifier: MIT */
/* test_operations.c -- front/cimxml/operations */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
static void an_unknown_operation_is_7_and_an_unknown_namespace_comes_first(void **state)
{
	static const char document[] =
		"<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" "
		"PROTOCOLVERSION=\"1.0\">"
		"<SIMPLEREQ><IMETHODCALL NAME=\"Nope\"><LOCALNAMESPACEPATH><NAMESPACE "
		"NAME=\"interop\"/>"
		"</LOCALNAMESPACEPATH></IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>";
	struct talk *talk = *state;

	talk_ask(talk, "EnumerationCount", "");
	assert_int_equal(talk_code(talk), 7);
	talk_raw(talk, document, strlen(document));
	assert_int_equal(talk->status, 200);
	assert_int_equal(talk_code(talk), 3);
}

static void somebody_without_a_role_may_nothing(void **state)
{
	struct talk *talk = *state;

	talk->message.principal.role = ROLE_NONE;
	talk_ask(talk, "EnumerateInstances", CLASS("ClassName", "Msvm_ComputerSystem"));
	assert_int_equal(talk_code(talk), 2);
	talk_ask(talk, "EnumerateClasses", "");
	assert_int_equal(talk_code(talk), 2);
}

static void classes_and_qualifiers_cannot_be_changed(void **state)
{
	static const struct {
		const char *operation, *parameters;
	} cases[] = {
		{ "CreateClass", PARAMETER("NewClass", "<CLASS NAME=\"A\"/>") },
		{ "ModifyClass", PARAMETER("ModifiedClass", "<CLASS NAME=\"CIM_System\"/>") },
		{ "DeleteClass", CLASS("ClassName", "CIM_System") },
		{ "SetQualifier",
		  PARAMETER("QualifierDeclaration", "<QUALIFIER.DECLARATION NAME=\"A\"/>") },
		{ "DeleteQualifier", VALUE("QualifierName", "Key") },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		talk_ask(talk, cases[i].operation, cases[i].parameters);
		assert_int_equal(talk_code(talk), 7);
		talk_ask(talk, cases[i].operation, "");
		assert_int_equal(talk_code(talk), 4);
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(an_unknown_operation_is_7_and_an_unknown_namespace_comes_first),
		test(somebody_without_a_role_may_nothing),
		test(classes_and_qualifiers_cannot_be_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
