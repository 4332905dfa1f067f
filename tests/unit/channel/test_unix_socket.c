/* SPDX-License-Identifier: MIT */
/* test_unix_socket.c -- channel/unix_socket, dialer, listener and stream: streams that come and
 * go. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport_fixture.h"

static void dial(struct fixture *fixture)
{
	open_transport(fixture, &unix_connect_transport, fixture->path);
}

static void listen_here(struct fixture *fixture)
{
	open_transport(fixture, &unix_listen_transport, fixture->path);
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void connecting_waits_for_a_socket_that_is_not_there_yet(void **state)
{
	struct fixture *fixture = *state;
	int listener;

	dial(fixture);
	run_once(fixture);
	assert_int_equal(fixture->connected, 0);
	listener = listen_at(fixture->path);
	run_until(fixture, fixture->connected == 1);
	assert_int_equal(fixture->faults, 0);
	close(listener);
}

static void a_socket_that_is_not_there_costs_no_timer(void **state)
{
	struct fixture *fixture = *state;

	dial(fixture);
	run_once(fixture);
	assert_int_equal(uv_backend_timeout(&fixture->loop), -1);
}

static void the_folder_of_a_socket_may_come_later(void **state)
{
	struct fixture *fixture = *state;
	char folder[100], path[200];
	int listener;

	snprintf(folder, sizeof(folder), "%s/vm", fixture->folder);
	snprintf(path, sizeof(path), "%s/s", folder);
	open_transport(fixture, &unix_connect_transport, path);
	run_once(fixture);
	mkdir(folder, 0700);
	run_once(fixture);
	listener = listen_at(path);
	run_until(fixture, fixture->connected == 1);
	close(listener);
}

static void a_stream_that_ends_is_made_again(void **state)
{
	struct fixture *fixture = *state;
	int listener = listen_at(fixture->path);

	dial(fixture);
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

static void a_stale_socket_is_tried_until_somebody_listens(void **state)
{
	struct fixture *fixture = *state;
	int listener;

	close(listen_at(fixture->path));
	dial(fixture);
	run_once(fixture);
	unlink(fixture->path);
	listener = listen_at(fixture->path);
	run_until(fixture, fixture->connected == 1);
	assert_int_equal(fixture->faults, 0);
	close(listener);
}

static void a_file_that_is_no_socket_is_a_fault(void **state)
{
	struct fixture *fixture = *state;
	char path[200];

	/* Root may connect to anything, so that permissions cannot be the fault here. */
	snprintf(path, sizeof(path), "%s/loop", fixture->folder);
	assert_int_equal(symlink("loop", path), 0);
	open_transport(fixture, &unix_connect_transport, path);
	run_until(fixture, fixture->faults == 1);
	assert_non_null(strstr(fixture->fault, "loop: "));
}

static void bytes_travel_both_ways(void **state)
{
	struct fixture *fixture = *state;
	char buffer[16] = "";
	int peer;

	listen_here(fixture);
	peer = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 1);
	assert_true(transport_send(fixture->transport, "to guest", 8));
	assert_int_equal(read(peer, buffer, sizeof(buffer)), 8);
	assert_string_equal(buffer, "to guest");
	assert_int_equal(write(peer, "to host", 7), 7);
	run_until(fixture, strcmp(fixture->received, "to host") == 0);
	close(peer);
}

static void nothing_is_read_while_it_pauses(void **state)
{
	struct fixture *fixture = *state;
	int peer;

	listen_here(fixture);
	peer = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 1);
	transport_pause(fixture->transport, true);
	assert_int_equal(write(peer, "later", 5), 5);
	run_once(fixture);
	assert_string_equal(fixture->received, "");
	transport_pause(fixture->transport, false);
	run_until(fixture, strcmp(fixture->received, "later") == 0);
	close(peer);
}

static void what_the_peer_does_not_read_is_bounded(void **state)
{
	static char block[65536];
	struct fixture *fixture = *state;
	int peer, blocks = 0;

	listen_here(fixture);
	peer = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 1);
	while (transport_send(fixture->transport, block, sizeof(block)))
		assert_true(++blocks < 1000);
	assert_true(blocks > 0);
	close(peer);
}

static void nothing_can_be_sent_without_a_stream(void **state)
{
	struct fixture *fixture = *state;

	dial(fixture);
	assert_false(transport_send(fixture->transport, "x", 1));
}

static void a_second_connection_waits_until_the_first_is_gone(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	listen_here(fixture);
	first = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 1);
	second = connect_to(fixture->path);
	assert_int_equal(write(second, "second", 6), 6);
	run_once(fixture);
	assert_int_equal(fixture->connected, 1);
	close(first);
	run_until(fixture, fixture->connected == 2);
	run_until(fixture, strcmp(fixture->received, "second") == 0);
	close(second);
}

static void of_many_connections_at_once_only_some_are_taken(void **state)
{
	struct fixture *fixture = *state;

	listen_here(fixture);
	for (int i = 0; i < 8; i++) {
		close(connect_to(fixture->path));
		for (int turns = 0; turns < 3; turns++)
			run_once(fixture);
	}
	assert_in_range(fixture->connected, 1, 4);
	run_until(fixture, fixture->connected == 8); /* the others have their turn */
}

