/* SPDX-License-Identifier: MIT */
/* guest_pools.c -- reads, follows and publishes the guest's own pools. */
#include "host/guest_pools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/digest.h"
#include "openkvp/scoped.h"

/* Someone who waits for the guest's pools to be read. */
struct reading_waiter {
	void (*done)(void *context);
	void *context;
	struct reading_waiter *next;
};

enum { GUEST, AUTO, POOLS };

static const struct {
	enum okvp_pool pool;
	enum item_space space;
} own[POOLS] = {
	[GUEST] = { OKVP_POOL_GUEST, SPACE_GUEST },
	[AUTO] = { OKVP_POOL_AUTO, SPACE_INTRINSIC },
};

bool is_guest_pool(enum okvp_pool pool)
{
	return pool == OKVP_POOL_GUEST || pool == OKVP_POOL_AUTO;
}

static size_t index_of(enum okvp_pool pool)
{
	return pool == OKVP_POOL_AUTO ? AUTO : GUEST;
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
static void published(void *context, const struct store_result *result)
{
	tell_waiters(context);
}

/* --- Publishing --- */

static bool is_settled(const struct guest_pools *pools)
{
	return !pools->reader.active && !pools->wanted[GUEST] && !pools->wanted[AUTO];
}

/* Whether the guest tells of each change to what is known here. */
static bool is_followed(const struct guest_pools *pools)
{
	return pools->tells && pools->known[GUEST].known && pools->known[AUTO].known;
}

static void note_reading(struct vm_status *status, void *context)
{
	status->guest_read_us = clock_wall_us();
	status->guest_read_ms = clock_monotonic_ms();
	status->guest_live = true;
	status->guest_tells = is_followed(context);
}

/* What was read before stays as it is, and grows old. */
static void note_failure(struct vm_status *status, void *context)
{
	status->guest_tells = false;
}

static struct change_list *nothing(const struct guest_pools *pools)
{
	struct change_list *list = change_list_create(vm_id(pools->vm));

	change_list_lazy(list);
	return list;
}

/* Those who wait are told when the last of what they wait for is published. */
static void note_settled(struct guest_pools *pools, struct change_list *list)
{
	bool settled = is_settled(pools);

	if (settled && (pools->known[GUEST].failed || pools->known[AUTO].failed)) {
		vm_update_status(pools->vm, note_failure, NULL);
	} else if (settled) {
		pools->read_at_ms = clock_monotonic_ms();
		vm_update_status(pools->vm, note_reading, pools);
	}
	if (settled && !list && pools->publishing && pools->waiters)
		list = nothing(pools); /* is published behind what was read before */
	pools->publishing = list && !settled;
	if (list)
		store_submit(pools->parts.store, list, published,
			     settled ? take(pools->waiters) : NULL);
	else if (settled)
		tell_waiters(take(pools->waiters));
}

/* A change that puts these items, which are taken, into a space. */
static struct change_list *change_of(const struct guest_pools *pools, size_t which,
				     struct stored_item **items, size_t count)
{
	struct change_list *list = change_list_create(vm_id(pools->vm));

	change_list_lazy(list);
	change_list_guest(list, own[which].space, items, count, clock_wall_us());
	return list;
}

static struct stored_item **copy_items(const struct reader_list *list)
{
	struct stored_item **items = xcalloc(list->count ? list->count : 1, sizeof(*items));

	for (size_t i = 0; i < list->count; i++)
		items[i] = stored_item_ref(list->item[i]);
	return items;
}

/* --- Reading --- */

static void forget(struct known_pool *known)
{
	reader_list_done(&known->list);
	*known = (struct known_pool){ 0 };
}

static void tell_what_was_taken(const struct guest_pools *pools, const struct guest_reader *reader)
{
	const struct guest_pools_parts *parts = &pools->parts;
	char what[VM_TROUBLE_SIZE];

	snprintf(what, sizeof(what),
		 "pool %d of the guest holds more than the first %zu items of %zu bytes: "
		 "guest_items takes %zu, guest_bytes %zu KiB",
		 (int)reader->pool, reader->list.count, reader->list.bytes, parts->items,
		 parts->bytes / 1024);
	parts->taken(parts->context, reader->pool, reader->cut ? what : NULL);
}

/* Keeps what was read of a guest that tells its changes, to follow them. */
static void keep(struct guest_pools *pools, size_t which)
{
	struct known_pool *known = &pools->known[which];

	forget(known);
	known->failed = pools->reader.failed;
	if (!pools->tells || !pools->reader.whole || pools->stale)
		return;
	known->known = true;
	known->digest = pools->reader.digest;
	known->list = pools->reader.list;
	pools->reader.list = (struct reader_list){ 0 };
}

/* What was read goes to the store, if it is news. */
static void end_reading(struct guest_pools *pools)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(pools->vm);
	struct guest_reader *reader = &pools->reader;
	size_t which = index_of(reader->pool);
	struct change_list *list = NULL;

	tell_what_was_taken(pools, reader);
	if (snapshot && !reader->failed &&
	    !(guest_reader_same(reader, snapshot->space[own[which].space]) &&
	      snapshot->guest_read_us > 0))
		list = change_of(pools, which, copy_items(&reader->list), reader->list.count);
	keep(pools, which);
	pools->wanted[which] = pools->wanted[which] || pools->stale;
	pools->stale = false;
	guest_reader_done(reader);
	note_settled(pools, list);
}

static void begin_next(struct guest_pools *pools)
{
	for (size_t which = 0; which < POOLS && !pools->reader.active; which++)
		if (pools->wanted[which]) {
			pools->wanted[which] = false;
			pools->stale = false;
			guest_reader_begin(&pools->reader, own[which].pool, pools->parts.items,
					   pools->parts.bytes);
		}
}

