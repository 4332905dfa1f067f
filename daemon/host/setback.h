/* SPDX-License-Identifier: MIT */
/* setback.h -- for host/mirror: which keys were set back in the guest, so that none is more often
 * than once in SETBACK_MS. Somebody in the guest may insist. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETBACK_MS 60000

struct setback_entry {
	uint64_t key; /* a hash: two keys that share it share their turn */
	uint64_t at_ms;
};

/* All zeros is empty; it holds memory only for keys of the last minute. */
struct setback {
	struct setback_entry *entry;
	size_t count, room;
};

/* Whether a key may be set back now, which is noted then; if not, *due_ms becomes the time when it
 * may, unless that is later than what it is (0: none). */
bool setback_may(struct setback *setback, const char *key, size_t length, uint64_t now_ms,
		 uint64_t *due_ms);

void setback_done(struct setback *setback);
