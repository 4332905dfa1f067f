/* SPDX-License-Identifier: MIT */
/* test_http_answer.c -- front/http_answer, and which listeners have which routes */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/log.h"
#include "front/http_server.h"
#include "http_peer.h"

#define PIECES     20
#define PIECE_SIZE 10000

enum { SERVICE_ONE = 1, SERVICE_TWO = 2 };

struct fixture {
	struct http_server *server;
	struct peer peer, other;
};

/* --- An answer in pieces: each of another letter --- */

struct letters {
	int next;
	bool endless;
};

static atomic_int letters_released;

static bool add_letters(void *context, struct text *out)
{
	struct letters *letters = context;
	char piece[PIECE_SIZE];

	memset(piece, 'a' + letters->next % 26, sizeof(piece));
	text_add(out, piece, sizeof(piece));
	return ++letters->next < PIECES || letters->endless;
}

static void release_letters(void *letters)
{
	letters_released++;
}

static void send_letters(struct http_exchange *exchange, void *context)
{
	struct arena *arena = http_request(exchange)->arena;
	struct letters *letters = arena_new(arena, struct letters);
	const struct http_pieces pieces = { add_letters, letters };
	struct text first = { 0 };

	letters->endless = strcmp(http_request(exchange)->path, "/endless") == 0;
	arena_defer(arena, release_letters, letters);
	add_letters(letters, &first);
	http_answer_pieces(exchange, 200, "text/plain", &first, &pieces);
}

static void say_yes(struct http_exchange *exchange, void *context)
{
	struct text body = { 0 };

	text_puts(&body, "yes");
	http_answer(exchange, 200, "text/plain", &body);
}

static const struct http_route routes[] = {
	{ .method = "GET", .path = "/letters", .handle = send_letters },
	{ .method = "GET", .path = "/endless", .handle = send_letters },
	{ .method = "GET", .path = "/one", .handle = say_yes, .service = SERVICE_ONE },
	{ .method = "GET", .path = "/two", .handle = say_yes, .service = SERVICE_TWO },
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct http_listener listeners[] = {
		{ .address = "127.0.0.1:0" },
		{ .address = "127.0.0.1:0", .services = SERVICE_TWO },
	};
	const struct http_settings settings = {
		.listeners = listeners,
		.listener_count = 2,
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.threads = 1,
		.connections_max = 8,
		.body_max = 1000,
		.idle_timeout_s = 60,
	};
	struct okvp_error err;

	log_set_level(LOG_LEVEL_ERROR);
	letters_released = 0;
	assert_true(http_server_start(&settings, &f->server, &err));
	peer_connect(&f->peer, http_server_address(f->server, 0));
	peer_connect(&f->other, http_server_address(f->server, 1));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	peer_close(&f->peer);
	peer_close(&f->other);
	http_server_stop(&f->server);
	free(f);
	return 0;
}

static void an_answer_in_pieces_arrives_whole(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 2; round++) {
		const struct reply *reply =
			peer_ask(&f->peer, "GET /letters HTTP/1.1\r\nHost: x\r\n\r\n");

		assert_int_equal(reply->status, 200);
		assert_true(reply->chunks > 1);
		assert_int_equal(reply->body_length, PIECES * PIECE_SIZE);
		for (int i = 0; i < PIECES * PIECE_SIZE; i++)
			assert_int_equal(reply->body[i], 'a' + i / PIECE_SIZE);
	}
	assert_string_equal(peer_ask(&f->peer, "GET /one HTTP/1.1\r\nHost: x\r\n\r\n")->body,
			    "yes");
	assert_int_equal(letters_released, 2);
}

static void a_client_that_goes_in_the_middle_of_an_answer_ends_it(void **state)
{
	struct fixture *f = *state;
	char piece[PIECE_SIZE];

	peer_send(&f->peer, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(recv(f->peer.fd, piece, sizeof(piece), 0) > 0);
	peer_close(&f->peer);
	http_server_stop(&f->server);

	assert_int_equal(letters_released, 1);
}

static void a_route_is_where_its_service_is(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(peer_ask(&f->peer, "GET /one HTTP/1.1\r\nHost: x\r\n\r\n")->status, 200);
	assert_int_equal(peer_ask(&f->peer, "GET /two HTTP/1.1\r\nHost: x\r\n\r\n")->status, 200);
	assert_int_equal(peer_ask(&f->other, "GET /one HTTP/1.1\r\nHost: x\r\n\r\n")->status, 404);
	assert_int_equal(peer_ask(&f->other, "GET /two HTTP/1.1\r\nHost: x\r\n\r\n")->status, 200);
	assert_int_equal(peer_ask(&f->other, "GET /letters HTTP/1.1\r\nHost: x\r\n\r\n")->status,
			 200);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(an_answer_in_pieces_arrives_whole),
		test(a_client_that_goes_in_the_middle_of_an_answer_ends_it),
		test(a_route_is_where_its_service_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
