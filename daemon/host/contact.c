/* SPDX-License-Identifier: MIT */
/* contact.c -- the contact with one guest: its channel, and whose turn it is to use it. */
#include "host/contact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/delivery_table.h"
#include "host/expiry.h"
#include "host/guest_pools.h"
#include "host/mirror.h"
#include "host/outbox.h"
#include "host/trouble.h"
#include "openkvp/scoped.h"

/* Of the host's pools in a guest, read to compare: four times what a store may hold. */
#define MIRROR_ITEMS 4096
#define MIRROR_BYTES (4 * 1024 * 1024)

#define TROUBLE_CALM_MS 30000

struct contact {
	struct contact_parts parts;
	struct vm *vm;
	struct vm_settings *settings; /* with which the channel was opened; kept alive by us */
	struct channel *channel;      /* NULL: none, or the exchange is switched off */
	uv_timer_t timer;             /* the guest is to be read, or looked at, again */

	char fault[160]; /* what is wrong with the channel; "": nothing */

	bool open;
	struct outbox outbox;
	struct guest_pools guest;
	struct ip_box ip;
	struct mirror mirror; /* while the guest tells what changes */
	struct trouble *trouble;
	bool guest_next; /* whose turn it is: the guest's pools or the rest of ours */
	bool mark_moved;
};

/* --- Status --- */

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
	snprintf(status->reason, sizeof(status->reason), "%s", change->reason);
}

static void set_status(struct contact *contact, enum vm_contact state, const char *reason)
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

/* --- Whose turn it is --- */

static bool tells(const struct contact *contact)
{
	return channel_own_version(contact->channel) > 0;
}

static void send_guest_reading(struct contact *contact)
{
	guest_pools_send(&contact->guest);
	if (tells(contact))
		mirror_send(&contact->mirror);
}

/* Where one request is outstanding at a time, what was committed goes first; the rest of the host's
 * pools and the reading of the guest's take turns. */
static void send_next(struct contact *contact)
{
	if (!contact->open)
		return;
	outbox_send_committed(&contact->outbox);
	ip_box_send(&contact->ip);
	contact->guest_next = !contact->guest_next;
	if (contact->guest_next)
		send_guest_reading(contact);
	outbox_send_rest(&contact->outbox);
	if (!contact->guest_next)
		send_guest_reading(contact);
}

static void timer_ran(uv_timer_t *timer);

/* A guest that tells what changes is looked at again only where something was put off. */
static void set_mirror_timer(struct contact *contact)
{
	uint64_t due = tells(contact) ? mirror_due(&contact->mirror) : 0;

	if (due > 0)
		uv_timer_start(&contact->timer, timer_ran, due, 0);
}

/* The first poll comes at a random moment, so that guests that came together are not polled
 * together. */
static void start_polling(struct contact *contact)
{
	unsigned int interval = contact->parts.settings->poll_interval_ms;

	uv_timer_start(&contact->timer, timer_ran, interval / 2 + (unsigned int)random() % interval,
		       interval);
}

static void advance(struct contact *contact)
{
	send_next(contact);
	if (contact->open)
		set_mirror_timer(contact);
}

static void timer_ran(uv_timer_t *timer)
{
	struct contact *contact = timer->data;

	if (contact->open && !tells(contact))
		guest_pools_want(&contact->guest);
	advance(contact);
}

void contact_refresh(struct contact *contact, unsigned int max_age_ms, void (*done)(void *context),
		     void *context)
{
	guest_pools_refresh(&contact->guest, max_age_ms, done, context);
	send_next(contact);
}

void contact_setup_waits(struct contact *contact)
{
	send_next(contact);
}

void contact_read_adapter(struct contact *contact, const char *mac, ip_reader_done *done,
			  void *context)
{
	ip_box_read(&contact->ip, mac, done, context);
	send_next(contact);
}

/* --- The acknowledged mark --- */

static void mark_moves(void *context)
{
	struct contact *contact = context;

	contact->mark_moved = true;
	contact->parts.mark_moved(contact->parts.context);
}

void contact_write_mark(struct contact *contact)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);
	struct change_list *list;
	uint64_t mark;

	if (!contact->mark_moved)
		return;
	contact->mark_moved = false;
	if (!contact->open || !snapshot)
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

/* --- What the channel tells --- */

static void excess_told(void *context, const char *what)
{
	struct contact *contact = context;

	trouble_note(contact->trouble, TROUBLE_RATE, what);
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

static void heard(void *context)
{
	struct contact *contact = context;

	vm_update_status(contact->vm, touch, NULL);
}

static void batch_answered(void *context, const uint32_t *status, size_t count)
{
	struct contact *contact = context;

	outbox_answered(&contact->outbox, status, count);
	advance(contact);
}

static void part_came(void *context, struct channel_part *part)
{
	struct contact *contact = context;

	if (is_guest_pool(part->pool))
		guest_pools_part(&contact->guest, part);
	else if (tells(contact))
		mirror_part(&contact->mirror, part);
	else
		outbox_part(&contact->outbox, part);
	advance(contact);
}

static void ip_answered(void *context, uint32_t status, const struct okvp_adapter *adapter,
			const char *text)
{
	struct contact *contact = context;

	ip_box_answered(&contact->ip, status, adapter, text);
	advance(contact);
}

static void guest_stands(void *context, const struct okvp_own_state *state)
{
	struct contact *contact = context;

	guest_pools_stand(&contact->guest, state);
	mirror_stand(&contact->mirror, state);
	mark_moves(contact);
	advance(contact);
}

static void guest_changed(void *context, struct okvp_own_changed *changed)
{
	struct contact *contact = context;

	if (is_guest_pool(changed->pool))
		guest_pools_changed(&contact->guest, changed);
	else
		mirror_changed(&contact->mirror, changed->pool);
	advance(contact);
}

static void adapters_told(void *context, const uint8_t *body, size_t length)
{
	struct contact *contact = context;

	vm_set_adapters(contact->vm, body, length);
}

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

	if (tells(contact))
		log_info(name, "in contact, openkvp's protocol version %u",
			 channel_own_version(contact->channel));
	else
		log_info(name, "in contact, message version %u.%u", message.major, message.minor);
}

