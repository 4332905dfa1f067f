/* SPDX-License-Identifier: MIT */
/* test_enumerate.c -- front/wsman/enumerate */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define WQL                   "http://schemas.microsoft.com/wbem/wsman/1/WQL"
#define SELECTOR_FILTER       "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
#define OPTIMIZE              "<w:OptimizeEnumeration/>"
#define MAX(n)                "<w:MaxElements>" #n "</w:MaxElements>"
#define FILTER(dialect, text) "<w:Filter Dialect=\"" dialect "\">" text "</w:Filter>"
#define VMS_URI               URI_V2 "Msvm_ComputerSystem"

static const char *enumerate(struct talk *talk, const char *uri, const char *content)
{
	scoped(xfree_text) char *body = xprintf("<n:Enumerate>%s</n:Enumerate>", content);

	return talk_ask(talk, ENUMERATE, uri, "", body);
}

/* Pulls from the context of the last answer. */
static const char *pull(struct talk *talk, const char *uri, const char *context,
			const char *content)
{
	scoped(xfree_text) char *body =
		xprintf("<n:Pull><n:EnumerationContext>\n%s </n:EnumerationContext>%s</n:Pull>",
			context, content);

	return talk_ask(talk, PULL, uri, "", body);
}

static const char *context_of(struct talk *talk)
{
	return talk_text(talk, "n:EnumerationContext", 0);
}

/* Pulls until no context comes back, as libvirt does; how many elements of a kind there were. */
static int pull_all(struct talk *talk, const char *uri, const char *content, const char *element,
		    int *ret_pages)
{
	scoped(xfree_text) char *context = xstrdup(context_of(talk));
	int count = talk_count(talk, element);

	for (*ret_pages = 0; *ret_pages < 100 && context && *context; ++*ret_pages) {
		const char *next;

		pull(talk, uri, context, content);
		assert_int_equal(talk->status, 200);
		count += talk_count(talk, element);
		next = context_of(talk);
		free(context);
		context = next ? xstrdup(next) : NULL;
	}
	assert_int_equal(talk_count(talk, "<n:EndOfSequence/>"), 1);
	return count;
}

static void without_optimization_a_listing_begins_with_its_context_alone(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, VMS_URI, MAX(20));

	assert_int_equal(talk->status, 200);
	assert_non_null(context_of(talk));
	assert_int_equal(talk_count(talk, "Items>"), 0);
	assert_string_equal(talk_text(talk, "a:Action", 0), NS_ENUMERATION "/EnumerateResponse");
}

static void a_pull_gives_one_item_unless_it_wants_more(void **state)
{
	struct talk *talk = *state;
	int pages;

	enumerate(talk, VMS_URI, "");
	assert_int_equal(pull_all(talk, VMS_URI, "", "<p:Msvm_ComputerSystem ", &pages), 5);
	assert_int_equal(pages, 5);
	enumerate(talk, VMS_URI, "");
	assert_int_equal(pull_all(talk, VMS_URI, "<n:MaxElements>2</n:MaxElements>",
				  "<p:Msvm_ComputerSystem ", &pages),
			 5);
	assert_int_equal(pages, 3);
}

static void a_listing_that_fits_is_one_answer(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, VMS_URI, OPTIMIZE MAX(5));

	assert_int_equal(talk_count(talk, "<p:Msvm_ComputerSystem "), 5);
	assert_int_equal(talk_count(talk, "<w:EndOfSequence/>"), 1);
	assert_string_equal(context_of(talk), "");
}

static void a_listing_that_does_not_fit_goes_on_where_it_stopped(void **state)
{
	struct talk *talk = *state;
	int pages;

	enumerate(talk, VMS_URI, OPTIMIZE MAX(4));
	assert_int_equal(talk_count(talk, "<p:Msvm_ComputerSystem "), 4);
	assert_int_equal(talk_count(talk, "EndOfSequence"), 0);

	assert_int_equal(pull_all(talk, VMS_URI, "", "<p:Msvm_ComputerSystem ", &pages), 5);
	assert_int_equal(pages, 1);
	assert_non_null(strstr(talk->answer.bytes, VM(4)));
}

static void an_empty_listing_is_a_success(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, URI_V2 "*",
		  OPTIMIZE FILTER(WQL, "select * from Msvm_ComputerSystem where Name = 'x'"));
	assert_int_equal(talk->status, 200);
	assert_int_equal(talk_count(talk, "<w:Items></w:Items><w:EndOfSequence/>"), 1);
	talk->fake->vms = 0;
	enumerate(talk, VMS_URI, "");
	pull(talk, VMS_URI, context_of(talk), "");
	assert_int_equal(talk_count(talk, "<n:Items></n:Items><n:EndOfSequence/>"), 1);
}

