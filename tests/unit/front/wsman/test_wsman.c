/* SPDX-License-Identifier: MIT */
/* test_wsman.c -- front/wsman/wsman, identify, transfer */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "openkvp/unicode.h"
#include "talk.h"

#define VMS URI_V2 "Msvm_ComputerSystem"
#define IDENTIFY                                                                           \
	"<s:Envelope xmlns:s=\"" NS_SOAP "\"><s:Header><x:Y xmlns:x=\"urn:x\" "            \
	"s:mustUnderstand=\"true\"/></s:Header><s:Body><i:Identify xmlns:i=\"" NS_IDENTITY \
	"\"/></s:Body></s:Envelope>"

/* Identifies in UTF-16; the answer, brought back to UTF-8, is in the talk. */
static void identify_in_utf16(struct talk *talk, bool big_endian, bool with_mark)
{
	char bytes[2 * sizeof(IDENTIFY) + 2], *at = bytes, back[4096];
	size_t length;

	if (with_mark) {
		*at++ = big_endian ? '\xFE' : '\xFF';
		*at++ = big_endian ? '\xFF' : '\xFE';
	}
	for (const char *c = IDENTIFY; *c; c++) {
		*at++ = big_endian ? '\0' : *c;
		*at++ = big_endian ? *c : '\0';
	}
	talk_raw(talk, bytes, (size_t)(at - bytes));
	assert_string_equal(talk->type, "application/soap+xml;charset=UTF-16");
	assert_memory_equal(talk->answer.bytes, "\xFF\xFE", 2);
	assert_true(okvp_utf16le_to_utf8((const uint8_t *)talk->answer.bytes + 2,
					 talk->answer.length - 2, back, sizeof(back), &length));
	text_clear(&talk->answer);
	text_add(&talk->answer, back, length);
}

static void an_answer_has_the_encoding_of_the_request(void **state)
{
	static const struct {
		const char *type;
		bool big_endian, with_mark;
	} cases[] = {
		{ "application/soap+xml;charset=UTF-16", false, true },
		{ "application/soap+xml; charset=\"utf-16\"", true, true },
		{ "application/soap+xml;charset=utf-16", false, false },
		{ "application/soap+xml; action=\"x\" ; Charset=UTF-16LE", false, false },
		{ "application/soap+xml;charset=utf-16be", true, false },
		{ "text/xml", false, true },
		{ NULL, true, false },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		talk->message.content_type = cases[i].type;
		identify_in_utf16(talk, cases[i].big_endian, cases[i].with_mark);
		assert_string_equal(talk_text(talk, "wsmid:ProductVendor", 0), "openkvp");
	}
}

static void an_unknown_charset_is_a_fault_and_an_unknown_type_is_415(void **state)
{
	static const struct {
		const char *type;
		unsigned int status;
	} cases[] = {
		{ "application/soap+xml", 200 },
		{ "text/xml; charset=\"us-ascii\"", 200 },
		{ NULL, 200 },
		{ "application/soap+xml;charset=latin-1", 500 },
		{ "application/soap+xmlx", 415 },
		{ "application/json", 415 },
		{ "multipart/encrypted;protocol=\"x\"", 415 },
		{ "", 415 },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		talk->message.content_type = cases[i].type;
		talk_raw(talk, IDENTIFY, strlen(IDENTIFY));
		assert_int_equal(talk->status, cases[i].status);
		if (talk->status == 500)
			assert_string_equal(talk_fault(talk), "w:EncodingLimit CharacterSet");
	}
}

static void somebody_unknown_may_identify_and_learns_little(void **state)
{
	struct talk *talk = *state;

	*talk->message.principal.name = '\0';
	talk->message.principal.role = ROLE_NONE;
	talk_raw(talk, IDENTIFY, strlen(IDENTIFY));
	assert_int_equal(talk->status, 200);
	assert_string_equal(talk_text(talk, "wsmid:ProtocolVersion", 0), NS_WSMAN);
	assert_null(talk_text(talk, "wsmid:ProductVersion", 0));
	assert_null(talk_text(talk, "wsmid:SecurityProfileName", 0));
	talk_ask(talk, GET, VMS, VM_SELECTORS(1), "");
	assert_string_equal(talk_fault(talk), "w:AccessDenied");
}

static void a_user_learns_the_version_and_how_he_got_in(void **state)
{
	struct talk *talk = *state;

	talk->message.secure = true;
	talk_raw(talk, IDENTIFY, strlen(IDENTIFY));

	assert_string_equal(talk_text(talk, "wsmid:ProductVersion", 0), OPENKVP_VERSION);
	assert_string_equal(talk_text(talk, "wsmid:SecurityProfileName", 0),
			    "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/basic");
}

static void getting_needs_the_role(void **state)
{
	struct talk *talk = *state;

	talk->message.principal.role = ROLE_NONE;
	talk_ask(talk, GET, VMS, VM_SELECTORS(1), "");
	assert_string_equal(talk_fault(talk), "w:AccessDenied");
	talk->message.principal.role = ROLE_READ;
	talk_ask(talk, GET, VMS, VM_SELECTORS(1), "");
	assert_int_equal(talk->status, 200);
}

static void an_answer_that_is_too_large_says_how_large_it_is(void **state)
{
	struct talk *talk = *state;
	struct wsman *small = wsman_create(&(struct wsman_settings){
		.service = talk->fake->service,
		.enumerations = talk->enumerations,
		.envelope_max = 2000,
	});
	struct wsman *normal = talk->wsman;
	char size[32];
	size_t full;

	talk_ask(talk, GET, VMS, VM_SELECTORS(1), "");
	full = talk->answer.length;
	snprintf(size, sizeof(size), "takes %zu bytes", full);

	talk->wsman = small;
	talk_ask(talk, GET, VMS, VM_SELECTORS(1), "");

	assert_string_equal(talk_fault(talk), "w:EncodingLimit MaxEnvelopeSizeExceeded");
	assert_int_equal(talk_count(talk, size), 2);
	wsman_free(&small);
	talk->wsman = normal;
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(an_answer_has_the_encoding_of_the_request),
		test(an_unknown_charset_is_a_fault_and_an_unknown_type_is_415),
		test(somebody_unknown_may_identify_and_learns_little),
		test(a_user_learns_the_version_and_how_he_got_in),
		test(getting_needs_the_role),
		test(an_answer_that_is_too_large_says_how_large_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
