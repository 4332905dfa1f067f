/* SPDX-License-Identifier: MIT */
/* pieces.h -- for store/item_plan: what happens to the pieces of large values with those. */
#pragma once
#include "store/item_plan.h"

/* Whether an item that the list does not name goes with what it is a piece of: with the head that
 * the list changes or removes, or because the list puts other numbered pieces in its place. The
 * plan knows which items its changes are about. */
bool piece_goes(const struct item_plan *plan, const struct stored_item *item);
