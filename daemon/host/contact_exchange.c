/* SPDX-License-Identifier: MIT */
/* contact_exchange.c -- the exchange of items: how it begins, how far it has come, how it ends. */
#include "host/contact_state.h"

#include <string.h>

#include "base/log.h"
#include "host/delivery_table.h"
#include "host/expiry.h"
#include "openkvp/scoped.h"

/* Queues pool 3; where the VM shall not get it, what the guest may have of it is removed. */
static void queue_automatic(struct contact *contact, const struct snapshot *snapshot)
{
	struct stored_item *items[AUTO_ITEMS_COUNT];

	send_queue_clear(&contact->outbox.automatic);
	auto_items_make(contact->parts.facts, snapshot, items);
	for (size_t i = 0; i < AUTO_ITEMS_COUNT; i++) {
		items[i]->removed = !snapshot->settings->host_items;
		send_queue_add(&contact->outbox.automatic, items[i]);
	}
}

/* A guest that does not tell how its pools stand gets everything, in this order. */
static void queue_all(struct contact *contact, const struct snapshot *snapshot)
{
	outbox_queue_all(&contact->outbox, snapshot);
	queue_automatic(contact, snapshot);
}

static void log_contact(struct contact *contact, const char *name)
{
	struct okvp_version message = channel_message_version(contact->channel);

	if (contact_tells(contact))
		log_info(name, "in contact, openkvp's protocol version %u",
			 channel_own_version(contact->channel));
	else
		log_info(name, "in contact, message version %u.%u", message.major, message.minor);
}

/* The status is set before the picture is taken: whoever commits later sees the contact and tells
 * us. */
void contact_begin_exchange(struct contact *contact)
{
	struct snapshot *snapshot scoped(snapshot_release) = NULL;

	contact->open = true;
	contact_set_status(contact, VM_CONTACT_OPEN, "");
	contact_touch(contact);
	snapshot = vm_snapshot(contact->vm);
	if (!snapshot)
		return;
	contact->outbox.allow_secrets = snapshot->settings->allow_secrets;
	outbox_begin(&contact->outbox, contact->channel, snapshot);
	guest_pools_begin(&contact->guest, contact->channel);
	ip_box_begin(&contact->ip, contact->channel);
	log_contact(contact, snapshot->settings->name);
	if (contact_tells(contact)) {
		mirror_begin(&contact->mirror, contact->channel);
		return; /* until it has said how it stands */
	}
	queue_all(contact, snapshot);
	contact_mark_moves(contact);
	contact_start_polling(contact);
	contact_send_next(contact);
}

static void end_transients(struct contact *contact)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);
	struct change_list *list = snapshot ? expiry_of_transients(snapshot, UINT64_MAX) : NULL;

	if (list)
		contact->parts.submit(contact->parts.context, vm_id(contact->vm), list);
}

void contact_end_exchange(struct contact *contact, bool timed_out, const char *why)
{
	contact->open = false;
	uv_timer_stop(&contact->timer);
	outbox_end(&contact->outbox);
	mirror_end(&contact->mirror);
	delivery_reset_sent(vm_delivery(contact->vm));
	guest_pools_end(&contact->guest);
	ip_box_end(&contact->ip, why);
	trouble_end(contact->trouble, TROUBLE_GUEST_POOL);
	trouble_end(contact->trouble, TROUBLE_AUTO_POOL);
	jobs_out_of_contact(contact->parts.jobs, vm_id(contact->vm), timed_out, why);
	end_transients(contact);
}

/* They were refused until now. */
static void queue_secrets(struct contact *contact, const struct snapshot *snapshot)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];

	for (size_t i = 0; i < set->count; i++)
		if (set->item[i]->flags & ITEM_SECRET)
			send_queue_add(&contact->outbox.resync, stored_item_ref(set->item[i]));
}

void contact_queue_changed(struct contact *contact, const struct vm_settings *before,
			   const struct snapshot *snapshot)
{
	const struct vm_settings *now = contact->settings;

	if (strcmp(before->name, now->name) != 0 || before->host_items != now->host_items)
		queue_automatic(contact, snapshot);
	contact->outbox.allow_secrets = now->allow_secrets;
	if (!before->allow_secrets && now->allow_secrets)
		queue_secrets(contact, snapshot);
}

/* --- The acknowledged mark, and refusals --- */

void contact_mark_moves(void *context)
{
	struct contact *contact = context;

	contact->mark_moved = true;
	contact->parts.mark_moved(contact->parts.context);
}

/* They wait for the disk, which may fail; the mark does not. */
static void write_refusals(struct contact *contact)
{
	struct change_list *list = change_list_create(vm_id(contact->vm));

	if (delivery_write(vm_delivery(contact->vm), list))
		contact->parts.submit_refusals(contact->parts.context, vm_id(contact->vm), list);
	else
		change_list_free(&list);
}

void contact_refusals_failed(struct contact *contact)
{
	delivery_write_anew(vm_delivery(contact->vm));
	contact_mark_moves(contact);
}

static void write_mark(struct contact *contact)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);
	struct change_list *list;
	uint64_t mark;

	if (!snapshot)
		return;
	mark = outbox_mark(&contact->outbox);
	delivery_prune(vm_delivery(contact->vm), snapshot->acknowledged);
	if (mark <= snapshot->acknowledged)
		return;
	list = change_list_create(vm_id(contact->vm));
	change_list_acknowledge(list, mark);
	change_list_lazy(list);
	store_submit(contact->parts.store, list, NULL, NULL);
}

void contact_write_mark(struct contact *contact)
{
	if (!contact->mark_moved)
		return;
	contact->mark_moved = false;
	write_refusals(contact);
	if (contact->open)
		write_mark(contact);
}
