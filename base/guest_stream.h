/* SPDX-License-Identifier: MIT */
/* guest_stream.h -- the guest's end of the exchange on a descriptor that does not block: what the
 * agent and the bridge to a stock daemon have in common. The loop around it is the caller's. */
#pragma once
#include "openkvp/guest_session.h"

/* Begins with the first two set and all else zero; both stay the caller's. */
struct guest_stream {
	int fd;
	struct okvp_guest_session *session;
	uint64_t partial_since_ms; /* 0: no frame is begun */
};

/* What to poll(2) the descriptor for. */
short guest_stream_events(const struct guest_stream *stream);

/* Milliseconds until guest_stream_read() is due even if there is nothing to read; -1 for never. */
int guest_stream_time_left(const struct guest_stream *stream);

/* Reads what poll(2) has reported (0: nothing), and gives up a frame that was begun too long ago:
 * its rest may have gone with an earlier connection of the host, which a virtio-serial port does
 * not tell. OKVP_UNAVAILABLE when the host is gone. */
bool guest_stream_read(struct guest_stream *stream, short reported, struct okvp_error *err);

/* Writes what waits, as far as it goes; OKVP_UNAVAILABLE likewise. */
bool guest_stream_write(struct guest_stream *stream, struct okvp_error *err);
