/* SPDX-License-Identifier: MIT */
/* large.c -- heads and pieces. */
#include "front/json/large.h"

struct large_values api_large_find(struct arena *arena, const struct item_set *set)
{
	struct large_values values = { .value =
					       arena_array(arena, struct large_value, set->count) };

	for (size_t i = 0; i < set->count; i++) {
		const struct okvp_item item = stored_item_view(set->item[i]);
		struct large_value *value = &values.value[values.count];

		if (!okvp_large_read_head(&item, &value->head))
			continue;
		value->item = set->item[i];
		values.count++;
	}
	return values;
}

const struct large_value *api_large_headed(const struct large_values *values,
					   const struct stored_item *item)
{
	for (size_t i = 0; i < values->count; i++)
		if (values->value[i].item == item)
			return &values->value[i];
	return NULL;
}

bool api_large_has(const struct large_value *value, const struct stored_item *item)
{
	const struct okvp_item head_item = stored_item_view(value->item);

	return okvp_large_is_piece(&head_item, &value->head, item->text, item->key_length);
}

bool api_large_is_piece(const struct large_values *values, const struct stored_item *item)
{
	for (size_t i = 0; i < values->count; i++)
		if (api_large_has(&values->value[i], item))
			return true;
	return false;
}

struct place {
	const struct snapshot *snapshot;
	enum item_space space;
};

static bool find_piece(void *context, const char *key, size_t key_length,
		       struct okvp_item *ret_item)
{
	const struct place *place = context;
	const struct stored_item *item =
		snapshot_find(place->snapshot, place->space, key, key_length);

	if (item)
		*ret_item = stored_item_view(item);
	return item != NULL;
}

bool api_large_join(const struct snapshot *snapshot, enum item_space space,
		    const struct stored_item *item, struct text *ret_value, struct okvp_error *err)
{
	const struct okvp_item view = stored_item_view(item);
	struct place place = { snapshot, space };
	char *value;
	size_t size;

	if (!okvp_large_read_head(&view, &(struct okvp_large_head){ 0 })) {
		text_add(ret_value, view.value, view.value_length);
		return true;
	}
	if (!okvp_large_join(&view, find_piece, &place, &value, &size, err))
		return false;
	*ret_value = (struct text){ .bytes = value, .length = size, .room = size + 1 };
	return true;
}
