/* SPDX-License-Identifier: MIT */
/* contact.h -- for host/: what goes over the channel of each VM, and in which order. It brings
 *together the channel, the delivery table, jobs and the reading of the guest's own pools.
 *
 * What is sent next, when the channel is ready:
 *
 *	1. what was committed since the contact began, in the order of the commits
 *	2. in turn: one request of a running reading of the guest's pools,
 *	   and one item of the resynchronisation that every contact begins with
 *	   (tombstones, pool 0 in the order of insertion, pool 3)
 *
 * Everything here is for the event loop's thread, but for contacts_refresh(). */
#pragma once
#include "channel/channel.h"
#include "host/auto_items.h"
#include "host/job_table.h"
#include "host/vm.h"

struct contacts;

struct contacts_settings {
	struct channel_settings channel;
	unsigned int poll_interval_ms;
	size_t guest_items, guest_bytes;
};

struct contacts *contacts_create(struct loop *loop, struct vm_registry *vms, struct jobs *jobs,
				 const struct contacts_settings *settings,
				 const struct host_facts *facts);
void contacts_set_store(struct contacts *contacts, struct store *store);

/* Closes all channels for good: from now on no VM has a contact. */
void contacts_stop(struct contacts *contacts);

/* After contacts_stop(), when nobody calls any more. The loop must run once more. */
void contacts_free(struct contacts **contacts);

/* A VM appeared, went, or has other settings: opens, closes or changes its channel accordingly. */
void contacts_sync(struct contacts *contacts, const struct guid *vm);

/* A commit: what of it is for the guest, in order. Takes the references. Without a contact the VM's
 * running jobs end. */
void contacts_committed(struct contacts *contacts, const struct guid *vm, uint64_t generation,
			struct stored_item **items, size_t count);

/* Reads the guest's own pools, unless they were read less than max_age_ms ago; done() is called, on
 * any thread, when what was read is published, or when there is nothing to wait for. */
void contacts_refresh(struct contacts *contacts, const struct guid *vm, unsigned int max_age_ms,
		      void (*done)(void *context), void *context);

/* Ends jobs that run although their VM has no contact. */
void contacts_end_stranded(struct contacts *contacts);
