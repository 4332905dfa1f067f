/* SPDX-License-Identifier: MIT */
/* session_core.h -- for session*.c: what a session is inside, and the protocols that it may speak.
 */
#pragma once
#include "channel/rate.h"
#include "channel/session.h"

/* What this end does now. The state that is told follows from it and from was_open. */
enum phase {
	PHASE_CLOSED,      /* no stream */
	PHASE_BACK_OFF,    /* waits before it says HELLO again */
	PHASE_HELLO,       /* HELLO is sent, again and again */
	PHASE_NEGOTIATING, /* versions are offered, or the guest is to say how it stands */
	PHASE_OPEN,
	PHASE_REFUSED,
};

/* A request that waits for its answer. */
struct outstanding {
	bool active;
	uint32_t sequence;
	uint64_t sent_ms;
	uint8_t operation; /* enum okvp_kvp_operation */
	uint8_t pool;
	uint32_t index; /* of a reading; of a batch: its changes */
};

struct protocol;

struct session {
	uv_loop_t *loop;
	struct channel_settings settings;
	struct channel_events events;
	struct session_stream stream;

	enum phase phase;
	bool was_open; /* on this connection */
	bool closed;   /* its owner wants no more of it */
	const struct protocol *protocol;
	uint32_t epoch, sequence;
	struct okvp_frame_reader reader;
	unsigned int hello_ms, nonsense;
	unsigned int back_off_ms; /* 0: the least */
	uint64_t hello_since_ms, open_since_ms;
	bool silence_told;
	struct outstanding outstanding[CHANNEL_REQUESTS];

	struct okvp_version framework, message; /* Hyper-V's */
	struct okvp_own_assembly assembly;      /* openkvp's own */
	uint16_t key_bytes, value_bytes;
	uint32_t abilities;
	uint64_t heard_ms;

	struct rate rate; /* of what the guest sends */
	bool paused;

	uv_timer_t deadline, partial, pause;
	unsigned int handles;
};

/* What differs between Hyper-V's messages and openkvp's own. */
struct protocol {
	/* HELLO is answered: agrees on the rest. */
	void (*begin)(struct session *session);
	/* Takes a message; false: it answers nothing. */
	bool (*receive)(struct session *session, uint32_t sequence,
			const struct okvp_link_message *message);
	bool (*ready)(const struct session *session, enum channel_request kind);
	struct channel_abilities (*abilities)(const struct session *session);
	bool (*send_batch)(struct session *session, enum okvp_pool pool,
			   const struct okvp_own_record *changes, size_t count,
			   struct okvp_error *err);
	void (*read)(struct session *session, enum okvp_pool pool, uint32_t first);
	bool (*send_ip)(struct session *session, enum okvp_kvp_operation operation,
			const struct okvp_adapter *adapter, struct okvp_error *err);
};

extern const struct protocol hyper_v_protocol, own_protocol;

/* --- What both need, in session.c --- */

/* Sends a frame; bytes has room for its header before the payload. */
bool session_send_frame(struct session *session, uint8_t *bytes, size_t payload_size);

/* Enters a phase and tells. */
void session_enter(struct session *session, enum phase phase, const char *reason);

/* The contact is lost, the stream is not: says HELLO again, after a while. */
void session_lose(struct session *session, const char *reason);

/* Counts a message for so many more, since it makes that much work. */
void session_count_more(struct session *session, unsigned int messages);

/* Notes that what was taken last, so many bytes, had been asked for. */
void session_note_answer(struct session *session, size_t bytes);

/* Notes that a request of this kind is on its way in the frame that is sent next. */
void session_note_request(struct session *session, enum channel_request kind,
			  struct outstanding request);
