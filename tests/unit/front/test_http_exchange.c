/* SPDX-License-Identifier: MIT */
/* test_http_exchange.c -- front/http_exchange: answers from other threads, and the end */
#include "front/http_internal.h"

#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "http_peer.h"

/* A thread that answers what handlers give it. */
struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct http_exchange *exchange;
	enum order { ANY_ORDER, ANSWER_FIRST, SLEEP_FIRST, HOLD } order;
	bool stopping;
};

struct fixture {
	struct worker worker;
	char folder[32], users[64];
	struct credentials *credentials;
	struct http_server *server;
	struct peer peer;
	struct okvp_error err;
};

static struct worker *worker_of_test;

static void *work(void *context)
{
	struct worker *worker = context;

	pthread_mutex_lock(&worker->lock);
	while (!worker->stopping) {
		struct text body = { 0 };

		if (!worker->exchange || worker->order == HOLD) {
			pthread_cond_wait(&worker->changed, &worker->lock);
			continue;
		}
		while (worker->order == SLEEP_FIRST && worker->exchange->baton != BATON_SLEEPING)
			sched_yield();
		text_puts(&body, "later");
		http_answer(worker->exchange, 200, "text/plain", &body);
		worker->exchange = NULL;
		pthread_cond_broadcast(&worker->changed);
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

static void set_order(struct worker *worker, enum order order)
{
	pthread_mutex_lock(&worker->lock);
	worker->order = order;
	pthread_cond_broadcast(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
}

static void await_exchange(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	while (!worker->exchange)
		pthread_cond_wait(&worker->changed, &worker->lock);
	pthread_mutex_unlock(&worker->lock);
}

static void await_answered(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	while (worker->exchange)
		pthread_cond_wait(&worker->changed, &worker->lock);
	pthread_mutex_unlock(&worker->lock);
}

static void later(struct http_exchange *exchange, void *context)
{
	struct worker *worker = worker_of_test;

	pthread_mutex_lock(&worker->lock);
	worker->exchange = exchange;
	pthread_cond_broadcast(&worker->changed);
	while (worker->order == ANSWER_FIRST && worker->exchange)
		pthread_cond_wait(&worker->changed, &worker->lock);
	pthread_mutex_unlock(&worker->lock);
}

static void waiting(struct http_exchange *exchange, void *context)
{
	http_may_give_up(exchange);
	later(exchange, context);
}

static struct http_exchange *held_exchange;

static void held(struct http_exchange *exchange, void *context)
{
	struct text body = { 0 };

	held_exchange = exchange;
	http_hold(exchange);
	text_puts(&body, "at once");
	http_answer(exchange, 200, "text/plain", &body);
}

static const struct http_route routes[] = {
	{ .method = "GET", .path = "/later", .handle = later },
	{ .method = "GET", .path = "/waiting", .handle = waiting },
	{ .method = "GET", .path = "/held", .handle = held },
};

/* One user, whose password is cheap to check and is not remembered: it is checked each time. */
static void create_credentials(struct fixture *f)
{
	const struct credentials_settings settings = { f->users, 0, 1 };
	FILE *file;

	strcpy(f->folder, "/tmp/exchange-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->users, sizeof(f->users), "%s/users", f->folder);
	file = fopen(f->users, "w");
	fputs("ann:write:xxkjwJp/A2uBQ\n", file); /* DES-crypt of "pw" */
	fclose(file);
	assert_true(credentials_create(&settings, &f->credentials, &f->err));
}

static int set_up(void **state)
{
	const struct http_listener listener = { .address = "127.0.0.1:0" };
	struct http_settings settings = {
		.listeners = &listener,
		.listener_count = 1,
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(*routes),
		.threads = 2,
		.connections_max = 64,
		.body_max = 1000,
		.idle_timeout_s = 60,
	};
	struct fixture *f = calloc(1, sizeof(*f));

	log_set_level(LOG_LEVEL_ERROR);
	worker_of_test = &f->worker;
	pthread_mutex_init(&f->worker.lock, NULL);
	pthread_cond_init(&f->worker.changed, NULL);
	pthread_create(&f->worker.thread, NULL, work, &f->worker);
	create_credentials(f);
	settings.credentials = f->credentials;
	assert_true(http_server_start(&settings, &f->server, &f->err));
	peer_connect(&f->peer, http_server_address(f->server, 0));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	set_order(&f->worker, ANY_ORDER);
	peer_close(&f->peer);
	http_server_stop(&f->server);
	pthread_mutex_lock(&f->worker.lock);
	f->worker.stopping = true;
	pthread_cond_broadcast(&f->worker.changed);
	pthread_mutex_unlock(&f->worker.lock);
	pthread_join(f->worker.thread, NULL);
	credentials_free(&f->credentials);
	unlink(f->users);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void expect_answers_from_another_thread(struct fixture *f, enum order order)
{
	set_order(&f->worker, order);
	for (int i = 0; i < 1000; i++) {
		const struct reply *reply =
			peer_ask(&f->peer, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");

		assert_int_equal(reply->status, 200);
		assert_string_equal(reply->body, "later");
	}
}

static void an_answer_may_come_before_the_connection_sleeps(void **state)
{
	expect_answers_from_another_thread(*state, ANSWER_FIRST);
}

static void an_answer_may_come_while_the_connection_sleeps(void **state)
{
	expect_answers_from_another_thread(*state, SLEEP_FIRST);
}

static void an_answer_may_come_just_when_the_connection_falls_asleep(void **state)
{
	expect_answers_from_another_thread(*state, ANY_ORDER);
}

static void a_request_that_is_held_outlasts_its_connection(void **state)
{
	struct fixture *f = *state;
	const struct reply *reply = peer_ask(&f->peer, "GET /held HTTP/1.1\r\nHost: x\r\n\r\n");

	assert_string_equal(reply->body, "at once");
	assert_int_equal(peer_ask(&f->peer, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n")->status, 200);
	http_server_stop(&f->server);

	assert_string_equal(http_request(held_exchange)->path, "/held");
	http_release(held_exchange);
}

/* --- Clients who go --- */

/* Asks for what is not answered yet; the server's descriptor of the connection, which sleeps. */
static int ask_and_hold(struct fixture *f, const char *request)
{
	set_order(&f->worker, HOLD);
	peer_send(&f->peer, request);
	await_exchange(&f->worker);
	while (f->worker.exchange->baton != BATON_SLEEPING)
		sched_yield();
	return f->worker.exchange->client->fd;
}

/* Waits until the server can see what has become of a connection. */
static void await_end(int fd, short end)
{
	struct pollfd wanted = { .fd = fd, .events = end };

	assert_int_equal(poll(&wanted, 1, 30000), 1);
}

static void a_client_who_closes_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	ask_and_hold(f, "GET /waiting HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_false(http_client_gone(f->worker.exchange));

	shutdown(f->peer.fd, SHUT_WR);

	peer_expect_end(&f->peer);
	assert_true(http_client_gone(f->worker.exchange));
	set_order(&f->worker, ANY_ORDER); /* answers now, to nobody */
	await_answered(&f->worker);
}

static void a_client_whose_connection_is_broken_is_given_up_at_the_first_look(void **state)
{
	const struct linger broken = { .l_onoff = 1 };
	struct fixture *f = *state;
	int fd = ask_and_hold(f, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");

	setsockopt(f->peer.fd, SOL_SOCKET, SO_LINGER, &broken, sizeof(broken));
	peer_close(&f->peer);
	await_end(fd, POLLHUP);
	exchanges_abandon_gone(f->server);

	assert_true(http_client_gone(f->worker.exchange));
	set_order(&f->worker, ANY_ORDER); /* answers now, to nobody */
	await_answered(&f->worker);
}

static void a_client_who_only_sends_no_more_gets_his_answer(void **state)
{
	struct fixture *f = *state;
	int fd = ask_and_hold(f, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	struct reply reply;

	shutdown(f->peer.fd, SHUT_WR);
	await_end(fd, POLLRDHUP);
	for (int looks = 0; looks < 3; looks++)
		exchanges_abandon_gone(f->server);
	assert_false(http_client_gone(f->worker.exchange));
	set_order(&f->worker, SLEEP_FIRST);

	assert_true(peer_receive(&f->peer, &reply));
	assert_string_equal(reply.body, "later");
}

static void a_client_who_is_not_waited_for_gets_a_quick_answer(void **state)
{
	struct fixture *f = *state;
	struct reply reply;

	ask_and_hold(f, "GET /waiting HTTP/1.1\r\nHost: x\r\n\r\n");
	shutdown(f->peer.fd, SHUT_WR);
	set_order(&f->worker, SLEEP_FIRST);

	assert_true(peer_receive(&f->peer, &reply));
	assert_string_equal(reply.body, "later");
}

/* --- The end --- */

static void a_request_may_sleep_for_its_password_and_then_for_its_answer(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2000; i++) {
		const struct reply *reply;

		set_order(&f->worker, i % 2 ? SLEEP_FIRST : ANY_ORDER);
		reply = peer_ask(&f->peer, "GET /later HTTP/1.1\r\nHost: x\r\n"
					   "Authorization: Basic YW5uOnB3\r\n\r\n");
		assert_int_equal(reply->status, 200);
	}
}

static void *stop(void *context)
{
	struct fixture *f = context;

	http_server_stop(&f->server);
	return NULL;
}

static void stopping_waits_for_those_that_are_being_answered(void **state)
{
	struct fixture *f = *state;
	const struct http_server *server = f->server;
	struct reply reply;
	pthread_t stopper;

	set_order(&f->worker, HOLD);
	peer_send(&f->peer, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_exchange(&f->worker);
	pthread_create(&stopper, NULL, stop, f);
	while (!server->stopping)
		sched_yield();
	set_order(&f->worker, ANY_ORDER);

	assert_true(peer_receive(&f->peer, &reply));
	assert_string_equal(reply.body, "later");
	peer_expect_end(&f->peer);
	pthread_join(stopper, NULL);
}

static void a_request_that_nobody_answers_does_not_hold_up_the_end(void **state)
{
	struct fixture *f = *state;

	f->server->stop_ms = 20;
	set_order(&f->worker, HOLD);
	peer_send(&f->peer, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	await_exchange(&f->worker);

	http_server_stop(&f->server);

	peer_expect_end(&f->peer);
	set_order(&f->worker, ANY_ORDER); /* answers now, to nobody */
	await_answered(&f->worker);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(an_answer_may_come_before_the_connection_sleeps),
		test(an_answer_may_come_while_the_connection_sleeps),
		test(an_answer_may_come_just_when_the_connection_falls_asleep),
		test(a_request_that_is_held_outlasts_its_connection),
		test(a_client_who_closes_is_not_waited_for),
		test(a_client_whose_connection_is_broken_is_given_up_at_the_first_look),
		test(a_client_who_only_sends_no_more_gets_his_answer),
		test(a_client_who_is_not_waited_for_gets_a_quick_answer),
		test(a_request_may_sleep_for_its_password_and_then_for_its_answer),
		test(stopping_waits_for_those_that_are_being_answered),
		test(a_request_that_nobody_answers_does_not_hold_up_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
