/* SPDX-License-Identifier: MIT */
/* test_routes.c -- front/cimxml/cimxml by HTTP */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../served.h"
#include "talk.h"

#define REQUEST(call)                                                                          \
	"<?xml version=\"1.0\"?><CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"1\" " \
	"PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>" call "</SIMPLEREQ></MESSAGE></CIM>"
#define LIST                                                                \
	REQUEST("<IMETHODCALL NAME=\"EnumerateInstances\">" LOCAL_V2 CLASS( \
		"ClassName", "Msvm_ComputerSystem") "</IMETHODCALL>")
#define ANN "Authorization: Basic YW5uOnNlY3JldA==\r\n"

struct fixture {
	struct talk *talk;
	struct served served;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct http_route routes[CIMXML_ROUTES];

	talk_set_up((void **)&f->talk);
	cimxml_routes(f->talk->cimxml, routes);
	served_start(&f->served, routes, CIMXML_ROUTES);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	served_stop(&f->served);
	assert_int_equal(talk_tear_down((void **)&f->talk), 0);
	free(f);
	return 0;
}

static const struct reply *send(struct fixture *f, const char *method, const char *headers,
				const char *body)
{
	char request[4096];

	snprintf(request, sizeof(request),
		 "%s /cimom HTTP/1.1\r\nHost: here:1\r\nContent-Type: application/xml\r\n"
		 "%sContent-Length: %zu\r\n\r\n%s",
		 method, headers, strlen(body), body);
	return peer_ask(&f->served.peer, request);
}

static void a_request_is_answered_with_the_headers_of_dsp0200(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply =
		send(f, "POST", ANN "CIMOperation: MethodCall\r\nCIMMethod: EnumerateInstances\r\n",
		     LIST);

	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_header(reply, "CIMOperation"), "MethodResponse");
	assert_string_equal(reply_header(reply, "Content-Type"),
			    "application/xml; charset=\"utf-8\"");
	assert_non_null(reply_header(reply, "Content-Length"));
	assert_non_null(strstr(reply->body, "<VALUE.NAMEDINSTANCE>"));
}

static void what_is_no_request_has_the_header_that_says_so(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply = send(f, "POST", ANN, "<a/>");

	assert_int_equal(reply->status, 400);
	assert_string_equal(reply_header(reply, "CIMError"), "request-not-valid");
	assert_null(reply_header(reply, "CIMOperation"));
	reply = send(f, "POST", ANN "CIMMethod: GetInstance\r\n", LIST);
	assert_int_equal(reply->status, 400);
	assert_string_equal(reply_header(reply, "CIMError"), "header-mismatch");
	reply = send(f, "POST", ANN "CIMProtocolVersion: 2.0\r\n", LIST);
	assert_int_equal(reply->status, 501);
	assert_string_equal(reply_header(reply, "CIMError"), "unsupported-protocol-version");
}

static void a_client_without_a_password_is_asked_for_one(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply = send(f, "POST", "", LIST);

	assert_int_equal(reply->status, 401);
	assert_memory_equal(reply_header(reply, "WWW-Authenticate"), "Basic realm=", 12);
	assert_null(reply_header(reply, "CIMError"));
	assert_int_equal(send(f, "POST", "Authorization: Basic YW5uOndyb25n\r\n", LIST)->status,
			 401);
}

/* A client that begins with M-POST goes on with POST then. */
static void other_methods_are_405(void **state)
{
	static const char *const methods[] = { "M-POST", "GET", "PUT" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		const struct reply *reply =
			send(f, methods[i], ANN "Man: http://a; ns=73\r\n", LIST);

		assert_int_equal(reply->status, 405);
		assert_string_equal(reply_header(reply, "Allow"), "POST");
	}
	assert_int_equal(send(f, "POST", ANN, LIST)->status, 200);
}

static void a_long_listing_is_sent_in_chunks(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply;
	int names = 0;

	f->talk->fake->vms = 300;
	reply = send(f, "POST", ANN,
		     REQUEST("<IMETHODCALL NAME=\"EnumerateInstanceNames\">" LOCAL_V2 CLASS(
			     "ClassName", "CIM_ManagedElement") "</IMETHODCALL>"));
	assert_true(reply->chunks > 1);
	assert_string_equal(reply_header(reply, "CIMOperation"), "MethodResponse");
	for (const char *at = reply->body; (at = strstr(at, "<INSTANCENAME ")); at++)
		names++;
	assert_int_equal(names, 901);
	f->talk->fake->vms = 1;
	assert_int_equal(send(f, "POST", ANN, LIST)->status, 200);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_request_is_answered_with_the_headers_of_dsp0200),
		test(what_is_no_request_has_the_header_that_says_so),
		test(a_client_without_a_password_is_asked_for_one),
		test(other_methods_are_405),
		test(a_long_listing_is_sent_in_chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
