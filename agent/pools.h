/* SPDX-License-Identifier: MIT */
/* pools.h -- the five pools of this machine, and the host's requests to them. */
#pragma once
#include "agent/listing.h"
#include "openkvp/kvp_message.h"

/* What was written is put on disk this long after the first write. */
#define POOLS_SYNC_MS 1000

struct pools;

/* Opens all pool files of a folder, and makes those that are missing. */
bool pools_open(const char *folder, struct pools **ret_pools, struct okvp_error *err);
void pools_close(struct pools **pools);

const char *pools_folder(const struct pools *pools);

/* Does what a request asks, and puts the item found into it, borrowed until the next call. The
 * status for the host, an enum okvp_ic_status; a refusal is logged here. */
uint32_t pools_answer(struct pools *pools, struct okvp_kvp_message *request);

/* Makes all changes of a batch, or none: the answer says of each. A refusal is logged here. */
void pools_apply(struct pools *pools, struct okvp_own_batch *batch,
		 struct okvp_own_batch_answer *ret_answer);

/* Lists a pool as it is now, also one of the machine's own facts. */
bool pools_list(struct pools *pools, enum okvp_pool pool, struct listing *ret_listing,
		struct okvp_error *err);

/* Takes in what others did to a pool until now. */
bool pools_look(struct pools *pools, enum okvp_pool pool, struct okvp_error *err);

/* A number that grows when somebody else has changed a pool, as far as it was looked at since, by
 * any of these calls. */
uint64_t pools_version(const struct pools *pools, enum okvp_pool pool);

/* A descriptor that is readable once when a fact of the machine is known that was not before. */
int pools_facts_descriptor(const struct pools *pools);

/* Milliseconds until pools_sync() is due; -1 when nothing was written. */
int pools_sync_due(const struct pools *pools);

/* Puts what was written on disk. */
void pools_sync(struct pools *pools);
