/* SPDX-License-Identifier: MIT */
/* test_hybrid_vsock.c -- channel/hybrid_vsock, against a hypervisor that the test plays. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport_fixture.h"

static void open_hybrid(struct fixture *fixture)
{
	open_transport(fixture, &hybrid_vsock_transport, fixture->path);
}

/* A program of the guest calls: the hypervisor connects to our socket. */
static int guest_calls(struct fixture *fixture)
{
	char path[200];

	snprintf(path, sizeof(path), "%s_%d", fixture->path, TEST_PORT);
	return connect_to(path);
}

/* Takes our call; the request is in ret_line. */
static int take_call(struct fixture *fixture, int hypervisor, char ret_line[64])
{
	ssize_t size = -1;
	int fd = -1;

	for (int turns = 0; fd < 0 && turns < 1000; turns++) {
		run_a_while(fixture);
		fd = accept4(hypervisor, NULL, NULL, SOCK_NONBLOCK);
	}
	assert_true(fd >= 0);
	for (int turns = 0; size < 0 && turns < 1000; turns++) {
		run_a_while(fixture);
		size = read(fd, ret_line, 63);
	}
	assert_true(size > 0);
	ret_line[size] = '\0';
	return fd;
}

/* Its socket does not make the test wait: the test and the transport share a thread. */
static int listen_as_hypervisor(struct fixture *fixture)
{
	int fd = listen_at(fixture->path);

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void a_guest_that_calls_is_heard(void **state)
{
	struct fixture *fixture = *state;
	int guest;

	open_hybrid(fixture);
	guest = guest_calls(fixture);
	run_until(fixture, fixture->connected == 1);
	assert_int_equal(write(guest, "hello", 5), 5);
	run_until(fixture, strcmp(fixture->received, "hello") == 0);
	close(guest);
}

static void a_guest_that_listens_is_called(void **state)
{
	struct fixture *fixture = *state;
	int hypervisor = listen_as_hypervisor(fixture), guest;
	char line[64];

	open_hybrid(fixture);
	guest = take_call(fixture, hypervisor, line);
	assert_string_equal(line, "CONNECT 5870\n");
	assert_int_equal(fixture->connected, 0);
	assert_int_equal(write(guest, "OK 10737", 8), 8);
	run_once(fixture);
	assert_int_equal(fixture->connected, 0);
	assert_int_equal(write(guest, "41824\nhello", 11), 11);
	run_until(fixture, strcmp(fixture->received, "hello") == 0);
	assert_int_equal(fixture->connected, 1);
	close(guest);
	close(hypervisor);
}

static void what_is_no_agreement_is_tried_again(void **state)
{
	static const char *const answers[] = {
		"",
		"NO\n",
		"OK\n",
		"OK 1073741824 and so on, without an end of the line",
	};
	struct fixture *fixture = *state;
	int hypervisor = listen_as_hypervisor(fixture), guest;
	char line[64];

	open_hybrid(fixture);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		guest = take_call(fixture, hypervisor, line);
		assert_true(write(guest, answers[i], strlen(answers[i])) >= 0);
		close(guest);
	}
	guest = take_call(fixture, hypervisor, line);
	assert_int_equal(write(guest, "OK 1\n", 5), 5);
	run_until(fixture, fixture->connected == 1);
	close(guest);
	close(hypervisor);
}

static void a_guest_that_calls_comes_before_one_that_does_not_answer(void **state)
{
	struct fixture *fixture = *state;
	int hypervisor = listen_as_hypervisor(fixture), called, calls;
	char line[64], byte;

	open_hybrid(fixture);
	called = take_call(fixture, hypervisor, line);
	calls = guest_calls(fixture);
	run_until(fixture, fixture->connected == 1);
	run_until(fixture, read(called, &byte, 1) == 0);
	assert_int_equal(write(calls, "me", 2), 2);
	run_until(fixture, strcmp(fixture->received, "me") == 0);
	close(called);
	close(calls);
	close(hypervisor);
}

static void both_ways_are_open_again_after_the_end(void **state)
{
	struct fixture *fixture = *state;
	int hypervisor, guest;
	char line[64];

	open_hybrid(fixture);
	guest = guest_calls(fixture);
	run_until(fixture, fixture->connected == 1);
	close(guest);
	run_until(fixture, fixture->closed == 1);
	hypervisor = listen_as_hypervisor(fixture);
	guest = take_call(fixture, hypervisor, line);
	assert_int_equal(write(guest, "OK 1\n", 5), 5);
	run_until(fixture, fixture->connected == 2);
	close(guest);
	close(hypervisor);
	run_until(fixture, fixture->closed == 2);
	guest = guest_calls(fixture);
	run_until(fixture, fixture->connected == 3);
	close(guest);
}

static void the_folder_comes_and_goes_with_the_vm(void **state)
{
	struct fixture *fixture = *state;
	char folder[100], path[200], removal[300];

	snprintf(folder, sizeof(folder), "%s/vm", fixture->folder);
	snprintf(path, sizeof(path), "%s/s", folder);
	open_transport(fixture, &hybrid_vsock_transport, path);
	snprintf(path, sizeof(path), "%s/s_%d", folder, TEST_PORT);
	snprintf(removal, sizeof(removal), "rm -r %s", folder);
	for (int round = 1; round <= 2; round++) {
		int guest;

		assert_int_equal(mkdir(folder, 0700), 0);
		run_until(fixture, access(path, F_OK) == 0);
		guest = connect_to(path);
		run_until(fixture, fixture->connected == round);
		close(guest);
		run_until(fixture, fixture->closed == round);
		assert_int_equal(system(removal), 0);
	}
	assert_int_equal(fixture->faults, 0);
}

static void closing_in_the_middle_of_a_call_is_clean(void **state)
{
	struct fixture *fixture = *state;
	int hypervisor = listen_as_hypervisor(fixture);
	char line[64];

	open_hybrid(fixture);
	close(take_call(fixture, hypervisor, line));
	transport_close(&fixture->transport);
	close(hypervisor);
}

static void a_path_leaves_room_for_the_port(void **state)
{
	char path[200] = "/";

	memset(path + 1, 'x', 95);
	assert_true(hybrid_vsock_transport.check(path, NULL));
	path[96] = 'x';
	assert_false(hybrid_vsock_transport.check(path, NULL));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, prepare_transport, clean_up_transport)
	const struct CMUnitTest tests[] = {
		test(a_guest_that_calls_is_heard),
		test(a_guest_that_listens_is_called),
		test(what_is_no_agreement_is_tried_again),
		test(a_guest_that_calls_comes_before_one_that_does_not_answer),
		test(both_ways_are_open_again_after_the_end),
		test(the_folder_comes_and_goes_with_the_vm),
		test(closing_in_the_middle_of_a_call_is_clean),
		cmocka_unit_test(a_path_leaves_room_for_the_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
