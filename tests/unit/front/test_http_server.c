/* SPDX-License-Identifier: MIT */
/* test_http_server.c -- front/http_server, http_refusal, http_client */
#include "front/http_server.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/log.h"
#include "http_peer.h"

#define BODY_MAX 20000

struct fixture {
	struct http_server *server;
	struct peer peer;
	struct okvp_error err;
};

/* --- Handlers --- */

static void echo(struct http_exchange *exchange, void *context)
{
	const struct http_request *request = http_request(exchange);
	struct text body = { 0 };

	text_add(&body, request->body, request->body_length);
	http_answer_header(exchange, "X-Peer", request->peer);
	http_answer(exchange, 200, "text/plain", &body);
}

static bool describe_parameter(void *context, const char *name, const char *value)
{
	text_printf(context, " [%s %s]", name, value ? value : "-");
	return strcmp(name, "last") != 0;
}

static void describe(struct http_exchange *exchange, void *context)
{
	const struct http_request *request = http_request(exchange);
	const char *header = http_header(exchange, "x-TEST"), *q = http_query(exchange, "q");
	struct text body = { 0 };

	text_printf(&body, "%s %s raw=%s header=%s q=%s secure=%d", request->method, request->path,
		    request->raw_path, header ? header : "-", q ? q : "-", request->secure);
	text_puts(&body, http_query_each(exchange, describe_parameter, &body) ? "" : " ...");
	http_answer(exchange, 200, "text/plain", &body);
}

static void nothing(struct http_exchange *exchange, void *context)
{
	http_answer(exchange, 204, NULL, &(struct text){ 0 });
}

static const struct http_route routes[] = {
	{ .method = "POST", .path = "/echo", .handle = echo },
	{ .method = "GET", .path = "/echo", .handle = echo },
	{ .method = "GET", .path = "/describe/*", .handle = describe },
	{ .method = "DELETE", .path = "/nothing", .handle = nothing },
	{ .method = "GET", .path = "/v1/local", .handle = echo, .local_only = true },
	{ .method = "GET", .path = "/remote", .handle = echo, .remote_only = true },
};

static void start(struct fixture *f, const char *address, unsigned int idle_timeout_s)
{
	const struct http_listener listener = { .address = address, .mode = 0600, .group = -1 };
	const struct http_settings settings = {
		.listeners = &listener,
		.listener_count = 1,
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.threads = 2,
		.connections_max = 64,
		.body_max = BODY_MAX,
		.idle_timeout_s = idle_timeout_s,
	};

	assert_true(http_server_start(&settings, &f->server, &f->err));
	peer_connect(&f->peer, http_server_address(f->server, 0));
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	log_set_level(LOG_LEVEL_ERROR);
	start(f, "127.0.0.1:0", 60);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	peer_close(&f->peer);
	http_server_stop(&f->server);
	free(f);
	return 0;
}

/* --- Requests and replies --- */

static void a_connection_serves_one_request_after_another(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		const struct reply *reply = peer_ask(
			&f->peer,
			"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");

		assert_int_equal(reply->status, 200);
		assert_string_equal(reply->body, "hello");
		assert_string_equal(reply_header(reply, "X-Peer"), "127.0.0.1");
		assert_string_equal(reply_header(reply, "Content-Type"), "text/plain");
	}
}

