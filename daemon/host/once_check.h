/* SPDX-License-Identifier: MIT */
/* once_check.h -- for host/contact: what a guest that can only be asked has left of the items that
 * are for once. Pool 0 is read, before anything is sent again; twice if one of them is missing. */
#pragma once
#include "channel/channel.h"
#include "store/snapshot.h"

/* All zeros is a check at rest. */
struct once_check {
	bool active, again; /* again: the second reading */
	uint32_t index;
	struct stored_item **item; /* each a reference */
	size_t count, room;
	size_t seen; /* so many of them, in front, are there */
};

/* Adds an item to look for, a reference that is taken. From the first one on the check is active.
 */
void once_check_add(struct once_check *check, struct stored_item *item);

bool once_check_has(const struct once_check *check, const struct stored_item *item);

/* Takes in the part of pool 0 from check->index on; true when that was the last that matters. A
 * pool that could not be read to its end says nothing: then all items count as seen. */
bool once_check_take(struct once_check *check, struct channel_part *part);

void once_check_done(struct once_check *check);
