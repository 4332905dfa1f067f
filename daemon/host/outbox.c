/* SPDX-License-Identifier: MIT */
/* outbox.c -- batches of items to one guest, and their answers. */
#include "host/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "host/delivery_table.h"
#include "host/expiry.h"
#include "openkvp/scoped.h"

#define REASON_SIZE 200
#define PRUNE_LEAST 256 /* items of a queue that need not be looked at */

/* What was acknowledged in an earlier contact is noted, and looked at, for the last time. */
void outbox_begin(struct outbox *outbox, struct channel *channel, const struct snapshot *snapshot)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];

	outbox->channel = channel;
	outbox->seen = snapshot->generation;
	outbox->prune_at = PRUNE_LEAST;
	outbox->unsure = true;
	for (size_t i = 0; i < set->count; i++)
		if (expiry_is_near(outbox->vm, snapshot, set->item[i]))
			once_check_add(&outbox->once, stored_item_ref(set->item[i]));
	delivery_prune(vm_delivery(outbox->vm), UINT64_MAX);
}

void outbox_queue_all(struct outbox *outbox, const struct snapshot *snapshot)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];

	send_queue_add_set(&outbox->resync, snapshot->tombstones);
	for (size_t i = 0; i < set->count; i++)
		if (!once_check_has(&outbox->once, set->item[i]))
			send_queue_add(&outbox->resync, stored_item_ref(set->item[i]));
	outbox->unsure = outbox->once.active;
}

static void drop_flight(struct outbox *outbox)
{
	struct flight *flight = take(outbox->flight);

	for (size_t i = 0; flight && i < flight->count; i++)
		stored_item_release(&flight->item[i]);
	free(flight);
}

void outbox_end(struct outbox *outbox)
{
	outbox->channel = NULL;
	drop_flight(outbox);
	send_queue_clear(&outbox->committed);
	send_queue_clear(&outbox->resync);
	send_queue_clear(&outbox->automatic);
	once_check_done(&outbox->once);
}

bool outbox_is_empty(const struct outbox *outbox)
{
	return !outbox->flight && !send_queue_peek(&outbox->committed) &&
	       !send_queue_peek(&outbox->resync) && !send_queue_peek(&outbox->automatic);
}

/* --- What becomes of an item --- */

static bool too_long(char *reason, size_t size, const char *what, unsigned int most)
{
	snprintf(reason, size,
		 "the %s is longer than the %u bytes of UTF-8 that this guest can hold", what,
		 most);
	return false;
}

/* Nothing may be cut on the way. */
bool outbox_can_hold(const struct outbox *outbox, const struct stored_item *item, char *reason,
		     size_t reason_size)
{
	const struct channel_abilities abilities = channel_abilities(outbox->channel);

	if (item->removed)
		return true;
	if ((item->flags & ITEM_SECRET) && !abilities.secrets && !outbox->allow_secrets) {
		snprintf(reason, reason_size,
			 "it is a secret, and this guest would show it to all its users (openkvp "
			 "vm set --allow-secrets on)");
		return false;
	}
	if (abilities.key_bytes > 0 && item->key_length > abilities.key_bytes)
		return too_long(reason, reason_size, "key", abilities.key_bytes);
	if (abilities.value_bytes > 0 && item->value_length > abilities.value_bytes)
		return too_long(reason, reason_size, "value", abilities.value_bytes);
	return true;
}

void outbox_settle(struct outbox *outbox, struct stored_item *item, const char *reason)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(outbox->vm);

	if (reason)
		delivery_note(vm_delivery(outbox->vm), item, DELIVERY_REFUSED, reason);
	else if (snapshot && item->generation > snapshot->acknowledged)
		delivery_note(vm_delivery(outbox->vm), item, DELIVERY_ACKNOWLEDGED, "");
	jobs_item_settled(outbox->parts.jobs, vm_id(outbox->vm), item, reason);
	outbox->parts.mark_moved(outbox->parts.context);
}

/* What belongs to no commit (pool 3, a key that was never ours) is nobody's to wait for. */
static bool is_awaited(const struct stored_item *item)
{
	return item->generation > 0;
}

/* Whether a queued item is still what is wanted: neither overtaken nor delivered in this contact.
 */
static bool still_wanted(struct outbox *outbox, const struct snapshot *snapshot,
			 const struct stored_item *item)
{
	const struct stored_item *wanted =
		item->removed
			? snapshot_find_tombstone(snapshot, item->text, item->key_length)
			: snapshot_find(snapshot, SPACE_EXTERNAL, item->text, item->key_length);

	if (item->removed && !is_awaited(item)) /* too much in the guest: unless it is wanted now */
		return !snapshot_find(snapshot, SPACE_EXTERNAL, item->text, item->key_length);
	return wanted && wanted->generation == item->generation &&
	       !delivery_has_acknowledged(vm_delivery(outbox->vm), item);
}

/* Whether a queued item is to go to the guest. Of one that the guest has had since the contact
 * began, which was then acknowledged, the job has perhaps begun only now. */
