/* SPDX-License-Identifier: MIT */
/* channel.h -- the road to one guest: it connects, agrees on a protocol, carries requests, and
 * tells what happens. All of it on the event loop's thread. The program must ignore SIGPIPE.
 *
 *	CLOSED      nobody at the other end; tries or waits
 *	CONNECTED   a byte stream is there; HELLO is sent until it is answered
 *	NEGOTIATING HELLO is answered, versions are being agreed upon
 *	OPEN        a version is agreed upon: requests
 *	REFUSED     the guest knows no version of ours; tried again with the next connection
 *	LOST        a deadline passed, or the guest talked nonsense; negotiated again with back-off
 *
 * A guest speaks Hyper-V's messages, or openkvp's own (docs/protocol.md). What can be asked is the
 * same, how much at once is not: with Hyper-V's one request is outstanding, a batch is one change
 * and a part of a pool is one item; with openkvp's one of each kind is, a batch has up to
 * OKVP_OWN_BATCH_MAX changes, which are made together, and a part is as much as fits into a
 * message. Only a guest of the second kind says by itself what its pools hold and what changes.
 *
 * Which VM a channel belongs to, its address says, never the guest. */
#pragma once
#include <uv.h>

#include "openkvp/ic_message.h"
#include "openkvp/kvp_message.h"
#include "openkvp/own_message.h"

struct channel;

/* An address is one of
 *	unix:/path         connects to a unix stream socket, again and again
 *	unix-listen:/path  listens on one and takes one connection at a time
 *	vsock:CID          the guest with this CID calls the hub's vsock port
 *	hybrid:/path       the vsock of Firecracker or Cloud Hypervisor: listens on /path_PORT, and
 *	                   connects through /path
 *
 * Sockets and folders that do not exist yet are waited for. */
#define CHANNEL_ADDRESS_MAX 255 /* bytes */

/* Whether an address is well formed; "" is: no channel. */
bool channel_address_check(const char *address, struct okvp_error *err);

/* What the channels of a daemon share. */
struct channel_hub;

struct channel_hub_settings {
	uint32_t vsock_port; /* at which guests call, and are called */
	int socket_group;    /* who may connect to the sockets of unix-listen: and hybrid:, besides
			      * the process's account; -1: its group */
};

struct channel_hub *channel_hub_create(uv_loop_t *loop,
				       const struct channel_hub_settings *settings);

/* After its channels. The memory goes when the loop has run once more. */
void channel_hub_free(struct channel_hub **hub);

enum channel_state {
	CHANNEL_CLOSED,
	CHANNEL_CONNECTED,
	CHANNEL_NEGOTIATING,
	CHANNEL_OPEN,
	CHANNEL_REFUSED,
	CHANNEL_LOST,
};

struct channel_settings {
	unsigned int answer_timeout_ms;       /* of a request */
	unsigned int silence_timeout_ms;      /* of a guest that is to send heartbeats */
	unsigned int negotiation_timeout_ms;  /* of a negotiation */
	unsigned int silence_notice_ms;       /* after connect: "nobody answers" is said once */
	unsigned int message_rate, byte_rate; /* taken from one guest in a second; 0: unbounded */
};

/* Items of a pool, from an index on. */
struct channel_part {
	enum okvp_pool pool;
	uint32_t first;
	uint32_t status; /* the guest's; without OKVP_IC_OK there is no item */
	bool readable;   /* false: what stands at first cannot be read (invalid UTF-16 ...) */
	bool end;        /* nothing stands behind */
	bool has_digest;
	uint64_t digest; /* of the whole pool */

	const struct okvp_item *one; /* for channel_part_next() */
	struct okvp_own_records many;
};

/* The next item of a part, borrowed until the event's end; false: there is none. */
bool channel_part_next(struct channel_part *part, struct okvp_item *ret_item);

/* What is told; everything is borrowed. */
struct channel_events {
	/* A state was entered. reason: a sentence for LOST, REFUSED and CLOSED, else "". */
	void (*state)(void *context, enum channel_state state, const char *reason);
	/* What stands in the way of any connection, though the channel goes on to try: "cannot
	 * listen at /path: another program does"; NULL: nothing any more. Perhaps told before
	 * channel_open() returns. */
	void (*fault)(void *context, const char *reason);

	/* The guest sends more unasked than the settings allow, and is not listened to for the rest
	 * of a second; what names the limit and what was sent. Told as long as it goes on. */
	void (*excess)(void *context, const char *what);

	/* The guest has said something that makes sense, while OPEN; what it was is told next. */
	void (*heard)(void *context);

	/* A batch was answered: what the guest says of each change (enum okvp_ic_status).
	 * OKVP_IC_CANCELLED: it could have been made, and was not since another could not. */
	void (*batch)(void *context, const uint32_t *status, size_t count);
	/* A part of a pool, as it was asked for. */
	void (*part)(void *context, struct channel_part *part);
	/* An adapter as the guest has it, or NULL; text: what the guest says for people, or "". */
	void (*ip)(void *context, uint32_t status, const struct okvp_adapter *adapter,
		   const char *text);

	/* In openkvp's protocol only: what the guest says by itself. How it stands comes right
	 * after OPEN, and perhaps again. */
	void (*stands)(void *context, const struct okvp_own_state *state);
	void (*changed)(void *context, struct okvp_own_changed *changed);
	void (*adapters)(void *context, const uint8_t *body, size_t length);
	void *context;
};

/* Opens a channel; it starts to connect or to listen, and goes on until it is closed. False for an
 * address that is not well formed. */
bool channel_open(struct channel_hub *hub, const char *address,
		  const struct channel_settings *settings, const struct channel_events *events,
		  struct channel **ret_channel, struct okvp_error *err);

/* Closes; no event comes any more. The memory goes when the loop has run once more. */
void channel_close(struct channel **channel);

enum channel_state channel_state(const struct channel *channel);

/* What was agreed upon while the channel is OPEN: the version of openkvp's own protocol, or 0 and
 * those of Hyper-V's; all 0 in other states. */
unsigned int channel_own_version(const struct channel *channel);
struct okvp_version channel_framework_version(const struct channel *channel);
struct okvp_version channel_message_version(const struct channel *channel);

/* What the guest can hold and do. */
struct channel_abilities {
	size_t batch;                    /* changes in one batch */
	uint16_t key_bytes, value_bytes; /* of UTF-8; 0: as the wire carries */
	bool get_ip, set_ip;
	bool secrets; /* it hides items from its users when it is told to */
};
struct channel_abilities channel_abilities(const struct channel *channel);

enum channel_request { CHANNEL_BATCH, CHANNEL_READ, CHANNEL_IP, CHANNEL_REQUESTS };

/* Whether a request of this kind can be sent now. The three below need it; their answers come to
 * the events, unless the state changes before. */
bool channel_ready(const struct channel *channel, enum channel_request kind);

/* Sends changes of one pool, each key once. OKVP_TOO_LONG or OKVP_INVALID_TEXT when the wire cannot
 * carry one; then nothing is sent. */
bool channel_send_batch(struct channel *channel, enum okvp_pool pool,
			const struct okvp_own_record *changes, size_t count,
			struct okvp_error *err);

/* Asks for the items of a pool from an index on. */
void channel_read(struct channel *channel, enum okvp_pool pool, uint32_t first);

/* Asks for the addresses of an adapter, or has it configured. */
bool channel_send_ip(struct channel *channel, enum okvp_kvp_operation operation,
		     const struct okvp_adapter *adapter, struct okvp_error *err);
