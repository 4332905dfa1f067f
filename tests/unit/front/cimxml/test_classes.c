/* SPDX-License-Identifier: MIT */
/* test_classes.c -- front/cimxml/classes */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
#define COMPONENT CLASS("ClassName", "msvm_kvpexchangecomponent")

static void a_class_has_its_own_elements_unless_asked_otherwise(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetClass", COMPONENT);
	assert_memory_equal(talk_result(talk),
			    "<IRETURNVALUE><CLASS NAME=\"Msvm_KvpExchangeComponent\" "
			    "SUPERCLASS=\"CIM_LogicalDevice\"><QUALIFIER ",
			    91);
	assert_int_equal(
		talk_count(talk, "<PROPERTY.ARRAY NAME=\"GuestExchangeItems\" TYPE=\"string\">"),
		1);
	assert_int_equal(talk_count(talk, "NAME=\"DeviceID\""), 0);
	assert_int_equal(talk_count(talk, "CLASSORIGIN"), 0);
	talk_ask(talk, "GetClass",
		 COMPONENT VALUE("LocalOnly", "FALSE") VALUE("IncludeQualifiers", "FALSE")
			 VALUE("IncludeClassOrigin", "TRUE"));
	assert_int_equal(talk_count(talk, "<PROPERTY NAME=\"DeviceID\" TYPE=\"string\" "
					  "CLASSORIGIN=\"CIM_LogicalDevice\" PROPAGATED=\"true\">"),
			 1);
	assert_int_equal(talk_count(talk, "QUALIFIER"), 0);
}

static void a_property_list_bounds_a_class(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetClass",
		 COMPONENT VALUE("LocalOnly", "FALSE") PARAMETER(
			 "PropertyList", "<VALUE.ARRAY><VALUE>deviceid</VALUE></VALUE.ARRAY>"));
	assert_int_equal(talk_count(talk, "<PROPERTY"), 1);
	talk_ask(talk, "GetClass",
		 COMPONENT VALUE("LocalOnly", "FALSE") PARAMETER("PropertyList", "<VALUE.ARRAY/>"));
	assert_int_equal(talk_count(talk, "<PROPERTY"), 0);
}

static void an_unknown_class_is_6_and_as_a_place_in_a_listing_5(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetClass", CLASS("ClassName", "Nope"));
	assert_int_equal(talk_code(talk), 6);
	talk_ask(talk, "EnumerateClasses", CLASS("ClassName", "Nope"));
	assert_int_equal(talk_code(talk), 5);
	talk_ask(talk, "EnumerateClassNames", CLASS("ClassName", "Nope"));
	assert_int_equal(talk_code(talk), 5);
}

static void subclasses_are_listed_one_level_or_all(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "EnumerateClassNames", CLASS("ClassName", "CIM_EnabledLogicalElement"));
	assert_int_equal(talk_count(talk, "<CLASSNAME NAME=\"CIM_System\"></CLASSNAME>"), 1);
	assert_int_equal(talk_count(talk, "\"CIM_ComputerSystem\""), 0);
	talk_ask(talk, "EnumerateClassNames",
		 CLASS("ClassName", "CIM_EnabledLogicalElement") VALUE("DeepInheritance", "TRUE"));
	assert_int_equal(talk_count(talk, "\"Msvm_ComputerSystem\""), 1);
	assert_int_equal(talk_count(talk, "\"CIM_EnabledLogicalElement\""), 0);
}

static void without_a_class_those_without_a_superclass_are_listed(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "EnumerateClassNames", "");
	assert_int_equal(talk_count(talk, "\"CIM_ManagedElement\""), 1);
	assert_int_equal(talk_count(talk, "\"CIM_SettingData\""), 0);
	talk_ask(talk, "EnumerateClasses",
		 VALUE("DeepInheritance", "TRUE") VALUE("IncludeQualifiers", "FALSE"));
	assert_int_equal(talk_count(talk, "<CLASS NAME=\"CIM_ManagedElement\">"), 1);
	assert_int_equal(
		talk_count(
			talk,
			"<CLASS NAME=\"Msvm_ComputerSystem\" SUPERCLASS=\"CIM_ComputerSystem\">"),
		1);
	assert_int_equal(talk_count(talk, "QUALIFIER"), 0);
}

static void qualifiers_are_returned_with_all_their_scopes(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "GetQualifier", VALUE("QualifierName", "KEY"));
	assert_string_equal(talk_result(talk),
			    "<IRETURNVALUE><QUALIFIER.DECLARATION NAME=\"Key\" TYPE=\"boolean\" "
			    "ISARRAY=\"false\" OVERRIDABLE=\"false\" TOSUBCLASS=\"true\" "
			    "TOINSTANCE=\"false\" TRANSLATABLE=\"false\">"
			    "<SCOPE CLASS=\"false\" ASSOCIATION=\"false\" REFERENCE=\"true\" "
			    "PROPERTY=\"true\" METHOD=\"false\" PARAMETER=\"false\" "
			    "INDICATION=\"false\"></SCOPE><VALUE>FALSE</VALUE></"
			    "QUALIFIER.DECLARATION></IRETURNVALUE>");
	talk_ask(talk, "GetQualifier", VALUE("QualifierName", "Nope"));
	assert_int_equal(talk_code(talk), 6);
	talk_ask(talk, "EnumerateQualifiers", "");
	assert_int_equal(talk_count(talk, "<QUALIFIER.DECLARATION "),
			 (int)cim_qualifier_type_count);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_class_has_its_own_elements_unless_asked_otherwise),
		test(a_property_list_bounds_a_class),
		test(an_unknown_class_is_6_and_as_a_place_in_a_listing_5),
		test(subclasses_are_listed_one_level_or_all),
		test(without_a_class_those_without_a_superclass_are_listed),
		test(qualifiers_are_returned_with_all_their_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
