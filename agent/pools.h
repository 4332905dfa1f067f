/* SPDX-License-Identifier: MIT */
/* pools.h -- the five pools of this machine, and the host's requests to them. */
#pragma once
#include "openkvp/kvp_message.h"

/* What was written is put on disk this long after the first write. */
#define POOLS_SYNC_MS 1000

struct pools;

/* Opens all pool files of a folder, and makes those that are missing. */
bool pools_open(const char *folder, struct pools **ret_pools, struct okvp_error *err);
void pools_close(struct pools **pools);

/* Does what a request asks, and puts the item found into it, borrowed until the next call. The
 * status for the host, an enum okvp_ic_status; a refusal is logged here. */
uint32_t pools_answer(struct pools *pools, struct okvp_kvp_message *request);

/* Milliseconds until pools_sync() is due; -1 when nothing was written. */
int pools_sync_due(const struct pools *pools);

/* Puts what was written on disk. */
void pools_sync(struct pools *pools);
