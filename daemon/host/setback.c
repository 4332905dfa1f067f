/* SPDX-License-Identifier: MIT */
/* setback.c -- keys and the time when each was set back. */
#include "host/setback.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define LEAST_ROOM 16
#define PAUSE_MS   1000 /* from one look for keys of the past to the next */

/* Where a key stands, or the free entry where it would. */
static struct setback_entry *find(const struct setback *setback, uint64_t key)
{
	size_t mask = setback->room - 1;
	size_t at = key & mask;

	while (setback->entry[at].at_ms != 0 && setback->entry[at].key != key)
		at = (at + 1) & mask;
	return &setback->entry[at];
}

static bool is_past(const struct setback_entry *entry, uint64_t now_ms)
{
	return entry->at_ms == 0 || now_ms - entry->at_ms >= SETBACK_MS;
}

/* Makes a table of those that are not of the past, with room for more. Returns when the first of
 * them will be. */
static uint64_t rebuild(struct setback *setback, uint64_t now_ms)
{
	struct setback_entry *old = take(setback->entry);
	size_t old_room = setback->room, count = 0;
	uint64_t first_ms = now_ms;

	for (size_t i = 0; i < old_room; i++)
		count += !is_past(&old[i], now_ms);
	for (setback->room = LEAST_ROOM; setback->room < 4 * count;)
		setback->room *= 2;
	setback->entry = xcalloc(setback->room, sizeof(*setback->entry));
	setback->count = count;
	for (size_t i = 0; i < old_room; i++) {
		if (is_past(&old[i], now_ms))
			continue;
		*find(setback, old[i].key) = old[i];
		if (old[i].at_ms < first_ms)
			first_ms = old[i].at_ms;
	}
	free(old);
	return first_ms + SETBACK_MS;
}

/* Makes room for one more key; false: there are enough of them. */
static bool make_room(struct setback *setback, uint64_t now_ms)
{
	uint64_t first_over_ms;

	if (now_ms < setback->full_until_ms)
		return false;
	setback->full_until_ms = 0;
	if (2 * (setback->count + 1) <= setback->room && setback->count < SETBACK_KEYS)
		return true;
	first_over_ms = rebuild(setback, now_ms);
	if (setback->count >= SETBACK_KEYS) /* several may be over then */
		setback->full_until_ms =
			first_over_ms < now_ms + PAUSE_MS ? now_ms + PAUSE_MS : first_over_ms;
	return setback->full_until_ms == 0;
}

static bool wait_until(uint64_t due_ms, uint64_t *ret_due_ms)
{
	if (*ret_due_ms == 0 || due_ms < *ret_due_ms)
		*ret_due_ms = due_ms;
	return false;
}

bool setback_may(struct setback *setback, const char *key, size_t length, uint64_t now_ms,
		 uint64_t *due_ms)
{
	uint64_t hash = map_hash(key, length);
	struct setback_entry *entry = setback->room > 0 ? find(setback, hash) : NULL;

	if (entry && !is_past(entry, now_ms))
		return wait_until(entry->at_ms + SETBACK_MS, due_ms);
	if (!entry || entry->at_ms == 0) {
		if (!make_room(setback, now_ms))
			return wait_until(setback->full_until_ms, due_ms);
		entry = find(setback, hash);
		setback->count += entry->at_ms == 0;
	}
	*entry = (struct setback_entry){ hash, now_ms };
	return true;
}

void setback_done(struct setback *setback)
{
	free(setback->entry);
	*setback = (struct setback){ 0 };
}
