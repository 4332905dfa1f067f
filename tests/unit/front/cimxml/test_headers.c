/* SPDX-License-Identifier: MIT */
/* test_headers.c -- front/cimxml/headers */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "talk.h"
static void expect(struct talk *talk, unsigned int status, const char *error)
{
	talk_ask(talk, "GetClass", CLASS("ClassName", "CIM_System"));
	assert_int_equal(talk->status, status);
	assert_string_equal(talk->error, error);
}

static void a_client_may_say_nothing_or_the_same_as_the_body(void **state)
{
	static const char *const objects[] = { NULL, "root/virtualization/v2",
					       "root%2Fvirtualization%2fv2",
					       "ROOT\\Virtualization\\V2",
					       "//host/root/virtualization/v2" };
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		talk->message.cim_object = objects[i];
		expect(talk, 200, "");
		talk->message.cim_method = "getclass";
		talk->message.cim_operation = "methodCALL";
		talk->message.cim_protocol_version = "1.4";
		expect(talk, 200, "");
	}
}

static void a_header_that_says_something_else_is_a_mismatch(void **state)
{
	struct talk *talk = *state;

	talk->message.cim_method = "GetInstance";
	expect(talk, 400, "header-mismatch");
	talk->message.cim_method = NULL;
	talk->message.cim_object = "root/virtualization";
	expect(talk, 400, "header-mismatch");
}

static void of_the_object_of_a_method_namespace_and_class_count(void **state)
{
	static const struct {
		const char *object;
		unsigned int status;
	} cases[] = {
		{ "root/virtualization/v2:Msvm_VirtualSystemManagementService", 200 },
		{ "root/virtualization/v2:msvm_virtualsystemmanagementservice.Name=\"x:y.z\"",
		  200 },
		{ "root%2Fvirtualization%2Fv2%3AMsvm_VirtualSystemManagementService.Name=%22a%22",
		  200 },
		{ "\\\\HOST\\root\\virtualization\\v2:Msvm_VirtualSystemManagementService=@", 200 },
		{ "root/virtualization/v2:Msvm_ComputerSystem.Name=\"x\"", 400 },
		{ "root/virtualization:Msvm_VirtualSystemManagementService.Name=\"x\"", 400 },
		{ "root/virtualization/v2", 400 },
		{ "", 400 },
	};
	struct talk *talk = *state;

	talk->message.cim_method = "StartService";
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		talk->message.cim_object = cases[i].object;
		talk_call(talk, "StartService",
			  "<LOCALINSTANCEPATH>" LOCAL_V2 SERVICE_NAME "</LOCALINSTANCEPATH>", "");
		if (talk->status != cases[i].status)
			fail_msg("CIMObject: %s is answered %u", cases[i].object, talk->status);
	}
}

static void other_protocols_are_refused(void **state)
{
	struct talk *talk = *state;

	talk->message.cim_operation = "ExportRequest";
	expect(talk, 400, "unsupported-operation");
	talk->message.cim_operation = NULL;
	talk->message.cim_batch = "";
	expect(talk, 501, "multiple-requests-unsupported");
	talk->message.cim_batch = NULL;
	talk->message.cim_protocol_version = "2.0";
	expect(talk, 501, "unsupported-protocol-version");
}

static void other_media_types_and_charsets_are_refused(void **state)
{
	static const struct {
		const char *type;
		unsigned int status;
	} cases[] = {
		{ NULL, 200 },
		{ "text/xml", 200 },
		{ "Application/XML; charset=UTF-8", 200 },
		{ "application/xml;x=y; charset=\"us-ascii\"", 200 },
		{ "application/json", 415 },
		{ "application/xml2", 415 },
		{ "application/xml; charset=iso-8859-1", 400 },
		{ "application/xml; charset=\"utf-16\"", 400 },
	};
	struct talk *talk = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		talk->message.content_type = cases[i].type;
		expect(talk, cases[i].status,
		       cases[i].status == 400 ? "request-not-well-formed" : "");
	}
}

static void the_host_in_paths_is_whom_the_client_called(void **state)
{
	struct talk *talk = *state;
	char long_host[300];

	talk->message.host = "a<b:1";
	talk_ask(talk, "OpenEnumerateInstancePaths",
		 CLASS("ClassName", "Msvm_ComputerSystem") VALUE("MaxObjectCount", "9"));
	assert_int_equal(talk_count(talk, "<HOST>a&lt;b:1</HOST>"), 5);
	memset(long_host, 'a', sizeof(long_host));
	long_host[sizeof(long_host) - 1] = '\0';
	talk->message.host = long_host;
	talk_ask(talk, "OpenEnumerateInstancePaths",
		 CLASS("ClassName", "Msvm_ComputerSystem") VALUE("MaxObjectCount", "9"));
	assert_int_equal(talk_count(talk, "<HOST>HOST</HOST>"), 5);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, talk_set_up, talk_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_client_may_say_nothing_or_the_same_as_the_body),
		test(a_header_that_says_something_else_is_a_mismatch),
		test(of_the_object_of_a_method_namespace_and_class_count),
		test(other_protocols_are_refused),
		test(other_media_types_and_charsets_are_refused),
		test(the_host_in_paths_is_whom_the_client_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
