/* SPDX-License-Identifier: MIT */
/* event.c -- telling listeners what changes in the domain. */
#include "host/event.h"

#include <stdlib.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

struct host_events {
	struct host_listener *listener;
	size_t count, room;
};

struct host_events *host_events_create(void)
{
	return xcalloc(1, sizeof(struct host_events));
}

void host_events_free(struct host_events **events)
{
	struct host_events *freeing = take(*events);

	if (!freeing)
		return;
	free(freeing->listener);
	free(freeing);
}

void host_events_listen(struct host_events *events, const struct host_listener *listener)
{
	grow(events->listener, events->count, events->room);
	events->listener[events->count++] = *listener;
}

static bool same_space(const struct snapshot *a, const struct snapshot *b, enum item_space space)
{
	return a->space[space] == b->space[space]; /* what does not change is shared */
}

static bool same_version(struct okvp_version a, struct okvp_version b)
{
	return a.major == b.major && a.minor == b.minor;
}

static bool same_contact(const struct vm_status *a, const struct vm_status *b)
{
	return a->contact == b->contact && a->guest_live == b->guest_live &&
	       a->own_version == b->own_version && a->degraded == b->degraded &&
	       same_version(a->framework, b->framework) && same_version(a->message, b->message);
}

static unsigned int find_changes(const struct vm_picture *before, const struct vm_picture *after)
{
	const struct snapshot *a = before->snapshot, *b = after->snapshot;
	unsigned int changes = 0;

	if (!a != !b)
		return ~0u;
	if (!a)
		return 0;
	if (a->settings != b->settings)
		changes |= VM_CHANGED_SETTINGS;
	if (!same_space(a, b, SPACE_EXTERNAL) || !same_space(a, b, SPACE_HOST_ONLY))
		changes |= VM_CHANGED_HOST_ITEMS;
	if (!same_space(a, b, SPACE_GUEST) || !same_space(a, b, SPACE_INTRINSIC))
		changes |= VM_CHANGED_GUEST_ITEMS;
	if (!same_contact(&before->status, &after->status))
		changes |= VM_CHANGED_CONTACT;
	return changes;
}

void host_events_tell_vm(struct host_events *events, const struct vm_picture *before,
			 const struct vm_picture *after)
{
	struct vm_event event;

	if (!events || events->count == 0)
		return;
	event.before = before->snapshot ? before : NULL;
	event.after = after->snapshot ? after : NULL;
	event.changes = find_changes(before, after);
	if (event.changes == 0)
		return;
	for (size_t i = 0; i < events->count; i++)
		events->listener[i].vm_changed(events->listener[i].context, &event);
}

void host_events_tell_job(struct host_events *events, const struct job *before,
			  const struct job *after)
{
	const struct job_event event = { before, after };

	for (size_t i = 0; events && i < events->count; i++)
		events->listener[i].job_changed(events->listener[i].context, &event);
}
