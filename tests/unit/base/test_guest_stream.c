/* SPDX-License-Identifier: MIT */
/* test_guest_stream.c -- base/guest_stream, over a socket pair; the clock is the test's. */
#include "base/guest_stream.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "openkvp/frame.h"
#include "openkvp/link_message.h"

struct fixture {
	struct guest_stream stream;
	int host;
};

static uint64_t clock_ms = 1;

int __wrap_clock_gettime(clockid_t id, struct timespec *time);

int __wrap_clock_gettime(clockid_t id, struct timespec *time)
{
	time->tv_sec = (time_t)(clock_ms / 1000);
	time->tv_nsec = (long)(clock_ms % 1000) * 1000000;
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->stream.fd = pair[0];
	f->stream.session = okvp_guest_session_create();
	f->host = pair[1];
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	okvp_guest_session_free(&f->stream.session);
	close(f->stream.fd);
	if (f->host >= 0)
		close(f->host);
	free(f);
	return 0;
}

/* Has the host send the first bytes of a HELLO. */
static void host_sends(struct fixture *f, uint32_t epoch, size_t size)
{
	uint8_t bytes[OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HELLO_SIZE];
	const struct okvp_frame frame = { .epoch = epoch, .length = OKVP_LINK_HELLO_SIZE };

	okvp_frame_write_header(&frame, bytes);
	okvp_link_write_hello(OKVP_LINK_HELLO, 0, 0, bytes + OKVP_FRAME_HEADER_SIZE);
	if (size > sizeof(bytes))
		size = sizeof(bytes);
	assert_int_equal(write(f->host, bytes, size), (ssize_t)size);
}

static enum okvp_guest_state state_of(const struct fixture *f)
{
	return okvp_guest_session_state(f->stream.session);
}

static void a_greeting_is_read_and_answered(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[100];

	assert_int_equal(guest_stream_events(&f->stream), POLLIN);
	host_sends(f, 7, SIZE_MAX);
	assert_true(guest_stream_read(&f->stream, POLLIN, NULL));
	assert_int_equal(state_of(f), OKVP_GUEST_HELLO);
	assert_int_equal(guest_stream_events(&f->stream), POLLIN | POLLOUT);
	assert_int_equal(read(f->host, bytes, sizeof(bytes)), -1);

	assert_true(guest_stream_write(&f->stream, NULL));
	assert_int_equal(read(f->host, bytes, sizeof(bytes)),
			 OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HELLO_SIZE);
	assert_int_equal(guest_stream_events(&f->stream), POLLIN);
}

static void nothing_to_read_is_no_failure(void **state)
{
	struct fixture *f = *state;

	assert_true(guest_stream_read(&f->stream, POLLIN, NULL));
	assert_true(guest_stream_read(&f->stream, 0, NULL));
	assert_true(guest_stream_write(&f->stream, NULL));
	assert_int_equal(guest_stream_time_left(&f->stream), -1);
}

static void the_end_of_the_host_is_told(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	close(f->host);
	f->host = -1;
	assert_false(guest_stream_read(&f->stream, POLLIN | POLLHUP, &err));
	assert_int_equal(err.status, OKVP_UNAVAILABLE);
}

static void a_port_that_is_hung_up_and_has_nothing_to_read_is_at_its_end(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;

	assert_false(guest_stream_read(&f->stream, POLLHUP, &err));
	assert_int_equal(err.status, OKVP_UNAVAILABLE);
}

static void what_came_before_the_end_is_still_read(void **state)
{
	struct fixture *f = *state;

	host_sends(f, 7, SIZE_MAX);
	close(f->host);
	f->host = -1;
	assert_true(guest_stream_read(&f->stream, POLLIN | POLLHUP, NULL));
	assert_int_equal(state_of(f), OKVP_GUEST_HELLO);
	assert_false(guest_stream_read(&f->stream, POLLIN | POLLHUP, NULL));
}

static void a_descriptor_that_fails_is_at_its_end(void **state)
{
	struct fixture *f = *state;
	struct okvp_error err;
	int fd = f->stream.fd;

	f->stream.fd = -1;
	assert_false(guest_stream_read(&f->stream, POLLERR, &err));
	assert_int_equal(err.status, OKVP_UNAVAILABLE);
	f->stream.fd = fd;
}

static void half_a_frame_is_given_up_in_time(void **state)
{
	struct fixture *f = *state;

	host_sends(f, 7, 30);
	assert_true(guest_stream_read(&f->stream, POLLIN, NULL));
	assert_int_equal(guest_stream_time_left(&f->stream), OKVP_FRAME_PARTIAL_MS);

	clock_ms += OKVP_FRAME_PARTIAL_MS - 1;
	assert_int_equal(guest_stream_time_left(&f->stream), 1);
	assert_true(guest_stream_read(&f->stream, 0, NULL));
	assert_true(okvp_guest_session_partial(f->stream.session));

	clock_ms++;
	assert_int_equal(guest_stream_time_left(&f->stream), 0);
	assert_true(guest_stream_read(&f->stream, 0, NULL));
	assert_false(okvp_guest_session_partial(f->stream.session));
	assert_int_equal(guest_stream_time_left(&f->stream), -1);
}

static void a_frame_that_becomes_complete_is_not_given_up(void **state)
{
	struct fixture *f = *state;
	uint8_t rest[OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HELLO_SIZE - 30] = { 0 };

	host_sends(f, 7, 30);
	assert_true(guest_stream_read(&f->stream, POLLIN, NULL));
	clock_ms += OKVP_FRAME_PARTIAL_MS - 1;
	assert_int_equal(write(f->host, rest, sizeof(rest)), (ssize_t)sizeof(rest));
	assert_true(guest_stream_read(&f->stream, POLLIN, NULL));

	assert_int_equal(state_of(f), OKVP_GUEST_HELLO);
	assert_int_equal(guest_stream_time_left(&f->stream), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_greeting_is_read_and_answered),
		TEST(nothing_to_read_is_no_failure),
		TEST(the_end_of_the_host_is_told),
		TEST(a_port_that_is_hung_up_and_has_nothing_to_read_is_at_its_end),
		TEST(what_came_before_the_end_is_still_read),
		TEST(a_descriptor_that_fails_is_at_its_end),
		TEST(half_a_frame_is_given_up_in_time),
		TEST(a_frame_that_becomes_complete_is_not_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
