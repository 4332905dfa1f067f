/* SPDX-License-Identifier: MIT */
/* event.h -- what changes in the domain, told where it happens: VMs defined, changed, gone; jobs
 * begun, gone on, ended, forgotten.
 *
 * Listeners are called on the thread that makes the change, under the lock of what changes, so that
 * they hear of changes in their order: they take note and return, and call nothing of host/ but
 * functions of what they are given. */
#pragma once
#include "host/job.h"
#include "host/vm.h"

/* What of a VM changed. */
enum vm_change {
	VM_CHANGED_SETTINGS = 1, /* name, channel, switches */
	VM_CHANGED_HOST_ITEMS = 2,
	VM_CHANGED_GUEST_ITEMS = 4,
	VM_CHANGED_CONTACT = 8, /* its state, its versions, whether guest items are live */
};

struct vm_event {
	const struct vm_picture *before, *after; /* NULL: was not, or is not there */
	unsigned int changes;                    /* enum vm_change */
};

struct job_event {
	const struct job *before, *after; /* likewise */
};

struct host_listener {
	void (*vm_changed)(void *context, const struct vm_event *event);
	void (*job_changed)(void *context, const struct job_event *event);
	void *context;
};

struct host_events;

struct host_events *host_events_create(void);
void host_events_free(struct host_events **events);

/* Adds a listener, who listens until events is freed. Nothing may happen meanwhile. */
void host_events_listen(struct host_events *events, const struct host_listener *listener);

/* For host/: tells all listeners; events may be NULL. A picture without a snapshot is none. A
 * change of nothing in enum vm_change is not told. */
void host_events_tell_vm(struct host_events *events, const struct vm_picture *before,
			 const struct vm_picture *after);
void host_events_tell_job(struct host_events *events, const struct job *before,
			  const struct job *after);
