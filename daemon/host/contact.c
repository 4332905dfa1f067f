/* SPDX-License-Identifier: MIT */
/* contact.c -- what goes over the channel of one VM, and in which order. */
#include "host/contact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/delivery_table.h"
#include "host/expiry.h"
#include "host/guest_reader.h"
#include "host/once_check.h"
#include "host/send_queue.h"
#include "openkvp/scoped.h"

/* Someone who waits for the guest's pools to be read. */
struct reading_waiter {
	void (*done)(void *context);
	void *context;
	struct reading_waiter *next;
};

enum sent_kind {
	SENT_NOTHING,
	SENT_COMMITTED,
	SENT_RESYNC,
	SENT_AUTO,
	SENT_READING,
	SENT_ONCE_CHECK,
};

struct contact {
	struct contact_parts parts;
	struct vm *vm;
	struct vm_settings *settings; /* with which the channel was opened; kept alive by us */
	struct channel *channel;      /* NULL: none, or the exchange is switched off */
	uv_timer_t poll;

	char fault[160]; /* what is wrong with the channel; "": nothing */

	bool open;
	struct send_queue committed, resync, automatic;
	struct once_check once;
	uint64_t seen; /* every commit up to this generation was queued, or was there before */
	enum sent_kind sent;
	struct stored_item *sent_item;
	bool reading_next; /* whose turn it is: reading or resync */

	struct guest_reader reader;
	struct reading_waiter *waiters;
	uint64_t read_at_ms; /* 0: not in this contact */

	bool mark_moved;
};

static void send_next(struct contact *contact);

/* --- Status --- */

struct status_change {
	enum vm_contact contact;
	struct okvp_version framework, message;
	bool fault;
	const char *reason;
};

static void change_status(struct vm_status *status, void *context)
{
	const struct status_change *change = context;

	status->contact = change->contact;
	status->guest_live = status->guest_live && change->contact == VM_CONTACT_OPEN;
	status->framework = change->framework;
	status->message = change->message;
	status->fault = change->fault;
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
	}
	vm_update_status(contact->vm, change_status, &change);
}

static void touch(struct vm_status *status, void *context)
{
	status->last_contact_us = clock_wall_us();
}

static void note_reading(struct vm_status *status, void *context)
{
	status->guest_read_us = clock_wall_us();
	status->guest_live = true;
}

/* --- Waiting for a reading --- */

static void tell_waiters(struct reading_waiter *waiters)
{
	while (waiters) {
		struct reading_waiter *waiter = waiters;

		waiters = waiter->next;
		waiter->done(waiter->context);
		free(waiter);
	}
}

/* On the committer's thread: what was read is published. */
static void reading_published(void *context, const struct store_result *result)
{
	tell_waiters(context);
}

static void end_reading(struct contact *contact)
{
	guest_reader_done(&contact->reader);
	tell_waiters(take(contact->waiters));
}

/* Hands what was read to the store, if it is news. */
static void publish_reading(struct contact *contact)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);
	struct change_list *list = NULL;

	contact->read_at_ms = clock_monotonic_ms();
	vm_update_status(contact->vm, note_reading, NULL);
	if (contact->reader.cut)
		log_warning(snapshot ? snapshot->settings->name : "",
			    "the guest publishes more than %zu items or %zu bytes in a pool; the "
			    "rest is not read",
			    contact->parts.settings->guest_items,
			    contact->parts.settings->guest_bytes);
	for (enum item_space space = SPACE_GUEST; snapshot && space <= SPACE_INTRINSIC; space++) {
		struct reader_list *read = guest_reader_list(&contact->reader, space);

		if (guest_reader_same(&contact->reader, space, snapshot->space[space]) &&
		    snapshot->guest_read_us > 0)
			continue;
		if (!list) {
			list = change_list_create(vm_id(contact->vm));
			change_list_lazy(list);
		}
		change_list_guest(list, space, read->item, read->count, clock_wall_us());
		*read = (struct reader_list){ 0 };
	}
	guest_reader_done(&contact->reader);
	if (list)
		store_submit(contact->parts.store, list, reading_published, take(contact->waiters));
	else
		tell_waiters(take(contact->waiters));
}

static void begin_reading(struct contact *contact)
{
	if (contact->open && !contact->reader.active)
		guest_reader_begin(&contact->reader, contact->parts.settings->guest_items,
				   contact->parts.settings->guest_bytes);
}

