/* SPDX-License-Identifier: MIT */
/* exchange.h -- who may add, modify, remove: the verbs on the items of a VM, and on VMs.
 *
 * Every call ends by finished(), once, on any thread, possibly before the call returns. */
#pragma once
#include "auth/principal.h"
#include "host/job.h"
#include "host/vm.h"

struct exchange;

#define EXCHANGE_BATCH_MAX 128 /* items of one call */

/* Items of a call that puts one large value: its pieces and its head. */
#define EXCHANGE_VALUE_MAX 2048

enum exchange_verb { EXCHANGE_ADD, EXCHANGE_MODIFY, EXCHANGE_PUT, EXCHANGE_REMOVE };

struct exchange_change {
	enum exchange_verb verb;
	enum item_space space; /* SPACE_EXTERNAL or SPACE_HOST_ONLY */
	struct okvp_item item; /* REMOVE: only the key counts */
	bool flagged;          /* flags are given; otherwise they stay as they were */
	unsigned int flags;    /* of enum item_flag; an item of SPACE_HOST_ONLY can be secret */
};

/* A batch: all of it, or nothing. The pieces of a large value go when its head is changed or
 * removed. The caller fills it in and keeps it, and all that it borrows, until finished() was
 * called. */
struct exchange_call {
	struct vm *vm;
	enum job_kind kind;
	const struct exchange_change *changes;
	size_t count;
	bool one_value; /* they are the items of one value: EXCHANGE_VALUE_MAX of them may be */
	const char *numbered; /* they are its pieces KEY.0, KEY.1 ... of this key, in the place of
			       * KEY and of pieces with other numbers; NULL: they are not */
	bool clear;           /* first remove everything that no change names ... */
	enum item_space cleared_space; /* ... in this space */
	const uint64_t *if_generation; /* NULL: whatever it is */
	struct principal principal;

	/* The outcome. A call that was dispatched has a job, also when it failed: then the error is
	 * the job's too. One that was not (argument errors, no right) has none. */
	bool has_job;
	struct guid job;
	uint64_t generation;
	struct okvp_error error;
	struct offending_keys keys; /* that the error is about */

	void (*finished)(struct exchange_call *call);
	void *context; /* the caller's */

	struct exchange *exchange; /* its own */
};

void exchange_submit(struct exchange *exchange, struct exchange_call *call);

/* Makes sure that what is known of the guest's own items is not older than max_age_ms, if the guest
 * is in contact; calls done at the latest after wait_ms. Readers that come meanwhile share one
 * reading. False: there is nothing to wait for, and done is not called. */
bool exchange_refresh(struct exchange *exchange, struct vm *vm, unsigned int max_age_ms,
		      unsigned int wait_ms, void (*done)(void *context), void *context);

/* A change to a VM itself; everything is copied. */
struct exchange_vm_call {
	enum { VM_DEFINE, VM_SET, VM_UNDEFINE } verb;
	struct guid id;             /* VM_DEFINE: all zeros makes a new one */
	const char *name, *channel; /* NULL: unchanged (VM_SET), none (channel of VM_DEFINE) */
	const bool *exchange_enabled, *host_items, *allow_secrets; /* NULL: unchanged */
	bool with_items;                                           /* VM_UNDEFINE */
	struct principal principal;

	bool existed; /* VM_DEFINE: the same VM was there already */
	struct okvp_error error;
	/* When it is on disk and, where it changes the channel, the VM's status is that of the new
	 * one. */
	void (*finished)(struct exchange_vm_call *call);
	void *context;             /* the caller's */
	struct exchange *exchange; /* its own */
};

void exchange_change_vm(struct exchange *exchange, struct exchange_vm_call *call);
