/* SPDX-License-Identifier: MIT */
/* large_items.c -- removals that nobody has to ask for. */
#include "host/large_items.h"

#include <string.h>

#include "openkvp/large_value.h"

static const struct exchange_change *
change_of(const struct exchange_call *call, enum item_space space, const struct stored_item *item)
{
	for (size_t i = 0; i < call->count; i++) {
		const struct okvp_item *named = &call->changes[i].item;

		if (call->changes[i].space == space && named->key_length == item->key_length &&
		    memcmp(named->key, item->text, item->key_length) == 0)
			return &call->changes[i];
	}
	return NULL;
}

static void remove_pieces(struct change_list *list, const struct item_set *set,
			  enum item_space space, const struct okvp_item *head_item,
			  const struct okvp_large_head *head, const struct exchange_call *call)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct stored_item *item = set->item[i];

		if (okvp_large_is_piece(head_item, head, item->text, item->key_length) &&
		    !change_of(call, space, item))
			change_list_remove(list, space, item->text, item->key_length, EXPECT_ANY);
	}
}

void large_items_remove(struct change_list *list, const struct snapshot *snapshot,
			const struct exchange_call *call)
{
	for (enum item_space space = SPACE_EXTERNAL; space <= SPACE_HOST_ONLY; space++) {
		const struct item_set *set = snapshot->space[space];

		if (call->clear && call->cleared_space == space)
			continue;
		for (size_t i = 0; i < set->count; i++) {
			const struct okvp_item item = stored_item_view(set->item[i]);
			struct okvp_large_head head;

			if (okvp_large_read_head(&item, &head) &&
			    change_of(call, space, set->item[i]))
				remove_pieces(list, set, space, &item, &head, call);
		}
	}
}
