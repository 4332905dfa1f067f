/* SPDX-License-Identifier: MIT */
/* test_envelope.c -- front/wsman/envelope, actions */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define VMS URI_V2 "Msvm_ComputerSystem"
#define HEADER                                                                                  \
	"<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING "\" xmlns:w=\"" NS_WSMAN \
	"\">"                                                                                   \
	"<s:Header>"
#define BODY "</s:Header><s:Body/></s:Envelope>"

/* Gets VM 1 with more header blocks; the fault. */
static const char *get(struct talk *talk, const char *blocks)
{
	scoped(xfree_text) char *header = xprintf("%s" VM_SELECTORS(1), blocks);

	talk_ask(talk, GET, VMS, header, "");
	return talk_fault(talk);
}

static const char *raw(struct talk *talk, const char *document)
{
	talk_raw(talk, document, strlen(document));
	return talk_fault(talk);
}

static void check(struct talk *talk, const char *const (*cases)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(get(talk, cases[i][0]), cases[i][1]);
}

static void an_answer_names_the_message_that_it_answers(void **state)
{
	struct talk *talk = *state;

	assert_string_equal(get(talk, ""), "no fault");
	assert_string_equal(talk_text(talk, "a:RelatesTo", 0), "uuid:1-&lt;2&gt;");
	assert_string_equal(talk_text(talk, "a:To", 0), ANONYMOUS_ROLE);
	get(talk, "<w:Unknown s:mustUnderstand=\"true\"/>");
	assert_string_equal(talk_text(talk, "a:RelatesTo", 0), "uuid:1-&lt;2&gt;");
}

static void a_header_that_must_be_understood_is_refused_if_it_is_not(void **state)
{
	static const char *const cases[][2] = {
		{ "<x:X xmlns:x=\"urn:x\"/>", "no fault" },
		{ "<x:X xmlns:x=\"urn:x\" s:mustUnderstand=\"false\"/>", "no fault" },
		{ "<x:X xmlns:x=\"urn:x\" s:mustUnderstand=\"0\"/>", "no fault" },
		{ "<x:X xmlns:x=\"urn:x\" mustUnderstand=\"true\"/>", "no fault" },
		{ "<x:X xmlns:x=\"urn:x\" s:mustUnderstand=\"true\"/>", "s:MustUnderstand" },
		{ "<x:X xmlns:x=\"urn:x\" s:mustUnderstand=\" 1 \"/>", "s:MustUnderstand" },
		{ "<a:Unknown s:mustUnderstand=\"1\"/>", "s:MustUnderstand" },
		{ "<w:OptionSet s:mustUnderstand=\"true\"/>", "no fault" },
		{ "<m:SessionId s:mustUnderstand=\"true\">x</m:SessionId>", "no fault" },
	};

	check(*state, cases, count_of(cases));
}

static void what_is_not_understood_is_named(void **state)
{
	struct talk *talk = *state;

	get(talk, "<x:X xmlns:x=\"urn:x&lt;\" s:mustUnderstand=\"true\"/>");
	assert_int_equal(talk_count(talk, "<s:NotUnderstood qname=\"q:X\" xmlns:q=\"urn:x&lt;\"/>"),
			 1);
	get(talk, "<X s:mustUnderstand=\"true\"/>");
	assert_int_equal(talk_count(talk, "<s:NotUnderstood qname=\"X\"/>"), 1);
}

static void an_envelope_has_at_least_8192_bytes(void **state)
{
	static const char *const cases[][2] = {
		{ "<w:MaxEnvelopeSize> 8192 </w:MaxEnvelopeSize>", "no fault" },
		{ "<w:MaxEnvelopeSize>99999999999</w:MaxEnvelopeSize>", "no fault" },
		{ "<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>",
		  "w:EncodingLimit MinimumEnvelopeLimit" },
		{ "<w:MaxEnvelopeSize>0</w:MaxEnvelopeSize>",
		  "w:EncodingLimit MinimumEnvelopeLimit" },
		{ "<w:MaxEnvelopeSize/>", "a:InvalidMessageInformationHeader" },
		{ "<w:MaxEnvelopeSize>-1</w:MaxEnvelopeSize>",
		  "a:InvalidMessageInformationHeader" },
		{ "<w:MaxEnvelopeSize>10000x</w:MaxEnvelopeSize>",
		  "a:InvalidMessageInformationHeader" },
	};

	check(*state, cases, count_of(cases));
}