void guest_pools_want(struct guest_pools *pools)
{
	if (!pools->channel || !is_settled(pools))
		return; /* is being read */
	pools->wanted[GUEST] = pools->wanted[AUTO] = true;
}

void guest_pools_send(struct guest_pools *pools)
{
	if (!pools->channel || !channel_ready(pools->channel, CHANNEL_READ))
		return;
	begin_next(pools);
	if (pools->reader.active)
		channel_read(pools->channel, pools->reader.pool, pools->reader.index);
}

void guest_pools_part(struct guest_pools *pools, struct channel_part *part)
{
	if (pools->reader.active && pools->reader.pool == part->pool &&
	    guest_reader_take(&pools->reader, part))
		end_reading(pools);
}

void guest_pools_refresh(struct guest_pools *pools, unsigned int max_age_ms,
			 void (*done)(void *context), void *context)
{
	bool fresh = is_followed(pools) || (pools->read_at_ms > 0 &&
					    clock_monotonic_ms() - pools->read_at_ms < max_age_ms);
	struct reading_waiter *waiter;

	if (!pools->channel || fresh) {
		done(context);
		return;
	}
	waiter = xcalloc(1, sizeof(*waiter));
	*waiter = (struct reading_waiter){ done, context, pools->waiters };
	pools->waiters = waiter;
	guest_pools_want(pools);
}

/* --- A guest that tells --- */

static uint64_t digest_of(size_t which, const struct item_set *set)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct okvp_item item = stored_item_view(set->item[i]);

		digest += okvp_digest_of(own[which].pool, i, &item);
	}
	return digest;
}

/* What is stored is what the guest has: it need not be read. */
static void know_stored(struct known_pool *known, const struct item_set *set, uint64_t digest)
{
	forget(known);
	known->known = true;
	known->digest = digest;
	known->list.item = xcalloc(set->count ? set->count : 1, sizeof(*known->list.item));
	known->list.room = set->count;
	known->list.count = set->count;
	known->list.bytes = set->bytes;
	for (size_t i = 0; i < set->count; i++)
		known->list.item[i] = stored_item_ref(set->item[i]);
}

void guest_pools_stand(struct guest_pools *pools, const struct okvp_own_state *state)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(pools->vm);

	pools->tells = true;
	for (size_t which = 0; snapshot && which < POOLS; which++) {
		const struct item_set *set = snapshot->space[own[which].space];
		uint64_t digest = state->pool[own[which].pool].digest;

		if (pools->reader.active && index_of(pools->reader.pool) == which)
			pools->stale = true;
		else if (snapshot->guest_read_us > 0 && digest == digest_of(which, set))
			know_stored(&pools->known[which], set, digest);
		else
			pools->wanted[which] = true;
	}
	note_settled(pools, NULL);
}

/* Whether what changed fits what is known, and into the limits. */
static bool fits(const struct guest_pools *pools, const struct known_pool *known,
		 const struct okvp_own_changed *changed)
{
	uint64_t count = known->list.count;

	return known->known && !changed->untold && changed->before == known->digest &&
	       (uint64_t)changed->at + changed->gone <= count &&
	       count - changed->gone + changed->come == changed->count &&
	       changed->count <= pools->parts.items;
}

/* Puts the records that came into the place of those that went. */
static void replace_records(struct reader_list *list, struct okvp_own_changed *changed)
{
	struct reader_list next = { .room = changed->count };
	struct okvp_own_record record;

	next.item = xcalloc(changed->count ? changed->count : 1, sizeof(*next.item));
	for (size_t i = 0; i < list->count; i++) {
		if (i == changed->at)
			while (okvp_own_next_record(&changed->records, &record))
				next.item[next.count++] = stored_item_create(&record.item);
		if (i >= changed->at && i - changed->at < changed->gone)
			stored_item_release(&list->item[i]);
		else
			next.item[next.count++] = list->item[i];
	}
	while (okvp_own_next_record(&changed->records, &record)) /* behind the last */
		next.item[next.count++] = stored_item_create(&record.item);
	for (size_t i = 0; i < next.count; i++)
		next.bytes += (size_t)next.item[i]->key_length + next.item[i]->value_length;
	free(list->item);
	*list = next;
}

void guest_pools_changed(struct guest_pools *pools, struct okvp_own_changed *changed)
{
	size_t which = index_of(changed->pool);
	struct known_pool *known = &pools->known[which];

	if (pools->reader.active && pools->reader.pool == changed->pool) {
		pools->stale = true; /* what is read may be from before or after it */
		return;
	}
	if (known->known && changed->after == known->digest)
		return; /* it was read after it had changed */
	if (!fits(pools, known, changed)) {
		forget(known);
		pools->wanted[which] = true;
		return;
	}
	replace_records(&known->list, changed);
	known->digest = changed->after;
	if (known->list.bytes > pools->parts.bytes) {
		forget(known);
		pools->wanted[which] = true;
		return;
	}
	note_settled(pools, change_of(pools, which, copy_items(&known->list), known->list.count));
}

/* --- Beginning and end --- */

void guest_pools_begin(struct guest_pools *pools, struct channel *channel)
{
	pools->channel = channel;
	pools->tells = channel_own_version(channel) > 0;
	if (!pools->tells)
		guest_pools_want(pools);
}

void guest_pools_end(struct guest_pools *pools)
{
	pools->channel = NULL;
	pools->tells = pools->stale = false;
	pools->wanted[GUEST] = pools->wanted[AUTO] = false;
	pools->read_at_ms = 0;
	guest_reader_done(&pools->reader);
	for (size_t which = 0; which < POOLS; which++)
		forget(&pools->known[which]);
	tell_waiters(take(pools->waiters));
}
