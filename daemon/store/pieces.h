/* SPDX-License-Identifier: MIT */
/* pieces.h -- for store/item_plan: what happens to the pieces of large values with those. */
#pragma once
#include "store/item_plan.h"

/* Whether an item that the list does not name goes with what it is a piece of: with the head that
 * the list changes or removes, or because the list puts other numbered pieces in its place. The
 * plan knows which items its changes are about. */
bool piece_goes(const struct item_plan *plan, const struct stored_item *item);

/* The flags that an item which the list puts has as a piece: those of its head, of a numbered one
 * those of KEY.0 and of KEY, as the list gives them or as they were. None: it is no piece. */
unsigned int piece_flags(const struct item_plan *plan, const struct stored_item *item);
