/* SPDX-License-Identifier: MIT */
/* large.h -- large values among the items of a set: one entry for each, instead of its pieces. */
#pragma once
#include "base/arena.h"
#include "base/text.h"
#include "openkvp/large_value.h"
#include "store/snapshot.h"

struct large_value {
	const struct stored_item *item; /* the head */
	struct okvp_large_head head;
};

struct large_values {
	struct large_value *value;
	size_t count;
};

/* Finds the heads in a set; they live in the arena. */
struct large_values api_large_find(struct arena *arena, const struct item_set *set);

/* The large value that an item is the head of; NULL: none. */
const struct large_value *api_large_headed(const struct large_values *values,
					   const struct stored_item *item);

/* Whether an item is a piece of this one, or of any. */
bool api_large_has(const struct large_value *value, const struct stored_item *item);
bool api_large_is_piece(const struct large_values *values, const struct stored_item *item);

/* The value of an item, which is large or not, as text to be answered. OKVP_WRONG_STATE: it is not
 * all there. */
bool api_large_join(const struct snapshot *snapshot, enum item_space space,
		    const struct stored_item *item, struct text *ret_value, struct okvp_error *err);
