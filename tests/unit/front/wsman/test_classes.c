/* SPDX-License-Identifier: MIT */
/* test_classes.c -- front/wsman/classes: what Get-CimClass asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define NAMED(class) \
	SELECTORS(SELECTOR("__cimnamespace", "root/virtualization/v2") SELECTOR("ClassName", class))
#define OPTION(name, value) "<w:Option Name=\"" name "\">" value "</w:Option>"
#define OPTIONS(options)    "<w:OptionSet s:mustUnderstand=\"true\">" options "</w:OptionSet>"
#define LARGE               OPTIONS(OPTION("wmi:IncludeQualifiers", "true"))

static const char *get(struct talk *talk, const char *header)
{
	return talk_ask(talk, GET, URI_CLASSES, header, "");
}

static void without_options_a_class_is_what_it_declares_itself(void **state)
{
	struct talk *talk = *state;

	get(talk, NAMED("msvm_computersystem"));

	assert_int_equal(talk->status, 200);
	assert_int_equal(talk_count(talk, "<s:Body><CLASS NAME=\"Msvm_ComputerSystem\" "
					  "SUPERCLASS=\"CIM_ComputerSystem\">"),
			 1);
	assert_int_equal(talk_count(talk, "<QUALIFIER"), 0);
	assert_int_equal(talk_count(talk, "NAME=\"ElementName\""), 0);
	assert_int_equal(talk_count(talk, "CLASSORIGIN"), 0);
	assert_int_equal(talk_count(talk, "DERIVATION"), 0);
}

static void options_add_what_they_name(void **state)
{
	struct talk *talk = *state;

	get(talk,
	    NAMED("Msvm_ComputerSystem") OPTIONS(OPTION("IncludeInheritedElements", "TRUE") OPTION(
		    "wmi:IncludeQualifiers", "true") OPTION("IncludeInheritanceHierarchy", "1")));
	assert_int_equal(talk_count(talk, "NAME=\"ElementName\""), 1);
	assert_true(talk_count(talk, "PROPAGATED=\"true\"") > 0);
	assert_true(talk_count(talk, "<QUALIFIER NAME=\"Key\"") > 0);
	assert_int_equal(talk_count(talk, "DERIVATION=\"CIM_ComputerSystem,CIM_System,"), 1);
	get(talk, NAMED("Msvm_ComputerSystem") OPTIONS(OPTION("IncludeClassOrigin", "true")));
	assert_true(talk_count(talk, "CLASSORIGIN=\"") > 0);
}

static void windows_gets_the_origins_without_asking(void **state)
{
	struct talk *talk = *state;

	talk->message.user_agent = "Microsoft WinRM Client";
	get(talk, NAMED("Msvm_ComputerSystem"));
	assert_true(talk_count(talk, "CLASSORIGIN=\"") > 0);
	get(talk, NAMED("Msvm_ComputerSystem") OPTIONS(OPTION("IncludeClassOrigin", "false")));
	assert_int_equal(talk_count(talk, "CLASSORIGIN=\""), 0);
}

static void a_class_is_found_by_each_of_its_uris(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, GET, URI_CLASSES_WINRM, NAMED("Msvm_ComputerSystem"), "");
	assert_int_equal(talk->status, 200);
	talk_ask(talk, GET, URI_CLASSES_WS_CIM, NAMED("Msvm_ComputerSystem"), "");
	assert_string_equal(talk_fault(talk), "w:UnsupportedFeature");
}

static void classes_that_cannot_be_got_are_refused(void **state)
{
	static const struct {
		const char *header, *fault;
	} cases[] = {
		{ NAMED("No_Such"), "a:DestinationUnreachable InvalidResourceURI" },
		{ SELECTORS(SELECTOR("__cimnamespace", "root/none")
				    SELECTOR("ClassName", "Msvm_ComputerSystem")),
		  "a:DestinationUnreachable InvalidResourceURI" },
		{ SELECTORS(SELECTOR("__cimnamespace", "root/virtualization/v2")),
		  "w:InvalidSelectors InsufficientSelectors" },
		{ NAMED(""), "w:InvalidSelectors InsufficientSelectors" },
		{ SELECTORS(SELECTOR("Name", "x")), "w:InvalidSelectors UnexpectedSelectors" },
		{ SELECTORS("<w:Selector Name=\"ClassName\"><a:EndpointReference>"
			    "<a:ReferenceParameters><w:ResourceURI>" URI_V2 "C</w:ResourceURI>"
			    "</a:ReferenceParameters></a:EndpointReference></w:Selector>"),
		  "w:InvalidSelectors TypeMismatch" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		get(talk, cases[i].header);
		assert_string_equal(talk_fault(talk), cases[i].fault);
	}
	get(talk, NAMED("No_Such"));
	assert_int_equal(talk_count(talk, ">5</p:CIMStatusCode>"), 1);
}

static void classes_are_only_read(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, NS_TRANSFER "/Put", URI_CLASSES, NAMED("Msvm_ComputerSystem"), "<x/>");
	assert_string_equal(talk_fault(talk), "a:ActionNotSupported ActionMismatch");
	talk_ask(talk, NS_EVENTING "/Subscribe", URI_CLASSES, "", "");
	assert_string_equal(talk_fault(talk), "a:ActionNotSupported ActionMismatch");
}

static const char *enumerate(struct talk *talk, const char *header, const char *content)
{
	scoped(xfree_text) char *body = xprintf("<n:Enumerate>%s</n:Enumerate>", content);

	return talk_ask(talk, ENUMERATE, URI_CLASSES, header, body);
}

/* All classes, over as many pages as it takes. */
static int count_all(struct talk *talk, const char *header)
{
	int count = talk_count(talk, "<CLASS NAME=");
	scoped(xfree_text) char *context = xstrdup(talk_text(talk, "n:EnumerationContext", 0));

	for (int pages = 0; context && *context && pages < 500; pages++) {
		scoped(xfree_text) char *body =
			xprintf("<n:Pull><n:EnumerationContext>%s</n:EnumerationContext>"
				"<n:MaxElements>32000</n:MaxElements></n:Pull>",
				context);
		const char *next;

		talk_ask(talk, PULL, URI_CLASSES, header, body);
		assert_int_equal(talk->status, 200);
		count += talk_count(talk, "<CLASS NAME=");
		next = talk_text(talk, "n:EnumerationContext", 0);
		free(context);
		context = next ? xstrdup(next) : NULL;
	}
	assert_int_equal(talk_count(talk, "EndOfSequence/>"), 1);
	return count;
}

