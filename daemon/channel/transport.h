/* SPDX-License-Identifier: MIT */
/* transport.h -- for those who make the byte stream of a channel: unix_socket.c, vsock.c,
 * hybrid_vsock.c. A kind looks for a connection; what happens on one is the same for all. */
#pragma once
#include "channel/hub.h"
#include "channel/stream.h"

struct transport;

/* What a transport tells its channel; all on the loop's thread. */
struct transport_events {
	void (*connected)(void *context);
	/* Bytes came; borrowed. */
	void (*received)(void *context, const void *bytes, size_t size);
	/* The stream ended; the transport goes on to look for the next by itself. */
	void (*closed)(void *context, const char *reason);
	/* Why there can be no stream, as long as something does not change; NULL: there can again.
	 * Told when it changes, perhaps before open() returns. That nobody is there is no fault. */
	void (*fault)(void *context, const char *reason);
	void *context;
};

struct transport_kind {
	const char *prefix;  /* "unix:" */
	const char *example; /* "unix:/path" */
	/* Checks what stands behind the prefix. */
	bool (*check)(const char *rest, struct okvp_error *err);
	/* Makes a transport of a checked address, and begins to look. */
	struct transport *(*open)(struct channel_hub *hub, const char *rest,
				  const struct transport_events *events);
	/* Looks for a connection, and hands it to transport_connected(). Not called while there is
	 * one. */
	void (*look)(struct transport *transport);
	/* Releases what the kind has. The memory goes when the loop has run once more. */
	void (*close)(struct transport *transport);
};

/* What all kinds begin with. */
struct transport {
	const struct transport_kind *kind;
	struct channel_hub *hub;
	struct transport_events events;
	struct stream *stream; /* NULL: none */
	char *fault;           /* what was told last; NULL: nothing */
};

extern const struct transport_kind unix_connect_transport, unix_listen_transport, vsock_transport,
	hybrid_vsock_transport;

/* --- For channels --- */

/* No event comes any more. */
void transport_close(struct transport **transport);

/* Sends bytes (copied); false when the stream is gone or too much waits to be sent. */
bool transport_send(struct transport *transport, const void *bytes, size_t size);

/* Ends the stream and looks for another. */
void transport_reconnect(struct transport *transport);

/* Stops and goes on to take bytes from the stream. */
void transport_pause(struct transport *transport, bool paused);

/* --- For kinds --- */

/* Makes room for a kind's own structure, of which this is the beginning. */
void *transport_create(size_t size, const struct transport_kind *kind, struct channel_hub *hub,
		       const struct transport_events *events);

/* Frees that room, at the end of close(). */
void transport_free(struct transport *transport);

/* A connection, which it takes. The caller touches nothing of the transport afterwards: it may be
 * closed. */
void transport_connected(struct transport *transport, int fd);

/* Ends the stream, if there is one; likewise. */
void transport_end(struct transport *transport, const char *reason);

/* Tells what is wrong, or with NULL that nothing is, if that is news. */
void transport_fault(void *transport, const char *reason);
