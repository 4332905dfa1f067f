/* SPDX-License-Identifier: MIT */
/* stream.h -- for transports: the bytes of one connection. */
#pragma once
#include <stdbool.h>
#include <uv.h>

struct stream;

/* What a stream tells. It may be closed meanwhile. */
struct stream_events {
	/* Bytes came; borrowed. */
	void (*received)(void *context, const void *bytes, size_t size);
	/* The other end is gone. The stream is still to be closed. */
	void (*ended)(void *context, const char *reason);
	void *context;
};

/* A stream on a connected socket, which it takes. */
struct stream *stream_open(uv_loop_t *loop, int fd, const struct stream_events *events);

/* No event comes any more. The memory goes when the loop has run once more. */
void stream_close(struct stream **stream);

/* Sends bytes (copied); false when the other end is gone or too much waits to be sent. */
bool stream_send(struct stream *stream, const void *bytes, size_t size);

/* Stops and goes on to read. */
void stream_pause(struct stream *stream, bool paused);
