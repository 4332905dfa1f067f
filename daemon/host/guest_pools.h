/* SPDX-License-Identifier: MIT */
/* guest_pools.h -- for host/contact: what the guest publishes (pool 1) and says of itself (pool 2),
 * as it is known here, and how it is kept up to date.
 *
 * A guest with Hyper-V's messages is read at the beginning of a contact, now and then, and when
 * somebody asks. One with openkvp's own tells what changes; it is read when what is known here has
 * another digest. What is news goes to the store, without waiting for the disk.
 *
 * What was read counts as live, and as new, only with both pools: as long as the guest cannot tell
 * one of them, what was read before stays, and grows old. */
#pragma once
#include "host/guest_reader.h"
#include "host/vm.h"
#include "store/store.h"

struct guest_pools_parts {
	struct store *store;
	size_t items, bytes; /* taken from one pool */
	/* A pool was read; what says that not all of it was taken, NULL that it was. */
	void (*taken)(void *context, enum okvp_pool pool, const char *what);
	void *context;
};

/* What a guest that tells its changes has in one pool. */
struct known_pool {
	bool known;  /* list and digest are what the guest has */
	bool failed; /* any guest: it could not tell them when it was asked last */
	uint64_t digest;
	struct reader_list list;
};

struct guest_pools {
	struct guest_pools_parts parts;
	struct vm *vm;           /* borrowed */
	struct channel *channel; /* borrowed; NULL: nobody is in contact */
	bool tells;              /* the guest tells its changes */
	struct guest_reader reader;
	bool wanted[2];  /* pools to be read */
	bool publishing; /* one of them is on its way to the store, the other is yet to be read */
	bool stale;      /* the pool that is read has changed meanwhile */
	uint64_t read_at_ms; /* 0: not in this contact */
	struct known_pool known[2];
	struct reading_waiter *waiters;
};

/* Whether a pool is one of the guest's own. */
bool is_guest_pool(enum okvp_pool pool);

void guest_pools_begin(struct guest_pools *pools, struct channel *channel);

/* Forgets what was begun; those who wait are told. */
void guest_pools_end(struct guest_pools *pools);

/* Has both pools be read. */
void guest_pools_want(struct guest_pools *pools);

/* Asks for the next part of what is wanted, if it can be asked now and there is any. */
void guest_pools_send(struct guest_pools *pools);

/* A part of one of the pools came. */
void guest_pools_part(struct guest_pools *pools, struct channel_part *part);

/* How the guest's pools stand, and what has changed in one of them. */
void guest_pools_stand(struct guest_pools *pools, const struct okvp_own_state *state);
void guest_pools_changed(struct guest_pools *pools, struct okvp_own_changed *changed);

/* As contacts_refresh(). */
void guest_pools_refresh(struct guest_pools *pools, unsigned int max_age_ms,
			 void (*done)(void *context), void *context);
