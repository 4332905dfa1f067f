/* SPDX-License-Identifier: MIT */
/* bridge_loop.c -- poll(2) over host, daemon and listener. */
#include "cuse/bridge_loop.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/guest_stream.h"

enum { HOST, LISTENER, DAEMON, SIGNAL, END_COUNT };

struct loop {
	struct bridge *bridge;
	struct bridge_ends *ends;
	struct guest_stream stream; /* to the host */
};

static bool try_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void close_daemon(struct loop *loop)
{
	close(loop->ends->daemon);
	loop->ends->daemon = -1;
	bridge_daemon_closed(loop->bridge);
}

/* One daemon at a time, as the device has it: a second one waits. */
static void accept_daemon(struct loop *loop)
{
	loop->ends->daemon =
		accept4(loop->ends->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (loop->ends->daemon >= 0)
		bridge_daemon_opened(loop->bridge);
}

static void read_daemon(struct loop *loop)
{
	uint8_t message[OKVP_HV_MESSAGE_SIZE];
	ssize_t size = recv(loop->ends->daemon, message, sizeof(message), 0);

	if (size < 0 && try_again())
		return;
	if (size != sizeof(message) || !bridge_daemon_wrote(loop->bridge, message))
		close_daemon(loop);
}

static void write_daemon(struct loop *loop)
{
	const uint8_t *message = bridge_to_daemon(loop->bridge);

	if (loop->ends->daemon < 0 || !message)
		return;
	if (send(loop->ends->daemon, message, OKVP_HV_MESSAGE_SIZE, MSG_NOSIGNAL) > 0)
		bridge_daemon_read(loop->bridge);
	else if (!try_again())
		close_daemon(loop);
}

static int time_to_wait(const struct loop *loop)
{
	int daemon = bridge_time_left(loop->bridge, clock_monotonic_ms());
	int frame = guest_stream_time_left(&loop->stream);

	return frame < 0 || (daemon >= 0 && daemon < frame) ? daemon : frame;
}

static void prepare(struct loop *loop, struct pollfd polls[static END_COUNT])
{
	const struct bridge_ends *ends = loop->ends;

	polls[HOST] =
		(struct pollfd){ .fd = ends->host, .events = guest_stream_events(&loop->stream) };
	polls[LISTENER] =
		(struct pollfd){ .fd = ends->daemon < 0 ? ends->listener : -1, .events = POLLIN };
	polls[DAEMON] = (struct pollfd){ .fd = ends->daemon, .events = POLLIN };
	polls[SIGNAL] = (struct pollfd){ .fd = ends->signal, .events = POLLIN };
	if (bridge_to_daemon(loop->bridge))
		polls[DAEMON].events |= POLLOUT;
}

/* Moves on what can be moved without waiting; false when the host is lost. */
static bool advance(struct loop *loop)
{
	uint64_t now = clock_monotonic_ms();

	bridge_advance(loop->bridge, now);
	write_daemon(loop);
	bridge_advance(loop->bridge, now); /* a daemon that is ready now gets what has waited */
	write_daemon(loop);
	return guest_stream_write(&loop->stream, NULL);
}

enum bridge_loop_end bridge_run(struct bridge *bridge, struct bridge_ends *ends)
{
	struct loop loop = {
		.bridge = bridge,
		.ends = ends,
		.stream = { .fd = ends->host, .session = bridge_session(bridge) },
	};

	okvp_guest_session_wake(bridge_session(bridge));
	for (;;) {
		struct pollfd polls[END_COUNT];

		prepare(&loop, polls);
		if (poll(polls, END_COUNT, time_to_wait(&loop)) < 0)
			continue;
		if (polls[SIGNAL].revents)
			return BRIDGE_STOPPED;
		if (polls[LISTENER].revents)
			accept_daemon(&loop);
		if (polls[DAEMON].revents & ~POLLOUT)
			read_daemon(&loop);
		if (!guest_stream_read(&loop.stream, polls[HOST].revents, NULL) || !advance(&loop))
			return BRIDGE_HOST_LOST;
	}
}
