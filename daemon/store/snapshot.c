/* SPDX-License-Identifier: MIT */
/* snapshot.c -- items, sets of items, settings and snapshots, all counted by references. */
#include "store/snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/snapshot_build.h"

static void count_up(atomic_uint *references)
{
	atomic_fetch_add_explicit(references, 1, memory_order_relaxed);
}

/* Whether that was the last reference. */
static bool count_down(atomic_uint *references)
{
	return atomic_fetch_sub_explicit(references, 1, memory_order_acq_rel) == 1;
}

/* --- Items --- */

_Static_assert(offsetof(struct stored_item, text) <= 32, "a million items must fit in memory");

struct stored_item *stored_item_create(const struct okvp_item *item)
{
	size_t size = offsetof(struct stored_item, text) + item->key_length + item->value_length;
	struct stored_item *stored = xmalloc(size > sizeof(*stored) ? size : sizeof(*stored));

	*stored = (struct stored_item){
		.references = 1,
		.folded = key_fold_hash(item->key, item->key_length),
		.key_length = item->key_length,
		.value_length = item->value_length,
		.type = (uint8_t)item->type,
	};
	if (item->key_length > 0)
		memcpy(stored->text, item->key, item->key_length);
	if (item->value_length > 0)
		memcpy(stored->text + item->key_length, item->value, item->value_length);
	return stored;
}

struct stored_item *stored_item_create_removed(const char *key, size_t key_length)
{
	struct stored_item *item;

	assert(key_length <= UINT16_MAX);
	item = stored_item_create(
		&(struct okvp_item){ .key = key, .key_length = (uint16_t)key_length });
	item->removed = true;
	return item;
}

struct stored_item *stored_item_ref(struct stored_item *item)
{
	count_up(&item->references);
	return item;
}

void stored_item_release(struct stored_item **item)
{
	if (*item && count_down(&(*item)->references))
		free(*item);
	*item = NULL;
}

struct okvp_item stored_item_view(const struct stored_item *item)
{
	return (struct okvp_item){
		.key = item->text,
		.value = item->text + item->key_length,
		.key_length = item->key_length,
		.value_length = item->value_length,
		.type = item->type,
	};
}

bool stored_item_has_key(const struct stored_item *item, const char *key, size_t key_length)
{
	return item->key_length == key_length && memcmp(item->text, key, key_length) == 0;
}

bool stored_item_same_key(const struct stored_item *a, const struct stored_item *b)
{
	return a->folded == b->folded && stored_item_has_key(a, b->text, b->key_length);
}

bool stored_item_case_variant(const struct stored_item *a, const struct stored_item *b)
{
	return a->folded == b->folded && !stored_item_has_key(a, b->text, b->key_length) &&
	       key_same_folded(a->text, a->key_length, b->text, b->key_length);
}

/* --- Sets --- */

/* Shared by all and not counted, or else every VM would count in the same cache line. */
static struct item_set empty_set = { .references = 1 };

struct item_set *item_set_create(size_t room)
{
	struct item_set *set;

	if (room == 0)
		return &empty_set;
	set = xmalloc(sizeof(*set) + room * sizeof(set->item[0]));
	*set = (struct item_set){ .references = 1 };
	return set;
}

void item_set_add(struct item_set *set, struct stored_item *item)
{
	assert(set != &empty_set);
	set->item[set->count++] = item;
	set->bytes += (size_t)item->key_length + item->value_length;
}

struct item_set *item_set_ref(struct item_set *set)
{
	if (set != &empty_set)
		count_up(&set->references);
	return set;
}

void item_set_release(struct item_set **set)
{
	struct item_set *gone = *set;

	*set = NULL;
	if (!gone || gone == &empty_set || !count_down(&gone->references))
		return;
	for (size_t i = 0; i < gone->count; i++)
		stored_item_release(&gone->item[i]);
	free(gone);
}

static bool same_item(const struct stored_item *a, const struct stored_item *b)
{
	return stored_item_same_key(a, b) && a->type == b->type &&
	       a->value_length == b->value_length &&
	       memcmp(a->text + a->key_length, b->text + b->key_length, a->value_length) == 0;
}

bool item_set_equal(const struct item_set *a, const struct item_set *b)
{
	if (a->count != b->count || a->bytes != b->bytes)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!same_item(a->item[i], b->item[i]))
			return false;
	return true;
}

/* --- Settings --- */

struct vm_settings *vm_settings_create(const char *name, const char *channel)
{
	size_t name_size = strlen(name) + 1, channel_size = strlen(channel) + 1;
	struct vm_settings *settings = xmalloc(sizeof(*settings) + name_size + channel_size);

	*settings = (struct vm_settings){
		.references = 1,
		.created_us = clock_wall_us(),
		.exchange_enabled = true,
		.host_items = true,
		.name = memcpy(settings->text, name, name_size),
		.channel = memcpy(settings->text + name_size, channel, channel_size),
	};
	return settings;
}

struct vm_settings *vm_settings_ref(struct vm_settings *settings)
{
	count_up(&settings->references);
	return settings;
}

void vm_settings_release(struct vm_settings **settings)
{
	if (*settings && count_down(&(*settings)->references))
		free(*settings);
	*settings = NULL;
}

/* --- Snapshots --- */

struct snapshot *snapshot_create(const struct guid *id, struct vm_settings *settings)
{
	struct snapshot *snapshot = xmalloc(sizeof(*snapshot));

	*snapshot = (struct snapshot){ .references = 1, .id = *id, .settings = settings };
	for (int space = 0; space < SPACE_COUNT; space++)
		snapshot->space[space] = item_set_create(0);
	snapshot->tombstones = item_set_create(0);
	return snapshot;
}

struct snapshot *snapshot_derive(const struct snapshot *snapshot)
{
	struct snapshot *copy = snapshot_create(&snapshot->id, vm_settings_ref(snapshot->settings));

	copy->generation = snapshot->generation;
	copy->acknowledged = snapshot->acknowledged;
	copy->guest_read_us = snapshot->guest_read_us;
	for (int space = 0; space < SPACE_COUNT; space++)
		copy->space[space] = item_set_ref(snapshot->space[space]);
	copy->tombstones = item_set_ref(snapshot->tombstones);
	return copy;
}

void snapshot_set(struct item_set **place, struct item_set *set)
{
	item_set_release(place);
	*place = set;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	count_up(&snapshot->references);
	return snapshot;
}

void snapshot_release(struct snapshot **snapshot)
{
	struct snapshot *gone = *snapshot;

	*snapshot = NULL;
	if (!gone || !count_down(&gone->references))
		return;
	vm_settings_release(&gone->settings);
	for (int space = 0; space < SPACE_COUNT; space++)
		item_set_release(&gone->space[space]);
	item_set_release(&gone->tombstones);
	free(gone);
}

/* From the end, because the last one counts where a guest has a key several times. */
static struct stored_item *find(const struct item_set *set, const char *key, size_t key_length)
{
	for (size_t i = set->count; i > 0; i--)
		if (stored_item_has_key(set->item[i - 1], key, key_length))
			return set->item[i - 1];
	return NULL;
}

struct stored_item *snapshot_find(const struct snapshot *snapshot, enum item_space space,
				  const char *key, size_t key_length)
{
	return find(snapshot->space[space], key, key_length);
}

struct stored_item *snapshot_find_tombstone(const struct snapshot *snapshot, const char *key,
					    size_t key_length)
{
	return find(snapshot->tombstones, key, key_length);
}
