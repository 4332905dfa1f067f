/* SPDX-License-Identifier: MIT */
/* test_routes.c -- front/wsman by HTTP */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../http_peer.h"
#include "auth/credentials.h"
#include "auth/users.h"
#include "talk.h"

#define IDENTIFY                         \
	"<s:Envelope xmlns:s=\"" NS_SOAP \
	"\"><s:Header/><s:Body><i:Identify xmlns:i=\"" NS_IDENTITY "\"/></s:Body></s:Envelope>"
#define ANN "Authorization: Basic YW5uOnNlY3JldA==\r\n"

struct fixture {
	struct talk *talk;
	char folder[32], users[64];
	struct credentials *credentials;
	struct http_server *server;
	struct peer peer;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct http_listener listener = { .address = "127.0.0.1:0" };
	struct http_route routes[WSMAN_ROUTES];
	struct http_settings settings = {
		.listeners = &listener,
		.listener_count = 1,
		.routes = routes,
		.route_count = WSMAN_ROUTES,
		.threads = 1,
		.connections_max = 8,
		.body_max = 1000000,
		.idle_timeout_s = 60,
	};
	const struct credentials_settings users = { f->users, 600000, 1 };
	struct okvp_error err;

	talk_set_up((void **)&f->talk);
	strcpy(f->folder, "/tmp/routes-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->users, sizeof(f->users), "%s/users", f->folder);
	assert_true(users_put(f->users, "ann", ROLE_READ, "secret", &err));
	assert_true(credentials_create(&users, &f->credentials, &err));
	wsman_routes(f->talk->wsman, routes);
	settings.credentials = f->credentials;
	assert_true(http_server_start(&settings, &f->server, &err));
	peer_connect(&f->peer, http_server_address(f->server, 0));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	peer_close(&f->peer);
	http_server_stop(&f->server);
	credentials_free(&f->credentials);
	unlink(f->users);
	rmdir(f->folder);
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
	return peer_ask(&f->peer, request);
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
	assert_int_equal(peer_ask(&f->peer, "GET /wsman HTTP/1.1\r\nHost: x\r\n\r\n")->status, 405);
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
