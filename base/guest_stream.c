/* SPDX-License-Identifier: MIT */
/* guest_stream.c -- read(2) and write(2) around a guest session. */
#include "base/guest_stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "openkvp/frame.h"

#define READ_SIZE 65536

short guest_stream_events(const struct guest_stream *stream)
{
	bool wants_input = okvp_guest_session_wants_input(stream->session);
	size_t waiting;

	okvp_guest_session_output(stream->session, &waiting);
	return (short)((wants_input ? POLLIN : 0) | (waiting > 0 ? POLLOUT : 0));
}

int guest_stream_time_left(const struct guest_stream *stream)
{
	uint64_t age = clock_monotonic_ms() - stream->partial_since_ms;

	if (stream->partial_since_ms == 0)
		return -1;
	return age < OKVP_FRAME_PARTIAL_MS ? (int)(OKVP_FRAME_PARTIAL_MS - age) : 0;
}

static bool lost(int errno_value, struct okvp_error *err)
{
	return okvp_fail(err, OKVP_UNAVAILABLE, "the connection is lost: %s",
			 strerror(errno_value));
}

/* A port whose host end is closed reports POLLHUP for ever, and 0 bytes. */
static bool read_some(struct guest_stream *stream, short reported, struct okvp_error *err)
{
	uint8_t bytes[READ_SIZE];
	ssize_t size = read(stream->fd, bytes, sizeof(bytes));
	bool nothing = size < 0 && (errno == EAGAIN || errno == EINTR);

	if (size == 0 || (nothing && reported & POLLHUP))
		return okvp_fail(err, OKVP_UNAVAILABLE, "the host's end is closed");
	if (nothing)
		return true;
	if (size < 0)
		return lost(errno, err);
	return okvp_guest_session_receive(stream->session, bytes, (size_t)size, err);
}

static void watch_partial_frame(struct guest_stream *stream)
{
	uint64_t now = clock_monotonic_ms();

	if (!okvp_guest_session_partial(stream->session)) {
		stream->partial_since_ms = 0;
	} else if (stream->partial_since_ms == 0) {
		stream->partial_since_ms = now;
	} else if (now - stream->partial_since_ms >= OKVP_FRAME_PARTIAL_MS) {
		okvp_guest_session_give_up(stream->session);
		stream->partial_since_ms = 0;
	}
}

bool guest_stream_read(struct guest_stream *stream, short reported, struct okvp_error *err)
{
	bool wants_input = okvp_guest_session_wants_input(stream->session);

	if (!wants_input && reported & (POLLHUP | POLLERR)) /* and there is no use in waiting */
		return okvp_fail(err, OKVP_UNAVAILABLE, "the host's end is closed");
	if (!wants_input)
		return true;
	if (reported & ~POLLOUT && !read_some(stream, reported, err))
		return false;
	watch_partial_frame(stream);
	return true;
}

bool guest_stream_write(struct guest_stream *stream, struct okvp_error *err)
{
	size_t size;
	const uint8_t *bytes = okvp_guest_session_output(stream->session, &size);
	ssize_t put = size > 0 ? write(stream->fd, bytes, size) : 0;

	if (put < 0 && errno != EAGAIN && errno != EINTR)
		return lost(errno, err);
	if (put > 0)
		okvp_guest_session_sent(stream->session, (size_t)put);
	return true;
}
