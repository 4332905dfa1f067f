/* SPDX-License-Identifier: MIT */
/* values.h -- values of any size in pool files: read from all their pieces, and changed with them.
 */
#pragma once
#include "base/text.h"
#include "openkvp/pool_file.h"

/* How an item is looked up; it may be lent until the next call. */
typedef bool values_find(void *context, const char *key, size_t key_length,
			 struct okvp_item *ret_item);

/* The value that a key stands for. OKVP_WRONG_STATE: not all of its pieces are there;
 * OKVP_NOT_FOUND. */
bool values_read(values_find *find, void *context, const char *key, struct text *ret_value,
		 struct okvp_error *err);

/* Puts the items that stand for the value of a key into a pool, and removes what stood for it
 * before. No items: removes it (OKVP_NOT_FOUND). All of it, or nothing. */
bool values_change(struct okvp_pool_file *file, const char *key, const struct okvp_item *items,
		   size_t count, struct okvp_error *err);
