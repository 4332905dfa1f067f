/* SPDX-License-Identifier: MIT */
/* test_filter.c -- front/wsman/filter: associations. Queries and selectors: test_enumerate.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define OBJECT                                                      \
	"<b:Object><a:Address>" ANONYMOUS_ROLE                      \
	"</a:Address><a:ReferenceParameters><w:ResourceURI>" URI_V2 \
	"Msvm_ComputerSystem</w:ResourceURI>" VM_SELECTORS(         \
		1) "</a:ReferenceParameters></b:Object>"
#define ASSOCIATED(words)   "<b:AssociatedInstances>" words "</b:AssociatedInstances>"
#define ASSOCIATIONS(words) "<b:AssociationInstances>" words "</b:AssociationInstances>"

static const char *enumerate(struct talk *talk, const char *uri, const char *filter)
{
	scoped(xfree_text) char *body =
		xprintf("<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements>"
			"<w:Filter Dialect=\"" DIALECT_ASSOCIATION "\">%s</w:Filter></n:Enumerate>",
			filter);

	return talk_ask(talk, ENUMERATE, uri, "", body);
}

static void instances_are_found_by_their_associations(void **state)
{
	static const char *const filters[] = {
		ASSOCIATED(OBJECT),
		ASSOCIATED(OBJECT "<b:ResultClassName>CIM_LogicalDevice</b:ResultClassName>"),
		ASSOCIATED(OBJECT "<b:AssociationClassName> Msvm_SystemDevice "
				  "</b:AssociationClassName><b:Role>GroupComponent</b:Role>"
				  "<b:ResultClassName>msvm_kvpexchangecomponent</b:ResultClassName>"
				  "<b:ResultRole>PartComponent</b:ResultRole>"),
		ASSOCIATED("<b:AssociationClassName/>" OBJECT "<b:Role></b:Role>"),
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(filters); i++) {
		enumerate(talk, URI_V2 "*", filters[i]);
		assert_int_equal(talk->status, 200);
		assert_int_equal(talk_count(talk, "<p:Msvm_KvpExchangeComponent "), 1);
		assert_int_equal(talk_count(talk, "<p:SystemName>" VM(1) "</p:SystemName>"), 1);
	}
	enumerate(talk, URI_V2 "*", ASSOCIATED(OBJECT "<b:Role>PartComponent</b:Role>"));
	assert_int_equal(talk_count(talk, "<w:Items></w:Items>"), 1);
}

static void the_associations_themselves_are_listed_with_their_references(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, URI_DMTF "*",
		  ASSOCIATIONS(OBJECT "<b:ResultClassName>CIM_SystemDevice</b:ResultClassName>"
				      "<b:Role>GroupComponent</b:Role>"));
	assert_int_equal(talk_count(talk, "<p:Msvm_SystemDevice "), 1);
	assert_int_equal(talk_count(talk, "<p:GroupComponent><a:Address>"), 1);
	assert_int_equal(talk_count(talk, "<p:PartComponent><a:Address>"), 1);
}

static void only_the_properties_that_are_named_are_written(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, URI_V2 "*",
		  ASSOCIATED(OBJECT "<b:IncludeResultProperty>SystemName</b:IncludeResultProperty>"
				    "<b:IncludeResultProperty>deviceid</b:IncludeResultProperty>"));
	assert_int_equal(talk_count(talk, "<p:SystemName>"), 1);
	assert_int_equal(talk_count(talk, "<p:DeviceID>"), 1);
	assert_int_equal(talk_count(talk, "<p:"), 3);
}

static void names_of_properties_last_over_several_pages(void **state)
{
	struct talk *talk = *state;
	const char *body = "<n:Enumerate><w:Filter Dialect=\"" DIALECT_ASSOCIATION "\">" ASSOCIATED(
		OBJECT "<b:IncludeResultProperty>SystemName</"
		       "b:IncludeResultProperty>") "</w:Filter></n:Enumerate>";
	scoped(xfree_text) char *pull = NULL;

	talk_ask(talk, ENUMERATE, URI_V2 "*", "", body);
	pull = xprintf("<n:Pull><n:EnumerationContext>%s</n:EnumerationContext></n:Pull>",
		       talk_text(talk, "n:EnumerationContext", 0));
	talk_ask(talk, PULL, URI_V2 "Msvm_KvpExchangeComponent", "", pull);
	assert_int_equal(talk_count(talk, "<p:SystemName>"), 1);
	assert_int_equal(talk_count(talk, "<p:"), 2);
	assert_int_equal(talk_count(talk, "<n:EndOfSequence/>"), 1);
}

static void filters_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *filter, *fault;
	} cases[] = {
		{ "", "n:CannotProcessFilter" },
		{ "<b:Nothing/>", "n:CannotProcessFilter" },
		{ ASSOCIATED(""), "n:CannotProcessFilter" },
		{ ASSOCIATED("<b:Object/>"), "n:CannotProcessFilter" },
		{ ASSOCIATED("<b:Object>text</b:Object>"), "n:CannotProcessFilter" },
		{ ASSOCIATED(OBJECT OBJECT), "n:CannotProcessFilter" },
		{ ASSOCIATED(OBJECT "<b:Role>a</b:Role><b:Role>b</b:Role>"),
		  "n:CannotProcessFilter" },
		{ ASSOCIATED(OBJECT "<b:Nothing/>"), "n:CannotProcessFilter" },
		{ ASSOCIATIONS(OBJECT "<b:ResultRole>a</b:ResultRole>"), "n:CannotProcessFilter" },
		{ ASSOCIATED(OBJECT "<b:ResultClassName>No_Such</b:ResultClassName>"),
		  "a:DestinationUnreachable InvalidResourceURI" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		enumerate(talk, URI_V2 "*", cases[i].filter);
		assert_string_equal(talk_fault(talk), cases[i].fault);
	}
}

static void an_object_must_exist(void **state)
{
	struct talk *talk = *state;

	talk->fake->vms = 1;
	enumerate(talk, URI_V2 "*", ASSOCIATED(OBJECT));
	assert_string_equal(talk_fault(talk), "a:DestinationUnreachable");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(instances_are_found_by_their_associations),
		test(the_associations_themselves_are_listed_with_their_references),
		test(only_the_properties_that_are_named_are_written),
		test(names_of_properties_last_over_several_pages),
		test(filters_that_make_no_sense_are_refused),
		test(an_object_must_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
