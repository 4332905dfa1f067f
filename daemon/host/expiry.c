/* SPDX-License-Identifier: MIT */
/* expiry.c -- which items end, and how. */
#include "host/expiry.h"

#include "host/delivery.h"
#include "openkvp/large_value.h"

static struct change_list *list_for(struct change_list *list, const struct snapshot *snapshot)
{
	return list ? list : change_list_create(&snapshot->id);
}

struct change_list *expiry_of_transients(const struct snapshot *snapshot, uint64_t up_to)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];
	struct change_list *list = NULL;

	for (size_t i = 0; i < set->count; i++) {
		if (!(set->item[i]->flags & ITEM_TRANSIENT) || set->item[i]->generation > up_to)
			continue;
		list = list_for(list, snapshot);
		change_list_expire(list, set->item[i], false);
	}
	return list;
}

bool expiry_is_near(struct vm *vm, const struct snapshot *snapshot, const struct stored_item *item)
{
	return (item->flags & ITEM_ONCE) &&
	       delivery_look(vm, snapshot, item).state == DELIVERY_ACKNOWLEDGED;
}

static bool contains(struct stored_item *const *items, size_t count, const struct stored_item *item)
{
	for (size_t i = 0; i < count; i++)
		if (items[i] == item)
			return true;
	return false;
}

/* Pieces that were removed as well stand in the list for themselves. */
static void end_pieces(struct change_list *list, const struct snapshot *snapshot,
		       struct stored_item *const *items, size_t count, size_t head_at)
{
	const struct item_set *set = snapshot->space[SPACE_EXTERNAL];
	const struct okvp_item head_item = stored_item_view(items[head_at]);
	struct okvp_large_head head;

	if (!okvp_large_read_head(&head_item, &head))
		return;
	for (size_t i = 0; i < set->count; i++)
		if (okvp_large_is_piece(&head_item, &head, set->item[i]->text,
					set->item[i]->key_length) &&
		    !contains(items, count, set->item[i]))
			change_list_expire(list, set->item[i], false);
}

struct change_list *expiry_of_removed(const struct snapshot *snapshot,
				      struct stored_item *const *items, size_t count)
{
	struct change_list *list = change_list_create(&snapshot->id);

	for (size_t i = 0; i < count; i++)
		change_list_expire(list, items[i], true);
	for (size_t i = 0; i < count; i++)
		end_pieces(list, snapshot, items, count, i);
	return list;
}
