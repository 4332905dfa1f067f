/* SPDX-License-Identifier: MIT */
/* known.h -- what the host knows of a pool: what it was told, and what it has done itself. Against
 * it a listing tells what somebody else has changed. */
#pragma once
#include "agent/listing.h"

/* All zeros is an empty pool. */
struct known {
	uint64_t *id, *key; /* of each record, as in a listing; and a hash of its key */
	size_t count, room;
	uint64_t digest;
};

/* The host was told what a listing holds. */
void known_take(struct known *known, const struct listing *listing);

/* The host has changed a pool of its own, as okvp_pool_file_apply() does it. */
void known_apply(struct known *known, const struct okvp_own_record *change);

/* What is different in a listing: the records from at on that are gone, and how many have come. */
struct difference {
	size_t at, gone, come;
};
struct difference known_compare(const struct known *known, const struct listing *listing);

void known_done(struct known *known);