static void a_timeout_is_a_duration(void **state)
{
	static const char *const cases[][2] = {
		{ "<w:OperationTimeout>PT60.000S</w:OperationTimeout>", "no fault" },
		{ "<w:OperationTimeout>\n PT61.1S </w:OperationTimeout>", "no fault" },
		{ "<w:OperationTimeout>P1DT1H1M</w:OperationTimeout>", "no fault" },
		{ "<w:OperationTimeout>PT0S</w:OperationTimeout>", "w:TimedOut" },
		{ "<w:OperationTimeout>-PT1S</w:OperationTimeout>",
		  "a:InvalidMessageInformationHeader" },
		{ "<w:OperationTimeout>2026-11-20T10:00:00Z</w:OperationTimeout>",
		  "a:InvalidMessageInformationHeader" },
		{ "<w:OperationTimeout>60</w:OperationTimeout>",
		  "a:InvalidMessageInformationHeader" },
	};

	check(*state, cases, count_of(cases));
}

static void an_answer_goes_back_the_way_the_request_came(void **state)
{
	static const char *const cases[][2] = {
		{ "<a:FaultTo><a:Address>" ANONYMOUS_ROLE "</a:Address></a:FaultTo>", "no fault" },
		{ "<a:FaultTo><a:Address>http://x/</a:Address></a:FaultTo>",
		  "w:UnsupportedFeature AddressingMode" },
		{ "<a:ReplyTo><a:Address>http://x/</a:Address></a:ReplyTo>",
		  "w:UnsupportedFeature AddressingMode" },
		{ "<a:ReplyTo/>", "w:UnsupportedFeature AddressingMode" },
	};

	check(*state, cases, count_of(cases));
}

static void texts_are_english(void **state)
{
	static const char *const cases[][2] = {
		{ "<w:Locale xml:lang=\"de\" s:mustUnderstand=\"false\"/>", "no fault" },
		{ "<w:Locale xml:lang=\"en-GB\" s:mustUnderstand=\"true\"/>", "no fault" },
		{ "<w:Locale xml:lang=\"de\" s:mustUnderstand=\"true\"/>",
		  "w:UnsupportedFeature Locale" },
	};

	check(*state, cases, count_of(cases));
}

static void options_are_ignored_unless_they_must_be_complied_with(void **state)
{
	static const char *const cases[][2] = {
		{ "<w:OptionSet><w:Option Name=\"Strange\">1</w:Option></w:OptionSet>",
		  "no fault" },
		{ "<w:OptionSet><w:Option Name=\"Strange\" MustComply=\"false\"/></w:OptionSet>",
		  "no fault" },
		{ "<w:OptionSet><w:Option Name=\"wmi:includequalifiers\" MustComply=\"true\"/>"
		  "</w:OptionSet>",
		  "no fault" },
		{ "<w:OptionSet><w:Option Name=\"Strange\" MustComply=\"TRUE\"/></w:OptionSet>",
		  "w:InvalidOptions InvalidName" },
		{ "<w:OptionSet><w:Option MustComply=\"1\"/></w:OptionSet>",
		  "w:InvalidOptions InvalidName" },
		{ "<w:OptionSet><w:Option Name=\"IncludeQualifiers\" MustComply=\"1\">maybe"
		  "</w:Option></w:OptionSet>",
		  "w:InvalidOptions InvalidValue" },
		{ "<w:OptionSet><w:Option Name=\"ShowExtensions\" MustComply=\"true\"/>"
		  "</w:OptionSet>",
		  "w:InvalidOptions NotSupported" },
		{ "<w:OptionSet><w:Option Name=\"ShowExtensions\"/></w:OptionSet>", "no fault" },
	};

	check(*state, cases, count_of(cases));
}

static void there_are_so_many_options_and_no_more(void **state)
{
	struct talk *talk = *state;
	struct text options = { 0 };

	text_puts(&options, "<w:OptionSet>");
	for (int i = 0; i < 64; i++)
		text_puts(&options, "<w:Option Name=\"x\"/>");
	get(talk, arena_printf(talk->message.arena, "%s</w:OptionSet>", options.bytes));
	assert_string_equal(talk_fault(talk), "no fault");
	get(talk, arena_printf(talk->message.arena, "%s<w:Option Name=\"x\"/></w:OptionSet>",
			       options.bytes));
	assert_string_equal(talk_fault(talk), "w:EncodingLimit OptionLimit");
	text_done(&options);
}

