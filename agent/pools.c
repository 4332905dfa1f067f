/* SPDX-License-Identifier: MIT */
/* pools.c -- the host's requests, on pool files and on the machine's own facts. */
#include "agent/pools.h"

#include <stdlib.h>

#include "agent/intrinsic.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "openkvp/ic_message.h"
#include "openkvp/pool_file.h"

#define LOG_SUBJECT "host" /* whose lines are bounded, since it decides how many there are */

struct pools {
	char *folder;
	struct okvp_pool_file *file[OKVP_POOL_COUNT];
	struct intrinsic *intrinsic;
	uint64_t sync_at_ms; /* 0: nothing was written */
};

bool pools_open(const char *folder, struct pools **ret_pools, struct okvp_error *err)
{
	struct pools *pools = xcalloc(1, sizeof(*pools));

	pools->folder = xstrdup(folder);
	for (int pool = 0; pool < OKVP_POOL_COUNT; pool++)
		if (!okvp_pool_file_open(folder, (enum okvp_pool)pool, false, &pools->file[pool],
					 err)) {
			pools_close(&pools);
			return false;
		}
	pools->intrinsic = intrinsic_create();
	*ret_pools = pools;
	return true;
}

void pools_close(struct pools **pools)
{
	struct pools *old = *pools;

	*pools = NULL;
	if (!old)
		return;
	for (int pool = 0; pool < OKVP_POOL_COUNT; pool++)
		okvp_pool_file_close(&old->file[pool]);
	intrinsic_free(&old->intrinsic);
	free(old->folder);
	free(old);
}

const char *pools_folder(const struct pools *pools)
{
	return pools->folder;
}

/* The host writes what is its own. The Linux daemon lets it write every pool, but no host does. */
static bool check_writer(unsigned int pool, struct okvp_error *err)
{
	return okvp_pool_writer((enum okvp_pool)pool) == OKVP_SIDE_HOST ||
	       okvp_fail(err, OKVP_DENIED, "the host does not write pool %u", pool);
}

static bool check_pool(const struct okvp_kvp_message *request, struct okvp_error *err)
{
	if (request->pool >= OKVP_POOL_COUNT)
		return okvp_fail(err, OKVP_INVALID, "there is no pool %u", request->pool);
	return request->operation == OKVP_KVP_ENUMERATE || check_writer(request->pool, err);
}

static void written(struct pools *pools)
{
	if (pools->sync_at_ms == 0)
		pools->sync_at_ms = clock_monotonic_ms() + POOLS_SYNC_MS;
}

static bool set(struct pools *pools, struct okvp_kvp_message *request, struct okvp_error *err)
{
	if (!okvp_pool_file_set(pools->file[request->pool], &request->item, err))
		return false;
	written(pools);
	return true;
}

static bool delete (struct pools *pools, struct okvp_kvp_message *request, struct okvp_error *err)
{
	if (!okvp_pool_file_delete(pools->file[request->pool], request->item.key,
				   request->item.key_length, err))
		return false;
	written(pools);
	return true;
}

static bool enumerate(struct pools *pools, struct okvp_kvp_message *request, struct okvp_error *err)
{
	if (request->pool != OKVP_POOL_AUTO)
		return okvp_pool_file_at(pools->file[request->pool], request->index, &request->item,
					 err);
	if (!intrinsic_item(pools->intrinsic, request->index, &request->item))
		return okvp_fail(err, OKVP_NOT_FOUND, "no fact %u", request->index);
	return true;
}

static uint32_t ic_status(enum okvp_status status)
{
	switch (status) {
	case OKVP_OK:
		return OKVP_IC_OK;
	case OKVP_NOT_FOUND:
		return OKVP_IC_NO_MORE_ITEMS;
	case OKVP_INVALID:
	case OKVP_INVALID_TEXT:
	case OKVP_TOO_LONG:
		return OKVP_IC_INVALID_ARGUMENT;
	case OKVP_UNSUPPORTED:
		return OKVP_IC_NOT_SUPPORTED;
	default:
		return OKVP_IC_FAIL;
	}
}

uint32_t pools_answer(struct pools *pools, struct okvp_kvp_message *request)
{
	static const struct {
		const char *name;
		bool (*run)(struct pools *pools, struct okvp_kvp_message *request,
			    struct okvp_error *err);
	} operations[] = {
		[OKVP_KVP_SET] = { "set", set },
		[OKVP_KVP_DELETE] = { "delete", delete },
		[OKVP_KVP_ENUMERATE] = { "enumerate", enumerate },
	};
	struct okvp_error err = { .status = OKVP_OK };

	if (request->operation >= count_of(operations) || !operations[request->operation].run)
		return OKVP_IC_NOT_SUPPORTED;
	if ((!check_pool(request, &err) ||
	     !operations[request->operation].run(pools, request, &err)) &&
	    err.status != OKVP_NOT_FOUND)
		log_warning(LOG_SUBJECT, "%s refused: %s", operations[request->operation].name,
			    err.message);
	return ic_status(err.status);
}

