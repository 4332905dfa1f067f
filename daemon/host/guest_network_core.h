/* SPDX-License-Identifier: MIT */
/* guest_network_core.h -- for host/: what waits to be set up, and what becomes of it. */
#pragma once
#include "host/guest_network.h"
#include "host/job_table.h"
#include "store/store.h"

struct contacts;

struct guest_network_parts {
	struct loop *loop;
	struct jobs *jobs;
	struct contacts *contacts;
	struct vm_registry *vms;
	struct object_limits limits; /* setups that wait */
};

struct guest_network *guest_network_create(const struct guest_network_parts *parts);
void guest_network_free(struct guest_network **network);

/* The store, and what it holds; NULL when it closes: answers are not written any more. */
void guest_network_set_store(struct guest_network *network, struct store *store,
			     const struct object_set *objects);

/* A setup that waits for this VM: the item's key is the adapter's id, its value the form of
 * adapter_text.h. The caller owns a reference; NULL: none waits. */
struct stored_item *guest_network_next(struct guest_network *network, const struct guid *vm);

/* The guest has answered a setup: reason NULL or a sentence. On the loop's thread. */
void guest_network_settled(struct guest_network *network, const struct guid *vm,
			   const struct stored_item *setup, const char *reason);

/* Forgets what waits for a VM that was undefined. */
void guest_network_forget_vm(struct guest_network *network, const struct guid *vm);
