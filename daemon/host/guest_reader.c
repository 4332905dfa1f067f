/* SPDX-License-Identifier: MIT */
/* guest_reader.c -- reading a pool. */
#include "host/guest_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void reader_list_done(struct reader_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		stored_item_release(&list->item[i]);
	free(list->item);
	*list = (struct reader_list){ 0 };
}

void guest_reader_begin(struct guest_reader *reader, enum okvp_pool pool, size_t items_max,
			size_t bytes_max)
{
	*reader = (struct guest_reader){
		.active = true,
		.pool = pool,
		.items_max = items_max,
		.bytes_max = bytes_max,
	};
}

static bool within_limits(const struct guest_reader *reader, const struct okvp_item *item)
{
	return reader->list.count < reader->items_max &&
	       reader->list.bytes + item->key_length + item->value_length <= reader->bytes_max;
}

static void keep(struct reader_list *list, const struct okvp_item *item)
{
	grow(list->item, list->count, list->room);
	list->item[list->count++] = stored_item_create(item);
	list->bytes += (size_t)item->key_length + item->value_length;
}

static bool end_pool(struct guest_reader *reader)
{
	reader->active = false;
	return true;
}

/* The parts of a pool that changes while it is read have different digests. */
static void take_digest(struct guest_reader *reader, const struct channel_part *part)
{
	bool same = part->first == 0 || (reader->whole && reader->digest == part->digest);

	reader->whole = part->has_digest && same;
	reader->digest = part->digest;
}

bool guest_reader_take(struct guest_reader *reader, struct channel_part *part)
{
	struct okvp_item item;

	if (part->status != OKVP_IC_OK || !part->readable) {
		reader->failed = part->end && part->status != OKVP_IC_NO_MORE_ITEMS;
		reader->whole = false;
		reader->index++;
		if (part->end || ++reader->skips > READER_SKIPS_MAX)
			return end_pool(reader);
		return false;
	}
	reader->skips = 0;
	take_digest(reader, part);
	while (channel_part_next(part, &item)) {
		if (!within_limits(reader, &item)) {
			reader->cut = true;
			reader->whole = false;
			return end_pool(reader);
		}
		keep(&reader->list, &item);
		reader->index++;
	}
	return part->end ? end_pool(reader) : false;
}

static bool same_item(const struct stored_item *a, const struct stored_item *b)
{
	return a->key_length == b->key_length && a->value_length == b->value_length &&
	       memcmp(a->text, b->text, (size_t)a->key_length + a->value_length) == 0;
}

bool guest_reader_same(const struct guest_reader *reader, const struct item_set *set)
{
	const struct reader_list *list = &reader->list;

	if (list->count != set->count)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (!same_item(list->item[i], set->item[i]))
			return false;
	return true;
}

void guest_reader_done(struct guest_reader *reader)
{
	reader_list_done(&reader->list);
	*reader = (struct guest_reader){ 0 };
}
