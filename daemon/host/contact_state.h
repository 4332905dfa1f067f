/* SPDX-License-Identifier: MIT */
/* contact_state.h -- for contact*.c: how a contact looks inside, and what its files do for one
 * another. */
#pragma once
#include "host/contact.h"
#include "host/guest_pools.h"
#include "host/mirror.h"
#include "host/outbox.h"
#include "host/trouble.h"

struct contact {
	struct contact_parts parts;
	struct vm *vm;
	struct vm_settings *settings; /* with which the channel was opened; kept alive by us */
	struct channel *channel;      /* NULL: none, or the exchange is switched off */
	uv_timer_t timer;             /* the guest is to be read, or looked at, again */

	char fault[160]; /* what is wrong with the channel; "": nothing */

	bool open;
	struct outbox outbox;
	struct guest_pools guest;
	struct ip_box ip;
	struct mirror mirror; /* while the guest tells what changes */
	struct trouble *trouble;
	bool guest_next; /* whose turn it is: the guest's pools or the rest of ours */
	bool mark_moved;
};

/* --- contact_status.c --- */

void contact_set_status(struct contact *contact, enum vm_contact state, const char *reason);

/* The guest has said something. */
void contact_touch(struct contact *contact);

/* --- contact_turns.c --- */

/* Whether the guest tells what changes, so that it need not be asked. */
bool contact_tells(const struct contact *contact);

/* Sends what comes next, if the channel is ready: as contact.h says. */
void contact_send_next(struct contact *contact);

/* The same after something has come from the guest. */
void contact_advance(struct contact *contact);

/* Has a guest that does not tell be asked now and then. */
void contact_start_polling(struct contact *contact);

/* --- contact_exchange.c --- */

/* A version was agreed upon; the contact is lost, or closed. */
void contact_begin_exchange(struct contact *contact);
void contact_end_exchange(struct contact *contact, bool timed_out, const char *why);

/* Queues what a guest in contact gets since other settings hold than before. */
void contact_queue_changed(struct contact *contact, const struct vm_settings *before,
			   const struct snapshot *snapshot);

/* What the guest has acknowledged may have come further. */
void contact_mark_moves(void *contact);

/* --- contact_events.c --- */

/* What the channel is to tell, and to whom. */
struct channel_events contact_channel_events(struct contact *contact);
