/* SPDX-License-Identifier: MIT */
/* trouble.h -- for host/contact: what a guest does that it should not, as its VM's status tells it
 * and as the log tells it once. Something that happens is over when it has not happened for a
 * while; something that is so is over when it is not so any more. On the event loop's thread. */
#pragma once
#include "host/loop.h"
#include "host/vm.h"

/* The first that there is, is told. */
enum trouble_kind {
	TROUBLE_RATE,       /* happens: it sends more than is taken from it */
	TROUBLE_GUEST_POOL, /* is so: it publishes more than is taken from it, in pool 1 */
	TROUBLE_AUTO_POOL,  /* likewise in pool 2 */
	TROUBLE_ANEW,       /* happens: its contact begins again and again */
	TROUBLES,
};

struct trouble;

/* What happens is over when it did not happen again for calm_ms. */
struct trouble *trouble_create(struct loop *loop, struct vm *vm, unsigned int calm_ms);

/* The memory goes when the loop has run once more. */
void trouble_free(struct trouble **trouble);

/* Something happened, or is so: a sentence. */
void trouble_note(struct trouble *trouble, enum trouble_kind kind, const char *text);

/* Something is not so any more. */
void trouble_end(struct trouble *trouble, enum trouble_kind kind);

/* A connection was made, or a contact was lost: of too many within a minute a note is made. */
void trouble_count_anew(struct trouble *trouble);
