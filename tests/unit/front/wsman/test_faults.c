/* SPDX-License-Identifier: MIT */
/* test_faults.c -- front/wsman/faults */
#include "front/wsman/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "front/wsman/names.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"
#include "tests/unit/arena_fixture.h"
#include "xml/xml.h"

/* A fault as a client reads it. */
static const struct xml_element *read_fault(const struct wsman_fault *fault)
{
	scoped(text_done) struct text out = { 0 };
	const struct xml_element *root;
	struct okvp_error err;

	text_puts(&out, "<s:Body xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING
			"\" xmlns:w=\"" NS_WSMAN "\" xmlns:n=\"" NS_ENUMERATION
			"\" xmlns:e=\"" NS_EVENTING "\" xmlns:x=\"" NS_TRANSFER "\">");
	wsman_fault_write(&out, fault);
	text_puts(&out, "</s:Body>");
	if (!xml_parse(arena, out.bytes, out.length, XML_UTF8, &root, &err))
		fail_msg("%s: %s", err.message, out.bytes);
	return root->children;
}

static const struct xml_element *path(const struct xml_element *element, const char *const *names)
{
	for (; element && *names; names++)
		element = xml_child(element, NULL, *names);
	return element;
}

/* What a client does not survive otherwise: Message is the one child of WSManFault. */
static void every_fault_can_be_read(void **state)
{
	static const char *const code[] = { "Code", "Value", NULL };
	static const char *const message[] = { "Detail", "WSManFault", "Message", NULL };

	for (int id = FAULT_NONE + 1; id < FAULT_COUNT; id++) {
		struct wsman_fault fault;
		const struct xml_element *root, *text;

		wsman_fail(&fault, (enum wsman_fault_id)id, "a < b & \"%s\"", "c");
		fault.status = id % 2 ? CIM_STATUS_FAILED : CIM_STATUS_OK;
		root = read_fault(&fault);

		assert_ptr_equal(strstr(path(root, code)->text, "s:"), path(root, code)->text);
		text = path(root, message);
		assert_ptr_equal(strstr(text->text, "a < b & \"c\""), text->text);
		assert_null(text->next);
		assert_ptr_equal(text->parent->children, text);
		assert_non_null(xml_attribute(text->parent, NULL, "Code"));
	}
}

static void the_prefix_of_a_subcode_is_declared(void **state)
{
	static const char *const subcode[] = { "Code", "Subcode", "Value", NULL };

	for (int id = FAULT_NONE + 1; id < FAULT_COUNT; id++) {
		struct wsman_fault fault;
		const struct xml_element *value;
		char prefix[2] = "";

		wsman_fail(&fault, (enum wsman_fault_id)id, "x");
		value = path(read_fault(&fault), subcode);
		if (!value)
			continue;
		prefix[0] = value->text[0];
		assert_int_equal(value->text[1], ':');
		assert_non_null(xml_prefix(value, prefix));
	}
}

static void every_status_of_cim_makes_a_fault(void **state)
{
	static const enum cim_status all[] = {
#define X(name, code) CIM_STATUS_##name,
		CIM_STATUS_LIST(X)
#undef X
	};
	static const char *const number[] = { "Detail", "MSFT_WmiError", "CIMStatusCode", NULL };

	for (size_t i = 0; i < count_of(all); i++) {
		struct cim_error error = { .status = all[i] };
		const struct xml_element *status;
		struct wsman_fault fault;

		if (all[i] == CIM_STATUS_OK)
			continue;
		wsman_fail_cim(&fault, &error);
		assert_int_equal(fault.id == FAULT_INTERNAL, all[i] == CIM_STATUS_FAILED);
		status = path(read_fault(&fault), number);
		assert_int_equal(atoi(status->text), all[i]);
		assert_string_equal(xml_attribute(status->parent, NS_CIM_BINDING, "IsCIM_Error"),
				    "true");
	}
}

static void a_detail_says_more_than_the_status(void **state)
{
	struct cim_error error = { .status = CIM_STATUS_INVALID_PARAMETER };
	struct wsman_fault fault;
	enum wsman_fault_id ids[CIM_DETAIL_PARAMETER_MISSING + 1];

	for (int detail = 0; detail <= CIM_DETAIL_PARAMETER_MISSING; detail++) {
		error.detail = (enum cim_detail)detail;
		wsman_fail_cim(&fault, &error);
		ids[detail] = fault.id;
	}
	assert_int_equal(ids[CIM_DETAIL_NONE], FAULT_PARAMETER);
	assert_int_equal(ids[CIM_DETAIL_KEYS_MISSING], FAULT_SELECTORS_MISSING);
	assert_int_equal(ids[CIM_DETAIL_KEY_UNEXPECTED], FAULT_SELECTORS_UNEXPECTED);
	assert_int_equal(ids[CIM_DETAIL_KEY_VALUE], FAULT_SELECTORS_VALUE);
	assert_int_equal(ids[CIM_DETAIL_PARAMETER_NAME], FAULT_PARAMETER_NAME);
	assert_int_equal(ids[CIM_DETAIL_PARAMETER_MISSING], FAULT_PARAMETER);
}

static void an_action_is_one_that_clients_know(void **state)
{
	struct wsman_fault fault;

	wsman_fail(&fault, FAULT_CONTEXT, "x"); /* n: */
	assert_string_equal(wsman_fault_action(&fault),
			    "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault");
	wsman_fail(&fault, FAULT_EVENT_MESSAGE, "x"); /* e: */
	assert_string_equal(wsman_fault_action(&fault), NS_EVENTING "/fault");
	wsman_fail(&fault, FAULT_ACTION, "x"); /* a: */
	assert_string_equal(wsman_fault_action(&fault), NS_ADDRESSING "/fault");
	wsman_fail(&fault, FAULT_NOT_UNDERSTOOD, "x"); /* no subcode */
	assert_string_equal(wsman_fault_action(&fault), NS_ADDRESSING "/fault");
}

static void a_long_message_ends_with_a_whole_character(void **state)
{
	char text[3001];
	struct wsman_fault fault;

	for (int i = 0; i < 1000; i++)
		memcpy(text + 3 * i, "\xE6\xBC\xA2", 3);
	text[3000] = '\0';

	wsman_fail(&fault, FAULT_INTERNAL, "x%s", text);

	assert_true(strlen(fault.message) > 600);
	assert_true(okvp_utf8_valid(fault.message, strlen(fault.message)));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(every_fault_can_be_read),
		test(the_prefix_of_a_subcode_is_declared),
		test(every_status_of_cim_makes_a_fault),
		test(a_detail_says_more_than_the_status),
		test(an_action_is_one_that_clients_know),
		test(a_long_message_ends_with_a_whole_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
