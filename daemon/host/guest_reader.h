/* SPDX-License-Identifier: MIT */
/* guest_reader.h -- for host/contact: reading the guest's own pools, one ENUMERATE after another.
 *
 * A record that cannot be read is passed over; READER_SKIPS_MAX of them one after another end the
 * pool, as do the limits. */
#pragma once
#include "openkvp/ic_message.h"
#include "openkvp/kvp_message.h"
#include "store/snapshot.h"

#define READER_SKIPS_MAX 32

struct reader_list {
	struct stored_item **item;
	size_t count, room, bytes;
};

/* All zeros is a reader at rest. */
struct guest_reader {
	bool active;
	enum okvp_pool pool; /* GUEST, then AUTO */
	uint32_t index;
	unsigned int skips;
	bool cut;                    /* a limit ended a pool early */
	size_t items_max, bytes_max; /* of a pool */
	struct reader_list list[2];
};

void guest_reader_begin(struct guest_reader *reader, size_t items_max, size_t bytes_max);

/* The next request to send. */
void guest_reader_request(const struct guest_reader *reader, struct okvp_kvp_message *ret_request);

/* Takes an answer in; true when that was the last. */
bool guest_reader_take(struct guest_reader *reader, const struct okvp_kvp_message *answer,
		       uint32_t status, bool readable);

/* Whether what was read of a space is what a set holds already. */
bool guest_reader_same(const struct guest_reader *reader, enum item_space space,
		       const struct item_set *set);

/* The list of a space, to take its items from. */
struct reader_list *guest_reader_list(struct guest_reader *reader, enum item_space space);

/* Forgets what was read. */
void guest_reader_done(struct guest_reader *reader);
