/* SPDX-License-Identifier: MIT */
/* contacts.h -- for host/: the contacts with the guests of all VMs.
 *
 * All of it on the event loop's thread. */
#pragma once
#include "host/contact.h"

struct contacts;

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