/* The status is set before the picture is taken: whoever commits later sees the contact and tells
 * us. */
static void begin_exchange(struct contact *contact)
{
	struct snapshot *snapshot scoped(snapshot_release) = NULL;

	contact->open = true;
	set_status(contact, VM_CONTACT_OPEN, "");
	vm_update_status(contact->vm, touch, NULL);
	snapshot = vm_snapshot(contact->vm);
	if (!snapshot)
		return;
	contact->outbox.allow_secrets = snapshot->settings->allow_secrets;
	outbox_begin(&contact->outbox, contact->channel, snapshot);
	guest_pools_begin(&contact->guest, contact->channel);
	ip_box_begin(&contact->ip, contact->channel);
	log_contact(contact, snapshot->settings->name);
	if (tells(contact)) {
		mirror_begin(&contact->mirror, contact->channel);
		return; /* until it has said how it stands */
	}
	queue_all(contact, snapshot);
	mark_moves(contact);
	start_polling(contact);
	send_next(contact);
}

static void end_transients(struct contact *contact)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);
	struct change_list *list = snapshot ? expiry_of_transients(snapshot, UINT64_MAX) : NULL;

	if (list)
		contact->parts.submit(contact->parts.context, vm_id(contact->vm), list);
}

static void end_exchange(struct contact *contact, bool timed_out, const char *why)
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
		begin_exchange(contact);
		return;
	}
	if ((state == CHANNEL_CONNECTED && !*reason) || (state == CHANNEL_LOST && *reason))
		trouble_count_anew(contact->trouble);
	if (state == CHANNEL_CLOSED)
		snprintf(why, sizeof(why), "nobody is connected to the VM's channel (%s)", reason);
	else if (*reason || state == CHANNEL_LOST)
		snprintf(why, sizeof(why), "%s", reason);
	if (contact->open)
		end_exchange(contact, state == CHANNEL_LOST, why);
	set_status(contact, contacts[state], why);
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
		set_status(contact, VM_CONTACT_NONE, "nobody is connected to the VM's channel");
}

/* --- Opening and closing --- */

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
		end_exchange(contact, false, why);
}

static void open_channel(struct contact *contact)
{
	const struct channel_events events = {
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
	struct okvp_error err;

	if (!contact->settings->exchange_enabled) {
		set_status(contact, VM_CONTACT_NONE, ""); /* the status itself says why */
		return;
	}
	if (*contact->settings->channel == '\0') {
		set_status(contact, VM_CONTACT_NONE, "the VM has no channel");
		return;
	}
	set_status(contact, VM_CONTACT_NONE, "nobody is connected to the VM's channel");
	if (!channel_open(contact->parts.hub, contact->settings->channel,
			  &contact->parts.settings->channel, &events, &contact->channel, &err)) {
		set_status(contact, VM_CONTACT_NONE, err.message);
		log_error(contact->settings->name, "%s", err.message);
	}
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
	contact->outbox.parts = (struct outbox_parts){ parts->jobs, mark_moves, submit, contact };
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

/* They were refused until now. */
static void queue_secrets(struct contact *contact, const struct snapshot *snapshot)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];

	for (size_t i = 0; i < set->count; i++)
		if (set->item[i]->flags & ITEM_SECRET)
			send_queue_add(&contact->outbox.resync, stored_item_ref(set->item[i]));
}

/* What a guest in contact gets since other settings hold. */
static void queue_changed(struct contact *contact, const struct vm_settings *before,
			  const struct snapshot *snapshot)
{
	const struct vm_settings *now = contact->settings;

	if (strcmp(before->name, now->name) != 0 || before->host_items != now->host_items)
		queue_automatic(contact, snapshot);
	contact->outbox.allow_secrets = now->allow_secrets;
	if (!before->allow_secrets && now->allow_secrets)
		queue_secrets(contact, snapshot);
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
		queue_changed(contact, before, snapshot);
		send_next(contact);
	}
	vm_settings_release(&before);
}

void contact_committed(struct contact *contact, uint64_t generation, struct stored_item **items,
		       size_t count)
{
	outbox_commit(&contact->outbox, generation, items, count);
	mark_moves(contact);
	send_next(contact);
}

bool contact_is_open(const struct contact *contact)
{
	return contact->open;
}

struct vm *contact_vm(const struct contact *contact)
{
	return contact->vm;
}
