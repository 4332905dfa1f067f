/* SPDX-License-Identifier: MIT */
/* expiry.h -- for host/: items that end although nobody asks for it: transient ones with their
 * contact, and those that are for once when their guest has removed them.
 *
 * What is made here are changes for the store. An item that was changed meanwhile does not end. */
#pragma once
#include "host/vm.h"
#include "store/store.h"

/* Ends the transient items of a snapshot up to a generation; NULL: there are none. */
struct change_list *expiry_of_transients(const struct snapshot *snapshot, uint64_t up_to);

/* Whether an item is for once and its guest has had it: if it is not there any more, the guest has
 * removed it. */
bool expiry_is_near(struct vm *vm, const struct snapshot *snapshot, const struct stored_item *item);

/* Ends items that their guest has removed; the pieces of a large value go with its head. */
struct change_list *expiry_of_removed(const struct snapshot *snapshot,
				      struct stored_item *const *items, size_t count);
