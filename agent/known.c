/* SPDX-License-Identifier: MIT */
/* known.c -- hashes of records and their keys, in order. */
#include "agent/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/digest.h"

static void make_room(struct known *known, size_t count)
{
	size_t room = known->room ? known->room : 16;

	if (count <= known->room)
		return;
	while (room < count)
		room *= 2;
	known->id = xrealloc(known->id, room * sizeof(*known->id));
	known->key = xrealloc(known->key, room * sizeof(*known->key));
	known->room = room;
}

static uint64_t hash_key(const struct okvp_item *item)
{
	return okvp_siphash(item->key, item->key_length);
}

void known_take(struct known *known, const struct listing *listing)
{
	struct okvp_own_records records = {
		wire_reader_on(listing->records.bytes, listing->records.length), listing->count
	};
	struct okvp_own_record record;

	make_room(known, listing->count);
	known->digest = listing->digest;
	known->count = 0;
	while (okvp_own_next_record(&records, &record)) {
		known->id[known->count] = listing->id[known->count];
		known->key[known->count++] = hash_key(&record.item);
	}
}

static void remove_key(struct known *known, uint64_t key)
{
	size_t kept = 0;

	for (size_t i = 0; i < known->count; i++) {
		if (known->key[i] == key) {
			known->digest -= known->id[i];
			continue;
		}
		known->key[kept] = known->key[i];
		known->id[kept++] = known->id[i];
	}
	known->count = kept;
}

static void set_key(struct known *known, uint64_t key, uint64_t id)
{
	size_t at = known->count;

	while (at > 0 && known->key[at - 1] != key)
		at--;
	if (at > 0) {
		at--; /* the last record with this key */
		known->digest -= known->id[at];
	} else {
		make_room(known, known->count + 1);
		at = known->count++;
		known->key[at] = key;
	}
	known->id[at] = id;
	known->digest += id;
}

/* In the host's pools a record's id is also what it adds to the digest. */
void known_apply(struct known *known, const struct okvp_own_record *change)
{
	uint64_t key = hash_key(&change->item);

	if (change->flags & OKVP_RECORD_REMOVE)
		remove_key(known, key);
	else
		set_key(known, key, okvp_digest_of(OKVP_POOL_EXTERNAL, 0, &change->item));
}

struct difference known_compare(const struct known *known, const struct listing *listing)
{
	size_t least = known->count < listing->count ? known->count : listing->count;
	size_t front = 0, back = 0;

	while (front < least && known->id[front] == listing->id[front])
		front++;
	while (back < least - front &&
	       known->id[known->count - 1 - back] == listing->id[listing->count - 1 - back])
		back++;
	return (struct difference){
		.at = front,
		.gone = known->count - front - back,
		.come = listing->count - front - back,
	};
}

void known_done(struct known *known)
{
	free(known->id);
	free(known->key);
	*known = (struct known){ 0 };
}
