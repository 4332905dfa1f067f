/* SPDX-License-Identifier: MIT */
/* test_listing.c -- front/cimxml/listing */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "talk.h"
#define ALL(class) CLASS("ClassName", class)

static void all_instances_of_a_class_are_listed(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "EnumerateInstances", ALL("Msvm_ComputerSystem"));
	assert_int_equal(
		talk_count(talk,
			   "<VALUE.NAMEDINSTANCE><INSTANCENAME CLASSNAME=\"Msvm_ComputerSystem\">"),
		5);
	assert_int_equal(
		talk_count(talk, "</INSTANCENAME><INSTANCE CLASSNAME=\"Msvm_ComputerSystem\">"), 5);
	assert_int_equal(talk->pieces, 0);
	talk_ask(talk, "EnumerateInstanceNames", ALL("CIM_ManagedElement"));
	assert_int_equal(talk_count(talk, "<INSTANCENAME CLASSNAME=\"Msvm_ComputerSystem\">"), 5);
	assert_int_equal(talk_count(talk, "<INSTANCENAME CLASSNAME=\"Msvm_KvpExchangeComponent\">"),
			 5);
	assert_int_equal(talk_count(talk, "<INSTANCE "), 0);
}

static void a_shallow_listing_leaves_out_what_subclasses_added(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "EnumerateInstances", ALL("CIM_System"));
	assert_int_equal(talk_count(talk, "NAME=\"OnTimeInMilliseconds\""), 5);
	talk_ask(talk, "EnumerateInstances", ALL("CIM_System") VALUE("DeepInheritance", "false"));
	assert_int_equal(talk_count(talk, "<INSTANCE CLASSNAME=\"Msvm_ComputerSystem\">"), 5);
	assert_int_equal(talk_count(talk, "NAME=\"OnTimeInMilliseconds\""), 0);
	assert_int_equal(talk_count(talk, "<PROPERTY NAME=\"ElementName\""), 5);
}

static void a_listing_without_instances_is_empty(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "EnumerateInstances", ALL("Msvm_ConcreteJob"));
	assert_string_equal(talk_result(talk), "<IRETURNVALUE></IRETURNVALUE>");
}

static void an_unknown_class_is_5(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "EnumerateInstances", ALL("Nope"));
	assert_int_equal(talk_code(talk), 5);
	talk_ask(talk, "EnumerateInstanceNames", ALL("Nope"));
	assert_int_equal(talk_code(talk), 5);
}

static void a_query_returns_what_it_selects_with_full_paths(void **state)
{
	static const char *const languages[] = { "WQL", "wql", "WQL2", "DMTF:CQL", "CIM:CQL" };
	struct talk *talk = *state;
	char parameters[400];

	for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++) {
		snprintf(parameters, sizeof(parameters),
			 VALUE("QueryLanguage", "%s")
				 VALUE("Query", "SELECT Name FROM Msvm_ComputerSystem WHERE Name "
						"LIKE '%%2-0000-%%'"),
			 languages[i]);
		talk_ask(talk, "ExecQuery", parameters);
		assert_int_equal(talk_count(talk, "<VALUE.OBJECTWITHPATH><INSTANCEPATH><"
						  "NAMESPACEPATH><HOST>127.0.0.1:5988</HOST>"),
				 1);
		assert_int_equal(talk_count(talk, "<PROPERTY "), 1);
	}
}

static void what_is_wrong_with_a_query_has_its_code(void **state)
{
	static const struct {
		const char *language, *query;
		int code;
	} cases[] = {
		{ "SQL", "SELECT * FROM Msvm_ComputerSystem", 14 },
		{ "WQL", "SELECT", 15 },
		{ "WQL", "SELECT * FROM Msvm_ComputerSystem WHERE Nope = 1", 15 },
		{ "WQL", "SELECT * FROM Nope", 5 },
	};
	struct talk *talk = *state;
	char parameters[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(parameters, sizeof(parameters),
			 VALUE("QueryLanguage", "%s") VALUE("Query", "%s"), cases[i].language,
			 cases[i].query);
		talk_ask(talk, "ExecQuery", parameters);
		assert_int_equal(talk_code(talk), cases[i].code);
	}
}

static void a_long_listing_comes_in_pieces(void **state)
{
	struct talk *talk = *state;
	const char *end;

	talk->fake->vms = 1000;
	talk_ask(talk, "EnumerateInstances", ALL("Msvm_ComputerSystem"));
	assert_true(talk->pieces > 10);
	assert_int_equal(talk_count(talk, "<VALUE.NAMEDINSTANCE>"), 1000);
	end = strstr(talk->answer.bytes, "</IRETURNVALUE>");
	assert_string_equal(end, "</IRETURNVALUE></IMETHODRESPONSE></SIMPLERSP></MESSAGE></CIM>");
}

static void a_long_listing_that_nobody_takes_to_its_end_is_closed(void **state)
{
	struct talk *talk = *state;

	talk->fake->vms = 1000;
	talk_ask(talk, "EnumerateInstanceNames", ALL("Msvm_ComputerSystem"));
	arena_reset(talk->message.arena);
	assert_int_equal(talk->fake->walks_open, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(all_instances_of_a_class_are_listed),
		test(a_shallow_listing_leaves_out_what_subclasses_added),
		test(a_listing_without_instances_is_empty),
		test(an_unknown_class_is_5),
		test(a_query_returns_what_it_selects_with_full_paths),
		test(what_is_wrong_with_a_query_has_its_code),
		test(a_long_listing_comes_in_pieces),
		test(a_long_listing_that_nobody_takes_to_its_end_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
