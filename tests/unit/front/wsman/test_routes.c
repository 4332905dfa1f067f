/* SPDX-License-Identifier: MIT */
/* test_routes.c -- front/wsman by HTTP */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../served.h"
#include "talk.h"

#define IDENTIFY                         \
	"<s:Envelope xmlns:s=\"" NS_SOAP \
	"\"><s:Header/><s:Body><i:Identify xmlns:i=\"" NS_IDENTITY "\"/></s:Body></s:Envelope>"
#define ANN "Authorization: Basic YW5uOnNlY3JldA==\r\n"

struct fixture {
	struct talk *talk;
	struct served served;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct http_route routes[WSMAN_ROUTES];

	talk_set_up((void **)&f->talk);
	wsman_routes(f->talk->wsman, routes);
	served_start(&f->served, routes, WSMAN_ROUTES);
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

static const struct reply *post(struct fixture *f, const char *path, const char *headers,
				const char *body)
{
	char request[4096];

	snprintf(request, sizeof(request),
		 "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: "
		 "application/soap+xml;charset=UTF-8\r\n"
		 "%sContent-Length: %zu\r\n\r\n%s",
		 path, headers, strlen(body), body);
	return peer_ask(&f->served.peer, request);
}

static void a_client_without_a_password_is_asked_for_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(post(f, "/wsman", "", IDENTIFY)->status, 401);
	assert_int_equal(post(f, "/wsman", ANN, IDENTIFY)->status, 200);
	assert_int_equal(post(f, "/wsman/?PSVersion=5.1", ANN, IDENTIFY)->status, 200);
}

static void a_client_that_wants_to_be_unknown_may_identify(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply =
		post(f, "/wsman", "WSMANIDENTIFY: unauthenticated\r\n", IDENTIFY);

	assert_int_equal(reply->status, 200);
	assert_string_equal(reply_header(reply, "Content-Type"),
			    "application/soap+xml;charset=UTF-8");
	assert_non_null(strstr(reply->body, "openkvp"));
	assert_int_equal(post(f, "/wsman-anon/identify", "", IDENTIFY)->status, 200);
}

static void a_fault_is_500_and_another_method_405(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(post(f, "/wsman", ANN, "no xml")->status, 500);
	assert_int_equal(
		peer_ask(&f->served.peer, "GET /wsman HTTP/1.1\r\nHost: x\r\n\r\n")->status, 405);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_client_without_a_password_is_asked_for_one),
		test(a_client_that_wants_to_be_unknown_may_identify),
		test(a_fault_is_500_and_another_method_405),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
