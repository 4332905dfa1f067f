/* SPDX-License-Identifier: MIT */
/* job_table.h -- for host/: how jobs begin, go on and end. Any thread, unless it says otherwise. */
#pragma once
#include "host/event.h"
#include "host/loop.h"

/* loop is for waiting; events hears of what happens to jobs (NULL: nobody does). */
struct jobs *jobs_create(struct loop *loop, struct host_events *events, size_t jobs_max);

/* Where the ends of jobs are kept; NULL before it is open and when it closes: nowhere. */
void jobs_set_store(struct jobs *jobs, struct store *store);

/* Ends all waiting. */
void jobs_free(struct jobs **jobs);

/* Makes sure that one more job finds room, dropping the one that ended longest ago without error.
 * OKVP_BUSY: all run or have failed. Each success is used up by jobs_begin() or jobs_unreserve().
 */
bool jobs_reserve(struct jobs *jobs, struct okvp_error *err);
void jobs_unreserve(struct jobs *jobs);

/* The stored form of the keys that a job waits for: of count items, the first at first, each so
 * many bytes behind the one before. free() it. */
uint8_t *job_keys_encode(const struct okvp_item *first, size_t stride, size_t count,
			 size_t *ret_size);

/* Shows a job that was stored. It waits for the items (borrowed), which only a running or completed
 * one may have. One without any that is not delivered is over at once: nothing changed. */
void jobs_begin(struct jobs *jobs, const struct job_record *record,
		struct stored_item *const *items, size_t count);

/* Takes in a job found in the store; it waits again for those of its keys that its VM still has
 * items or tombstones of; a running one for which there are none ends with jobs_set_store(). */
void jobs_restore(struct jobs *jobs, const struct job_record *record, const struct snapshot *vm);

/* The guest has, or has refused, an item or tombstone of a VM: reason NULL or a sentence. Jobs that
 * wait for this key at this or an earlier generation go on, also those that are completed while
 * their delivery was pending. On the loop's thread. */
void jobs_item_settled(struct jobs *jobs, const struct guid *vm, const struct stored_item *item,
		       const char *reason);

/* The guest has, or has refused, the setup of an adapter (the item's key): likewise, for jobs of
 * the kind JOB_CONFIGURE, which are not concerned with items. On the loop's thread. */
void jobs_adapter_settled(struct jobs *jobs, const struct guid *vm, const struct stored_item *setup,
			  const char *reason);

/* There is no contact with the guest any more: its running jobs end as completed ("stored; delivery
 * pending: why"), or after a time-out with JOB_TIMEOUT. On the loop's thread. */
void jobs_out_of_contact(struct jobs *jobs, const struct guid *vm, bool timed_out, const char *why);

/* Forgets the jobs of a VM that was undefined. On the loop's thread. */
void jobs_forget_vm(struct jobs *jobs, const struct guid *vm);

/* Drops jobs that had ended JOB_VISIBLE_MS before now, of the monotonic clock. On the loop's
 * thread, now and then. */
void jobs_expire(struct jobs *jobs, uint64_t now_ms);
