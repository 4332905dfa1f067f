/* SPDX-License-Identifier: MIT */
/* guest_reader.c -- reading pools 1 and 2. */
#include "host/guest_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void guest_reader_begin(struct guest_reader *reader, size_t items_max, size_t bytes_max)
{
	*reader = (struct guest_reader){
		.active = true,
		.pool = OKVP_POOL_GUEST,
		.items_max = items_max,
		.bytes_max = bytes_max,
	};
}

void guest_reader_request(const struct guest_reader *reader, struct okvp_kvp_message *ret_request)
{
	*ret_request = (struct okvp_kvp_message){
		.operation = OKVP_KVP_ENUMERATE,
		.pool = (uint8_t)reader->pool,
		.index = reader->index,
	};
}

static struct reader_list *current(struct guest_reader *reader)
{
	return &reader->list[reader->pool == OKVP_POOL_AUTO];
}

struct reader_list *guest_reader_list(struct guest_reader *reader, enum item_space space)
{
	return &reader->list[space == SPACE_INTRINSIC];
}

static bool within_limits(const struct guest_reader *reader, const struct reader_list *list,
			  const struct okvp_item *item)
{
	return list->count < reader->items_max &&
	       list->bytes + item->key_length + item->value_length <= reader->bytes_max;
}

static void keep(struct reader_list *list, const struct okvp_item *item)
{
	grow(list->item, list->count, list->room);
	list->item[list->count++] = stored_item_create(item);
	list->bytes += (size_t)item->key_length + item->value_length;
}

/* Goes on with the next pool; true when there is none. */
static bool end_pool(struct guest_reader *reader)
{
	reader->index = 0;
	reader->skips = 0;
	if (reader->pool == OKVP_POOL_AUTO) {
		reader->active = false;
		return true;
	}
	reader->pool = OKVP_POOL_AUTO;
	return false;
}

bool guest_reader_take(struct guest_reader *reader, const struct okvp_kvp_message *answer,
		       uint32_t status, bool readable)
{
	if (status == OKVP_IC_NO_MORE_ITEMS)
		return end_pool(reader);
	reader->index++;
	if (status != OKVP_IC_OK || !readable)
		return ++reader->skips > READER_SKIPS_MAX ? end_pool(reader) : false;
	reader->skips = 0;
	if (!within_limits(reader, current(reader), &answer->item)) {
		reader->cut = true;
		return end_pool(reader);
	}
	keep(current(reader), &answer->item);
	return false;
}

static bool same_item(const struct stored_item *a, const struct stored_item *b)
{
	return a->key_length == b->key_length && a->value_length == b->value_length &&
	       memcmp(a->text, b->text, (size_t)a->key_length + a->value_length) == 0;
}

bool guest_reader_same(const struct guest_reader *reader, enum item_space space,
		       const struct item_set *set)
{
	const struct reader_list *list = &reader->list[space == SPACE_INTRINSIC];

	if (list->count != set->count)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (!same_item(list->item[i], set->item[i]))
			return false;
	return true;
}

void guest_reader_done(struct guest_reader *reader)
{
	for (size_t l = 0; l < count_of(reader->list); l++) {
		for (size_t i = 0; i < reader->list[l].count; i++)
			stored_item_release(&reader->list[l].item[i]);
		free(reader->list[l].item);
	}
	*reader = (struct guest_reader){ 0 };
}