static void poll_guest(uv_timer_t *timer)
{
	struct contact *contact = timer->data;

	begin_reading(contact);
	send_next(contact);
}

/* The first poll comes at a random moment, so that guests that came together are not polled
 * together. */
static void start_polling(struct contact *contact)
{
	unsigned int interval = contact->parts.settings->poll_interval_ms;

	uv_timer_start(&contact->poll, poll_guest, interval / 2 + (unsigned int)random() % interval,
		       interval);
}

void contact_refresh(struct contact *contact, unsigned int max_age_ms, void (*done)(void *context),
		     void *context)
{
	struct reading_waiter *waiter;

	if (!contact->open ||
	    (contact->read_at_ms > 0 && clock_monotonic_ms() - contact->read_at_ms < max_age_ms)) {
		done(context);
		return;
	}
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct reading_waiter){ done, context, contact->waiters };
	contact->waiters = waiter;
	begin_reading(contact);
	send_next(contact);
}

/* --- The acknowledged mark --- */

/* All up to this generation is acknowledged. While a resynchronisation runs, nothing is sure. */
static uint64_t mark_of(const struct contact *contact)
{
	const struct stored_item *first = send_queue_peek(&contact->committed);
	uint64_t mark = contact->seen, open = delivery_lowest_open(vm_delivery(contact->vm));

	if (send_queue_peek(&contact->resync) || contact->sent == SENT_RESYNC ||
	    contact->once.active)
		return 0;
	if (contact->sent == SENT_COMMITTED && contact->sent_item->generation <= mark)
		mark = contact->sent_item->generation - 1;
	if (first && first->generation <= mark)
		mark = first->generation - 1;
	return open <= mark ? open - 1 : mark;
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
	mark = mark_of(contact);
	delivery_prune(vm_delivery(contact->vm), snapshot->acknowledged);
	if (mark <= snapshot->acknowledged)
		return;
	list = change_list_create(vm_id(contact->vm));
	change_list_acknowledge(list, mark);
	change_list_lazy(list);
	store_submit(contact->parts.store, list, NULL, NULL);
}

static void mark_moves(struct contact *contact)
{
	contact->mark_moved = true;
	contact->parts.mark_moved(contact->parts.context);
}

/* --- Delivering --- */

/* Why this guest cannot hold an item, or NULL. Versions up to 4.0 are what Linux speaks, whose pool
 * files bound the UTF-8 form; nothing may be cut on the way. */
static const char *cannot_hold(const struct contact *contact, const struct stored_item *item)
{
	if ((item->flags & ITEM_SECRET) && !contact->settings->allow_secrets)
		return "it is a secret, and this guest would show it to all its users (openkvp vm "
		       "set --allow-secrets on)";
	if (channel_message_version(contact->channel).major >= 5)
		return NULL;
	if (item->key_length > OKVP_LINUX_KEY_BYTES)
		return "the key is longer than the 511 bytes of UTF-8 that this guest can hold";
	if (item->value_length > OKVP_LINUX_VALUE_BYTES)
		return "the value is longer than the 2047 bytes of UTF-8 that this guest can hold";
	return NULL;
}

/* An item or tombstone has reached its end: acknowledged, or refused for a reason. */
static void settle(struct contact *contact, struct stored_item *item, const char *reason)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);

	if (reason)
		delivery_note(vm_delivery(contact->vm), item, DELIVERY_REFUSED, reason);
	else if (snapshot && item->generation > snapshot->acknowledged)
		delivery_note(vm_delivery(contact->vm), item, DELIVERY_ACKNOWLEDGED, "");
	jobs_item_settled(contact->parts.jobs, vm_id(contact->vm), item, reason);
	mark_moves(contact);
}

/* Whether a queued item is still what is wanted: neither overtaken nor delivered in this contact.
 */
static bool still_wanted(struct contact *contact, const struct snapshot *snapshot,
			 const struct stored_item *item)
{
	const struct stored_item *wanted =
		item->removed
			? snapshot_find_tombstone(snapshot, item->text, item->key_length)
			: snapshot_find(snapshot, SPACE_EXTERNAL, item->text, item->key_length);

	return wanted && wanted->generation == item->generation &&
	       !delivery_has_acknowledged(vm_delivery(contact->vm), item);
}

static bool send_request(struct contact *contact, enum sent_kind kind, struct stored_item *item,
			 const struct okvp_kvp_message *request, struct okvp_error *err)
{
	if (!channel_send(contact->channel, request, err))
		return false;
	contact->sent = kind;
	contact->sent_item = item;
	return true;
}