static void all_classes_of_a_namespace_are_listed_in_pages(void **state)
{
	const int all = (int)cim_namespace_find("root/virtualization/v2")->class_count;
	struct talk *talk = *state;

	enumerate(talk, NAMED("") LARGE,
		  "<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>");
	assert_int_equal(count_all(talk, ""), all);
	enumerate(talk, "<w:MaxEnvelopeSize>20000</w:MaxEnvelopeSize>" NAMED(""), "");
	assert_int_equal(count_all(talk, "<w:MaxEnvelopeSize>20000</w:MaxEnvelopeSize>"), all);
}

static void options_last_over_several_pages(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *body = NULL;

	enumerate(talk, NAMED("CIM_System") LARGE, "");
	body = xprintf("<n:Pull><n:EnumerationContext>%s</n:EnumerationContext></n:Pull>",
		       talk_text(talk, "n:EnumerationContext", 0));
	talk_ask(talk, PULL, URI_CLASSES, "", body);
	assert_true(talk_count(talk, "<QUALIFIER ") > 0);
}

static void a_class_name_lists_what_is_derived_from_it(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, NAMED("CIM_System"),
		  "<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>");
	assert_int_equal(talk_count(talk, "<CLASS NAME=\"CIM_ComputerSystem\""), 1);
	assert_int_equal(talk_count(talk, "<CLASS NAME=\"Msvm_ComputerSystem\""), 1);
	assert_int_equal(talk_count(talk, "<CLASS NAME=\"CIM_System\""), 0);
	assert_int_equal(talk_count(talk, "<w:EndOfSequence/>"), 1);
}

static void listings_of_classes_have_neither_filter_nor_references(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, NAMED(""),
		  "<w:Filter Dialect=\"" DIALECT_WQL "\">select * from meta_class</w:Filter>");
	assert_string_equal(talk_fault(talk), "n:FilteringNotSupported");
	enumerate(talk, NAMED(""), "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>");
	assert_string_equal(talk_fault(talk), "w:UnsupportedFeature EnumerationMode");
	enumerate(talk, NAMED("No_Such"), "");
	assert_string_equal(talk_fault(talk), "a:DestinationUnreachable InvalidResourceURI");
	enumerate(talk, SELECTORS(SELECTOR("__cimnamespace", "root/none")), "");
	assert_string_equal(talk_fault(talk), "a:DestinationUnreachable InvalidResourceURI");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(without_options_a_class_is_what_it_declares_itself),
		test(options_add_what_they_name),
		test(windows_gets_the_origins_without_asking),
		test(a_class_is_found_by_each_of_its_uris),
		test(classes_that_cannot_be_got_are_refused),
		test(classes_are_only_read),
		test(all_classes_of_a_namespace_are_listed_in_pages),
		test(options_last_over_several_pages),
		test(a_class_name_lists_what_is_derived_from_it),
		test(listings_of_classes_have_neither_filter_nor_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
