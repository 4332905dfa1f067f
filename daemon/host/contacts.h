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

/* Where setups of adapters wait, and the store; before anything reaches the loop's thread. */
void contacts_set_network(struct contacts *contacts, struct guest_network *network);
void contacts_set_store(struct contacts *contacts, struct store *store);

/* Closes all channels for good: from now on no VM has a contact. */
void contacts_stop(struct contacts *contacts);

/* After contacts_stop(), when nobody calls any more. The loop must run once more. */
void contacts_free(struct contacts **contacts);

/* A VM appeared, went, or has other settings: opens, closes or changes its channel accordingly. */
void contacts_sync(struct contacts *contacts, const struct guid *vm);

/* A commit: takes what of it is for the guest to the loop and there, in order, to the VM's contact.
 * Without a contact the VM's running jobs end. On any thread. */
void contacts_tell(struct contacts *contacts, const struct guid *vm,
		   const struct store_result *result);

/* The setup of an adapter waits in guest_network. Without a contact the VM's running jobs end. */
void contacts_setup_waits(struct contacts *contacts, const struct guid *vm);

/* As guest_network_read(). */
void contacts_read_adapter(struct contacts *contacts, const struct guid *vm, const char *mac,
			   ip_reader_done *done, void *context);

/* Reads the guest's own pools, unless they were read less than max_age_ms ago; done() is called, on
 * any thread, when what was read is published, or when there is nothing to wait for. */
void contacts_refresh(struct contacts *contacts, const struct guid *vm, unsigned int max_age_ms,
		      void (*done)(void *context), void *context);

/* Ends the transient items of contacts in an earlier run that was killed. Those that no guest has
 * seen still wait for theirs. */
void contacts_end_transients(struct contacts *contacts);

/* Ends jobs that run although their VM has no contact. */
void contacts_end_stranded(struct contacts *contacts);
