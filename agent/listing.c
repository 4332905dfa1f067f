/* SPDX-License-Identifier: MIT */
/* listing.c -- records one behind the other, and where each begins. */
#include "agent/listing.h"

#include <stdlib.h>

#include "base/memory.h"
#include "openkvp/digest.h"
#include "openkvp/unicode.h"

void listing_begin(struct listing *listing, enum okvp_pool pool)
{
	*listing = (struct listing){ .pool = pool };
}

static void make_room(struct listing *listing)
{
	if (listing->count + 1 < listing->room)
		return;
	listing->room = listing->room ? 2 * listing->room : 16;
	listing->offset = xrealloc(listing->offset, listing->room * sizeof(*listing->offset));
	listing->id = xrealloc(listing->id, listing->room * sizeof(*listing->id));
}

static void add_record(struct text *records, const struct okvp_item *item)
{
	const struct okvp_own_record record = { .item = *item };
	size_t size = okvp_own_record_size(item);
	struct wire_writer out;

	text_reserve(records, size);
	out = wire_writer_on(records->bytes + records->length, size);
	okvp_own_write_record(&out, &record);
	records->length += size;
}

void listing_add(struct listing *listing, const struct okvp_item *item)
{
	if (!okvp_utf8_valid(item->key, item->key_length) ||
	    !okvp_utf8_valid(item->value, item->value_length))
		return;
	make_room(listing);
	listing->offset[listing->count] = listing->records.length;
	listing->id[listing->count] = okvp_digest_of(OKVP_POOL_EXTERNAL, 0, item);
	listing->digest += okvp_digest_of(listing->pool, listing->count, item);
	add_record(&listing->records, item);
	listing->count++;
	listing->offset[listing->count] = listing->records.length;
}

const char *listing_records(const struct listing *listing, size_t first, size_t end,
			    size_t *ret_size)
{
	if (first >= end) {
		*ret_size = 0;
		return "";
	}
	*ret_size = listing->offset[end] - listing->offset[first];
	return listing->records.bytes + listing->offset[first];
}

void listing_done(struct listing *listing)
{
	text_done(&listing->records);
	free(listing->offset);
	free(listing->id);
	*listing = (struct listing){ 0 };
}
