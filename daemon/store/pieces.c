/* SPDX-License-Identifier: MIT */
/* pieces.c -- pieces with a head, and numbered ones. */
#include "store/pieces.h"

#include <string.h>

#include "openkvp/large_value.h"

/* Whether a key is KEY.N of the value that the list puts as numbered pieces. */
static bool is_numbered(const struct item_plan *plan, const char *key, size_t length)
{
	const struct change_list *list = plan->list;

	return list->numbered && plan->space == SPACE_EXTERNAL &&
	       okvp_large_number_of(key, length) == list->numbered_length &&
	       memcmp(key, list->numbered, list->numbered_length) == 0;
}

/* The item of this key, if the list changes or removes it. */
static const struct stored_item *find_leaving(const struct item_plan *plan, const char *key,
					      size_t length)
{
	uint32_t i = item_plan_find(plan, key, length);

	if (i != NO_CHANGE)
		return plan->match[i].present;
	return is_numbered(plan, key, length)
		       ? snapshot_find(plan->before, plan->space, key, length)
		       : NULL;
}

/* Whether an item is a piece of a value whose head the list changes or removes. */
static bool loses_head(const struct item_plan *plan, const struct stored_item *item)
{
	size_t length = okvp_large_piece_of(item->text, item->key_length);
	const struct stored_item *old = length ? find_leaving(plan, item->text, length) : NULL;
	struct okvp_large_head head;
	struct okvp_item head_item;

	if (!old)
		return false;
	head_item = stored_item_view(old);
	return okvp_large_read_head(&head_item, &head) &&
	       okvp_large_is_piece(&head_item, &head, item->text, item->key_length);
}

bool piece_goes(const struct item_plan *plan, const struct stored_item *item)
{
	return is_numbered(plan, item->text, item->key_length) || loses_head(plan, item);
}

static unsigned int flags_of_key(const struct item_plan *plan, const char *key, size_t length)
{
	uint32_t i = item_plan_find(plan, key, length);
	const struct item_change *change = i != NO_CHANGE ? &plan->list->change[i] : NULL;
	const struct stored_item *before =
		change ? plan->match[i].present
		       : snapshot_find(plan->before, plan->space, key, length);

	if (change && !change->item->removed && !change->keep_flags)
		return change->item->flags;
	return before ? before->flags : 0;
}

unsigned int piece_flags(const struct item_plan *plan, const struct stored_item *item)
{
	size_t length = okvp_large_piece_of(item->text, item->key_length);
	unsigned int flags = length ? flags_of_key(plan, item->text, length) : 0;
	const char *numbered = plan->list->numbered;

	if (is_numbered(plan, item->text, item->key_length))
		flags |= flags_of_key(plan, numbered, strlen(numbered)) |
			 flags_of_key(plan, numbered, plan->list->numbered_length);
	return flags;
}
