/* SPDX-License-Identifier: MIT */
/* contact.h -- for host/contacts: the contact with the guest of one VM. It brings together the
 * channel, what is on its way to the guest (outbox.h), what the guest publishes (guest_pools.h),
 * the addresses of its adapters (ip_box.h), and for a guest that tells what changes, what it has of
 * the host's pools (mirror.h).
 *
 * What is sent next, when the channel is ready:
 *
 *	1. what was committed since the contact began, in the order of the commits
 *	2. what is asked and told of network adapters
 *	3. in turn: one request of a running reading,
 *	   and one batch of what every contact begins with: a look for items that the guest has
 *	   ended, tombstones, pool 0 in the order of insertion, pool 3; or, if the guest tells how
 *	   it stands, of what is different there
 *
 * All of it on the event loop's thread. */
#pragma once
#include "channel/channel.h"
#include "host/auto_items.h"
#include "host/ip_box.h"
#include "host/job_table.h"
#include "host/vm.h"

struct contact;

struct contacts_settings {
	struct channel_settings channel;
	struct channel_hub_settings hub;
	unsigned int poll_interval_ms;
	size_t guest_items, guest_bytes;
};

/* What a contact works with. */
struct contact_parts {
	struct loop *loop;
	struct channel_hub *hub;
	struct jobs *jobs;
	struct store *store;
	struct guest_network *network;
	const struct contacts_settings *settings;
	const struct host_facts *facts;
	/* Asks for contact_write_mark(), soon. */
	void (*mark_moved)(void *context);
	/* Submits changes to the VM. What they are for the guest comes back as any commit does. */
	void (*submit)(void *context, const struct guid *vm, struct change_list *list);
	/* Submits what the store is to know of refusals; contact_refusals_failed() if it cannot. */
	void (*submit_refusals)(void *context, const struct guid *vm, struct change_list *list);
	void *context;
};

struct contact *contact_create(const struct contact_parts *parts, struct vm *vm);

/* Closes the channel. The memory goes when the loop has run once more. */
void contact_free(struct contact **contact);

/* Opens, closes or changes the channel as the settings of this picture say. */
void contact_take_settings(struct contact *contact, const struct snapshot *snapshot);

/* Closes the channel until the settings change; why is what its jobs and its status say. */
void contact_stop(struct contact *contact, const char *why);

/* Whether items are exchanged now. */
bool contact_is_open(const struct contact *contact);

struct vm *contact_vm(const struct contact *contact);

/* A commit, while the contact is open: what of it is for the guest, in order. Takes the references.
 */
void contact_committed(struct contact *contact, uint64_t generation, struct stored_item **items,
		       size_t count);

/* As contacts_refresh(). */
void contact_refresh(struct contact *contact, unsigned int max_age_ms, void (*done)(void *context),
		     void *context);

/* As contacts_setup_waits() and contacts_read_adapter(). */
void contact_setup_waits(struct contact *contact);
void contact_read_adapter(struct contact *contact, const char *mac, ip_reader_done *done,
			  void *context);

/* Stores how far the guest's acknowledgements have come, if they came further, and what it has
 * refused. */
void contact_write_mark(struct contact *contact);

/* What the guest has refused could not be stored: has it be tried again. */
void contact_refusals_failed(struct contact *contact);
