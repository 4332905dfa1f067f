/* SPDX-License-Identifier: MIT */
/* setback.c -- keys and the time when each was set back. */
#include "host/setback.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"

static void drop_old(struct setback *setback, uint64_t now_ms)
{
	size_t kept = 0;

	for (size_t i = 0; i < setback->count; i++)
		if (now_ms - setback->entry[i].at_ms < SETBACK_MS)
			setback->entry[kept++] = setback->entry[i];
	setback->count = kept;
}

bool setback_may(struct setback *setback, const char *key, size_t length, uint64_t now_ms,
		 uint64_t *due_ms)
{
	uint64_t hash = map_hash(key, length);

	drop_old(setback, now_ms);
	for (size_t i = 0; i < setback->count; i++) {
		uint64_t due = setback->entry[i].at_ms + SETBACK_MS;

		if (setback->entry[i].key != hash)
			continue;
		if (*due_ms == 0 || due < *due_ms)
			*due_ms = due;
		return false;
	}
	grow(setback->entry, setback->count, setback->room);
	setback->entry[setback->count++] = (struct setback_entry){ hash, now_ms };
	return true;
}

void setback_done(struct setback *setback)
{
	free(setback->entry);
	*setback = (struct setback){ 0 };
}
