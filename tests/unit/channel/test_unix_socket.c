/* SPDX-License-Identifier: MIT */
/* test_unix_socket.c -- channel/unix_socket: streams that come and go. */
#include "channel/transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	uv_loop_t loop;
	char folder[64];
	struct sockaddr_un address;
	const struct transport_kind *kind;
	struct transport *transport;
	int connected, closed;
	char received[64];
};

static void connected(void *context)
{
	struct fixture *fixture = context;

	fixture->connected++;
}

static void received(void *context, const void *bytes, size_t size)
{
	struct fixture *fixture = context;

	strncat(fixture->received, bytes, size);
}

static void closed(void *context, const char *reason)
{
	struct fixture *fixture = context;

	fixture->closed++;
}

static int prepare(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	uv_loop_init(&fixture->loop);
	strcpy(fixture->folder, "/tmp/openkvp-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->address.sun_family = AF_UNIX;
	snprintf(fixture->address.sun_path, sizeof(fixture->address.sun_path), "%s/s",
		 fixture->folder);
	*state = fixture;
	return 0;
}

static int clean_up(void **state)
{
	struct fixture *fixture = *state;

	if (fixture->transport)
		fixture->kind->close(&fixture->transport);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	unlink(fixture->address.sun_path);
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static void open_transport(struct fixture *fixture, const struct transport_kind *kind)
{
	const struct transport_events events = { connected, received, closed, fixture };
	struct okvp_error err;

	fixture->kind = kind;
	if (!kind->open(&fixture->loop, fixture->address.sun_path, &events, &fixture->transport,
			&err))
		fail_msg("%s", err.message);
}

static int listen_here(struct fixture *fixture)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (void *)&fixture->address, sizeof(fixture->address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int connect_there(struct fixture *fixture)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (void *)&fixture->address, sizeof(fixture->address)), 0);
	return fd;
}

#define run_until(fixture, condition)                                       \
	do {                                                                \
		for (int turns = 0; !(condition) && turns < 10000; turns++) \
			uv_run(&(fixture)->loop, UV_RUN_ONCE);              \
		assert_true(condition);                                     \
	} while (0)

static void connecting_waits_for_a_socket_that_is_not_there_yet(void **state)
{
	struct fixture *fixture = *state;
	int listener;

	open_transport(fixture, &unix_connect_transport);
	uv_run(&fixture->loop, UV_RUN_ONCE);
	assert_int_equal(fixture->connected, 0);
	listener = listen_here(fixture);
	run_until(fixture, fixture->connected == 1);
	close(listener);
}

static void a_stream_that_ends_is_made_again(void **state)
{
	struct fixture *fixture = *state;
	int listener = listen_here(fixture);

	open_transport(fixture, &unix_connect_transport);
	for (int round = 1; round <= 3; round++) {
		int peer;

		run_until(fixture, fixture->connected == round);
		peer = accept(listener, NULL, NULL);
		assert_true(peer >= 0);
		close(peer);
		run_until(fixture, fixture->closed == round);
	}
	close(listener);
}

static void bytes_travel_both_ways(void **state)
{
	struct fixture *fixture = *state;
	char buffer[16] = "";
	int peer;

	open_transport(fixture, &unix_listen_transport);
	peer = connect_there(fixture);
	run_until(fixture, fixture->connected == 1);
	assert_true(fixture->kind->send(fixture->transport, "to guest", 8));
	assert_int_equal(read(peer, buffer, sizeof(buffer)), 8);
	assert_string_equal(buffer, "to guest");
	assert_int_equal(write(peer, "to host", 7), 7);
	run_until(fixture, strcmp(fixture->received, "to host") == 0);
	close(peer);
}

static void what_the_peer_does_not_read_is_bounded(void **state)
{
	static char block[65536];
	struct fixture *fixture = *state;
	int peer, blocks = 0;

	open_transport(fixture, &unix_listen_transport);
	peer = connect_there(fixture);
	run_until(fixture, fixture->connected == 1);
	while (fixture->kind->send(fixture->transport, block, sizeof(block)))
		assert_true(++blocks < 1000);
	assert_true(blocks > 0);
	close(peer);
}

static void a_second_connection_waits_until_the_first_is_gone(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	open_transport(fixture, &unix_listen_transport);
	first = connect_there(fixture);
	run_until(fixture, fixture->connected == 1);
	second = connect_there(fixture);
	assert_int_equal(write(second, "second", 6), 6);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_int_equal(fixture->connected, 1);
	close(first);
	run_until(fixture, fixture->connected == 2);
	run_until(fixture, strcmp(fixture->received, "second") == 0);
	close(second);
}

static void a_stale_socket_is_replaced_and_a_live_one_is_not(void **state)
{
	struct fixture *fixture = *state;
	const struct transport_events events = { connected, received, closed, fixture };
	struct transport *other = NULL;
	struct okvp_error err;

	close(listen_here(fixture));
	open_transport(fixture, &unix_listen_transport);
	assert_false(unix_listen_transport.open(&fixture->loop, fixture->address.sun_path, &events,
						&other, &err));
	assert_non_null(strstr(err.message, "in use"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, prepare, clean_up)
	const struct CMUnitTest tests[] = {
		test(connecting_waits_for_a_socket_that_is_not_there_yet),
		test(a_stream_that_ends_is_made_again),
		test(bytes_travel_both_ways),
		test(what_the_peer_does_not_read_is_bounded),
		test(a_second_connection_waits_until_the_first_is_gone),
		test(a_stale_socket_is_replaced_and_a_live_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