static void a_new_stream_is_made_when_the_channel_wants_one(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	listen_here(fixture);
	first = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 1);
	transport_reconnect(fixture->transport);
	assert_int_equal(fixture->closed, 1);
	second = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 2);
	close(first);
	close(second);
}

static void a_stale_socket_is_replaced(void **state)
{
	struct fixture *fixture = *state;
	int peer;

	close(listen_at(fixture->path));
	listen_here(fixture);
	peer = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 1);
	assert_int_equal(fixture->faults, 0);
	close(peer);
}

static void a_socket_in_use_is_a_fault_until_it_is_free(void **state)
{
	struct fixture *fixture = *state;
	int other = listen_at(fixture->path);

	listen_here(fixture);
	assert_non_null(strstr(fixture->fault, "another program"));
	close(other);
	unlink(fixture->path);
	run_until(fixture, fixture->faults == 2);
	assert_string_equal(fixture->fault, "");
	close(connect_to(fixture->path));
	run_until(fixture, fixture->connected == 1);
}

static void a_file_that_is_in_the_way_stays(void **state)
{
	struct fixture *fixture = *state;

	close(open(fixture->path, O_CREAT | O_WRONLY, 0600));
	listen_here(fixture);
	assert_non_null(strstr(fixture->fault, "is no socket"));
	transport_close(&fixture->transport);
	assert_true(exists(fixture->path));
}

static void a_file_in_the_place_of_a_socket_is_a_fault(void **state)
{
	struct fixture *fixture = *state;

	close(open(fixture->path, O_CREAT | O_WRONLY, 0600));
	dial(fixture);
	run_until(fixture, fixture->faults == 1);
	assert_non_null(strstr(fixture->fault, "is no socket"));
}

static void listening_waits_for_its_folder(void **state)
{
	struct fixture *fixture = *state;
	char folder[100], path[200];

	snprintf(folder, sizeof(folder), "%s/vm", fixture->folder);
	snprintf(path, sizeof(path), "%s/s", folder);
	open_transport(fixture, &unix_listen_transport, path);
	assert_non_null(strstr(fixture->fault, "no such folder"));
	mkdir(folder, 0700);
	run_until(fixture, exists(path));
	assert_string_equal(fixture->fault, "");
}

static void a_socket_that_was_removed_is_made_again(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	listen_here(fixture);
	first = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 1);
	unlink(fixture->path);
	run_until(fixture, exists(fixture->path));
	close(first);
	run_until(fixture, fixture->closed == 1);
	second = connect_to(fixture->path);
	run_until(fixture, fixture->connected == 2);
	close(second);
}

static void a_socket_is_for_its_group_and_nobody_else(void **state)
{
	struct fixture *fixture = *state;
	struct stat st;

	if (geteuid() != 0)
		skip();
	fixture->hub.group = 12345;
	listen_here(fixture);
	assert_int_equal(stat(fixture->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(st.st_gid, 12345);
}

static void the_socket_goes_with_the_transport(void **state)
{
	struct fixture *fixture = *state;

	listen_here(fixture);
	assert_true(exists(fixture->path));
	transport_close(&fixture->transport);
	assert_false(exists(fixture->path));
}

static void paths_must_be_absolute_and_short_enough(void **state)
{
	char path[200] = "/";

	assert_false(unix_connect_transport.check("relative", NULL));
	assert_false(unix_connect_transport.check("", NULL));
	assert_false(unix_connect_transport.check("/folder/", NULL));
	memset(path + 1, 'x', 106);
	assert_true(unix_connect_transport.check(path, NULL));
	path[107] = 'x';
	assert_false(unix_connect_transport.check(path, NULL));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, prepare_transport, clean_up_transport)
	const struct CMUnitTest tests[] = {
		test(connecting_waits_for_a_socket_that_is_not_there_yet),
		test(a_socket_that_is_not_there_costs_no_timer),
		test(the_folder_of_a_socket_may_come_later),
		test(a_stream_that_ends_is_made_again),
		test(a_stale_socket_is_tried_until_somebody_listens),
		test(a_file_that_is_no_socket_is_a_fault),
		test(bytes_travel_both_ways),
		test(nothing_is_read_while_it_pauses),
		test(what_the_peer_does_not_read_is_bounded),
		test(nothing_can_be_sent_without_a_stream),
		test(a_second_connection_waits_until_the_first_is_gone),
		test(of_many_connections_at_once_only_some_are_taken),
		test(a_new_stream_is_made_when_the_channel_wants_one),
		test(a_stale_socket_is_replaced),
		test(a_socket_in_use_is_a_fault_until_it_is_free),
		test(a_file_that_is_in_the_way_stays),
		test(a_file_in_the_place_of_a_socket_is_a_fault),
		test(listening_waits_for_its_folder),
		test(a_socket_that_was_removed_is_made_again),
		test(a_socket_is_for_its_group_and_nobody_else),
		test(the_socket_goes_with_the_transport),
		cmocka_unit_test(paths_must_be_absolute_and_short_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
