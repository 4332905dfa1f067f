/* SPDX-License-Identifier: MIT */
/* test_invoke.c -- front/wsman/invoke, reference_xml */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"

#define SERVICE URI_V2 "Msvm_VirtualSystemManagementService"
#define ADD     SERVICE "/AddKvpItems"
#define EPR(uri, s)                                                        \
	"<a:Address>" ANONYMOUS_ROLE "</a:Address><a:ReferenceParameters>" \
	"<w:ResourceURI> " uri "\n</w:ResourceURI>" s "</a:ReferenceParameters>"
#define VM_EPR    EPR(URI_V2 "Msvm_ComputerSystem", VM_SELECTORS(1))
#define TARGET(r) "<p:TargetSystem>" r "</p:TargetSystem>"
#define VM_PATH                                                                         \
	"\\\\.\\root\\virtualization\\v2:Msvm_ComputerSystem.CreationClassName=\"Msvm_" \
	"ComputerSystem\","                                                             \
	"Name=\"" VM(1) "\""

/* Calls AddKvpItems with what stands in AddKvpItems_INPUT. */
static const char *add(struct talk *talk, const char *parameters)
{
	scoped(xfree_text) char *body =
		xprintf("<p:AddKvpItems_INPUT xmlns:p=\"" SERVICE "\">%s</p:AddKvpItems_INPUT>",
			parameters);

	text_clear(&talk->fake->seen);
	return talk_ask(talk, ADD, SERVICE, "", body);
}

/* What the provider saw, with the host part of the path left out. */
static const char *seen(const struct talk *talk)
{
	return talk->fake->seen.bytes ? talk->fake->seen.bytes : "";
}

static void a_reference_is_read_in_every_shape(void **state)
{
	static const char *const shapes[] = {
		VM_EPR,
		"<a:EndpointReference>" VM_EPR "</a:EndpointReference>",
		EPR(URI_DMTF "Msvm_ComputerSystem",
		    SELECTORS(SELECTOR("__cimnamespace", "root/virtualization/v2") SELECTOR(
			    "creationclassname", "Msvm_ComputerSystem") SELECTOR("name", VM(1)))),
		EPR(URI_DMTF "Msvm_ComputerSystem", VM_SELECTORS(1)),
		"<a:Address/><a:ReferenceProperties><w:ResourceURI>" URI_V2
		"Msvm_ComputerSystem</w:ResourceURI>" VM_SELECTORS(1) "</a:ReferenceProperties>",
		VM_PATH,
	};
	struct talk *talk = *state;
	scoped(xfree_text) char *expected = NULL;

	for (size_t i = 0; i < count_of(shapes); i++) {
		scoped(xfree_text) char *target = xprintf(TARGET("%s"), shapes[i]);

		add(talk, target);
		assert_int_equal(talk->status, 200);
		if (!expected)
			expected = xstrdup(seen(talk));
		assert_string_equal(seen(talk), expected);
	}
	assert_non_null(strstr(expected, VM(1)));
}

static void a_reference_may_be_an_instance_with_its_keys(void **state)
{
	struct talk *talk = *state;

	add(talk, "<p:TargetSystem t:type=\"q:Msvm_ComputerSystem_Type\" xmlns:t=\"urn:wrong\">"
		  "<q:Name xmlns:q=\"urn:q\">" VM(
			  1) "</q:Name>"
			     "<q:CreationClassName "
			     "xmlns:q=\"urn:q\">Msvm_ComputerSystem</q:CreationClassName>"
			     "<q:Caption xmlns:q=\"urn:q\">no key</q:Caption></p:TargetSystem>");

	assert_int_equal(talk->status, 200);
	assert_non_null(strstr(seen(talk), VM(1)));
}

