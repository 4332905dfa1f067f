/* SPDX-License-Identifier: MIT */
/* job_table.c -- the table of jobs: how they come into it, and go when there is no room, or no
 * time, for them any more. */
#include "host/job_entry.h"

#include <stdlib.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

struct jobs *jobs_create(struct loop *loop, struct host_events *events, size_t jobs_max)
{
	struct jobs *jobs = xcalloc(1, sizeof(*jobs));

	pthread_mutex_init(&jobs->lock, NULL);
	jobs->loop = loop;
	jobs->events = events;
	jobs->most = jobs_max;
	return jobs;
}

/* Jobs that were restored with nothing left to wait for end here. */
static void end_idle_jobs(struct jobs *jobs)
{
	struct job_entry *entry;

	for (size_t at = 0; (entry = map_next(&jobs->by_id, &at));)
		if (entry->job.state == JOB_RUNNING && entry->count == 0)
			job_end_idle(jobs, entry);
}

void jobs_set_store(struct jobs *jobs, struct store *store)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->store = store;
	if (store)
		end_idle_jobs(jobs);
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_free(struct jobs **jobs)
{
	struct jobs *j = take(*jobs);
	struct waiter *waiters = NULL;
	struct job_entry *entry;
	struct vm_jobs *of;

	if (!j)
		return;
	for (size_t at = 0; (entry = map_next(&j->by_id, &at));) {
		job_take_waiters(entry, &waiters);
		job_entry_free(entry);
	}
	job_tell_waiters(waiters);
	for (size_t at = 0; (of = map_next(&j->by_vm, &at));)
		free(of);
	map_done(&j->by_id);
	map_done(&j->by_vm);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

/* --- Coming and going --- */

static void drop_ended(struct jobs *jobs, struct job_entry *entry)
{
	job_unwrite(jobs, entry);
	host_events_tell_job(jobs->events, &entry->job, NULL);
	job_hide(jobs, entry);
	job_entry_free(entry);
}

/* The one that ended longest ago without error and that nobody waits for. */
static struct job_entry *find_dispensable(const struct jobs *jobs)
{
	struct job_entry *entry = jobs->completed.first;

	while (entry && entry->waiters)
		entry = entry->link[CHAIN_END].after;
	return entry;
}

bool jobs_reserve(struct jobs *jobs, struct okvp_error *err)
{
	struct job_entry *dispensable;
	bool full;

	pthread_mutex_lock(&jobs->lock);
	full = jobs->by_id.count + jobs->reserved >= jobs->most;
	dispensable = full ? find_dispensable(jobs) : NULL;
	if (dispensable) {
		drop_ended(jobs, dispensable);
		full = false;
	}
	if (!full)
		jobs->reserved++;
	pthread_mutex_unlock(&jobs->lock);
	if (full)
		return okvp_fail(err, OKVP_BUSY,
				 "%zu jobs are running or have failed; no more can be kept "
				 "(setting jobs_max): try again in some minutes",
				 jobs->most);
	return true;
}

void jobs_unreserve(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->reserved--;
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_begin(struct jobs *jobs, const struct job_record *record,
		struct stored_item *const *items, size_t count)
{
	struct job_entry *entry = job_entry_create(record, count);

	for (size_t i = 0; i < count; i++)
		job_add_item(entry, items[i]->text, items[i]->key_length);
	pthread_mutex_lock(&jobs->lock);
	jobs->reserved--;
	job_show(jobs, entry);
	host_events_tell_job(jobs->events, NULL, &entry->job);
	if (count == 0 && !entry->job.delivered && entry->job.error == JOB_OK)
		job_end_idle(jobs, entry);
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_forget_vm(struct jobs *jobs, const struct guid *vm)
{
	struct waiter *waiters = NULL;
	struct vm_jobs *of;

	jobs_out_of_contact(jobs, vm, false, "the virtual machine was undefined");
	pthread_mutex_lock(&jobs->lock);
	of = job_find_vm(jobs, vm);
	for (struct job_entry *entry = of ? of->all.first : NULL, *after; entry; entry = after) {
		after = entry->link[CHAIN_VM].after;
		if (entry->job.state == JOB_RUNNING)
			continue;
		job_take_waiters(entry, &waiters);
		drop_ended(jobs, entry);
	}
	pthread_mutex_unlock(&jobs->lock);
	job_tell_waiters(waiters);
}

/* Those at the front of a list whose time is over. */
static void drop_front(struct jobs *jobs, const struct job_list *list, uint64_t now_ms)
{
	while (list->first && list->first->expires_ms <= now_ms)
		drop_ended(jobs, list->first);
}

void jobs_expire(struct jobs *jobs, uint64_t now_ms)
{
	pthread_mutex_lock(&jobs->lock);
	drop_front(jobs, &jobs->completed, now_ms);
	drop_front(jobs, &jobs->failed, now_ms);
	pthread_mutex_unlock(&jobs->lock);
}