static void item_request(enum okvp_pool pool, const struct stored_item *item,
			 struct okvp_kvp_message *ret_request)
{
	memset(ret_request, 0, offsetof(struct okvp_kvp_message, storage));
	ret_request->operation = item->removed ? OKVP_KVP_DELETE : OKVP_KVP_SET;
	ret_request->pool = (uint8_t)pool;
	ret_request->item = stored_item_view(item);
}

/* Sends one item for the guest; false when there was no need to, or it was refused here. Takes it.
 */
static bool send_item(struct contact *contact, enum sent_kind kind, struct stored_item *item)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);
	struct okvp_kvp_message request;
	struct okvp_error err;
	const char *reason;

	if (!snapshot || !still_wanted(contact, snapshot, item)) {
		stored_item_release(&item);
		return false;
	}
	item_request(OKVP_POOL_EXTERNAL, item, &request);
	reason = item->removed ? NULL : cannot_hold(contact, item);
	if (!reason && send_request(contact, kind, item, &request, &err)) {
		if (item->generation > snapshot->acknowledged)
			delivery_note(vm_delivery(contact->vm), item, DELIVERY_SENT, "");
		return true;
	}
	settle(contact, item, reason ? reason : err.message);
	stored_item_release(&item);
	return false;
}

static bool send_automatic(struct contact *contact, struct stored_item *item)
{
	struct okvp_kvp_message request;

	item_request(OKVP_POOL_AUTO_EXTERNAL, item, &request);
	if (send_request(contact, SENT_AUTO, item, &request, NULL))
		return true;
	stored_item_release(&item);
	return false;
}

static bool send_reading(struct contact *contact)
{
	struct okvp_kvp_message request;

	guest_reader_request(&contact->reader, &request);
	return send_request(contact, SENT_READING, NULL, &request, NULL);
}

static bool send_once_check(struct contact *contact)
{
	struct okvp_kvp_message request;

	once_check_request(&contact->once, &request);
	return send_request(contact, SENT_ONCE_CHECK, NULL, &request, NULL);
}

/* Sends the next item of the resynchronisation, if there is one. */
static bool send_resync(struct contact *contact)
{
	struct stored_item *item;

	if (contact->once.active)
		return send_once_check(contact);
	while ((item = send_queue_take(&contact->resync)))
		if (send_item(contact, SENT_RESYNC, item))
			return true;
	while ((item = send_queue_take(&contact->automatic)))
		if (send_automatic(contact, item))
			return true;
	return false;
}

static void send_next(struct contact *contact)
{
	struct stored_item *item;

	if (!contact->open || !channel_ready(contact->channel))
		return;
	while ((item = send_queue_take(&contact->committed)))
		if (send_item(contact, SENT_COMMITTED, item))
			return;
	contact->reading_next = !contact->reading_next;
	if (contact->reading_next && contact->reader.active && send_reading(contact))
		return;
	if (send_resync(contact))
		return;
	if (contact->reader.active)
		send_reading(contact);
}

/* --- What the channel tells --- */

static bool acknowledges(const struct stored_item *item, uint32_t status)
{
	if (status == OKVP_IC_OK)
		return true;
	/* What is not there is deleted. */
	return item->removed && (status == OKVP_IC_NO_MORE_ITEMS || status == OKVP_IC_NOT_FOUND);
}

static void item_answered(struct contact *contact, uint32_t status)
{
	struct stored_item *item = take(contact->sent_item);
	char text[64], reason[96];

	if (acknowledges(item, status)) {
		settle(contact, item, NULL);
	} else {
		snprintf(reason, sizeof(reason), "the guest answered %s",
			 okvp_ic_status_text(status, text));
		settle(contact, item, reason);
	}
	stored_item_release(&item);
}

/* What the guest has removed has ended; what is there is sent again like all else. */
static void end_once_check(struct contact *contact)
{
	struct once_check *check = &contact->once;
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(contact->vm);

	for (size_t i = 0; i < check->seen; i++)
		send_queue_add(&contact->resync, stored_item_ref(check->item[i]));
	if (snapshot && check->seen < check->count) {
		log_info(contact->settings->name, "the guest has ended %zu of its items",
			 check->count - check->seen);
		contact->parts.submit(contact->parts.context, vm_id(contact->vm),
				      expiry_of_removed(snapshot, check->item + check->seen,
							check->count - check->seen));
	}
	once_check_done(check);
	mark_moves(contact);
}

