/* SPDX-License-Identifier: MIT */
/* mirror.c -- compares the host's pools with what the guest has of them. */
#include "host/mirror.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "host/delivery_table.h"
#include "host/expiry.h"
#include "openkvp/digest.h"
#include "openkvp/scoped.h"

enum { EXTERNAL, AUTO_EXTERNAL, POOLS };

static const enum okvp_pool pools[POOLS] = { OKVP_POOL_EXTERNAL, OKVP_POOL_AUTO_EXTERNAL };

static size_t index_of(enum okvp_pool pool)
{
	return pool == OKVP_POOL_AUTO_EXTERNAL ? AUTO_EXTERNAL : EXTERNAL;
}

/* --- What the host wants there --- */

static void add_wanted(struct reader_list *list, struct stored_item *item)
{
	grow(list->item, list->count, list->room);
	list->item[list->count++] = item;
}

/* The items of pool 0 that the guest can hold; the others are refused on their way. */
static void want_external(const struct mirror *mirror, const struct snapshot *snapshot,
			  struct reader_list *ret_list)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];
	char reason[200];

	for (size_t i = 0; i < set->count; i++)
		if (outbox_can_hold(mirror->outbox, set->item[i], reason, sizeof(reason)))
			add_wanted(ret_list, stored_item_ref(set->item[i]));
}

static void want_automatic(const struct mirror *mirror, const struct snapshot *snapshot,
			   struct reader_list *ret_list)
{
	struct stored_item *items[AUTO_ITEMS_COUNT];

	if (!snapshot->settings->host_items)
		return;
	auto_items_make(mirror->facts, snapshot, items);
	for (size_t i = 0; i < AUTO_ITEMS_COUNT; i++)
		add_wanted(ret_list, items[i]);
}

static void want(const struct mirror *mirror, size_t which, const struct snapshot *snapshot,
		 struct reader_list *ret_list)
{
	*ret_list = (struct reader_list){ 0 };
	if (which == EXTERNAL)
		want_external(mirror, snapshot, ret_list);
	else
		want_automatic(mirror, snapshot, ret_list);
}

static uint64_t digest_of(size_t which, const struct reader_list *list)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct okvp_item item = stored_item_view(list->item[i]);

		digest += okvp_digest_of(pools[which], i, &item);
	}
	return digest;
}

/* --- What is to be done --- */

/* At the beginning of a contact the guest has an item as it is wanted, or has not what is gone. */
static void settle(struct mirror *mirror, size_t which, struct stored_item *item)
{
	if (which == EXTERNAL && mirror->pool[which].first)
		outbox_settle(mirror->outbox, item, NULL);
}

/* Queues an item or a removal, unless that was done to the key a short while ago. Takes it. */
static void correct(struct mirror *mirror, size_t which, struct stored_item *item, uint64_t *due_ms)
{
	struct send_queue *queue =
		which == EXTERNAL ? &mirror->outbox->resync : &mirror->outbox->automatic;

	if (!mirror->pool[which].first &&
	    !setback_may(&mirror->setback, item->text, item->key_length, clock_monotonic_ms(),
			 due_ms)) {
		stored_item_release(&item);
		return;
	}
	if (which == EXTERNAL) /* it was acknowledged: that is over */
		delivery_forget(vm_delivery(mirror->vm), item);
	send_queue_add(queue, item);
}

static struct stored_item *removal_of(const struct snapshot *snapshot, size_t which,
				      const struct stored_item *item)
{
	struct stored_item *tombstone =
		which == EXTERNAL ? snapshot_find_tombstone(snapshot, item->text, item->key_length)
				  : NULL;
	struct stored_item *removal;

	if (tombstone)
		return stored_item_ref(tombstone);
	removal = stored_item_create(
		&(struct okvp_item){ .key = item->text, .key_length = item->key_length });
	removal->removed = true;
	return removal;
}

static bool same_value(const struct stored_item *a, const struct stored_item *b)
{
	return a->value_length == b->value_length &&
	       memcmp(a->text + a->key_length, b->text + b->key_length, a->value_length) == 0;
}

