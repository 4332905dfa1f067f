/* SPDX-License-Identifier: MIT */
/* delivery.c -- the table of what does not follow from a VM's acknowledged mark. */
#include "host/delivery_table.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

struct entry {
	struct stored_item *item; /* holds the key */
	struct delivery_view view;
	bool written; /* the store has it: a refusal */
};

struct delivery {
	pthread_mutex_t lock;
	struct map entries; /* key -> struct entry */
	bool outdated;      /* the store has a refusal that is none any more, or may lack one */
};

const char *delivery_state_name(enum delivery_state state)
{
	static const char *const names[] = {
#define X(name, text) [DELIVERY_##name] = text,
		DELIVERY_STATE_LIST(X)
#undef X
	};

	return names[state];
}

struct delivery *delivery_create(void)
{
	struct delivery *delivery = xcalloc(1, sizeof(*delivery));

	pthread_mutex_init(&delivery->lock, NULL);
	return delivery;
}

static void entry_free(struct entry *entry)
{
	stored_item_release(&entry->item);
	free(entry);
}

void delivery_free(struct delivery **delivery)
{
	struct delivery *d = take(*delivery);
	struct entry *entry;

	if (!d)
		return;
	for (size_t at = 0; (entry = map_next(&d->entries, &at));)
		entry_free(entry);
	map_done(&d->entries);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static struct entry *find(struct delivery *delivery, const struct stored_item *item)
{
	return map_find(&delivery->entries, item->text, item->key_length);
}

static struct entry *entry_create(struct stored_item *item, enum delivery_state state,
				  const char *reason)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));

	entry->item = stored_item_ref(item);
	entry->view.state = state;
	snprintf(entry->view.reason, sizeof(entry->view.reason), "%s", reason);
	return entry;
}

/* With an item that changes, the store forgets its refusal. */
static void put(struct delivery *delivery, struct entry *entry)
{
	const struct stored_item *item = entry->item;
	struct entry *before;

	pthread_mutex_lock(&delivery->lock);
	before = map_put(&delivery->entries, item->text, item->key_length, entry);
	if (before && before->written && before->item->generation == item->generation)
		delivery->outdated = true;
	pthread_mutex_unlock(&delivery->lock);
	if (before)
		entry_free(before);
}

void delivery_note(struct delivery *delivery, struct stored_item *item, enum delivery_state state,
		   const char *reason)
{
	put(delivery, entry_create(item, state, reason));
}

void delivery_restore(struct delivery *delivery, struct stored_item *item, const char *reason)
{
	struct entry *entry = entry_create(item, DELIVERY_REFUSED, reason);

	entry->written = true;
	put(delivery, entry);
}

bool delivery_write(struct delivery *delivery, struct change_list *list)
{
	struct entry *entry;
	bool anew, wrote;

	pthread_mutex_lock(&delivery->lock);
	anew = wrote = delivery->outdated;
	delivery->outdated = false;
	if (anew)
		change_list_forget_refusals(list);
	for (size_t at = 0; (entry = map_next(&delivery->entries, &at));) {
		if (entry->view.state != DELIVERY_REFUSED || (entry->written && !anew))
			continue;
		change_list_refuse(list, entry->item, entry->view.reason);
		entry->written = wrote = true;
	}
	pthread_mutex_unlock(&delivery->lock);
	return wrote;
}

void delivery_write_anew(struct delivery *delivery)
{
	pthread_mutex_lock(&delivery->lock);
	delivery->outdated = true;
	pthread_mutex_unlock(&delivery->lock);
}

void delivery_forget(struct delivery *delivery, const struct stored_item *item)
{
	struct entry *entry;

	pthread_mutex_lock(&delivery->lock);
	entry = map_remove(&delivery->entries, item->text, item->key_length);
	if (entry && entry->written)
		delivery->outdated = true;
	pthread_mutex_unlock(&delivery->lock);
	if (entry)
		entry_free(entry);
}

bool delivery_has_acknowledged(struct delivery *delivery, const struct stored_item *item)
{
	struct entry *entry;
	bool has;

	pthread_mutex_lock(&delivery->lock);
	entry = find(delivery, item);
	has = entry && entry->item->generation == item->generation &&
	      entry->view.state == DELIVERY_ACKNOWLEDGED;
	pthread_mutex_unlock(&delivery->lock);
	return has;
}

/* Drops all entries that are no longer wanted. */
static void drop_entries(struct delivery *delivery,
			 bool (*unwanted)(const struct entry *, uint64_t), uint64_t mark)
{
	struct entry **dropped = NULL, *entry;
	size_t count = 0, room = 0;

	pthread_mutex_lock(&delivery->lock);
	for (size_t at = 0; (entry = map_next(&delivery->entries, &at));)
		if (unwanted(entry, mark)) {
			grow(dropped, count, room);
			dropped[count++] = entry;
		}
	for (size_t i = 0; i < count; i++) {
		map_remove(&delivery->entries, dropped[i]->item->text,
			   dropped[i]->item->key_length);
		if (dropped[i]->written)
			delivery->outdated = true;
	}
	if (delivery->entries.count == 0)
		map_done(&delivery->entries);
	pthread_mutex_unlock(&delivery->lock);
	for (size_t i = 0; i < count; i++)
		entry_free(dropped[i]);
	free(dropped);
}

static bool told_by_mark(const struct entry *entry, uint64_t mark)
{
	return entry->item->generation <= mark;
}

void delivery_prune(struct delivery *delivery, uint64_t mark)
{
	drop_entries(delivery, told_by_mark, mark);
}

static bool is_sent(const struct entry *entry, uint64_t mark)
{
	return entry->view.state == DELIVERY_SENT;
}

void delivery_reset_sent(struct delivery *delivery)
{
	drop_entries(delivery, is_sent, 0);
}

uint64_t delivery_lowest_open(struct delivery *delivery)
{
	uint64_t lowest = UINT64_MAX;
	struct entry *entry;

	pthread_mutex_lock(&delivery->lock);
	for (size_t at = 0; (entry = map_next(&delivery->entries, &at));)
		if (entry->view.state != DELIVERY_ACKNOWLEDGED && entry->item->generation < lowest)
			lowest = entry->item->generation;
	pthread_mutex_unlock(&delivery->lock);
	return lowest;
}

struct delivery_view delivery_look(struct vm *vm, const struct snapshot *snapshot,
				   const struct stored_item *item)
{
	struct delivery *delivery = vm_delivery(vm);
	struct delivery_view view = { .state = DELIVERY_STORED };
	struct entry *entry;

	pthread_mutex_lock(&delivery->lock);
	entry = find(delivery, item);
	if (entry && entry->item->generation == item->generation)
		view = entry->view;
	else if (item->generation <= snapshot->acknowledged)
		view.state = DELIVERY_ACKNOWLEDGED;
	pthread_mutex_unlock(&delivery->lock);
	return view;
}

static size_t outstanding_in(struct vm *vm, const struct snapshot *snapshot,
			     const struct item_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		if (delivery_look(vm, snapshot, set->item[i]).state != DELIVERY_ACKNOWLEDGED)
			count++;
	return count;
}

size_t delivery_outstanding(struct vm *vm, const struct snapshot *snapshot)
{
	return outstanding_in(vm, snapshot, snapshot->space[SPACE_EXTERNAL]) +
	       outstanding_in(vm, snapshot, snapshot->tombstones);
}
