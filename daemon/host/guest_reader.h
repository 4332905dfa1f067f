/* SPDX-License-Identifier: MIT */
/* guest_reader.h -- for host/: reading one pool of the guest, part by part.
 *
 * With Hyper-V's messages a part is one item. A record that cannot be read is passed over;
 * READER_SKIPS_MAX of them one after another end the pool, as do the limits. */
#pragma once
#include "channel/channel.h"
#include "store/snapshot.h"

#define READER_SKIPS_MAX 32

struct reader_list {
	struct stored_item **item;
	size_t count, room, bytes;
};

/* Releases the items. */
void reader_list_done(struct reader_list *list);

/* All zeros is a reader at rest. */
struct guest_reader {
	bool active;
	enum okvp_pool pool;
	uint32_t index;
	unsigned int skips;
	bool cut;    /* a limit ended the pool early */
	bool failed; /* the guest could not tell it */
	bool whole;  /* digest belongs to what was read, all of it */
	uint64_t digest;
	size_t items_max, bytes_max;
	struct reader_list list;
};

void guest_reader_begin(struct guest_reader *reader, enum okvp_pool pool, size_t items_max,
			size_t bytes_max);

/* Takes a part in; true when that was the last: the reader is at rest, with its list. */
bool guest_reader_take(struct guest_reader *reader, struct channel_part *part);

/* Whether what was read is what a set holds already. */
bool guest_reader_same(const struct guest_reader *reader, const struct item_set *set);

/* Forgets what was read. */
void guest_reader_done(struct guest_reader *reader);
