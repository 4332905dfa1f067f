/* SPDX-License-Identifier: MIT */
/* guests.h -- one of the many guests that guests.c simulates, and what they all have in common. */
#pragma once
#include "base/guest_stream.h"
#include "bench.h"
#include "openkvp/pool.h"

struct guest {
	struct guest_stream stream;
	bool open, wants_to_write;
	uint32_t *sequence; /* of the value of each item in pool 1: how often it was changed */

	/* With openkvp's own protocol only. */
	uint64_t greeting, said_ms;
	uint64_t digest; /* of pool 1 */
};

#define GUEST_VALUE_MAX 1024

/* Where an item is written to. */
struct guest_text {
	char key[BENCH_KEY_LENGTH + 1], value[GUEST_VALUE_MAX];
};

/* The same for all: how many items they publish in pool 1, and of how many bytes a value is. */
extern unsigned int guest_items, guest_value_bytes;

/* Item i of a pool, borrowed from out; false when there is none. A value begins with its sequence,
 * in GUEST_SEQUENCE_DIGITS digits. */
bool guest_find(const struct guest *guest, enum okvp_pool pool, unsigned int i,
		struct guest_text *out, struct okvp_item *ret_item);
#define GUEST_SEQUENCE_DIGITS 10

/* --- openkvp's own protocol: own_guest.c --- */

/* Begins with the digest of the items that there are. */
void own_guest_init(struct guest *guest);

/* Tells a host that has just greeted how this guest stands; answers what the host asks; says
 * something when nothing was said for long. */
void own_guest_serve(struct guest *guest);

/* Changes an item of pool 1, and tells. */
void own_guest_change(struct guest *guest, unsigned int i);
