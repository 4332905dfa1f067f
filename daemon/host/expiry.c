/* SPDX-License-Identifier: MIT */
/* expiry.c -- which items end, and how. */
#include "host/expiry.h"

#include "host/delivery.h"

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

struct change_list *expiry_of_removed(const struct snapshot *snapshot,
				      struct stored_item *const *items, size_t count)
{
	struct change_list *list = change_list_create(&snapshot->id);

	for (size_t i = 0; i < count; i++)
		change_list_expire(list, items[i], true);
	return list;
}
