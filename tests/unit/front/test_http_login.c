/* SPDX-License-Identifier: MIT */
/* test_http_login.c -- who may come in: front/http_exchange and http_listener with auth/ */
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/credentials.h"
#include "auth/users.h"
#include "base/log.h"
#include "front/http_server.h"
#include "http_peer.h"

#define ASK(path, header) "GET " path " HTTP/1.1\r\nHost: x\r\n" header "\r\n"
#define ANN_SECRET        "Authorization: Basic YW5uOnNlY3JldA==\r\n"
#define ANN_WRONG         "Authorization: Basic YW5uOndyb25n\r\n"
#define STRANGER          65534 /* nobody */
#define SOME_GROUP        54321

struct fixture {
	char folder[32], users[64], socket[64];
	struct credentials *credentials;
	struct http_server *server;
	struct peer peer;
	struct okvp_error err;
};

static void who(struct http_exchange *exchange, void *context)
{
	const struct http_request *request = http_request(exchange);
	struct text body = { 0 };

	text_printf(&body, "%s:%s:%s", request->principal.name, role_name(request->principal.role),
		    request->peer);
	http_answer(exchange, 200, "text/plain", &body);
}

static void demand(struct http_exchange *exchange, void *context)
{
	if (*http_request(exchange)->principal.name)
		who(exchange, context);
	else
		http_demand_credentials(exchange);
}

static void length(struct http_exchange *exchange, void *context)
{
	struct text body = { 0 };

	text_u64(&body, http_request(exchange)->body_length);
	http_answer(exchange, 200, "text/plain", &body);
}

static const struct http_route routes[] = {
	{ .method = "GET", .path = "/anyone", .access = HTTP_ANYONE, .handle = who },
	{ .method = "GET", .path = "/someone", .access = HTTP_SOMEONE, .handle = who },
	{ .method = "GET", .path = "/v1/someone", .access = HTTP_SOMEONE, .handle = who },
	{ .method = "GET", .path = "/demand", .access = HTTP_ANYONE, .handle = demand },
	{ .method = "POST", .path = "/length", .access = HTTP_ANYONE, .handle = length },
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct credentials_settings users = { f->users, 600000, 1 };
	const struct http_listener listeners[] = {
		{ .address = "127.0.0.1:0" },
		{ .address = f->socket,
		  .mode = 0666,
		  .group = geteuid() == 0 ? SOME_GROUP : -1,
		  .trusted = true },
	};
	struct http_settings settings = {
		.listeners = listeners,
		.listener_count = 2,
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.threads = 1,
		.connections_max = 8,
		.body_max = 200000,
		.idle_timeout_s = 60,
	};

	log_set_level(LOG_LEVEL_ERROR);
	strcpy(f->folder, "/tmp/login-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	chmod(f->folder, 0755);
	snprintf(f->users, sizeof(f->users), "%s/users", f->folder);
	snprintf(f->socket, sizeof(f->socket), "%s/socket", f->folder);
	assert_true(users_put(f->users, "ann", ROLE_WRITE, "secret", &f->err));
	assert_true(credentials_create(&users, &f->credentials, &f->err));
	settings.credentials = f->credentials;
	assert_true(http_server_start(&settings, &f->server, &f->err));
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
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static void no_credentials_are_asked_for(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply = peer_ask(&f->peer, ASK("/someone", ""));

	assert_int_equal(reply->status, 401);
	assert_string_equal(reply_header(reply, "WWW-Authenticate"),
			    "Basic realm=\"openkvp\", charset=\"UTF-8\"");
	assert_int_equal(peer_ask(&f->peer, ASK("/someone", ANN_SECRET))->status, 200);
}

static void the_json_interface_is_told_in_json(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply = peer_ask(&f->peer, ASK("/v1/someone", ""));

	assert_int_equal(reply->status, 401);
	assert_string_equal(reply->body, "{\"status\": \"DENIED\", \"message\": "
					 "\"a user's name and password are needed\"}\n");
}

static void a_right_password_comes_in_at_first_and_again(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		const struct reply *reply = peer_ask(&f->peer, ASK("/someone", ANN_SECRET));

		assert_int_equal(reply->status, 200);
		assert_string_equal(reply->body, "ann:write:127.0.0.1");
	}
}

static void a_wrong_password_does_not_come_in_anywhere(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(peer_ask(&f->peer, ASK("/someone", ANN_WRONG))->status, 401);
	assert_int_equal(peer_ask(&f->peer, ASK("/anyone", ANN_WRONG))->status, 401);
	assert_int_equal(peer_ask(&f->peer, ASK("/someone", "Authorization: Digest x\r\n"))->status,
			 401);
	assert_int_equal(peer_ask(&f->peer, ASK("/someone", "Authorization: Basic x\r\n"))->status,
			 401);
}

static void anybody_comes_to_a_route_for_anyone(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(peer_ask(&f->peer, ASK("/anyone", ""))->body, ":none:127.0.0.1");
	assert_string_equal(peer_ask(&f->peer, ASK("/anyone", ANN_SECRET))->body,
			    "ann:write:127.0.0.1");
}

static void a_handler_may_ask_for_credentials(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply = peer_ask(&f->peer, ASK("/demand", ""));

	assert_int_equal(reply->status, 401);
	assert_non_null(reply_header(reply, "WWW-Authenticate"));
	assert_int_equal(peer_ask(&f->peer, ASK("/demand", ANN_SECRET))->status, 200);
}

static void a_changed_password_is_changed_at_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(peer_ask(&f->peer, ASK("/someone", ANN_SECRET))->status, 200);
	assert_true(users_put(f->users, "ann", ROLE_READ, "wrong", &f->err));

	assert_int_equal(peer_ask(&f->peer, ASK("/someone", ANN_SECRET))->status, 401);
	assert_string_equal(peer_ask(&f->peer, ASK("/someone", ANN_WRONG))->body,
			    "ann:read:127.0.0.1");
}

