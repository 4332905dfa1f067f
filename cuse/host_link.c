/* SPDX-License-Identifier: MIT */
/* host_link.c -- one connection after the other, each with the session from its beginning. */
#include "cuse/host_link.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/attempts.h"
#include "base/clock.h"
#include "base/connect.h"
#include "base/guest_stream.h"
#include "base/log.h"
#include "base/memory.h"

struct host_link {
	struct connector *connector;
	struct attempts attempts;
	uint64_t due_ms;            /* without a connection: when the next attempt is made */
	struct guest_stream stream; /* its descriptor is -1 without a connection */
	uint64_t open_since_ms;     /* 0: no version was negotiated on this connection */
	bool open;                  /* whether it was told that the exchange is */
};

bool host_link_create(const char *address, struct okvp_guest_session *session,
		      struct host_link **ret_link, struct okvp_error *err)
{
	struct connector *connector;

	if (!connector_create(address, &connector, err))
		return false;
	*ret_link = xcalloc(1, sizeof(**ret_link));
	(*ret_link)->connector = connector;
	(*ret_link)->stream = (struct guest_stream){ .fd = -1, .session = session };
	return true;
}

void host_link_free(struct host_link **link)
{
	struct host_link *old = *link;

	*link = NULL;
	if (!old)
		return;
	if (old->stream.fd >= 0)
		close(old->stream.fd);
	connector_free(&old->connector);
	free(old);
}

const char *host_link_name(const struct host_link *link)
{
	return connector_name(link->connector);
}

static void end_attempt(struct host_link *link, uint64_t contact_ms, struct okvp_error *why)
{
	attempts_ended(&link->attempts, contact_ms, why);
	link->due_ms = clock_monotonic_ms() + (uint64_t)link->attempts.pause_ms;
}

static void lose(struct host_link *link, struct okvp_error *why)
{
	uint64_t contact_ms = 0;

	if (link->open_since_ms != 0)
		contact_ms = clock_monotonic_ms() - link->open_since_ms + 1;
	close(link->stream.fd);
	link->stream.fd = -1;
	link->stream.partial_since_ms = 0;
	link->open_since_ms = 0;
	link->open = false;
	okvp_guest_session_reset(link->stream.session);
	okvp_fail_in(why, "%s", connector_name(link->connector));
	end_attempt(link, contact_ms, why);
}

static void try_to_connect(struct host_link *link)
{
	struct okvp_error why;

	if (connector_open(link->connector, &link->stream.fd, &why))
		okvp_guest_session_wake(link->stream.session);
	else
		end_attempt(link, 0, &why);
}

/* Tells when the exchange begins, with each daemon. */
static void follow_state(struct host_link *link)
{
	struct okvp_version version = okvp_guest_session_version(link->stream.session);
	bool open = okvp_guest_session_state(link->stream.session) == OKVP_GUEST_OPEN;

	if (open && !link->open)
		log_info("host", "exchange open, message version %u.%u", version.major,
			 version.minor);
	if (open && link->open_since_ms == 0)
		link->open_since_ms = clock_monotonic_ms();
	link->open = open;
}

struct pollfd host_link_poll(const struct host_link *link)
{
	if (link->stream.fd >= 0)
		return (struct pollfd){ .fd = link->stream.fd,
					.events = guest_stream_events(&link->stream) };
	return (struct pollfd){ .fd = connector_listener(link->connector), .events = POLLIN };
}

int host_link_time_left(const struct host_link *link)
{
	uint64_t now = clock_monotonic_ms();

	if (link->stream.fd >= 0)
		return guest_stream_time_left(&link->stream);
	if (connector_listener(link->connector) >= 0)
		return -1;
	return link->due_ms > now ? (int)(link->due_ms - now) : 0;
}

void host_link_turn(struct host_link *link, short reported)
{
	struct okvp_error why;

	if (link->stream.fd < 0) {
		if (reported || host_link_time_left(link) == 0)
			try_to_connect(link);
	} else if (guest_stream_read(&link->stream, reported, &why)) {
		follow_state(link);
	} else {
		lose(link, &why);
	}
}

void host_link_write(struct host_link *link)
{
	struct okvp_error why;

	if (link->stream.fd >= 0 && !guest_stream_write(&link->stream, &why))
		lose(link, &why);
}
