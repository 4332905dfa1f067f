/* SPDX-License-Identifier: MIT */
/* test_associations.c -- front/cimxml/listing, pull and related_classes: associations */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk_on_world.h"

#define VM1         PARAMETER("ObjectName", WORLD_NAME(1))
#define OF_CLASS(c) CLASS("ObjectName", c)

static void what_is_associated_with_an_instance_is_listed(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "Associators",
		 VM1 CLASS("ResultClass", "CIM_LogicalDevice") VALUE("IncludeClassOrigin", "TRUE"));
	assert_int_equal(talk_count(f->talk, "<VALUE.OBJECTWITHPATH><INSTANCEPATH>"), 1);
	assert_int_equal(talk_count(f->talk, "<INSTANCE CLASSNAME=\"Msvm_KvpExchangeComponent\">"),
			 1);
	assert_int_equal(
		talk_count(f->talk,
			   "NAME=\"DeviceID\" TYPE=\"string\" CLASSORIGIN=\"CIM_LogicalDevice\""),
		1);
	talk_ask(f->talk, "AssociatorNames",
		 VM1 CLASS("AssocClass", "Msvm_SystemDevice") VALUE("Role", "GroupComponent")
			 VALUE("ResultRole", "partcomponent"));
	assert_int_equal(talk_count(f->talk, "<OBJECTPATH><INSTANCEPATH><NAMESPACEPATH>"), 1);
	assert_int_equal(talk_count(f->talk, "<INSTANCE "), 0);
	talk_ask(f->talk, "AssociatorNames",
		 VM1 CLASS("AssocClass", "Msvm_SystemDevice") VALUE("Role", "PartComponent"));
	assert_string_equal(talk_result(f->talk), "<IRETURNVALUE></IRETURNVALUE>");
}

static void the_associations_themselves_are_listed(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "References", VM1 CLASS("ResultClass", "Msvm_SystemDevice"));
	assert_int_equal(
		talk_count(f->talk,
			   "<INSTANCE CLASSNAME=\"Msvm_SystemDevice\"><PROPERTY.REFERENCE "
			   "NAME=\"GroupComponent\" "
			   "REFERENCECLASS=\"CIM_System\"><VALUE.REFERENCE><INSTANCEPATH>"),
		1);
	talk_ask(f->talk, "ReferenceNames",
		 VM1 CLASS("ResultClass", "Msvm_SystemDevice") VALUE("Role", "GroupComponent"));
	assert_int_equal(talk_count(f->talk, "<OBJECTPATH><INSTANCEPATH>"), 1);
	assert_int_equal(
		talk_count(f->talk, "<KEYBINDING NAME=\"PartComponent\"><VALUE.REFERENCE>"), 1);
}

static void associations_are_pulled_too(void **state)
{
	static const struct {
		const char *operation, *element, *result;
	} cases[] = {
		{ "OpenAssociatorInstances", "<VALUE.INSTANCEWITHPATH>",
		  "Msvm_KvpExchangeComponent" },
		{ "OpenAssociatorInstancePaths", "<IRETURNVALUE><INSTANCEPATH>",
		  "Msvm_KvpExchangeComponent" },
		{ "OpenReferenceInstances", "<VALUE.INSTANCEWITHPATH>", "Msvm_SystemDevice" },
		{ "OpenReferenceInstancePaths", "<IRETURNVALUE><INSTANCEPATH>",
		  "Msvm_SystemDevice" },
	};
	struct fixture *f = *state;
	char parameters[2000];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(parameters, sizeof(parameters),
			 PARAMETER("InstanceName", "%s") CLASS("ResultClass", "%s")
				 VALUE("MaxObjectCount", "1"),
			 WORLD_NAME(1), cases[i].result);
		talk_ask(f->talk, cases[i].operation, parameters);
		assert_int_equal(talk_count(f->talk, cases[i].element), 1);
		assert_int_equal(talk_count(f->talk, "<VALUE>TRUE</VALUE></PARAMVALUE>"), 1);
	}
}