static void a_body_is_read_after_the_password_was_checked(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(peer_ask(&f->peer, "POST /length HTTP/1.1\r\nHost: x\r\n" ANN_SECRET
					       "Content-Length: 5\r\n\r\nhello")
				    ->body,
			    "5");
	assert_int_equal(peer_ask(&f->peer, "POST /length HTTP/1.1\r\nHost: x\r\n" ANN_WRONG
					    "Content-Length: 5\r\n\r\nhello")
				 ->status,
			 401);
	assert_int_equal(peer_ask(&f->peer, ASK("/someone", ANN_SECRET))->status, 200);
}

static void somebody_unknown_is_asked_who_he_is_before_he_sends_much(void **state)
{
	static const struct {
		const char *authorization;
		size_t length;
		int status;
	} cases[] = {
		{ "", 65536, 200 },
		{ "", 65537, 401 },
		{ ANN_SECRET, 65537, 200 },
		{ ANN_SECRET, 200000, 200 },
	};
	struct fixture *f = *state;
	char *body = calloc(1, 200000), head[300];
	struct reply reply;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(head, sizeof(head),
			 "POST /length HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n",
			 cases[i].authorization, cases[i].length);
		peer_send(&f->peer, head);
		peer_send_bytes(&f->peer, body, cases[i].length);
		assert_true(peer_receive(&f->peer, &reply));
		assert_int_equal(reply.status, cases[i].status);
	}
	free(body);
}

/* --- The local socket --- */

struct told {
	int status;
	char body[64];
};

/* What the local socket answers to a process with this user and groups. */
static struct told ask_as(const struct fixture *f, uid_t uid, gid_t gid, gid_t other)
{
	struct told told = { .status = -1 };
	const struct reply *reply;
	struct peer peer;
	int pipes[2];
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		if (setgroups(1, &other) != 0 || setresgid(gid, gid, gid) != 0 ||
		    setresuid(uid, uid, uid) != 0)
			_exit(1);
		peer_connect(&peer, f->socket);
		reply = peer_ask(&peer, ASK("/someone", ""));
		told.status = reply->status;
		snprintf(told.body, sizeof(told.body), "%.63s", reply->body);
		_exit(write(pipes[1], &told, sizeof(told)) < 0);
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &told, sizeof(told)), sizeof(told));
	close(pipes[0]);
	waitpid(child, NULL, 0);
	return told;
}

static void we_are_an_administrator_on_the_local_socket(void **state)
{
	struct fixture *f = *state;
	char expected[64];
	struct peer peer;

	snprintf(expected, sizeof(expected), "uid %u:admin:uid %u", geteuid(), geteuid());
	peer_connect(&peer, f->socket);

	assert_string_equal(peer_ask(&peer, ASK("/someone", ""))->body, expected);
	assert_string_equal(peer_ask(&peer, ASK("/anyone", ANN_WRONG))->body, expected);
	peer_close(&peer);
}

static void members_of_the_sockets_group_are_administrators_and_others_are_not(void **state)
{
	struct fixture *f = *state;
	struct told told;

	if (geteuid() != 0)
		skip();
	told = ask_as(f, STRANGER, SOME_GROUP, STRANGER);
	assert_int_equal(told.status, 200);
	assert_string_equal(told.body, "uid 65534:admin:uid 65534");
	assert_int_equal(ask_as(f, STRANGER, STRANGER, SOME_GROUP).status, 200);
	assert_int_equal(ask_as(f, STRANGER, STRANGER, STRANGER).status, 403);
	assert_int_equal(ask_as(f, 0, STRANGER, STRANGER).status, 200);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(no_credentials_are_asked_for),
		test(the_json_interface_is_told_in_json),
		test(a_right_password_comes_in_at_first_and_again),
		test(a_wrong_password_does_not_come_in_anywhere),
		test(anybody_comes_to_a_route_for_anyone),
		test(a_handler_may_ask_for_credentials),
		test(a_changed_password_is_changed_at_once),
		test(a_body_is_read_after_the_password_was_checked),
		test(somebody_unknown_is_asked_who_he_is_before_he_sends_much),
		test(we_are_an_administrator_on_the_local_socket),
		test(members_of_the_sockets_group_are_administrators_and_others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
