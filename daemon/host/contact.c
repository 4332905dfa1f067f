/* SPDX-License-Identifier: MIT */
/* contact.c -- the contact with one guest: opened, changed and closed as its VM is. */
#include "host/contact.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "host/contact_state.h"
#include "openkvp/scoped.h"

/* Of the host's pools in a guest, read to compare: four times what a store may hold. */
#define MIRROR_ITEMS 4096
#define MIRROR_BYTES (4 * 1024 * 1024)

#define TROUBLE_CALM_MS 30000

static void timer_closed(uv_handle_t *handle)
{
	struct contact *contact = handle->data;

	vm_settings_release(&contact->settings);
	vm_release(&contact->vm);
	free(contact);
}

void contact_stop(struct contact *contact, const char *why)
{
	if (!contact->channel)
		return;
	channel_close(&contact->channel);
	contact->fault[0] = '\0';
	if (contact->open)
		contact_end_exchange(contact, false, why);
}

static void open_channel(struct contact *contact)
{
	const struct channel_events events = contact_channel_events(contact);
	struct okvp_error err;

	if (!contact->settings->exchange_enabled) {
		contact_set_status(contact, VM_CONTACT_NONE, ""); /* the status itself says why */
		return;
	}
	if (*contact->settings->channel == '\0') {
		contact_set_status(contact, VM_CONTACT_NONE, "the VM has no channel");
		return;
	}
	contact_set_status(contact, VM_CONTACT_NONE, "nobody is connected to the VM's channel");
	if (!channel_open(contact->parts.hub, contact->settings->channel,
			  &contact->parts.settings->channel, &events, &contact->channel, &err)) {
		contact_set_status(contact, VM_CONTACT_NONE, err.message);
		log_error(contact->settings->name, "%s", err.message);
	}
}

static void pool_taken(void *context, enum okvp_pool pool, const char *what)
{
	struct contact *contact = context;
	enum trouble_kind kind = pool == OKVP_POOL_AUTO ? TROUBLE_AUTO_POOL : TROUBLE_GUEST_POOL;

	if (what)
		trouble_note(contact->trouble, kind, what);
	else
		trouble_end(contact->trouble, kind);
}

static void submit(void *context, struct change_list *list)
{
	struct contact *contact = context;

	contact->parts.submit(contact->parts.context, vm_id(contact->vm), list);
}

struct contact *contact_create(const struct contact_parts *parts, struct vm *vm)
{
	struct contact *contact = xcalloc(1, sizeof(*contact));

	contact->parts = *parts;
	contact->vm = vm_ref(vm);
	contact->outbox.vm = contact->guest.vm = contact->mirror.vm = contact->ip.vm = vm;
	contact->ip.network = parts->network;
	contact->outbox.parts =
		(struct outbox_parts){ parts->jobs, contact_mark_moves, submit, contact };
	contact->trouble = trouble_create(parts->loop, vm, TROUBLE_CALM_MS);
	contact->guest.parts = (struct guest_pools_parts){
		.store = parts->store,
		.items = parts->settings->guest_items,
		.bytes = parts->settings->guest_bytes,
		.taken = pool_taken,
		.context = contact,
	};
	contact->mirror.outbox = &contact->outbox;
	contact->mirror.facts = parts->facts;
	contact->mirror.items = MIRROR_ITEMS;
	contact->mirror.bytes = MIRROR_BYTES;
	uv_timer_init(loop_uv(parts->loop), &contact->timer);
	contact->timer.data = contact;
	return contact;
}

void contact_free(struct contact **contact)
{
	struct contact *c = take(*contact);

	if (!c)
		return;
	contact_stop(c, "the VM was undefined");
	trouble_free(&c->trouble);
	uv_close((uv_handle_t *)&c->timer, timer_closed);
}

static bool same_road(const struct vm_settings *a, const struct vm_settings *b)
{
	return strcmp(a->channel, b->channel) == 0 && a->exchange_enabled == b->exchange_enabled;
}

void contact_take_settings(struct contact *contact, const struct snapshot *snapshot)
{
	struct vm_settings *before = contact->settings;

	if (before == snapshot->settings)
		return;
	contact->settings = vm_settings_ref(snapshot->settings);
	if (!before || !same_road(before, contact->settings)) {
		contact_stop(contact, contact->settings->exchange_enabled
					      ? "the VM's channel was changed"
					      : "the exchange was switched off");
		open_channel(contact);
	} else if (contact->open) {
		contact_queue_changed(contact, before, snapshot);
		contact_send_next(contact);
	}
	vm_settings_release(&before);
}

void contact_committed(struct contact *contact, uint64_t generation, struct stored_item **items,
		       size_t count)
{
	outbox_commit(&contact->outbox, generation, items, count);
	contact_mark_moves(contact);
	contact_send_next(contact);
}

bool contact_is_open(const struct contact *contact)
{
	return contact->open;
}

struct vm *contact_vm(const struct contact *contact)
{
	return contact->vm;
}
