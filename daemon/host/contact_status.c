/* SPDX-License-Identifier: MIT */
/* contact_status.c -- what the status of a VM says of the contact with its guest. */
#include "host/contact_state.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "openkvp/unicode.h"

struct status_change {
	enum vm_contact contact;
	struct okvp_version framework, message;
	bool fault;
	unsigned int own_version;
	const char *reason;
};

static void change_status(struct vm_status *status, void *context)
{
	const struct status_change *change = context;

	status->contact = change->contact;
	status->guest_live = status->guest_live && change->contact == VM_CONTACT_OPEN;
	status->guest_tells = status->guest_tells && status->guest_live;
	status->framework = change->framework;
	status->message = change->message;
	status->fault = change->fault;
	status->own_version = change->own_version;
	/* Jobs are stored with it: it ends with a whole character. */
	snprintf(status->reason, sizeof(status->reason), "%.*s",
		 (int)okvp_utf8_prefix(change->reason, strlen(change->reason),
				       sizeof(status->reason) - 1),
		 change->reason);
}

void contact_set_status(struct contact *contact, enum vm_contact state, const char *reason)
{
	struct status_change change = { .contact = state, .reason = reason };

	if (state == VM_CONTACT_NONE && *contact->fault) {
		change.fault = true;
		change.reason = contact->fault;
	}
	if (state == VM_CONTACT_OPEN) {
		change.framework = channel_framework_version(contact->channel);
		change.message = channel_message_version(contact->channel);
		change.own_version = channel_own_version(contact->channel);
	}
	vm_update_status(contact->vm, change_status, &change);
}

static void touch(struct vm_status *status, void *context)
{
	status->last_contact_us = clock_wall_us();
}

void contact_touch(struct contact *contact)
{
	vm_update_status(contact->vm, touch, NULL);
}
