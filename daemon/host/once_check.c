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

void once_check_request(const struct once_check *check, struct okvp_kvp_message *ret_request)
{
	*ret_request = (struct okvp_kvp_message){
		.operation = OKVP_KVP_ENUMERATE,
		.pool = OKVP_POOL_EXTERNAL,
		.index = check->index,
	};
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

bool once_check_take(struct once_check *check, const struct okvp_kvp_message *answer,
		     uint32_t status, bool readable)
{
	if (status == OKVP_IC_OK && readable && check->index < OKVP_POOL_FILE_RECORDS_MAX) {
		check->index++;
		see(check, &answer->item);
		return check->seen == check->count;
	}
	if (status != OKVP_IC_NO_MORE_ITEMS)
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
