/* SPDX-License-Identifier: MIT */
/* channel.h -- the road to one guest: it connects, negotiates, carries one request after another,
 * and tells what happens. All of it on the event loop's thread. The program must ignore SIGPIPE.
 *
 *	CLOSED      nobody at the other end; tries or waits
 *	CONNECTED   a byte stream is there; HELLO is sent until it is answered
 *	NEGOTIATING HELLO is answered, versions are being agreed upon
 *	OPEN        a version is agreed upon: requests
 *	REFUSED     the guest knows no version of ours; tried again with the next connection
 *	LOST        a deadline passed, or the guest talked nonsense; negotiated again with back-off
 *
 * Which VM a channel belongs to, its address says, never the guest. */
#pragma once
#include <uv.h>

#include "openkvp/ic_message.h"
#include "openkvp/kvp_message.h"

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
	unsigned int negotiation_timeout_ms;  /* of a negotiation */
	unsigned int silence_notice_ms;       /* after connect: "nobody answers" is said once */
	unsigned int message_rate, byte_rate; /* taken from one guest in a second; 0: unbounded */
};

struct channel_events {
	/* A state was entered. reason: a sentence for LOST, REFUSED and CLOSED, else "". */
	void (*state)(void *context, enum channel_state state, const char *reason);
	/* A request was answered; status is the guest's (enum okvp_ic_status). The answer is
	 * borrowed and, for ENUMERATE with status OK, holds the item. An answer that cannot be read
	 * (invalid UTF-16, a count beyond its field) has readable false. */
	void (*answer)(void *context, const struct okvp_kvp_message *answer, uint32_t status,
		       bool readable);
	/* What stands in the way of any connection, though the channel goes on to try: "cannot
	 * listen at /path: another program does"; NULL: nothing any more. Perhaps told before
	 * channel_open() returns. */
	void (*fault)(void *context, const char *reason);
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

/* What was agreed upon; 0.0 while the channel is not OPEN. */
struct okvp_version channel_framework_version(const struct channel *channel);
struct okvp_version channel_message_version(const struct channel *channel);

/* Whether a request can be sent now: the channel is OPEN and none is outstanding. */
bool channel_ready(const struct channel *channel);

/* Sends a request; its answer comes to events->answer, unless the state changes before. The channel
 * must be ready. OKVP_TOO_LONG or OKVP_INVALID_TEXT when the wire cannot carry the item. */
bool channel_send(struct channel *channel, const struct okvp_kvp_message *request,
		  struct okvp_error *err);
