/* SPDX-License-Identifier: MIT */
/* test_vsock.c -- channel/vsock, with calls from a port that the test plays. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport_fixture.h"

static const struct vsock_caller *added;
static bool unavailable;

/* --- The port --- */

struct vsock_port *vsock_port_create(uv_loop_t *loop, uint32_t number)
{
	return NULL;
}

void vsock_port_free(struct vsock_port **port)
{
}

bool vsock_port_add(struct vsock_port *port, const struct vsock_caller *caller,
		    struct okvp_error *err)
{
	if (unavailable)
		return okvp_fail(err, OKVP_UNAVAILABLE, "no vsock today");
	added = caller;
	return true;
}

void vsock_port_remove(struct vsock_port *port, const struct vsock_caller *caller)
{
	assert_ptr_equal(added, caller);
	added = NULL;
}

/* The guest's end of a call. */
static int call(void)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	added->called(added->context, ends[0]);
	return ends[1];
}

/* --- Tests --- */

static void open_vsock(struct fixture *fixture)
{
	open_transport(fixture, &vsock_transport, "3");
	assert_non_null(added);
	assert_int_equal(added->cid, 3);
}

static bool is_closed(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 0;
}

static void a_call_becomes_the_stream(void **state)
{
	struct fixture *fixture = *state;
	int guest;

	open_vsock(fixture);
	guest = call();
	assert_int_equal(fixture->connected, 1);
	assert_int_equal(write(guest, "hello", 5), 5);
	run_until(fixture, strcmp(fixture->received, "hello") == 0);
	close(guest);
	run_until(fixture, fixture->closed == 1);
}

static void the_newest_call_takes_the_place_of_the_stream(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	open_vsock(fixture);
	first = call();
	second = call();
	run_until(fixture, fixture->connected == 2);
	assert_int_equal(fixture->closed, 1);
	assert_non_null(strstr(fixture->reason, "anew"));
	run_until(fixture, is_closed(first));
	assert_int_equal(write(second, "me", 2), 2);
	run_until(fixture, strcmp(fixture->received, "me") == 0);
	close(first);
	close(second);
}

static void of_a_storm_of_calls_the_last_is_taken_and_few_others(void **state)
{
	struct fixture *fixture = *state;
	int guest = -1;

	open_vsock(fixture);
	for (int i = 0; i < 100; i++) {
		if (guest >= 0)
			close(guest);
		guest = call();
		run_once(fixture);
	}
	assert_true(fixture->connected < 50);
	assert_int_equal(write(guest, "last", 4), 4);
	run_until(fixture, strcmp(fixture->received, "last") == 0);
	close(guest);
}

static void a_call_that_waits_goes_with_the_transport(void **state)
{
	struct fixture *fixture = *state;
	int first, second;

	open_vsock(fixture);
	first = call();
	second = call();
	transport_close(&fixture->transport);
	assert_null(added);
	assert_true(is_closed(second));
	close(first);
	close(second);
}

static void a_host_without_vsock_is_a_fault(void **state)
{
	struct fixture *fixture = *state;

	unavailable = true;
	open_transport(fixture, &vsock_transport, "3");
	assert_string_equal(fixture->fault, "no vsock today");
	unavailable = false;
}

static void a_cid_is_a_number_that_a_guest_may_have(void **state)
{
	assert_true(vsock_transport.check("1", NULL));
	assert_true(vsock_transport.check("4294967294", NULL));
	assert_false(vsock_transport.check("", NULL));
	assert_false(vsock_transport.check("0", NULL));
	assert_false(vsock_transport.check("2", NULL));
	assert_false(vsock_transport.check("03", NULL));
	assert_false(vsock_transport.check("-3", NULL));
	assert_false(vsock_transport.check("3x", NULL));
	assert_false(vsock_transport.check("4294967295", NULL));
	assert_false(vsock_transport.check("99999999999999999999", NULL));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, prepare_transport, clean_up_transport)
	const struct CMUnitTest tests[] = {
		test(a_call_becomes_the_stream),
		test(the_newest_call_takes_the_place_of_the_stream),
		test(of_a_storm_of_calls_the_last_is_taken_and_few_others),
		test(a_call_that_waits_goes_with_the_transport),
		test(a_host_without_vsock_is_a_fault),
		cmocka_unit_test(a_cid_is_a_number_that_a_guest_may_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