static bool is_to_go(struct outbox *outbox, const struct snapshot *snapshot,
		     const struct stored_item *item)
{
	if (still_wanted(outbox, snapshot, item))
		return true;
	if (is_awaited(item) &&
	    delivery_look(outbox->vm, snapshot, item).state == DELIVERY_ACKNOWLEDGED)
		jobs_item_settled(outbox->parts.jobs, vm_id(outbox->vm), item, NULL);
	return false;
}

/* --- What was committed --- */

struct wanted {
	struct outbox *outbox;
	const struct snapshot *snapshot;
};

static bool is_wanted(void *context, const struct stored_item *item)
{
	const struct wanted *wanted = context;

	return is_to_go(wanted->outbox, wanted->snapshot, item);
}

/* What was overtaken goes: a guest may take its time, and changes do not wait for it. Not before
 * the queue has doubled, so that each item is looked at but a few times. */
static void prune(struct outbox *outbox)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(outbox->vm);
	struct wanted wanted = { outbox, snapshot };

	if (!snapshot || send_queue_length(&outbox->committed) <= outbox->prune_at)
		return;
	send_queue_filter(&outbox->committed, is_wanted, &wanted);
	outbox->prune_at = 2 * send_queue_length(&outbox->committed) + PRUNE_LEAST;
}

void outbox_commit(struct outbox *outbox, uint64_t generation, struct stored_item **items,
		   size_t count)
{
	for (size_t i = 0; i < count; i++)
		send_queue_add(&outbox->committed, items[i]);
	if (generation > outbox->seen)
		outbox->seen = generation;
	prune(outbox);
}

/* --- Batches --- */

/* Whether an item of pool 0 is to be sent now; if it cannot be held, its end is here. */
static bool is_to_send(struct outbox *outbox, const struct snapshot *snapshot,
		       struct stored_item *item)
{
	char reason[REASON_SIZE];

	if (!is_to_go(outbox, snapshot, item))
		return false;
	if (outbox_can_hold(outbox, item, reason, sizeof(reason)))
		return true;
	outbox_settle(outbox, item, reason);
	return false;
}

/* How many items at the front of a queue belong to one commit, up to a number. */
static size_t commit_size(const struct send_queue *queue, size_t most)
{
	const struct stored_item *first = send_queue_peek(queue);
	size_t size = 0;

	while (size < most && queue->at + size < queue->count &&
	       queue->item[queue->at + size]->generation == first->generation)
		size++;
	return size;
}

/* Fills the flight from a queue, up to the guest's batch. A commit that does not fit behind others
 * waits for the next batch. */
static void fill(struct outbox *outbox, struct send_queue *queue, bool external,
		 const struct snapshot *snapshot)
{
	const size_t most = channel_abilities(outbox->channel).batch;
	struct flight *flight = outbox->flight;
	bool in_commits = queue == &outbox->committed;

	while (flight->count < most && send_queue_peek(queue)) {
		size_t room = most - flight->count;
		size_t size = in_commits ? commit_size(queue, room + 1) : 1;

		if (size > room && flight->count > 0)
			break;
		for (; size > 0 && flight->count < most; size--) {
			struct stored_item *item = send_queue_take(queue);

			if (!external || is_to_send(outbox, snapshot, item))
				flight->item[flight->count++] = item;
			else
				stored_item_release(&item);
		}
	}
	if (!send_queue_peek(queue))
		send_queue_clear(queue); /* nothing is held for a guest at rest */
}

static uint8_t flags_of(const struct stored_item *item)
{
	if (item->removed)
		return OKVP_RECORD_REMOVE;
	return item->flags & ITEM_SECRET ? OKVP_RECORD_SECRET : 0;
}

static bool send_flight(struct outbox *outbox, enum okvp_pool pool, struct okvp_error *err)
{
	struct okvp_own_record changes[OKVP_OWN_BATCH_MAX];
	const struct flight *flight = outbox->flight;

	for (size_t i = 0; i < flight->count; i++)
		changes[i] = (struct okvp_own_record){
			.item = stored_item_view(flight->item[i]),
			.flags = flags_of(flight->item[i]),
		};
	return channel_send_batch(outbox->channel, pool, changes, flight->count, err);
}

static void note_sent(struct outbox *outbox, const struct snapshot *snapshot)
{
	const struct flight *flight = outbox->flight;

	for (size_t i = 0; i < flight->count; i++)
		if (flight->item[i]->generation > snapshot->acknowledged)
			delivery_note(vm_delivery(outbox->vm), flight->item[i], DELIVERY_SENT, "");
}

/* What the wire cannot carry is refused here; only a batch of one can be. */
static void refuse_flight(struct outbox *outbox, const char *reason)
{
	struct flight *flight = outbox->flight;

	for (size_t i = 0; i < flight->count; i++)
		if (is_awaited(flight->item[i]))
			outbox_settle(outbox, flight->item[i], reason);
}

