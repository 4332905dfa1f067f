/* SPDX-License-Identifier: MIT */
/* test_message.c -- front/cimxml/message: what is refused before an operation is known */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
#define CALL           "<IMETHODCALL NAME=\"EnumerateQualifiers\">" LOCAL_V2 "</IMETHODCALL>"
#define MESSAGE(inner) "<MESSAGE ID=\"1\" PROTOCOLVERSION=\"1.0\">" inner "</MESSAGE>"
#define CIM(inner)     "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">" inner "</CIM>"
#define REQUEST(inner) CIM(MESSAGE("<SIMPLEREQ>" inner "</SIMPLEREQ>"))

static void expect(void **state, const char *document, unsigned int status, const char *error)
{
	struct talk *talk = *state;

	talk_raw(talk, document, strlen(document));
	if (talk->status != status || strcmp(talk->error, error) != 0)
		fail_msg("%s\nis answered %u %s", document, talk->status, talk->error);
	assert_int_equal(talk->answers, 1);
}

static void a_request_is_answered(void **state)
{
	struct talk *talk = *state;

	expect(state, REQUEST(CALL), 200, "");
	assert_string_equal(talk->type, "application/xml; charset=\"utf-8\"");
	expect(state, REQUEST("<CORRELATOR NAME=\"a\" TYPE=\"string\"/>" CALL), 200, "");
	expect(state,
	       "<CIM CIMVERSION=\"2.27\" DTDVERSION=\"2.4.0\"><MESSAGE ID=\"\" "
	       "PROTOCOLVERSION=\"1.4\"><SIMPLEREQ>" CALL "</SIMPLEREQ></MESSAGE></CIM>",
	       200, "");
}

static void what_is_not_well_formed_is_400(void **state)
{
	static const char *const documents[] = {
		"",
		"no XML",
		"<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">",
		"<!DOCTYPE CIM>" REQUEST(CALL),
		"<!DOCTYPE CIM [<!ENTITY a \"b\">]>" REQUEST(CALL),
		REQUEST("<IMETHODCALL NAME=\"\xFF\">" LOCAL_V2 "</IMETHODCALL>"),
		REQUEST("<IMETHODCALL NAME=\"&nbsp;\">" LOCAL_V2 "</IMETHODCALL>"),
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++)
		expect(state, documents[i], 400, "request-not-well-formed");
}

static void another_encoding_is_400_unless_the_header_knows_better(void **state)
{
	static const char document[] =
		"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>" REQUEST(CALL);
	struct talk *talk = *state;

	expect(state, document, 200, "");
	talk->message.content_type = "application/xml";
	expect(state, document, 400, "request-not-well-formed");
	expect(state, "<?xml version=\"1.0\"?>" REQUEST(CALL), 200, "");
}

static void a_document_that_is_nested_too_deep_is_400(void **state)
{
	char document[8192] = "";

	for (int i = 0; i < 1000; i++)
		strcat(document, "<CIM>");
	expect(state, document, 400, "request-not-well-formed");
}

static void what_is_no_request_is_400(void **state)
{
	static const char *const documents[] = {
		"<a/>",
		"<CIM DTDVERSION=\"2.0\">" MESSAGE("") "</CIM>",
		"<CIM CIMVERSION=\"2.0\">" MESSAGE("") "</CIM>",
		CIM(""),
		CIM("<DECLARATION/>"),
		CIM(MESSAGE("<SIMPLEREQ/>") MESSAGE("<SIMPLEREQ/>")),
		CIM(MESSAGE("")),
		CIM(MESSAGE("<SIMPLERSP/>")),
		CIM(MESSAGE("<SIMPLEEXPREQ/>")),
		CIM("<MESSAGE PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>" CALL "</SIMPLEREQ></MESSAGE>"),
		CIM("<MESSAGE ID=\"1\"><SIMPLEREQ>" CALL "</SIMPLEREQ></MESSAGE>"),
		REQUEST(""),
		REQUEST(CALL CALL),
		REQUEST("<a/>"),
		REQUEST("<IMETHODCALL>" LOCAL_V2 "</IMETHODCALL>"),
		REQUEST("<IMETHODCALL NAME=\"GetClass\"/>"),
		REQUEST("<IMETHODCALL NAME=\"GetClass\"><a/></IMETHODCALL>"),
		REQUEST("<IMETHODCALL NAME=\"GetClass\"><LOCALNAMESPACEPATH/></IMETHODCALL>"),
		REQUEST("<METHODCALL NAME=\"M\">" LOCAL_V2 "</METHODCALL>"),
		REQUEST("<METHODCALL NAME=\"M\">" SERVICE_NAME "</METHODCALL>"),
		REQUEST("<METHODCALL NAME=\"M\"><LOCALINSTANCEPATH>" LOCAL_V2
			"</LOCALINSTANCEPATH></METHODCALL>"),
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++)
		expect(state, documents[i], 400, "request-not-valid");
}

static void several_requests_and_other_versions_are_501(void **state)
{
	expect(state, CIM(MESSAGE("<MULTIREQ/>")), 501, "multiple-requests-unsupported");
	expect(state, "<CIM CIMVERSION=\"3.0\" DTDVERSION=\"2.0\"/>", 501,
	       "unsupported-cim-version");
	expect(state, "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"20.0\"/>", 501,
	       "unsupported-dtd-version");
	expect(state, CIM("<MESSAGE ID=\"1\" PROTOCOLVERSION=\"2.0\"/>"), 501,
	       "unsupported-protocol-version");
}

static void the_answer_repeats_id_and_name_as_they_came(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, "eNUMERATEqualifiers", "");
	assert_non_null(
		strstr(talk->answer.bytes, "<MESSAGE ID=\"1&amp;2\" PROTOCOLVERSION=\"1.0\">"));
	assert_non_null(
		strstr(talk->answer.bytes, "<IMETHODRESPONSE NAME=\"eNUMERATEqualifiers\">"));
	assert_memory_equal(talk->answer.bytes,
			    "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<CIM ", 45);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_request_is_answered),
		test(what_is_not_well_formed_is_400),
		test(another_encoding_is_400_unless_the_header_knows_better),
		test(a_document_that_is_nested_too_deep_is_400),
		test(what_is_no_request_is_400),
		test(several_requests_and_other_versions_are_501),
		test(the_answer_repeats_id_and_name_as_they_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
