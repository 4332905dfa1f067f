/* SPDX-License-Identifier: MIT */
/* setback.h -- for host/mirror: which keys were set back in the guest, so that none is more often
 * than once in SETBACK_MS. Somebody in the guest may insist. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETBACK_MS   60000
#define SETBACK_KEYS 4096 /* in that time; the others wait, whatever a guest makes up */

struct setback_entry {
	uint64_t key;   /* a hash: two keys that share it share their turn */
	uint64_t at_ms; /* 0: free */
};

/* All zeros is empty. */
struct setback {
	struct setback_entry *entry; /* a hash table, at most half full */
	size_t count, room;          /* count: those of the past included, until there is no room */
	uint64_t full_until_ms;      /* 0: there is room */
};

/* Whether a key may be set back now, which is noted then; if not, *due_ms becomes the time when it
 * may, unless that is later than what it is (0: none). */
bool setback_may(struct setback *setback, const char *key, size_t length, uint64_t now_ms,
		 uint64_t *due_ms);

void setback_done(struct setback *setback);
