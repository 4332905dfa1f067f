/* SPDX-License-Identifier: MIT */
/* transport.h -- for those who make the byte stream of a channel: unix_socket.c. */
#pragma once
#include <uv.h>

#include "openkvp/error.h"

struct transport;

/* What a transport tells its channel; all on the loop's thread. */
struct transport_events {
	void (*connected)(void *context);
	/* Bytes came; borrowed. */
	void (*received)(void *context, const void *bytes, size_t size);
	/* The stream ended; the transport goes on to connect or to listen by itself. */
	void (*closed)(void *context, const char *reason);
	void *context;
};

struct transport_kind {
	const char *prefix; /* "unix:" */
	/* Checks what stands behind the prefix. */
	bool (*check)(const char *rest, struct okvp_error *err);
	bool (*open)(uv_loop_t *loop, const char *rest, const struct transport_events *events,
		     struct transport **ret_transport, struct okvp_error *err);
	void (*close)(struct transport **transport);
	/* Sends bytes (copied); false when the stream is gone or too much waits to be sent. */
	bool (*send)(struct transport *transport, const void *bytes, size_t size);
	/* Ends the stream and begins anew. */
	void (*reconnect)(struct transport *transport);
	/* Stops and goes on to take bytes from the stream. */
	void (*pause)(struct transport *transport, bool paused);
};

extern const struct transport_kind unix_connect_transport, unix_listen_transport;
