/* SPDX-License-Identifier: MIT */
/* values.c -- joins values, and changes them as a whole. */
#include "agent/values.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/large_value.h"
#include "openkvp/scoped.h"

/* An item that stays what it is while others are looked up. */
struct kept_item {
	struct okvp_item item;
	char *texts; /* NULL: none */
};

static void kept_item_done(struct kept_item *kept)
{
	free(kept->texts);
	*kept = (struct kept_item){ 0 };
}

static void keep(struct kept_item *kept, const struct okvp_item *item)
{
	kept_item_done(kept);
	kept->texts = xmalloc((size_t)item->key_length + item->value_length + 1);
	memcpy(kept->texts, item->key, item->key_length);
	memcpy(kept->texts + item->key_length, item->value, item->value_length);
	kept->item = *item;
	kept->item.key = kept->texts;
	kept->item.value = kept->texts + item->key_length;
}

static bool is_kept(const struct kept_item *kept, const struct okvp_item *item)
{
	return kept->texts && kept->item.value_length == item->value_length &&
	       memcmp(kept->item.value, item->value, item->value_length) == 0;
}

/* --- Reading --- */

bool values_read(values_find *find, void *context, const char *key, struct text *ret_value,
		 struct okvp_error *err)
{
	scoped(kept_item_done) struct kept_item head = { 0 };
	struct okvp_item item;
	char *value;
	size_t size;

	while (find(context, key, strlen(key), &item)) {
		if (!okvp_large_read_head(&item, &(struct okvp_large_head){ 0 })) {
			text_add(ret_value, item.value, item.value_length);
			return true;
		}
		if (is_kept(&head, &item))
			return false; /* nobody has put another value meanwhile */
		keep(&head, &item);
		if (okvp_large_join(&head.item, find, context, &value, &size, err)) {
			*ret_value =
				(struct text){ .bytes = value, .length = size, .room = size + 1 };
			return true;
		}
	}
	return okvp_fail(err, OKVP_NOT_FOUND, "no item '%s'", key);
}

/* --- Changing --- */

struct changes {
	struct okvp_pool_change *change;
	size_t count, room;
	char **name; /* of pieces that are removed */
	size_t name_count, name_room;
};

static void changes_done(struct changes *changes)
{
	for (size_t i = 0; i < changes->name_count; i++)
		free(changes->name[i]);
	free(changes->name);
	free(changes->change);
}

static void add(struct changes *changes, bool remove, const struct okvp_item *item)
{
	grow(changes->change, changes->count, changes->room);
	changes->change[changes->count++] =
		(struct okvp_pool_change){ .remove = remove, .item = *item };
}

static bool is_put(const struct changes *changes, const struct okvp_item *item)
{
	for (size_t i = 0; i < changes->count; i++)
		if (!changes->change[i].remove &&
		    okvp_item_same_key(&changes->change[i].item, item))
			return true;
	return false;
}

static void remove_piece(struct changes *changes, const struct okvp_item *piece)
{
	struct okvp_item named = { .key_length = piece->key_length };

	grow(changes->name, changes->name_count, changes->name_room);
	named.key = changes->name[changes->name_count++] = xstrndup(piece->key, piece->key_length);
	add(changes, true, &named);
}

/* Every piece of the value that there was, but for those that the new one has as well. */
static bool remove_pieces(struct changes *changes, struct okvp_pool_file *file,
			  const struct kept_item *head, struct okvp_error *err)
{
	struct okvp_large_head read;
	struct okvp_error why;
	struct okvp_item item;

	if (!head->texts || !okvp_large_read_head(&head->item, &read))
		return true;
	for (size_t i = 0; okvp_pool_file_at(file, i, &item, &why); i++)
		if (okvp_large_is_piece(&head->item, &read, item.key, item.key_length) &&
		    !is_put(changes, &item))
			remove_piece(changes, &item);
	return why.status == OKVP_NOT_FOUND || okvp_fail(err, why.status, "%s", why.message);
}

static bool find_head(struct okvp_pool_file *file, const char *key, struct kept_item *ret_head,
		      struct okvp_error *err)
{
	struct okvp_item item;

	if (!okvp_pool_file_get(file, key, strlen(key), &item, err))
		return false;
	keep(ret_head, &item);
	return true;
}

static bool change(struct okvp_pool_file *file, const char *key, const struct okvp_item *items,
		   size_t count, struct okvp_error *err)
{
	const struct okvp_item gone = { .key = key, .key_length = (uint16_t)strlen(key) };
	scoped(kept_item_done) struct kept_item head = { 0 };
	scoped(changes_done) struct changes changes = { 0 };
	struct okvp_error why = { .status = OKVP_OK };

	if (!find_head(file, key, &head, &why) && (why.status != OKVP_NOT_FOUND || count == 0))
		return okvp_fail(err, why.status, "%s", why.message);
	for (size_t i = 0; i < count; i++)
		add(&changes, false, &items[i]);
	if (count == 0)
		add(&changes, true, &gone);
	return remove_pieces(&changes, file, &head, err) &&
	       okvp_pool_file_apply(file, changes.change, changes.count, err);
}

/* Nobody writes between the look at what is there and the change: his pieces would stay. */
bool values_change(struct okvp_pool_file *file, const char *key, const struct okvp_item *items,
		   size_t count, struct okvp_error *err)
{
	bool ok;

	if (!okvp_pool_file_begin(file, err))
		return false;
	ok = change(file, key, items, count, err);
	okvp_pool_file_end(file);
	return ok;
}
