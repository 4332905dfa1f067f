/* SPDX-License-Identifier: MIT */
/* test_client.c -- cli/client, against a socket on which one canned answer waits */
#include "cli/client.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

/* A server that takes one connection, one request without a body or with one that comes along, and
 * sends its answer. */
struct server {
	char folder[32];
	struct sockaddr_un address;
	int listener;
	pthread_t thread;
	const char *answer;
	char request[4096];
	struct client *client;
	struct reply reply;
	struct okvp_error error;
};

static bool is_whole(const char *request)
{
	const char *end = strstr(request, "\r\n\r\n"),
		   *length = strstr(request, "Content-Length: ");

	return end && (!length || strlen(end + 4) >= strtoul(length + 16, NULL, 10));
}

static void *serve(void *context)
{
	struct server *server = context;
	int connection = accept(server->listener, NULL, NULL);
	size_t length = 0;

	while (!is_whole(server->request)) {
		ssize_t got = read(connection, server->request + length,
				   sizeof(server->request) - 1 - length);

		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (write(connection, server->answer, strlen(server->answer)) < 0)
		abort();
	close(connection);
	return NULL;
}

static int open_server(void **state)
{
	struct server *server = xcalloc(1, sizeof(*server));
	struct client_settings settings = { .server = server->address.sun_path };

	strcpy(server->folder, "/tmp/test_client.XXXXXX");
	if (!mkdtemp(server->folder))
		return -1;
	server->address.sun_family = AF_UNIX;
	snprintf(server->address.sun_path, sizeof(server->address.sun_path), "%s/socket",
		 server->folder);
	server->client = client_create(&settings);
	*state = server;
	return 0;
}

static void answer_with(struct server *server, const char *answer)
{
	server->answer = answer;
	server->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&server->address,
			      sizeof(server->address)),
			 0);
	assert_int_equal(listen(server->listener, 1), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static int close_server(void **state)
{
	struct server *server = *state;

	reply_done(&server->reply);
	client_free(&server->client);
	if (server->answer) {
		pthread_join(server->thread, NULL);
		close(server->listener);
	}
	unlink(server->address.sun_path);
	rmdir(server->folder);
	free(server);
	return 0;
}

static bool call(struct server *server, const char *method, const char *path,
		 const struct text *body)
{
	return client_call(server->client, method, path, body, &server->reply, &server->error);
}

static void an_answer_is_read(void **state)
{
	struct server *server = *state;

	answer_with(server, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\":1}");
	assert_true(call(server, "GET", "/v1/vms/a%2Fb/../c", NULL));
	assert_int_equal(server->reply.status, 200);
	assert_string_equal(server->reply.body.bytes, "{\"a\":1}");
	assert_int_equal(json_integer_value(json_object_get(server->reply.json, "a")), 1);
	assert_memory_equal(server->request, "GET /v1/vms/a%2Fb/../c HTTP/1.1\r\n", 33);
}

static void a_body_is_sent_as_json(void **state)
{
	struct server *server = *state;
	struct text body = { 0 };

	text_literal(&body, "{\"x\":2}");
	answer_with(server, "HTTP/1.1 204 No Content\r\n\r\n");
	assert_true(call(server, "PATCH", "/v1/vms/a", &body));
	text_done(&body);
	assert_int_equal(server->reply.status, 204);
	assert_null(server->reply.json);
	assert_non_null(strstr(server->request, "PATCH /v1/vms/a HTTP/1.1\r\n"));
	assert_non_null(strstr(server->request, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(server->request, "\r\n\r\n{\"x\":2}"));
}

static void where_nobody_listens_the_path_is_told(void **state)
{
	struct server *server = *state;

	assert_false(call(server, "GET", "/v1/vms", NULL));
	assert_int_equal(server->error.status, OKVP_UNAVAILABLE);
	assert_non_null(strstr(server->error.message, server->address.sun_path));
	assert_non_null(strstr(server->error.message, "No such file or directory"));
}

static void who_does_not_speak_json_is_somebody_else(void **state)
{
	struct server *server = *state;

	answer_with(server, "HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\n<html>");
	assert_false(call(server, "GET", "/v1/vms", NULL));
	assert_int_equal(server->error.status, OKVP_UNAVAILABLE);
	assert_non_null(strstr(server->error.message, "is not openkvpd"));
}

static void a_connection_that_breaks_is_no_answer(void **state)
{
	struct server *server = *state;

	answer_with(server, "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n{\"a\":1}");
	assert_false(call(server, "GET", "/v1/vms", NULL));
	assert_int_equal(server->error.status, OKVP_UNAVAILABLE);
}

static void without_a_password_a_remote_server_is_not_asked(void **state)
{
	const struct client_settings settings = { .server = "http://127.0.0.1:1", .user = "ann" };
	struct server *server = *state;

	client_free(&server->client);
	server->client = client_create(&settings);
	assert_false(call(server, "GET", "/v1/vms", NULL));
	assert_int_equal(server->error.status, OKVP_INVALID);
}

static void another_kind_of_url_is_no_path(void **state)
{
	const struct client_settings settings = { .server = "ftp://host" };
	struct server *server = *state;

	client_free(&server->client);
	server->client = client_create(&settings);
	assert_false(call(server, "GET", "/v1/vms", NULL));
	assert_int_equal(server->error.status, OKVP_INVALID);
	assert_non_null(strstr(server->error.message, "ftp://host: a server is http://"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_server, close_server)
	const struct CMUnitTest tests[] = {
		test(an_answer_is_read),
		test(a_body_is_sent_as_json),
		test(where_nobody_listens_the_path_is_told),
		test(who_does_not_speak_json_is_somebody_else),
		test(a_connection_that_breaks_is_no_answer),
		test(without_a_password_a_remote_server_is_not_asked),
		test(another_kind_of_url_is_no_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
