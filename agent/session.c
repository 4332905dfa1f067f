/* SPDX-License-Identifier: MIT */
/* session.c -- a loop over poll(2) around the guest's end of the exchange. */
#include "agent/session.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "agent/own_server.h"
#include "base/clock.h"
#include "base/guest_stream.h"
#include "base/log.h"
#include "openkvp/scoped.h"

struct session {
	struct guest_stream stream;
	int signal_fd;
	struct pools *pools;
	struct own_server own;
	enum okvp_guest_state state;
	uint64_t open_since_ms; /* 0: no version was negotiated */
	struct session_result result;
};

static void free_guest(struct okvp_guest_session **guest)
{
	okvp_guest_session_free(guest);
}

/* Tells of each step towards the host. */
static void follow_state(struct session *session)
{
	enum okvp_guest_state state = okvp_guest_session_state(session->stream.session);
	struct okvp_version version = okvp_guest_session_version(session->stream.session);
	unsigned int own = okvp_guest_session_own(session->stream.session);

	if (state == session->state)
		return;
	if (state == OKVP_GUEST_OPEN && own > 0)
		log_info("host", "exchange open, openkvp's protocol version %u", own);
	else if (state == OKVP_GUEST_OPEN)
		log_info("host", "exchange open, message version %u.%u", version.major,
			 version.minor);
	else if (state == OKVP_GUEST_HELLO)
		log_info("host", "it is there");
	if (state == OKVP_GUEST_OPEN)
		session->open_since_ms = clock_monotonic_ms();
	session->state = state;
}

static void answer_requests(struct session *session)
{
	struct okvp_kvp_message request;

	while (okvp_guest_session_next(session->stream.session, &request)) {
		uint32_t status = pools_answer(session->pools, &request);

		okvp_guest_session_answer(session->stream.session, &request, status);
	}
}

/* The earlier of two times to wait, of which -1 is none. */
static int earlier(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

enum { STREAM, SIGNAL, OWN, DESCRIPTORS = OWN + OWN_DESCRIPTORS };

static int time_to_wait(const struct session *session)
{
	return earlier(guest_stream_time_left(&session->stream),
		       earlier(pools_sync_due(session->pools), own_server_due(&session->own)));
}

/* One turn of the loop; false when it is over. */
static bool take_turn(struct session *session)
{
	struct guest_stream *stream = &session->stream;
	struct okvp_error *why = &session->result.why;
	struct pollfd polls[DESCRIPTORS] = {
		[STREAM] = { .fd = stream->fd, .events = guest_stream_events(stream) },
		[SIGNAL] = { .fd = session->signal_fd, .events = POLLIN },
	};

	own_server_poll(&session->own, polls + OWN);
	if (poll(polls, DESCRIPTORS, time_to_wait(session)) < 0)
		return errno == EINTR || okvp_fail_errno(why, errno, "poll");
	if (polls[SIGNAL].revents) {
		session->result.end = SESSION_STOPPED;
		return false;
	}
	if (!guest_stream_read(stream, polls[STREAM].revents, why))
		return false;
	answer_requests(session);
	own_server_turn(&session->own, polls + OWN);
	follow_state(session);
	if (!guest_stream_write(stream, why))
		return false;
	if (pools_sync_due(session->pools) == 0)
		pools_sync(session->pools);
	return true;
}

struct session_result session_run(int fd, int signal_fd, struct pools *pools)
{
	scoped(free_guest) struct okvp_guest_session *guest = okvp_guest_session_create();
	struct session session = {
		.stream = { .fd = fd, .session = guest },
		.signal_fd = signal_fd,
		.pools = pools,
		.own = { .session = guest, .pools = pools },
		.result.end = SESSION_LOST,
	};

	if (!guest) {
		okvp_fail(&session.result.why, OKVP_NO_MEMORY, "no memory for a session");
		return session.result;
	}
	okvp_guest_session_offer(guest, OKVP_OWN_VERSION);
	okvp_guest_session_wake(guest);
	while (take_turn(&session))
		;
	own_server_done(&session.own);
	if (session.open_since_ms != 0)
		session.result.contact_ms = clock_monotonic_ms() - session.open_since_ms + 1;
	return session.result;
}