/* Whether the guest need not be told of an item: it has it. That it is a secret may be new. */
static bool is_as_wanted(const struct snapshot *snapshot, const struct stored_item *item,
			 const struct stored_item *found)
{
	return found && same_value(found, item) &&
	       (!(item->flags & ITEM_SECRET) || item->generation <= snapshot->acknowledged);
}

/* Whether the guest, which does not have an item any more, has ended it. */
static bool is_ended(const struct mirror *mirror, size_t which, const struct snapshot *snapshot,
		     const struct stored_item *item)
{
	if (which != EXTERNAL || mirror->reader.cut)
		return false;
	return mirror->pool[which].first ? once_check_has(&mirror->outbox->once, item)
					 : expiry_is_near(mirror->vm, snapshot, item);
}

/* Takes out of the guest's items those that are wanted; what is left of them is too much. A key
 * that it has twice is set, which makes the last of them right. */
static void compare_wanted(struct mirror *mirror, size_t which, const struct snapshot *snapshot,
			   const struct reader_list *wanted, struct map *there, uint64_t *due_ms)
{
	struct reader_list ended = { 0 };

	for (size_t i = 0; i < wanted->count; i++) {
		struct stored_item *item = wanted->item[i];
		const struct stored_item *found = map_remove(there, item->text, item->key_length);

		if (is_as_wanted(snapshot, item, found))
			settle(mirror, which, item);
		else if (!found && is_ended(mirror, which, snapshot, item))
			add_wanted(&ended, stored_item_ref(item));
		else
			correct(mirror, which, stored_item_ref(item), due_ms);
	}
	outbox_end_items(mirror->outbox, ended.item, ended.count);
	reader_list_done(&ended);
}

static void remove_rest(struct mirror *mirror, size_t which, const struct snapshot *snapshot,
			const struct map *there, uint64_t *due_ms)
{
	const struct stored_item *item;

	for (size_t at = 0; (item = map_next(there, &at));)
		correct(mirror, which, removal_of(snapshot, which, item), due_ms);
}

/* What cannot be held goes its way like the rest, where it is refused. */
static void queue_what_cannot_be_held(struct mirror *mirror, const struct snapshot *snapshot)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];
	char reason[200];

	for (size_t i = 0; i < set->count; i++)
		if (!outbox_can_hold(mirror->outbox, set->item[i], reason, sizeof(reason)))
			send_queue_add(&mirror->outbox->resync, stored_item_ref(set->item[i]));
}

/* What was not read of a pool with too much in it may still be there. */
static void settle_tombstones(struct mirror *mirror, const struct snapshot *snapshot,
			      const struct map *there)
{
	const struct item_set *set = snapshot->tombstones;
	bool unread = mirror->reader.cut && mirror->pool[EXTERNAL].first;

	for (size_t i = 0; i < set->count; i++) {
		struct stored_item *tombstone = set->item[i];

		if (there && map_find(there, tombstone->text, tombstone->key_length))
			continue;
		if (unread)
			send_queue_add(&mirror->outbox->resync, stored_item_ref(tombstone));
		else
			settle(mirror, EXTERNAL, tombstone);
	}
}

/* The guest's pool is known and what has to be sent is queued. */
static void end_look(struct mirror *mirror, size_t which, const struct snapshot *snapshot)
{
	if (mirror->pool[which].first && which == EXTERNAL) {
		queue_what_cannot_be_held(mirror, snapshot);
		once_check_done(&mirror->outbox->once);
		mirror->outbox->unsure = false;
	}
	mirror->pool[which].first = false;
}

static void agree(struct mirror *mirror, size_t which, const struct snapshot *snapshot,
		  const struct reader_list *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		settle(mirror, which, wanted->item[i]);
	if (which == EXTERNAL)
		settle_tombstones(mirror, snapshot, NULL);
	end_look(mirror, which, snapshot);
}

