/* SPDX-License-Identifier: MIT */
/* flood.c -- a guest that says as much as its socket takes, as fast as one core can.
 *
 *	flood SOCKET frames|noise
 *
 * It agrees on a version as any guest does; then it sends answers that nobody asked for, or bytes
 * that are no frames. When the host hangs up it begins anew. Runs until it is killed. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/guest_stream.h"
#include "bench.h"
#include "openkvp/frame.h"
#include "openkvp/guest_session.h"
#include "openkvp/link_message.h"

#define FRAME_SIZE (OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE)

static uint8_t flood[512 * FRAME_SIZE];

static void fill_with_noise(void)
{
	memset(flood, 0xA5, sizeof(flood));
}

/* Empty answers, in the epoch of the host's last HELLO. */
static void fill_with_frames(uint32_t epoch)
{
	const struct okvp_ic_header header = { .framework = { 3, 0 },
					       .message = { 4, 0 },
					       .type = OKVP_IC_KVP,
					       .flags = OKVP_IC_TRANSACTION | OKVP_IC_RESPONSE };
	struct okvp_frame frame = { .epoch = epoch,
				    .length = OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE };

	for (uint8_t *at = flood; at < flood + sizeof(flood); at += FRAME_SIZE) {
		frame.sequence++;
		okvp_frame_write_header(&frame, at);
		okvp_link_write_pipe_header(OKVP_IC_HEADER_SIZE, at + OKVP_FRAME_HEADER_SIZE);
		okvp_ic_write_header(&header, at + OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE);
	}
}

/* The epoch of what the session is about to send. */
static uint32_t epoch_of(const struct okvp_guest_session *session)
{
	size_t size;
	const uint8_t *output = okvp_guest_session_output(session, &size);
	uint32_t epoch = 0;

	if (size >= OKVP_FRAME_HEADER_SIZE)
		memcpy(&epoch, output + 4, sizeof(epoch));
	return epoch;
}

/* Agrees on a version; false when the host hangs up. */
static bool agree(int fd, uint32_t *ret_epoch)
{
	struct okvp_guest_session *session = okvp_guest_session_create();
	struct guest_stream stream = { .fd = fd, .session = session };
	struct okvp_error err;
	bool ok = true;

	okvp_guest_session_wake(session);
	while (ok && okvp_guest_session_state(session) != OKVP_GUEST_OPEN) {
		ok = guest_stream_write(&stream, &err) && guest_stream_read(&stream, 1, &err);
		*ret_epoch = epoch_of(session);
	}
	ok = ok && guest_stream_write(&stream, &err);
	okvp_guest_session_free(&session);
	return ok;
}

int main(int argc, char **argv)
{
	bool noise = argc > 2 && strcmp(argv[2], "noise") == 0;

	if (argc != 3)
		die("usage: flood SOCKET frames|noise");
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		int fd = connect_unix(argv[1], SOCK_STREAM);
		uint32_t epoch;

		if (agree(fd, &epoch)) {
			if (noise)
				fill_with_noise();
			else
				fill_with_frames(epoch);
			while (write(fd, flood, sizeof(flood)) > 0)
				;
		}
		close(fd);
	}
}
