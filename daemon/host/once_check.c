/* SPDX-License-Identifier: MIT */
/* once_check.c -- looking for items in pool 0. */
#include "host/once_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/ic_message.h"
#include "openkvp/pool.h"
#include "openkvp/pool_file.h"

void once_check_add(struct once_check *check, struct stored_item *item)
{
	check->active = true;
	grow(check->item, check->count, check->room);
	check->item[check->count++] = item;
}

bool once_check_has(const struct once_check *check, const struct stored_item *item)
{
	for (size_t i = 0; i < check->count; i++)
		if (check->item[i] == item)
			return true;
	return false;
}

static void see(struct once_check *check, const struct okvp_item *seen)
{
	for (size_t i = check->seen; i < check->count; i++) {
		struct stored_item *item = check->item[i];

		if (item->key_length != seen->key_length ||
		    memcmp(item->text, seen->key, seen->key_length) != 0)
			continue;
		check->item[i] = check->item[check->seen];
		check->item[check->seen++] = item;
		return;
	}
}

/* What moves to the front of the pool while it is read, since another item goes, is passed over. */
static bool end_reading(struct once_check *check)
{
	bool over = check->again;

	check->again = true;
	check->index = 0;
	return over;
}

bool once_check_take(struct once_check *check, struct channel_part *part)
{
	uint32_t before = check->index;
	struct okvp_item item;

	while (channel_part_next(part, &item)) {
		check->index++;
		see(check, &item);
	}
	if (check->seen == check->count)
		return true;
	if (part->end)
		return end_reading(check);
	if (check->index > before && check->index <= OKVP_POOL_FILE_RECORDS_MAX)
		return false;
	check->seen = check->count;
	return true;
}

void once_check_done(struct once_check *check)
{
	for (size_t i = 0; i < check->count; i++)
		stored_item_release(&check->item[i]);
	free(check->item);
	*check = (struct once_check){ 0 };
}
