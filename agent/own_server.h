/* SPDX-License-Identifier: MIT */
/* own_server.h -- the guest's side of openkvp's own protocol: answers the host, and tells it what
 * somebody else changes in the pools or at the network. */
#pragma once
#include <poll.h>

#include "agent/known.h"
#include "agent/pools.h"
#include "agent/setup.h"
#include "agent/watch.h"
#include "openkvp/guest_session.h"

enum { OWN_WATCH, OWN_NETWORK, OWN_FACTS, OWN_SETUP, OWN_DESCRIPTORS };

/* Begins with the first two set and all else zero; they stay the caller's. */
struct own_server {
	struct okvp_guest_session *session;
	struct pools *pools;

	uint64_t greeting;   /* the one that was answered last; 0: none */
	bool watching;       /* the two below are open, as far as possible */
	struct watch *watch; /* NULL: changes are not noticed */
	int network_fd;      /* -1: likewise */
	struct {
		struct known known;
		uint64_t version;  /* of the pool when it was listed */
		bool dirty;        /* it may be different */
		bool unread;       /* it could not be listed: the host may know nothing of it */
		uint64_t retry_ms; /* not before; another program may keep it locked for long */
	} pool[OKVP_OWN_POOLS];
	bool adapters_dirty;
	uint64_t adapters_due_ms; /* when to tell of them: changes come in bursts */
	uint64_t said_ms;         /* when something was sent last */

	struct setup *setup;     /* of an adapter, which runs; NULL: none */
	uint32_t setup_sequence; /* of the request for it */
	uint64_t setup_greeting; /* since which it was asked for */
};

/* What to poll for besides the stream. */
void own_server_poll(const struct own_server *server, struct pollfd polls[static OWN_DESCRIPTORS]);

/* One turn: takes what was reported, answers the host, tells what is new and can be told now. Does
 * nothing while the own protocol is not spoken. */
void own_server_turn(struct own_server *server, const struct pollfd polls[static OWN_DESCRIPTORS]);

/* Milliseconds until the next turn is due though nothing was reported; -1: never. */
int own_server_due(const struct own_server *server);

void own_server_done(struct own_server *server);