/* Sends the next batch of a queue. */
static void send_from(struct outbox *outbox, struct send_queue *queue, enum okvp_pool pool)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(outbox->vm);
	bool external = pool == OKVP_POOL_EXTERNAL;

	while (snapshot && !outbox->flight && send_queue_peek(queue)) {
		struct okvp_error err;

		outbox->flight = xcalloc(1, sizeof(*outbox->flight));
		outbox->flight->from = queue;
		fill(outbox, queue, external, snapshot);
		if (outbox->flight->count > 0 && send_flight(outbox, pool, &err)) {
			if (external)
				note_sent(outbox, snapshot);
			return;
		}
		refuse_flight(outbox, err.message);
		drop_flight(outbox);
	}
}

static bool may_send(const struct outbox *outbox)
{
	return outbox->channel && !outbox->flight && channel_ready(outbox->channel, CHANNEL_BATCH);
}

void outbox_send_committed(struct outbox *outbox)
{
	if (may_send(outbox))
		send_from(outbox, &outbox->committed, OKVP_POOL_EXTERNAL);
}

/* Whether the guest must be asked before anything is sent again. */
static bool must_ask(const struct outbox *outbox)
{
	return outbox->once.active && channel_own_version(outbox->channel) == 0;
}

void outbox_send_rest(struct outbox *outbox)
{
	if (may_send(outbox) && must_ask(outbox)) {
		channel_read(outbox->channel, OKVP_POOL_EXTERNAL, outbox->once.index);
		return;
	}
	if (may_send(outbox))
		send_from(outbox, &outbox->resync, OKVP_POOL_EXTERNAL);
	if (may_send(outbox))
		send_from(outbox, &outbox->automatic, OKVP_POOL_AUTO_EXTERNAL);
}

/* --- Items that are for once --- */

void outbox_end_items(struct outbox *outbox, struct stored_item *const *items, size_t count)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(outbox->vm);

	if (!snapshot || count == 0)
		return;
	log_info(snapshot->settings->name, "the guest has ended %zu of its items", count);
	outbox->parts.submit(outbox->parts.context, expiry_of_removed(snapshot, items, count));
}

/* What the guest has removed has ended; what is there is sent again like all else. */
void outbox_part(struct outbox *outbox, struct channel_part *part)
{
	struct once_check *check = &outbox->once;

	if (!check->active || !once_check_take(check, part))
		return;
	for (size_t i = 0; i < check->seen; i++)
		send_queue_add(&outbox->resync, stored_item_ref(check->item[i]));
	outbox_end_items(outbox, check->item + check->seen, check->count - check->seen);
	once_check_done(check);
	outbox->unsure = false;
	outbox->parts.mark_moved(outbox->parts.context);
}

/* --- Answers --- */

static bool acknowledges(const struct stored_item *item, uint32_t status)
{
	if (status == OKVP_IC_OK)
		return true;
	/* What is not there is deleted. */
	return item->removed && (status == OKVP_IC_NO_MORE_ITEMS || status == OKVP_IC_NOT_FOUND);
}

static void answer_item(struct outbox *outbox, struct stored_item *item, uint32_t status)
{
	char text[64], reason[96];

	snprintf(reason, sizeof(reason), "the guest answered %s",
		 okvp_ic_status_text(status, text));
	if (is_awaited(item))
		outbox_settle(outbox, item, acknowledges(item, status) ? NULL : reason);
}

/* Items that were not made because others could not be go again, before all else. */
void outbox_answered(struct outbox *outbox, const uint32_t *status, size_t count)
{
	struct flight *flight = take(outbox->flight);

	if (!flight)
		return;
	for (size_t i = flight->count; i > 0; i--) {
		struct stored_item *item = flight->item[i - 1];

		if (i <= count && status[i - 1] == OKVP_IC_CANCELLED)
			send_queue_put_back(flight->from, item);
	}
	for (size_t i = 0; i < flight->count; i++) {
		if (i < count && status[i] == OKVP_IC_CANCELLED)
			continue;
		answer_item(outbox, flight->item[i], i < count ? status[i] : OKVP_IC_FAIL);
		stored_item_release(&flight->item[i]);
	}
	free(flight);
}

/* --- The acknowledged mark --- */

static uint64_t below(const struct stored_item *item, uint64_t mark)
{
	return item && item->generation <= mark ? item->generation - 1 : mark;
}

uint64_t outbox_mark(const struct outbox *outbox)
{
	uint64_t mark = outbox->seen, open = delivery_lowest_open(vm_delivery(outbox->vm));
	const struct flight *flight = outbox->flight;

	if (outbox->unsure || send_queue_peek(&outbox->resync) ||
	    (flight && flight->from == &outbox->resync))
		return 0;
	if (flight && flight->from == &outbox->committed)
		mark = below(flight->item[0], mark);
	mark = below(send_queue_peek(&outbox->committed), mark);
	return open <= mark ? open - 1 : mark;
}
