/* SPDX-License-Identifier: MIT */
/* large_items.h -- for host/exchange: the pieces of large values go with their heads. */
#pragma once
#include "host/exchange.h"

/* Adds removals of the pieces of each large value whose head a call changes or removes, but for
 * those that the call names itself. A value that is put meanwhile by somebody else keeps its
 * pieces, which have other names. */
void large_items_remove(struct change_list *list, const struct snapshot *snapshot,
			const struct exchange_call *call);