static void requests_in_one_packet_get_one_reply_each(void **state)
{
	struct fixture *f = *state;
	struct reply reply;

	peer_send(&f->peer, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
			    "DELETE /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
			    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\ntwo");

	assert_true(peer_receive(&f->peer, &reply));
	assert_string_equal(reply.body, "one");
	assert_true(peer_receive(&f->peer, &reply));
	assert_int_equal(reply.status, 204);
	assert_true(peer_receive(&f->peer, &reply));
	assert_string_equal(reply.body, "two");
}

static void a_chunked_body_is_put_together(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply = peer_ask(
		&f->peer, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
			  "\r\n4\r\nfour\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n");

	assert_int_equal(reply->status, 200);
	assert_string_equal(reply->body, "four 0123456789");
}

static void a_client_that_waits_for_100_gets_it(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply =
		peer_ask(&f->peer, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: "
				   "100-continue\r\n\r\n");

	assert_int_equal(reply->status, 100);
	assert_string_equal(peer_ask(&f->peer, "body")->body, "body");
}

static void a_handler_sees_path_header_and_query(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply =
		peer_ask(&f->peer, "GET /describe/a%20%c3%a9%zz%00%2F?q=1%2B1&r HTTP/1.1\r\n"
				   "Host: x\r\nX-Test: yes\r\n\r\n");

	assert_string_equal(reply->body,
			    "GET /describe/a \xC3\xA9%zz%00/ raw=/describe/a%20%c3%a9%zz%00%2F "
			    "header=yes q=1+1 secure=0 [q 1+1] [r -]");
	reply = peer_ask(&f->peer, "GET /describe/ HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_string_equal(reply->body, "GET /describe/ raw=/describe/ header=- q=- secure=0");
}

static void a_handler_need_not_see_all_parameters(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply =
		peer_ask(&f->peer, "GET /describe/?a=&last=2&c=3 HTTP/1.1\r\nHost: x\r\n\r\n");

	assert_non_null(strstr(reply->body, "secure=0 [a ] [last 2] ..."));
}

static void an_answer_may_have_no_body(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(peer_ask(&f->peer, "DELETE /nothing HTTP/1.1\r\nHost: x\r\n\r\n")->status,
			 204);
	assert_int_equal(peer_ask(&f->peer, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")->status, 200);
}

/* --- Refusals --- */

static void an_unknown_path_is_404(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply;

	reply = peer_ask(&f->peer, "GET /echo2 HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(reply->status, 404);
	assert_string_equal(reply->body, "404 Not Found: no such path\n");
	reply = peer_ask(&f->peer, "GET /v1/x HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(reply->status, 404);
	assert_string_equal(reply->body,
			    "{\"status\": \"NOT_FOUND\", \"message\": \"no such path\"}\n");
	assert_string_equal(reply_header(reply, "Content-Type"), "application/json");
}

static void a_known_path_with_another_method_is_405(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply =
		peer_ask(&f->peer, "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");

	assert_int_equal(reply->status, 405);
	assert_string_equal(reply_header(reply, "Allow"), "POST, GET");
	peer_send(&f->peer, "HEAD /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
	peer_send(&f->peer, "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
	while (!memmem(f->peer.buffer, f->peer.length, "X-Peer", 6)) {
		ssize_t got = recv(f->peer.fd, f->peer.buffer + f->peer.length,
				   sizeof(f->peer.buffer) - f->peer.length, 0);

		assert_true(got > 0);
		f->peer.length += (size_t)got;
	}
	assert_memory_equal(f->peer.buffer, "HTTP/1.1 405 ", 13);
}

static void a_route_for_others_is_404(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(peer_ask(&f->peer, "GET /v1/local HTTP/1.1\r\nHost: x\r\n\r\n")->status,
			 404);
	assert_int_equal(peer_ask(&f->peer, "GET /remote HTTP/1.1\r\nHost: x\r\n\r\n")->status,
			 200);
}

static void a_body_at_the_limit_is_taken_and_one_above_is_413(void **state)
{
	struct fixture *f = *state;
	char head[200], *body = calloc(1, BODY_MAX + 1);
	struct reply reply;

	memset(body, 'b', BODY_MAX + 1);
	for (size_t length = BODY_MAX; length <= BODY_MAX + 1; length++) {
		snprintf(head, sizeof(head),
			 "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", length);
		peer_send(&f->peer, head);
		peer_send_bytes(&f->peer, body, length);
		assert_true(peer_receive(&f->peer, &reply));
		assert_int_equal(reply.status, length > BODY_MAX ? 413 : 200);
	}
	assert_string_equal(reply_header(&reply, "Connection"), "close");
	peer_expect_end(&f->peer);
	free(body);
}

static void a_chunked_body_that_is_too_large_is_413(void **state)
{
	struct fixture *f = *state;
	char *piece = calloc(1, 1000);
	struct reply reply;

	memset(piece, 'p', 1000);
	peer_send(&f->peer, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t sent = 0; sent < 2 * BODY_MAX; sent += 1000) {
		peer_send(&f->peer, "3e8\r\n");
		peer_send_bytes(&f->peer, piece, 1000);
		peer_send(&f->peer, "\r\n");
	}
	peer_send(&f->peer, "0\r\n\r\n");

	assert_true(peer_receive(&f->peer, &reply));
	assert_int_equal(reply.status, 413);
	peer_expect_end(&f->peer);
	free(piece);
}

static void a_body_without_end_is_cut_off(void **state)
{
	struct fixture *f = *state;
	char *piece = calloc(1, 10000);
	struct reply reply;

	peer_send(&f->peer, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t sent = 0; sent < 50 * BODY_MAX; sent += 10000) {
		peer_send(&f->peer, "2710\r\n");
		peer_send_bytes(&f->peer, piece, 10000);
		peer_send(&f->peer, "\r\n");
	}

	assert_false(peer_receive(&f->peer, &reply));
	free(piece);
}

static void a_large_body_is_refused_before_it_is_sent(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply =
		peer_ask(&f->peer, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20001\r\n"
				   "Expect: 100-continue\r\n\r\n");

	assert_int_equal(reply->status, 413);
}

static void what_is_no_http_is_400(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		peer_ask(&f->peer, "GET /echo HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n")->status,
		400);
	peer_expect_end(&f->peer);
}

static void a_client_that_trickles_is_cut_off(void **state)
{
	struct fixture *f = *state;
	struct pollfd end = { .events = POLLIN };

	peer_close(&f->peer);
	http_server_stop(&f->server);
	start(f, "127.0.0.1:0", 1);
	end.fd = f->peer.fd;
	peer_send(&f->peer, "GET /echo HTTP/1.1\r\nX: ");
	for (int i = 0; i < 600 && poll(&end, 1, 100) == 0; i++)
		peer_send(&f->peer, "x");

	peer_expect_end(&f->peer);
}

static void note_port(void *context, const struct http_server *server)
{
	snprintf(context, 64, "%s", strrchr(http_server_address(server, 1), ':'));
}

static void addresses_are_known_before_anybody_is_served(void **state)
{
	const struct http_listener listeners[] = { { .address = "127.0.0.1:0" },
						   { .address = "127.0.0.1:0" } };
	char port[64] = "";
	const struct http_settings settings = {
		.listeners = listeners,
		.listener_count = 2,
		.routes = routes,
		.route_count = 1,
		.threads = 1,
		.connections_max = 1,
		.body_max = 1,
		.idle_timeout_s = 1,
		.listening = note_port,
		.context = port,
	};
	struct fixture *f = *state;
	struct http_server *server;

	assert_true(http_server_start(&settings, &server, &f->err));
	assert_string_equal(port, strrchr(http_server_address(server, 1), ':'));
	assert_string_not_equal(port, ":0");
	http_server_stop(&server);
}

static void a_listener_that_cannot_start_starts_none(void **state)
{
	struct fixture *f = *state;
	const struct http_listener listeners[] = {
		{ .address = "127.0.0.1:0" },
		{ .address = http_server_address(f->server, 0) },
	};
	const struct http_settings settings = {
		.listeners = listeners,
		.listener_count = 2,
		.routes = routes,
		.route_count = 1,
		.threads = 1,
		.connections_max = 1,
		.body_max = 1,
		.idle_timeout_s = 1,
	};
	struct http_server *server = NULL;

	assert_false(http_server_start(&settings, &server, &f->err));
	assert_null(server);
	assert_non_null(strstr(f->err.message, listeners[1].address));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_connection_serves_one_request_after_another),
		test(requests_in_one_packet_get_one_reply_each),
		test(a_chunked_body_is_put_together),
		test(a_client_that_waits_for_100_gets_it),
		test(a_handler_sees_path_header_and_query),
		test(a_handler_need_not_see_all_parameters),
		test(an_answer_may_have_no_body),
		test(an_unknown_path_is_404),
		test(a_known_path_with_another_method_is_405),
		test(a_route_for_others_is_404),
		test(a_body_at_the_limit_is_taken_and_one_above_is_413),
		test(a_chunked_body_that_is_too_large_is_413),
		test(a_body_without_end_is_cut_off),
		test(a_large_body_is_refused_before_it_is_sent),
		test(what_is_no_http_is_400),
		test(a_client_that_trickles_is_cut_off),
		test(addresses_are_known_before_anybody_is_served),
		test(a_listener_that_cannot_start_starts_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