static void an_option_with_precise_arrays_tells_which_are_null(void **state)
{
	struct talk *talk = *state;

	get(talk, "<w:OptionSet><w:Option Name=\"msftwinrm:UsePreciseArrays\">True</w:Option>"
		  "</w:OptionSet>");
	assert_true(talk_count(talk, " msftwinrm:IsNullArray=\"true\"") > 0);
	get(talk, "<w:OptionSet><w:Option Name=\"UsePreciseArrays\">false</w:Option>"
		  "</w:OptionSet>");
	assert_int_equal(talk_count(talk, "IsNullArray"), 0);
}

static void fragments_are_not_offered(void **state)
{
	assert_string_equal(get(*state, "<w:FragmentTransfer>Name</w:FragmentTransfer>"),
			    "w:UnsupportedFeature FragmentLevelAccess");
}

static void what_may_be_there_once_is_refused_twice(void **state)
{
	static const char *const cases[][2] = {
		{ "<a:Action>" GET "</a:Action>", "a:InvalidMessageInformationHeader" },
		{ "<a:MessageID>x</a:MessageID>", "a:InvalidMessageInformationHeader" },
		{ "<w:ResourceURI>" VMS "</w:ResourceURI>", "a:InvalidMessageInformationHeader" },
	};

	check(*state, cases, count_of(cases));
}

static void uris_have_a_limit(void **state)
{
	struct talk *talk = *state;
	char uri[2100];

	memset(uri, 'u', sizeof(uri));
	uri[2048] = '\0';
	talk_ask(talk, uri, VMS, "", "");
	assert_string_equal(talk_fault(talk), "a:ActionNotSupported");
	uri[2048] = 'u';
	uri[2049] = '\0';
	talk_ask(talk, uri, VMS, "", "");
	assert_string_equal(talk_fault(talk), "w:EncodingLimit URILimitExceeded");
	get(talk,
	    arena_printf(talk->message.arena, "<X xmlns=\"%s\" s:mustUnderstand=\"1\"/>", uri));
	assert_string_equal(talk_fault(talk), "w:EncodingLimit URILimitExceeded");
}

static void what_has_to_be_there_is_missed(void **state)
{
	static const struct {
		const char *document, *fault;
	} cases[] = {
		{ HEADER "<w:ResourceURI>" VMS "</w:ResourceURI><a:MessageID>x</a:MessageID>" BODY,
		  "a:MessageInformationHeaderRequired" },
		{ HEADER "<w:ResourceURI>" VMS "</w:ResourceURI><a:Action>" GET "</a:Action>" BODY,
		  "a:MessageInformationHeaderRequired" },
		{ HEADER "<a:MessageID>x</a:MessageID><a:Action>" GET "</a:Action>" BODY,
		  "a:DestinationUnreachable InvalidResourceURI" },
		{ HEADER "<w:ResourceURI>" VMS "</w:ResourceURI><a:MessageID> </a:MessageID>"
			 "<a:Action>" GET "</a:Action>" BODY,
		  "a:InvalidMessageInformationHeader" },
		{ "<s:Envelope xmlns:s=\"" NS_SOAP "\"><s:Body/></s:Envelope>",
		  "a:MessageInformationHeaderRequired" },
		{ "<s:Envelope xmlns:s=\"" NS_SOAP "\"><s:Header/></s:Envelope>",
		  "w:SchemaValidationError" },
		{ "<Envelope><Body/></Envelope>", "s:VersionMismatch" },
		{ "<nothing/>", "w:SchemaValidationError" },
		{ "<nothing", "w:SchemaValidationError" },
		{ "", "w:SchemaValidationError" },
		{ "<!DOCTYPE x [<!ENTITY y \"z\">]><x>&y;</x>", "w:SchemaValidationError" },
	};

	for (size_t i = 0; i < count_of(cases); i++)
		assert_string_equal(raw(*state, cases[i].document), cases[i].fault);
}

