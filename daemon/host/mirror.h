/* SPDX-License-Identifier: MIT */
/* mirror.h -- for host/contact: keeps the host's pools (0 and 3) in a guest that tells what changes
 * as they are wanted here.
 *
 * At the beginning of a contact a pool whose digest agrees is as it is wanted: nothing is sent.
 * Otherwise, and when the guest tells that somebody has changed it, the pool is read, anew if it
 * changes meanwhile, and compared: what is missing or different is sent, what is too much is
 * removed. After the beginning each key
 * is set back at most once in SETBACK_MS, and a pool is looked at once in MIRROR_PAUSE_MS. */
#pragma once
#include "host/auto_items.h"
#include "host/guest_reader.h"
#include "host/outbox.h"
#include "host/setback.h"

#define MIRROR_PAUSE_MS 1000

struct mirrored_pool {
	bool wanted;         /* to be looked at */
	bool first;          /* for the first time in this contact */
	uint64_t not_before; /* monotonic ms; 0: at once */
};

struct mirror {
	struct vm *vm;           /* borrowed */
	struct channel *channel; /* borrowed; NULL: nobody is in contact */
	struct outbox *outbox;   /* borrowed */
	const struct host_facts *facts;
	size_t items, bytes; /* read of one pool */
	struct guest_reader reader;
	struct mirrored_pool pool[2];
	struct setback setback;
};

void mirror_begin(struct mirror *mirror, struct channel *channel);
void mirror_end(struct mirror *mirror);

/* How the pools stand; and that one has changed. */
void mirror_stand(struct mirror *mirror, const struct okvp_own_state *state);
void mirror_changed(struct mirror *mirror, enum okvp_pool pool);

/* Asks for the next part of what is to be looked at, if it can be asked now: nothing may be on its
 * way to the guest. */
void mirror_send(struct mirror *mirror);

/* A part of one of the pools came. */
void mirror_part(struct mirror *mirror, struct channel_part *part);

/* Milliseconds until mirror_send() has something to ask for that it has not now; 0: nothing. */
uint64_t mirror_due(const struct mirror *mirror);