static void references_that_name_nothing_are_refused(void **state)
{
	static const struct {
		const char *target, *fault;
	} cases[] = {
		{ TARGET("text"), "w:InvalidParameter InvalidValue" },
		{ TARGET(""), "w:InvalidParameter InvalidValue" },
		{ TARGET(EPR("urn:x", "")), "w:InvalidParameter InvalidValue" },
		{ TARGET("<a:ReferenceParameters/>"), "w:InvalidParameter InvalidValue" },
		{ TARGET(EPR(URI_V2 "Msvm_Nothing", "")), "w:InvalidParameter InvalidValue" },
		{ TARGET(EPR(URI_V2 "Msvm_ConcreteJob", SELECTORS(SELECTOR("InstanceID", "x")))),
		  "w:InvalidParameter TypeMismatch" },
		{ TARGET(EPR(URI_V2 "Msvm_ComputerSystem", SELECTORS(SELECTOR("Nothing", "x")))),
		  "w:InvalidParameter InvalidValue" },
		{ "<p:TargetSystem type=\"q:Msvm_Nothing_Type\"><x/></p:TargetSystem>",
		  "w:InvalidParameter InvalidValue" },
		{ "<p:TargetSystem type=\"string\"><x/></p:TargetSystem>",
		  "w:InvalidParameter InvalidValue" },
		{ "", "w:InvalidParameter" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		add(talk, cases[i].target);
		assert_string_equal(talk_fault(talk), cases[i].fault);
	}
}

static void an_array_is_one_element_for_each_value(void **state)
{
	struct talk *talk = *state;

	add(talk, TARGET(VM_EPR) "<p:DataItems>one</p:DataItems><x:DataItems xmlns:x=\"urn:x\">"
				 "<![CDATA[<two/>]]></x:DataItems><dataitems> &amp; </dataitems>");
	assert_non_null(strstr(seen(talk), "|one|<two/>| & "));
	add(talk, TARGET(VM_EPR) "<p:DataItems>alone</p:DataItems>");
	assert_non_null(strstr(seen(talk), "|alone"));
	add(talk, TARGET(VM_EPR));
	assert_int_equal(talk->status, 200);
	assert_null(strchr(seen(talk), '|'));
	add(talk, TARGET(VM_EPR) "<p:DataItems xsi:nil=\"true\" xmlns:xsi=\"" NS_XSI "\"/>");
	assert_null(strchr(seen(talk), '|'));
	add(talk, TARGET(VM_EPR) "<p:DataItems nil=\"true\"/><p:DataItems>x</p:DataItems>");
	assert_string_equal(talk_fault(talk), "w:InvalidParameter InvalidValue");
}

static void parameters_that_are_not_declared_are_refused(void **state)
{
	struct talk *talk = *state;
	struct text many = { 0 };

	add(talk, TARGET(VM_EPR) "<p:Nothing>x</p:Nothing>");
	assert_string_equal(talk_fault(talk), "w:InvalidParameter InvalidName");
	add(talk, TARGET(VM_EPR) TARGET(VM_EPR));
	assert_string_equal(talk_fault(talk), "w:InvalidParameter TypeMismatch");
	for (int i = 0; i < 70; i++)
		text_printf(&many, "<p:x%d/>", i);
	add(talk, many.bytes);
	assert_string_equal(talk_fault(talk), "w:InvalidParameter InvalidName");
	text_done(&many);
}

static void the_output_has_the_uri_of_the_request(void **state)
{
	struct talk *talk = *state;

	add(talk, TARGET(VM_EPR));

	assert_string_equal(talk_text(talk, "a:Action", 0), ADD "Response");
	assert_int_equal(talk_count(talk, "<p:AddKvpItems_OUTPUT xmlns:p=\"" SERVICE "\""), 1);
	assert_string_equal(talk_text(talk, "p:ReturnValue", 0), "4096");
	assert_int_equal(talk_count(talk, "<p:Job><a:Address>"), 1);
}

static void a_null_output_is_left_out(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, SERVICE "/ModifyKvpItems", SERVICE, "",
		 "<ModifyKvpItems_INPUT>" TARGET(VM_EPR) "</ModifyKvpItems_INPUT>");
	assert_int_equal(talk->status, 500); /* p is declared nowhere */
	talk_ask(talk, SERVICE "/ModifyKvpItems", SERVICE, "",
		 "<ModifyKvpItems_INPUT><TargetSystem>" VM_EPR
		 "</TargetSystem></ModifyKvpItems_INPUT>");
	assert_string_equal(talk_text(talk, "p:ReturnValue", 0), "32773");
	assert_int_equal(talk_count(talk, "p:Job"), 0);
}

static void an_action_may_be_of_the_other_family(void **state)
{
	struct talk *talk = *state;

	talk_ask(talk, URI_DMTF "Msvm_VirtualSystemManagementService/AddKvpItems", SERVICE, "",
		 "<AddKvpItems_INPUT><TargetSystem>" VM_EPR "</TargetSystem></AddKvpItems_INPUT>");

	assert_int_equal(talk->status, 200);
	assert_string_equal(talk_text(talk, "a:Action", 0),
			    URI_DMTF "Msvm_VirtualSystemManagementService/AddKvpItemsResponse");
}

static void methods_that_cannot_be_called_are_refused(void **state)
{
	static const struct {
		const char *action, *body, *fault;
	} cases[] = {
		{ SERVICE "/Nothing", "", "a:ActionNotSupported" },
		{ SERVICE "/RequestStateChange", "", "a:ActionNotSupported" },
		{ SERVICE "/", "", "a:ActionNotSupported" },
		{ URI_V2 "Msvm_ComputerSystem/AddKvpItems", "",
		  "a:ActionNotSupported ActionMismatch" },
		{ ADD, "<Other/>", "w:SchemaValidationError" },
		{ ADD, "", "w:InvalidParameter" },
		{ "urn:x", "", "a:ActionNotSupported" },
		{ NS_TRANSFER "/Create", "", "a:ActionNotSupported" },
		{ NS_TRANSFER "/Delete", "", "a:ActionNotSupported" },
		{ NS_EVENTING "/GetStatus", "", "a:ActionNotSupported" },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		talk_ask(talk, cases[i].action, SERVICE, "", cases[i].body);
		assert_string_equal(talk_fault(talk), cases[i].fault);
	}
}

static void the_object_is_found_by_its_selectors(void **state)
{
	static const struct {
		const char *selectors;
		unsigned int status;
	} cases[] = {
		{ "", 200 },
		{ "<w:SelectorSet/>", 200 },
		{ SELECTORS(SELECTOR("Name", "vmms")), 200 },
		{ SELECTORS(SELECTOR("Name", "other")), 500 },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < count_of(cases); i++) {
		talk_ask(talk, ADD, SERVICE, cases[i].selectors,
			 "<AddKvpItems_INPUT><TargetSystem>" VM_EPR
			 "</TargetSystem></AddKvpItems_INPUT>");
		assert_int_equal(talk->status, cases[i].status);
	}
}

static void whether_one_may_call_the_provider_decides(void **state)
{
	struct talk *talk = *state;

	talk->message.principal.role = ROLE_NONE;
	add(talk, TARGET(VM_EPR));

	assert_int_equal(talk->status, 200);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_reference_is_read_in_every_shape),
		test(a_reference_may_be_an_instance_with_its_keys),
		test(references_that_name_nothing_are_refused),
		test(an_array_is_one_element_for_each_value),
		test(parameters_that_are_not_declared_are_refused),
		test(the_output_has_the_uri_of_the_request),
		test(a_null_output_is_left_out),
		test(an_action_may_be_of_the_other_family),
		test(methods_that_cannot_be_called_are_refused),
		test(the_object_is_found_by_its_selectors),
		test(whether_one_may_call_the_provider_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