static void answered(void *context, const struct okvp_kvp_message *answer, uint32_t status,
		     bool readable)
{
	struct contact *contact = context;
	enum sent_kind sent = contact->sent;

	contact->sent = SENT_NOTHING;
	vm_update_status(contact->vm, touch, NULL);
	if (sent == SENT_COMMITTED || sent == SENT_RESYNC)
		item_answered(contact, status);
	else if (sent == SENT_AUTO)
		stored_item_release(&contact->sent_item);
	else if (sent == SENT_READING && contact->reader.active &&
		 guest_reader_take(&contact->reader, answer, status, readable))
		publish_reading(contact);
	else if (sent == SENT_ONCE_CHECK &&
		 once_check_take(&contact->once, answer, status, readable))
		end_once_check(contact);
	send_next(contact);
}

/* Queues tombstones and pool 0, but for items of which the guest may have ended some. */
static void queue_resync(struct contact *contact, const struct snapshot *snapshot)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];

	send_queue_add_set(&contact->resync, snapshot->tombstones);
	for (size_t i = 0; i < set->count; i++)
		if (expiry_is_near(contact->vm, snapshot, set->item[i]))
			once_check_add(&contact->once, stored_item_ref(set->item[i]));
		else
			send_queue_add(&contact->resync, stored_item_ref(set->item[i]));
}

/* Queues pool 3; where the VM shall not get it, what the guest may have of it is removed. */
static void queue_automatic(struct contact *contact, const struct snapshot *snapshot)
{
	struct stored_item *items[AUTO_ITEMS_COUNT];

	send_queue_clear(&contact->automatic);
	auto_items_make(contact->parts.facts, snapshot, items);
	for (size_t i = 0; i < AUTO_ITEMS_COUNT; i++) {
		items[i]->removed = !snapshot->settings->host_items;
		send_queue_add(&contact->automatic, items[i]);
	}
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
	contact->seen = snapshot->generation;
	queue_resync(contact, snapshot);
	delivery_prune(vm_delivery(contact->vm), UINT64_MAX);
	queue_automatic(contact, snapshot);
	mark_moves(contact);
	begin_reading(contact);
	start_polling(contact);
	log_info(snapshot->settings->name, "in contact, message version %u.%u",
		 channel_message_version(contact->channel).major,
		 channel_message_version(contact->channel).minor);
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
	contact->sent = SENT_NOTHING;
	contact->read_at_ms = 0;
	stored_item_release(&contact->sent_item);
	send_queue_clear(&contact->committed);
	send_queue_clear(&contact->resync);
	send_queue_clear(&contact->automatic);
	once_check_done(&contact->once);
	uv_timer_stop(&contact->poll);
	delivery_reset_sent(vm_delivery(contact->vm));
	end_reading(contact);
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

static void poll_closed(uv_handle_t *handle)
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
	struct channel_events events = { state_changed, answered, fault_told, contact };
	struct okvp_error err;

	if (!contact->settings->exchange_enabled) {
		set_status(contact, VM_CONTACT_NONE, "the exchange is switched off for this VM");
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

struct contact *contact_create(const struct contact_parts *parts, struct vm *vm)
{
	struct contact *contact = xcalloc(1, sizeof(*contact));

	contact->parts = *parts;
	contact->vm = vm_ref(vm);
	uv_timer_init(loop_uv(parts->loop), &contact->poll);
	contact->poll.data = contact;
	return contact;
}

void contact_free(struct contact **contact)
{
	struct contact *c = take(*contact);

	if (!c)
		return;
	contact_stop(c, "the VM was undefined");
	uv_close((uv_handle_t *)&c->poll, poll_closed);
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
			send_queue_add(&contact->resync, stored_item_ref(set->item[i]));
}

/* What a guest in contact gets since other settings hold. */
static void queue_changed(struct contact *contact, const struct vm_settings *before,
			  const struct snapshot *snapshot)
{
	const struct vm_settings *now = contact->settings;

	if (strcmp(before->name, now->name) != 0 || before->host_items != now->host_items)
		queue_automatic(contact, snapshot);
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
	for (size_t i = 0; i < count; i++)
		send_queue_add(&contact->committed, items[i]);
	if (generation > contact->seen)
		contact->seen = generation;
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
