/* SPDX-License-Identifier: MIT */
/* session.h -- one guest on a byte stream: framing, HELLO, and the protocol that was agreed upon.
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
unsigned int session_own_version(const struct session *session);
struct okvp_version session_framework_version(const struct session *session);
struct okvp_version session_message_version(const struct session *session);
struct channel_abilities session_abilities(const struct session *session);
bool session_ready(const struct session *session, enum channel_request kind);
bool session_send_batch(struct session *session, enum okvp_pool pool,
			const struct okvp_own_record *changes, size_t count,
			struct okvp_error *err);
void session_read(struct session *session, enum okvp_pool pool, uint32_t first);
bool session_send_ip(struct session *session, enum okvp_kvp_operation operation,
		     const struct okvp_adapter *adapter, struct okvp_error *err);