static void a_page_is_bounded_by_the_envelope(void **state)
{
	struct talk *talk = *state;
	int count = 0, pages = 0;
	const char *context;

	talk_ask(talk, ENUMERATE, VMS_URI, "<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>",
		 "<n:Enumerate>" OPTIMIZE MAX(100) "</n:Enumerate>");
	for (; pages < 10; pages++) {
		scoped(xfree_text) char *body = NULL;

		assert_int_equal(talk->status, 200);
		assert_true(talk->answer.length <= 8192);
		count += talk_count(talk, "<p:Msvm_ComputerSystem ");
		context = context_of(talk);
		if (!context || !*context)
			break;
		body = xprintf("<n:Pull><n:EnumerationContext>%s</n:EnumerationContext>"
			       "<n:MaxElements>100</n:MaxElements></n:Pull>",
			       context);
		talk_ask(talk, PULL, VMS_URI, "<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>", body);
	}
	assert_int_equal(count, 5);
	assert_in_range(pages, 1, 4);
}

static void an_item_that_does_not_fit_can_be_pulled_again_with_more_room(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *context = NULL;

	enumerate(talk, VMS_URI, "");
	context = xstrdup(context_of(talk));
	pull(talk, VMS_URI, context, "<n:MaxCharacters>10</n:MaxCharacters>");
	assert_string_equal(talk_fault(talk), "w:EncodingLimit MaxEnvelopeSizeExceeded");

	pull(talk, VMS_URI, context, "");
	assert_non_null(strstr(talk->answer.bytes, VM(0)));
}

static void references_are_listed_on_request(void **state)
{
	struct talk *talk = *state;
	int pages;

	/* libvirt enumerates by the URI of all classes and pulls by that of one. */
	enumerate(
		talk, URI_V2 "*",
		FILTER(WQL, "select * from Msvm_ComputerSystem") "<w:EnumerationMode>EnumerateEPR</"
								 "w:EnumerationMode>");
	assert_int_equal(pull_all(talk, VMS_URI, "", "<a:EndpointReference>", &pages), 5);
	assert_int_equal(talk_count(talk, "<p:"), 0);
	assert_int_equal(talk_count(talk, "__cimnamespace"), 0);
	enumerate(talk, URI_DMTF "Msvm_ComputerSystem",
		  OPTIMIZE "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>");
	assert_int_equal(talk_count(talk, SELECTOR("__cimnamespace", "root/virtualization/v2")), 1);
	assert_int_equal(talk_count(talk, URI_DMTF "Msvm_ComputerSystem</w:ResourceURI>"), 1);
}

static void superclasses_list_their_subclasses(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, URI_DMTF "cim_computersystem",
		  OPTIMIZE MAX(10) "<b:PolymorphismMode>ExcludeSubClassProperties"
				   "</b:PolymorphismMode>");

	assert_int_equal(talk_count(talk, "<p:Msvm_ComputerSystem "), 5);
	assert_int_equal(talk_count(talk, "<p:ReplicationMode "), 5);
}

static void a_query_selects_instances_and_properties(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, VMS_URI,
		  OPTIMIZE MAX(10)
			  FILTER("HTTP://SCHEMAS.MICROSOFT.COM/WBEM/WSMAN/1/WQL",
				 "\n select Name from Msvm_ComputerSystem where ElementName "
				 "&lt;&gt; 'web&lt;1&gt;' "));

	assert_int_equal(talk_count(talk, "<p:Msvm_ComputerSystem "), 4);
	assert_int_equal(talk_count(talk, "<p:Name>"), 4);
	assert_int_equal(talk_count(talk, "<p:ElementName"), 0);
}

static void selectors_in_a_filter_must_all_match(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, VMS_URI,
		  OPTIMIZE MAX(10) FILTER(SELECTOR_FILTER,
					  SELECTORS(SELECTOR("elementname", "WEB&lt;3&gt;")
							    SELECTOR("EnabledState", "2"))));
	assert_int_equal(talk_count(talk, "<p:Msvm_ComputerSystem "), 1);
	enumerate(talk, VMS_URI,
		  OPTIMIZE MAX(10) FILTER(SELECTOR_FILTER,
					  SELECTORS(SELECTOR("ElementName", "web&lt;3&gt;")
							    SELECTOR("EnabledState", "3"))));
	assert_int_equal(talk_count(talk, "<p:Msvm_ComputerSystem "), 0);
}

