/* SPDX-License-Identifier: MIT */
/* contact_events.c -- what the channel tells of a guest, and who is concerned. */
#include "host/contact_state.h"

#include <stdio.h>

#include "base/log.h"

static void excess_told(void *context, const char *what)
{
	struct contact *contact = context;

	trouble_note(contact->trouble, TROUBLE_RATE, what);
}

static void heard(void *context)
{
	struct contact *contact = context;

	contact_touch(contact);
}

static void batch_answered(void *context, const uint32_t *status, size_t count)
{
	struct contact *contact = context;

	outbox_answered(&contact->outbox, status, count);
	contact_advance(contact);
}

static void part_came(void *context, struct channel_part *part)
{
	struct contact *contact = context;

	if (is_guest_pool(part->pool))
		guest_pools_part(&contact->guest, part);
	else if (contact_tells(contact))
		mirror_part(&contact->mirror, part);
	else
		outbox_part(&contact->outbox, part);
	contact_advance(contact);
}

static void ip_answered(void *context, uint32_t status, const struct okvp_adapter *adapter,
			const char *text)
{
	struct contact *contact = context;

	ip_box_answered(&contact->ip, status, adapter, text);
	contact_advance(contact);
}

static void guest_stands(void *context, const struct okvp_own_state *state)
{
	struct contact *contact = context;

	guest_pools_stand(&contact->guest, state);
	mirror_stand(&contact->mirror, state);
	contact_mark_moves(contact);
	contact_advance(contact);
}

static void guest_changed(void *context, struct okvp_own_changed *changed)
{
	struct contact *contact = context;

	if (is_guest_pool(changed->pool))
		guest_pools_changed(&contact->guest, changed);
	else
		mirror_changed(&contact->mirror, changed->pool);
	contact_advance(contact);
}

static void adapters_told(void *context, const uint8_t *body, size_t length)
{
	struct contact *contact = context;

	vm_set_adapters(contact->vm, body, length);
}

static void state_changed(void *context, enum channel_state state, const char *reason)
{
	static const enum vm_contact contacts[] = {
		[CHANNEL_CLOSED] = VM_CONTACT_NONE,
		[CHANNEL_CONNECTED] = VM_CONTACT_CONNECTED,
		[CHANNEL_NEGOTIATING] = VM_CONTACT_CONNECTED,
		[CHANNEL_OPEN] = VM_CONTACT_OPEN,
		[CHANNEL_REFUSED] = VM_CONTACT_INCOMPATIBLE,
		[CHANNEL_LOST] = VM_CONTACT_LOST,
	};
	struct contact *contact = context;
	char why[160] = "nothing is negotiated with the guest yet";

	if (state == CHANNEL_OPEN) {
		contact_begin_exchange(contact);
		return;
	}
	if ((state == CHANNEL_CONNECTED && !*reason) || (state == CHANNEL_LOST && *reason))
		trouble_count_anew(contact->trouble);
	if (state == CHANNEL_CLOSED)
		snprintf(why, sizeof(why), "nobody is connected to the VM's channel (%s)", reason);
	else if (*reason || state == CHANNEL_LOST)
		snprintf(why, sizeof(why), "%s", reason);
	if (contact->open)
		contact_end_exchange(contact, state == CHANNEL_LOST, why);
	contact_set_status(contact, contacts[state], why);
	if (*reason)
		log_info(contact->settings->name, "%s", reason);
}

/* Also told while the channel is being opened. A stream that is there goes on. */
static void fault_told(void *context, const char *reason)
{
	struct contact *contact = context;

	snprintf(contact->fault, sizeof(contact->fault), "%s", reason ? reason : "");
	if (reason)
		log_warning(contact->settings->name, "%s", reason);
	if (!contact->channel || channel_state(contact->channel) == CHANNEL_CLOSED)
		contact_set_status(contact, VM_CONTACT_NONE,
				   "nobody is connected to the VM's channel");
}

struct channel_events contact_channel_events(struct contact *contact)
{
	return (struct channel_events){
		.state = state_changed,
		.fault = fault_told,
		.excess = excess_told,
		.heard = heard,
		.batch = batch_answered,
		.part = part_came,
		.ip = ip_answered,
		.stands = guest_stands,
		.changed = guest_changed,
		.adapters = adapters_told,
		.context = contact,
	};
}
