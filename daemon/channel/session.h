/* SPDX-License-Identifier: MIT */
/* session.h -- one guest on a byte stream: framing, HELLO, negotiation, one request after another.
 * For channel.c, which gives it the stream. */
#pragma once
#include "channel/channel.h"

struct session;

/* What a session does to its stream. */
struct session_stream {
	bool (*send)(void *context, const void *bytes, size_t size);
	void (*pause)(void *context, bool paused);
	void (*reconnect)(void *context);
	void *context;
};

struct session *session_create(uv_loop_t *loop, const struct channel_settings *settings,
			       const struct channel_events *events,
			       const struct session_stream *stream);

/* No event comes any more; the memory goes when the loop has run once more. */
void session_close(struct session **session);

/* A stream is there; bytes came from it; it ended. */
void session_begin(struct session *session);
void session_receive(struct session *session, const void *bytes, size_t size);
void session_end(struct session *session, const char *reason);

/* As the functions of channel.h. */
enum channel_state session_state(const struct session *session);
struct okvp_version session_framework_version(const struct session *session);
struct okvp_version session_message_version(const struct session *session);
bool session_ready(const struct session *session);
bool session_send(struct session *session, const struct okvp_kvp_message *request,
		  struct okvp_error *err);