static void resources_that_do_not_exist_are_refused(void **state)
{
	static const char *const uris[] = {
		"http://schemas.microsoft.com/wbem/wsman/1/config",
		URI_V2 "Msvm_Nothing",
		URI_WMI "root/nothing/Msvm_ComputerSystem",
		URI_V2 "*",
		URI_DMTF "Msvm_Nothing",
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(uris); i++) {
		talk_ask(talk, GET, uris[i], "", "");
		assert_string_equal(talk_fault(talk),
				    "a:DestinationUnreachable InvalidResourceURI");
	}
}

static void selectors_must_fit_the_class(void **state)
{
	static const struct {
		const char *selectors, *fault;
	} cases[] = {
		{ VM_SELECTORS(1), "no fault" },
		{ VM_SELECTORS(9), "a:DestinationUnreachable" },
		{ "", "w:InvalidSelectors InsufficientSelectors" },
		{ SELECTORS(SELECTOR("Name", VM(1))), "w:InvalidSelectors InsufficientSelectors" },
		{ SELECTORS(SELECTOR("Nothing", "x")), "w:InvalidSelectors UnexpectedSelectors" },
		{ SELECTORS(SELECTOR("Name", "x") SELECTOR("NAME", "y")),
		  "w:InvalidSelectors DuplicateSelectors" },
		{ SELECTORS("<w:Selector>x</w:Selector>"), "w:InvalidSelectors" },
		{ SELECTORS(SELECTOR("__cimnamespace", "root/nothing")),
		  "a:DestinationUnreachable InvalidResourceURI" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		talk_ask(talk, GET, VMS, cases[i].selectors, "");
		assert_string_equal(talk_fault(talk), cases[i].fault);
	}
	talk_ask(talk, GET, VMS, "", "");
	assert_int_equal(talk_count(talk, "2150859002"), 2); /* makes clients enumerate */
}

static void there_are_so_many_selectors_and_no_more(void **state)
{
	struct talk *talk = *state;
	struct text selectors = { 0 };

	for (int i = 0; i < 66; i++)
		text_printf(&selectors, "<w:Selector Name=\"k%d\">v</w:Selector>", i);
	text_puts(&selectors, "</w:SelectorSet>");
	talk_ask(talk, GET, VMS,
		 arena_printf(talk->message.arena, "<w:SelectorSet>%s", selectors.bytes), "");
	assert_string_equal(talk_fault(talk), "w:EncodingLimit SelectorLimit");
	text_done(&selectors);
}

static void the_namespace_comes_from_selector_uri_or_default(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, GET, URI_DMTF "Msvm_ComputerSystem", VM_SELECTORS(1), "");
	assert_int_equal(talk->status, 200);
	talk_ask(talk, GET, URI_WMI "ROOT/Virtualization/V2/msvm_computersystem", VM_SELECTORS(1),
		 "");
	assert_int_equal(talk_count(talk, "xmlns:p=\"" VMS "\""), 1);
	talk_ask(talk, GET, URI_WMI "root/nothing/Msvm_ComputerSystem",
		 SELECTORS(SELECTOR("__cimnamespace", "root\\virtualization\\v2") SELECTOR(
			 "CreationClassName", "Msvm_ComputerSystem") SELECTOR("Name", VM(1))),
		 "");
	assert_int_equal(talk->status, 200);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(an_answer_names_the_message_that_it_answers),
		test(a_header_that_must_be_understood_is_refused_if_it_is_not),
		test(what_is_not_understood_is_named),
		test(an_envelope_has_at_least_8192_bytes),
		test(a_timeout_is_a_duration),
		test(an_answer_goes_back_the_way_the_request_came),
		test(texts_are_english),
		test(options_are_ignored_unless_they_must_be_complied_with),
		test(there_are_so_many_options_and_no_more),
		test(an_option_with_precise_arrays_tells_which_are_null),
		test(fragments_are_not_offered),
		test(what_may_be_there_once_is_refused_twice),
		test(uris_have_a_limit),
		test(what_has_to_be_there_is_missed),
		test(resources_that_do_not_exist_are_refused),
		test(selectors_must_fit_the_class),
		test(there_are_so_many_selectors_and_no_more),
		test(the_namespace_comes_from_selector_uri_or_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