static void filters_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char *content, *fault;
	} cases[] = {
		{ FILTER("urn:x", "y"), "n:FilterDialectRequestedUnavailable" },
		{ "<w:Filter>x</w:Filter>", "n:FilterDialectRequestedUnavailable" },
		{ FILTER(WQL, "select"), "n:CannotProcessFilter" },
		{ FILTER(WQL, ""), "n:CannotProcessFilter" },
		{ FILTER(WQL, "select Nothing from Msvm_ComputerSystem"), "n:CannotProcessFilter" },
		{ FILTER(SELECTOR_FILTER, ""), "n:CannotProcessFilter" },
		{ FILTER(SELECTOR_FILTER, SELECTORS(SELECTOR("Nothing", "x"))),
		  "w:InvalidSelectors UnexpectedSelectors" },
		{ FILTER(WQL, "select * from Msvm_ComputerSystem") "<n:Filter/>",
		  "n:CannotProcessFilter" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		enumerate(talk, VMS_URI, cases[i].content);
		assert_string_equal(talk_fault(talk), cases[i].fault);
		assert_string_equal(talk_text(talk, "a:Action", 0),
				    "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault");
	}
}

static void a_query_for_an_unknown_class_has_the_number_that_clients_fall_back_by(void **state)
{
	struct talk *talk = *state;

	enumerate(talk, URI_V2 "*", FILTER(WQL, "select * from Msvm_Nothing"));
	assert_string_equal(talk_fault(talk), "a:DestinationUnreachable InvalidResourceURI");
	assert_int_equal(talk_count(talk, "\">2150858778</p:error_Code>"), 1);
	assert_int_equal(talk_count(talk, "CIMStatusCode xsi:type=\"cim:cimUnsignedInt\">5<"), 1);
	enumerate(talk, URI_WMI "root/nothing/*", FILTER(WQL, "select * from Msvm_ComputerSystem"));
	assert_int_equal(talk_count(talk, "\">2150858778</p:error_Code>"), 1);
	assert_int_equal(talk_count(talk, "CIMStatusCode xsi:type=\"cim:cimUnsignedInt\">3<"), 1);
}

static void all_classes_need_a_filter(void **state)
{
	static const char *const uris[] = { URI_V2 "*", URI_ALL, URI_DMTF "*" };
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(uris); i++) {
		enumerate(talk, uris[i], "");
		assert_string_equal(talk_fault(talk), "w:UnsupportedFeature FilteringRequired");
		enumerate(talk, uris[i],
			  OPTIMIZE FILTER(WQL, "select Name from Msvm_ComputerSystem"));
		assert_int_equal(talk_count(talk, "<p:Name>"), 1);
	}
}

static void what_else_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *content, *fault;
	} cases[] = {
		{ MAX(0), "w:SchemaValidationError" },
		{ MAX(x), "w:SchemaValidationError" },
		{ MAX(-1), "w:SchemaValidationError" },
		{ "<w:EnumerationMode>Everything</w:EnumerationMode>",
		  "w:UnsupportedFeature EnumerationMode" },
		{ "<b:PolymorphismMode>Some</b:PolymorphismMode>",
		  "b:PolymorphismModeNotSupported" },
		{ "<n:EndTo><a:Address>http://x</a:Address></n:EndTo>",
		  "w:UnsupportedFeature AddressingMode" },
		{ "<n:Expires>soon</n:Expires>", "n:InvalidExpirationTime" },
		{ "<n:Expires>2030-01-01T00:00:00Z</n:Expires>", "n:UnsupportedExpirationType" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		enumerate(talk, VMS_URI, cases[i].content);
		assert_string_equal(talk_fault(talk), cases[i].fault);
	}
	talk_ask(talk, ENUMERATE, VMS_URI, "", "");
	assert_string_equal(talk_fault(talk), "w:SchemaValidationError");
	talk_ask(talk, ENUMERATE, VMS_URI, "", "<Enumerate/>");
	assert_string_equal(talk_fault(talk), "w:SchemaValidationError");
	talk_ask(talk, ENUMERATE, VMS_URI, VM_SELECTORS(1), "<n:Enumerate/>");
	assert_string_equal(talk_fault(talk), "w:InvalidSelectors UnexpectedSelectors");
}