static void compare(struct mirror *mirror, size_t which, const struct snapshot *snapshot)
{
	struct reader_list wanted;
	struct map there = { 0 };
	uint64_t due_ms = 0;

	for (size_t i = 0; i < mirror->reader.list.count; i++) {
		struct stored_item *item = mirror->reader.list.item[i];

		map_put(&there, item->text, item->key_length, item);
	}
	want(mirror, which, snapshot, &wanted);
	if (which == EXTERNAL)
		settle_tombstones(mirror, snapshot, &there);
	compare_wanted(mirror, which, snapshot, &wanted, &there, &due_ms);
	remove_rest(mirror, which, snapshot, &there, &due_ms);
	end_look(mirror, which, snapshot);
	if (due_ms > 0) {
		mirror->pool[which].wanted = true;
		mirror->pool[which].not_before = due_ms;
	}
	reader_list_done(&wanted);
	map_done(&there);
}

/* --- Looking --- */

static bool may_look(const struct mirrored_pool *pool, uint64_t now_ms)
{
	return pool->wanted && pool->not_before <= now_ms;
}

void mirror_send(struct mirror *mirror)
{
	uint64_t now_ms = clock_monotonic_ms();

	if (!mirror->channel || !channel_ready(mirror->channel, CHANNEL_READ))
		return;
	for (size_t which = 0; which < POOLS && !mirror->reader.active; which++) {
		struct mirrored_pool *pool = &mirror->pool[which];

		if (!may_look(pool, now_ms) || (!pool->first && !outbox_is_empty(mirror->outbox)))
			continue;
		pool->wanted = false;
		pool->not_before = now_ms + MIRROR_PAUSE_MS;
		guest_reader_begin(&mirror->reader, pools[which], mirror->items, mirror->bytes);
	}
	if (mirror->reader.active)
		channel_read(mirror->channel, mirror->reader.pool, mirror->reader.index);
}

/* A pool that could not be read, or has changed while it was, is looked at again later; one with
 * too much in it is compared as far as it was read. */
void mirror_part(struct mirror *mirror, struct channel_part *part)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(mirror->vm);
	size_t which = index_of(part->pool);

	if (!mirror->reader.active || mirror->reader.pool != part->pool ||
	    !guest_reader_take(&mirror->reader, part))
		return;
	if (!mirror->reader.whole && !mirror->reader.cut)
		mirror->pool[which].wanted = true;
	else if (snapshot)
		compare(mirror, which, snapshot);
	guest_reader_done(&mirror->reader);
}

/* Secrets that the guest may not know to be secret. */
static bool has_new_secrets(const struct snapshot *snapshot, const struct reader_list *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		if ((wanted->item[i]->flags & ITEM_SECRET) &&
		    wanted->item[i]->generation > snapshot->acknowledged)
			return true;
	return false;
}

void mirror_stand(struct mirror *mirror, const struct okvp_own_state *state)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(mirror->vm);

	for (size_t which = 0; snapshot && which < POOLS; which++) {
		struct reader_list wanted;

		want(mirror, which, snapshot, &wanted);
		if (digest_of(which, &wanted) == state->pool[pools[which]].digest &&
		    !has_new_secrets(snapshot, &wanted))
			agree(mirror, which, snapshot, &wanted);
		else
			mirror->pool[which].wanted = true;
		reader_list_done(&wanted);
	}
}

void mirror_changed(struct mirror *mirror, enum okvp_pool pool)
{
	mirror->pool[index_of(pool)].wanted = true;
}

uint64_t mirror_due(const struct mirror *mirror)
{
	uint64_t now_ms = clock_monotonic_ms(), due_ms = 0;

	for (size_t which = 0; which < POOLS; which++) {
		const struct mirrored_pool *pool = &mirror->pool[which];

		if (pool->wanted && pool->not_before > now_ms &&
		    (due_ms == 0 || pool->not_before < due_ms))
			due_ms = pool->not_before;
	}
	return due_ms == 0 ? 0 : due_ms - now_ms;
}

void mirror_begin(struct mirror *mirror, struct channel *channel)
{
	mirror->channel = channel;
	for (size_t which = 0; which < POOLS; which++)
		mirror->pool[which] = (struct mirrored_pool){ .first = true };
}

void mirror_end(struct mirror *mirror)
{
	mirror->channel = NULL;
	memset(mirror->pool, 0, sizeof(mirror->pool));
	guest_reader_done(&mirror->reader);
	setback_done(&mirror->setback);
}
