/* SPDX-License-Identifier: MIT */
/* listing.h -- all items of a pool at one moment, as records of openkvp's own messages. */
#pragma once
#include "base/text.h"
#include "openkvp/own_message.h"

/* All zeros is an empty listing. */
struct listing {
	enum okvp_pool pool;
	struct text records;
	size_t *offset; /* of each record, and behind the last */
	uint64_t *id;   /* of each: a hash of key and value, wherever it stands */
	size_t count, room;
	uint64_t digest;
};

void listing_begin(struct listing *listing, enum okvp_pool pool);

/* Adds an item; one whose texts are not UTF-8 does not exist for these messages. */
void listing_add(struct listing *listing, const struct okvp_item *item);

/* The records from one index up to another. */
const char *listing_records(const struct listing *listing, size_t first, size_t end,
			    size_t *ret_size);

void listing_done(struct listing *listing);
