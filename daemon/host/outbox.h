/* SPDX-License-Identifier: MIT */
/* outbox.h -- for host/contact: what is on its way to one guest, in batches as large as it takes,
 * and what becomes of it.
 *
 *	committed  what was committed since the contact began, in the order of the commits
 *	resync     what the guest has to be brought to at the beginning of a contact, or back to:
 *	           tombstones and items of pool 0
 *	automatic  likewise of pool 3
 *
 * Before anything is sent again to a guest that can only be asked, it is asked which of the items
 *that are for once it has removed: these have ended.
 *
 * One batch is outstanding at a time. The changes of one commit go together as far as they fit. */
#pragma once
#include "channel/channel.h"
#include "host/job_table.h"
#include "host/once_check.h"
#include "host/send_queue.h"
#include "host/vm.h"

struct outbox_parts {
	struct jobs *jobs;
	/* The guest has acknowledged something, or refused it. */
	void (*mark_moved)(void *context);
	/* Submits changes to the VM. */
	void (*submit)(void *context, struct change_list *list);
	void *context;
};

/* A batch that waits for its answer. */
struct flight {
	struct send_queue *from; /* NULL: none */
	struct stored_item *item[OKVP_OWN_BATCH_MAX];
	size_t count;
};

struct outbox {
	struct outbox_parts parts;
	struct vm *vm;           /* borrowed */
	struct channel *channel; /* borrowed; NULL: nobody is in contact */
	struct send_queue committed, resync, automatic;
	struct flight *flight; /* NULL: none */
	uint64_t seen;      /* every commit up to this generation was queued, or was there before */
	size_t prune_at;    /* committed is looked through when it is longer */
	bool unsure;        /* what the guest has of pool 0 is yet to be found out */
	bool allow_secrets; /* a guest that cannot hide them gets secrets too */
	struct once_check once;
};

void outbox_begin(struct outbox *outbox, struct channel *channel, const struct snapshot *snapshot);

/* Queues tombstones and pool 0, for a guest that does not tell how its pools stand. */
void outbox_queue_all(struct outbox *outbox, const struct snapshot *snapshot);

/* Forgets what waits. */
void outbox_end(struct outbox *outbox);

/* Takes what a commit changed for the guest, in order. */
void outbox_commit(struct outbox *outbox, uint64_t generation, struct stored_item **items,
		   size_t count);

/* Sends a batch of what was committed, or of the rest, if it can be sent now and there is any. */
void outbox_send_committed(struct outbox *outbox);
void outbox_send_rest(struct outbox *outbox);

/* Whether nothing waits and nothing is outstanding. */
bool outbox_is_empty(const struct outbox *outbox);

/* A part of pool 0 came, of a guest that can only be asked. */
void outbox_part(struct outbox *outbox, struct channel_part *part);

/* The guest has removed items that are for once: they end. */
void outbox_end_items(struct outbox *outbox, struct stored_item *const *items, size_t count);

/* The outstanding batch was answered. */
void outbox_answered(struct outbox *outbox, const uint32_t *status, size_t count);

/* An item or tombstone of pool 0 has reached its end: acknowledged, or refused for a reason. */
void outbox_settle(struct outbox *outbox, struct stored_item *item, const char *reason);

/* All up to this generation is acknowledged. */
uint64_t outbox_mark(const struct outbox *outbox);

/* Whether the guest can hold an item, and may have it; if not, reason says why. */
bool outbox_can_hold(const struct outbox *outbox, const struct stored_item *item, char *reason,
		     size_t reason_size);