/* --- Batches and listings --- */

/* Whether a record can hold a change, of its own. */
static bool check_change(const struct okvp_own_record *change, struct okvp_error *err)
{
	uint8_t record[OKVP_RECORD_SIZE];
	char key[OKVP_KEY_TEXT_SIZE];

	return change->flags & OKVP_RECORD_REMOVE ||
	       okvp_record_write(&change->item, record, err) ||
	       okvp_fail_in(err, "'%s'",
			    okvp_key_text(change->item.key, change->item.key_length, key));
}

/* Says of each change whether it can be made; the first that cannot, of the whole. */
static bool check_changes(struct okvp_own_batch *batch, struct okvp_pool_change *changes,
			  struct okvp_own_batch_answer *answer, struct okvp_error *err)
{
	struct okvp_own_record record;
	bool ok = true;

	while (okvp_own_next_record(&batch->records, &record)) {
		struct okvp_error why = { .status = OKVP_OK };
		bool good = check_change(&record, &why);

		changes[answer->count] = (struct okvp_pool_change){
			.remove = record.flags & OKVP_RECORD_REMOVE,
			.secret = record.flags & OKVP_RECORD_SECRET,
			.item = record.item,
		};
		answer->of[answer->count++] = good ? OKVP_IC_CANCELLED : ic_status(why.status);
		if (!good && ok) {
			*err = why;
			ok = false;
		}
	}
	return ok;
}

static void answer_all(struct okvp_own_batch_answer *answer, uint32_t status)
{
	answer->status = status;
	for (size_t i = 0; i < answer->count; i++)
		answer->of[i] = status;
}

void pools_apply(struct pools *pools, struct okvp_own_batch *batch,
		 struct okvp_own_batch_answer *ret_answer)
{
	struct okvp_pool_change changes[OKVP_OWN_BATCH_MAX];
	struct okvp_error err = { .status = OKVP_OK };

	*ret_answer = (struct okvp_own_batch_answer){ .status = OKVP_IC_OK };
	if (!check_changes(batch, changes, ret_answer, &err))
		ret_answer->status = ic_status(err.status);
	else if (check_writer(batch->pool, &err) &&
		 okvp_pool_file_apply(pools->file[batch->pool], changes, ret_answer->count, &err))
		answer_all(ret_answer, OKVP_IC_OK);
	else
		answer_all(ret_answer, ic_status(err.status));
	if (err.status == OKVP_OK)
		written(pools);
	else
		log_warning(LOG_SUBJECT, "a batch was refused: %s", err.message);
}

static void add_to_listing(void *context, const struct okvp_item *item)
{
	listing_add(context, item);
}

bool pools_list(struct pools *pools, enum okvp_pool pool, struct listing *ret_listing,
		struct okvp_error *err)
{
	struct okvp_item item;

	listing_begin(ret_listing, pool);
	if (pool != OKVP_POOL_AUTO)
		return okvp_pool_file_each(pools->file[pool], add_to_listing, ret_listing, err);
	for (size_t i = 0; intrinsic_item(pools->intrinsic, i, &item); i++)
		listing_add(ret_listing, &item);
	return true;
}

bool pools_look(struct pools *pools, enum okvp_pool pool, struct okvp_error *err)
{
	size_t count;

	return pool == OKVP_POOL_AUTO || okvp_pool_file_count(pools->file[pool], &count, err);
}

uint64_t pools_version(const struct pools *pools, enum okvp_pool pool)
{
	return pool == OKVP_POOL_AUTO ? 0 : okvp_pool_file_version(pools->file[pool]);
}

int pools_facts_descriptor(const struct pools *pools)
{
	return intrinsic_descriptor(pools->intrinsic);
}

/* --- The disk --- */

int pools_sync_due(const struct pools *pools)
{
	uint64_t now = clock_monotonic_ms();

	if (pools->sync_at_ms == 0)
		return -1;
	return now >= pools->sync_at_ms ? 0 : (int)(pools->sync_at_ms - now);
}

void pools_sync(struct pools *pools)
{
	struct okvp_error err;

	for (int pool = 0; pool < OKVP_POOL_COUNT; pool++)
		if (!okvp_pool_file_sync(pools->file[pool], &err))
			log_warning("disk", "%s", err.message);
	pools->sync_at_ms = 0;
}