static void a_context_is_good_for_its_user_until_the_end(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *context = NULL;

	enumerate(talk, VMS_URI, "");
	context = xstrdup(context_of(talk));
	strcpy(talk->message.principal.name, "eve");
	pull(talk, VMS_URI, context, "");
	assert_string_equal(talk_fault(talk), "n:InvalidEnumerationContext");
	strcpy(talk->message.principal.name, "ann");
	pull(talk, VMS_URI, context, "<n:MaxElements>100</n:MaxElements>");
	assert_int_equal(talk->status, 200);
	pull(talk, VMS_URI, context, "");
	assert_string_equal(talk_fault(talk), "n:InvalidEnumerationContext");
	pull(talk, VMS_URI, "", "");
	assert_string_equal(talk_fault(talk), "n:InvalidEnumerationContext");
	talk_ask(talk, PULL, VMS_URI, "", "");
	assert_string_equal(talk_fault(talk), "w:SchemaValidationError");
}

static void a_listing_lasts_as_long_as_its_client_said(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *context = NULL;
	uint64_t asked;

	enumerate(talk, VMS_URI, "<n:Expires>PT10M</n:Expires>");
	assert_string_equal(talk_text(talk, "n:Expires", 0), "P0DT0H10M0S");
	pull(talk, VMS_URI, context_of(talk), "");
	assert_int_equal(talk->status, 200);
	assert_int_equal(talk_count(talk, "n:Expires"), 0);

	enumerate(talk, VMS_URI, "<n:Expires>PT0.001S</n:Expires>");
	context = xstrdup(context_of(talk));
	for (asked = clock_monotonic_ms(); clock_monotonic_ms() <= asked + 1;)
		;
	pull(talk, VMS_URI, context, "");
	assert_string_equal(talk_fault(talk), "n:InvalidEnumerationContext");

	enumerate(talk, VMS_URI, OPTIMIZE MAX(20) "<n:Expires>PT10M</n:Expires>");
	assert_int_equal(talk_count(talk, "n:Expires"), 0);
}

static void a_released_listing_is_gone(void **state)
{
	struct talk *talk = *state;
	scoped(xfree_text) char *body = NULL;

	enumerate(talk, VMS_URI, "");
	body = xprintf("<n:Release><n:EnumerationContext>%s</n:EnumerationContext></n:Release>",
		       context_of(talk));

	talk_ask(talk, RELEASE, VMS_URI, "", body);

	assert_int_equal(talk->status, 200);
	assert_int_equal(talk_count(talk, "<s:Body></s:Body>"), 1);
	assert_int_equal(talk->fake->walks_open, 0);
	talk_ask(talk, RELEASE, VMS_URI, "", body);
	assert_string_equal(talk_fault(talk), "n:InvalidEnumerationContext");
}

static void a_user_has_so_many_listings_and_no_more(void **state)
{
	struct talk *talk = *state;

	for (int i = 0; i < 3; i++) {
		enumerate(talk, VMS_URI, "");
		assert_int_equal(talk->status, 200);
	}
	enumerate(talk, VMS_URI, "");
	assert_string_equal(talk_fault(talk), "w:QuotaLimit");
	enumerate(talk, VMS_URI, OPTIMIZE MAX(10));
	assert_int_equal(talk->status, 200);
}

static void reading_needs_the_role(void **state)
{
	struct talk *talk = *state;

	talk->message.principal.role = ROLE_NONE;
	enumerate(talk, VMS_URI, "");
	assert_string_equal(talk_fault(talk), "w:AccessDenied");
	talk->message.principal.role = ROLE_READ;
	enumerate(talk, VMS_URI, "");
	assert_int_equal(talk->status, 200);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(without_optimization_a_listing_begins_with_its_context_alone),
		test(a_pull_gives_one_item_unless_it_wants_more),
		test(a_listing_that_fits_is_one_answer),
		test(a_listing_that_does_not_fit_goes_on_where_it_stopped),
		test(an_empty_listing_is_a_success),
		test(a_page_is_bounded_by_the_envelope),
		test(an_item_that_does_not_fit_can_be_pulled_again_with_more_room),
		test(references_are_listed_on_request),
		test(superclasses_list_their_subclasses),
		test(a_query_selects_instances_and_properties),
		test(selectors_in_a_filter_must_all_match),
		test(filters_that_cannot_be_are_refused),
		test(a_query_for_an_unknown_class_has_the_number_that_clients_fall_back_by),
		test(all_classes_need_a_filter),
		test(what_else_cannot_be_is_refused),
		test(a_context_is_good_for_its_user_until_the_end),
		test(a_listing_lasts_as_long_as_its_client_said),
		test(a_released_listing_is_gone),
		test(a_user_has_so_many_listings_and_no_more),
		test(reading_needs_the_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