static void what_cannot_be_listed_has_its_code(void **state)
{
	static const struct {
		const char *operation, *parameters;
		int code;
	} cases[] = {
		{ "Associators", PARAMETER("ObjectName", WORLD_NAME(9)), 6 },
		{ "References", PARAMETER("ObjectName", NAME("Nope", "")), 5 },
		{ "Associators", VM1 CLASS("AssocClass", "Nope"), 5 },
		{ "Associators", VM1 CLASS("ResultClass", "Nope"), 5 },
		{ "References", VM1 CLASS("AssocClass", "Msvm_SystemDevice"), 4 },
		{ "Associators", OF_CLASS("Nope"), 5 },
		{ "OpenAssociatorInstances", CLASS("InstanceName", "Msvm_ComputerSystem"), 4 },
		{ "OpenReferenceInstances", PARAMETER("InstanceName", WORLD_NAME(9)), 6 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		talk_ask(f->talk, cases[i].operation, cases[i].parameters);
		if (talk_code(f->talk) != cases[i].code)
			fail_msg("case %zu: %s", i, f->talk->answer.bytes);
	}
}

static void of_a_class_the_class_model_tells(void **state)
{
	struct fixture *f = *state;

	talk_ask(f->talk, "AssociatorNames",
		 OF_CLASS("Msvm_ComputerSystem") CLASS("AssocClass", "CIM_SystemDevice")
			 CLASS("ResultClass", "CIM_LogicalDevice"));
	assert_int_equal(talk_count(f->talk, "<CLASSNAME NAME=\"CIM_LogicalDevice\">"), 1);
	talk_ask(f->talk, "ReferenceNames",
		 OF_CLASS("Msvm_ComputerSystem") CLASS("ResultClass", "Msvm_SystemDevice"));
	assert_string_equal(
		talk_result(f->talk),
		"<IRETURNVALUE><OBJECTPATH><CLASSPATH><NAMESPACEPATH><HOST>127.0.0.1:5988</"
		"HOST><LOCALNAMESPACEPATH><NAMESPACE NAME=\"root\"></NAMESPACE><NAMESPACE "
		"NAME=\"virtualization\"></NAMESPACE><NAMESPACE "
		"NAME=\"v2\"></NAMESPACE></LOCALNAMESPACEPATH></NAMESPACEPATH><CLASSNAME "
		"NAME=\"Msvm_SystemDevice\"></CLASSNAME></CLASSPATH></OBJECTPATH></IRETURNVALUE>");
	talk_ask(f->talk, "References",
		 OF_CLASS("Msvm_ComputerSystem") CLASS("ResultClass", "Msvm_SystemDevice"));
	assert_int_equal(talk_count(f->talk, "<VALUE.OBJECTWITHPATH><CLASSPATH>"), 1);
	assert_int_equal(talk_count(f->talk, "</CLASSPATH><CLASS NAME=\"Msvm_SystemDevice\" "
					     "SUPERCLASS=\"CIM_SystemDevice\">"),
			 1);
	assert_int_equal(talk_count(f->talk, "QUALIFIER"), 0);
	talk_ask(f->talk, "References",
		 OF_CLASS("Msvm_ComputerSystem") CLASS("ResultClass", "Msvm_SystemDevice")
			 VALUE("IncludeQualifiers", "TRUE"));
	assert_true(talk_count(f->talk, "<QUALIFIER ") > 0);
}

static void a_query_may_ask_for_what_is_associated(void **state)
{
	struct fixture *f = *state;
	static const char of[] =
		"ASSOCIATORS OF "
		"{Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"" WORLD_VM(
			1) "\"} WHERE AssocClass=Msvm_SystemDevice";
	char parameters[2000];

	snprintf(parameters, sizeof(parameters), VALUE("QueryLanguage", "WQL") VALUE("Query", "%s"),
		 of);
	talk_ask(f->talk, "ExecQuery", parameters);
	assert_int_equal(talk_count(f->talk, "<VALUE.OBJECTWITHPATH><INSTANCEPATH>"), 1);
	snprintf(parameters, sizeof(parameters),
		 VALUE("QueryLanguage", "WQL") VALUE("Query", "%s ClassDefsOnly"), of);
	talk_ask(f->talk, "ExecQuery", parameters);
	assert_int_equal(talk_count(f->talk, "<VALUE.OBJECTWITHPATH><CLASSPATH>"), 1);
	assert_int_equal(talk_count(f->talk, "<CLASS NAME=\"Msvm_KvpExchangeComponent\""), 1);
	talk_ask(f->talk, "ExecQuery",
		 VALUE("QueryLanguage", "WQL")
			 VALUE("Query", "REFERENCES OF {Nope} WHERE SchemaOnly"));
	assert_int_equal(talk_code(f->talk), 5);
	talk_ask(f->talk, "ExecQuery",
		 VALUE("QueryLanguage", "WQL")
			 VALUE("Query", "SELECT * FROM __InstanceModificationEvent WITHIN 1 WHERE "
					"TargetInstance ISA 'Msvm_ComputerSystem'"));
	assert_int_equal(talk_code(f->talk), 15);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(what_is_associated_with_an_instance_is_listed),
		test(the_associations_themselves_are_listed),
		test(associations_are_pulled_too),
		test(what_cannot_be_listed_has_its_code),
		test(of_a_class_the_class_model_tells),
		test(a_query_may_ask_for_what_is_associated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
