/* SPDX-License-Identifier: MIT */
/* job_index.c -- where a job is found: by its identifier, under its VM, and with others that run,
 * are completed or have failed. */
#include "host/job_entry.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define FOLLOWED_MAX 2048 /* items: as many as a VM may have */

static void list_append(struct job_list *list, enum job_chain chain, struct job_entry *entry)
{
	struct job_entry *last = list->last;

	entry->link[chain] = (struct job_link){ .before = last };
	*(last ? &last->link[chain].after : &list->first) = entry;
	list->last = entry;
}

static void list_remove(struct job_list *list, enum job_chain chain, struct job_entry *entry)
{
	const struct job_link link = entry->link[chain];

	*(link.before ? &link.before->link[chain].after : &list->first) = link.after;
	*(link.after ? &link.after->link[chain].before : &list->last) = link.before;
}

/* Of those that ended as this one. */
static struct job_list *list_of_end(struct jobs *jobs, const struct job_entry *entry)
{
	return entry->job.error == JOB_OK ? &jobs->completed : &jobs->failed;
}

static void append_to_end(struct jobs *jobs, struct job_entry *entry, uint64_t visible_ms)
{
	entry->expires_ms = clock_monotonic_ms() + visible_ms;
	list_append(list_of_end(jobs, entry), CHAIN_END, entry);
}

static struct vm_jobs *make_vm(struct jobs *jobs, const struct guid *vm)
{
	struct vm_jobs *of = xcalloc(1, sizeof(*of));

	of->vm = *vm;
	map_put(&jobs->by_vm, &of->vm, sizeof(of->vm), of);
	return of;
}

struct vm_jobs *job_find_vm(struct jobs *jobs, const struct guid *vm)
{
	return map_find(&jobs->by_vm, vm, sizeof(*vm));
}

uint64_t job_visible_ms(const struct job *job)
{
	int64_t left_ms = job->ended_us / 1000 + JOB_VISIBLE_MS - clock_wall_us() / 1000;

	if (left_ms < 0)
		return 0;
	return left_ms < JOB_VISIBLE_MS ? (uint64_t)left_ms : JOB_VISIBLE_MS;
}

void job_show(struct jobs *jobs, struct job_entry *entry)
{
	struct vm_jobs *of = job_find_vm(jobs, &entry->job.vm);

	entry->of = of ? of : make_vm(jobs, &entry->job.vm);
	map_put(&jobs->by_id, &entry->job.id, sizeof(entry->job.id), entry);
	list_append(&entry->of->all, CHAIN_VM, entry);
	entry->job.awaited = entry->job.state == JOB_RUNNING || entry->count > 0;
	entry->job.delivered = entry->job.state == JOB_COMPLETED && !entry->job.awaited &&
			       !job_says_undelivered(&entry->job);
	if (entry->job.awaited)
		list_append(&entry->of->awaited, CHAIN_AWAITED, entry);
	if (entry->job.state == JOB_RUNNING)
		return;
	append_to_end(jobs, entry, job_visible_ms(&entry->job));
	if (entry->job.awaited)
		job_follow(jobs, entry);
}

void job_change_state(struct jobs *jobs, struct job_entry *entry, enum job_state state,
		      enum job_error error)
{
	entry->job.state = state;
	entry->job.error = error;
	append_to_end(jobs, entry, JOB_VISIBLE_MS);
}

void job_await_no_more(struct job_entry *entry)
{
	if (!entry->job.awaited)
		return;
	list_remove(&entry->of->awaited, CHAIN_AWAITED, entry);
	entry->job.awaited = false;
	entry->of->pending -= entry->pending;
	entry->pending = 0;
}

void job_follow(struct jobs *jobs, struct job_entry *entry)
{
	struct vm_jobs *of = entry->of;
	struct job_entry *oldest = of->awaited.first, *after;

	entry->pending = entry->count;
	of->pending += entry->pending;
	for (; oldest && of->pending > FOLLOWED_MAX; oldest = after) {
		after = oldest->link[CHAIN_AWAITED].after;
		if (oldest->pending == 0 || oldest->waiters || oldest == entry)
			continue;
		job_await_no_more(oldest);
		job_forget_items(oldest);
		job_write(jobs, oldest);
	}
}

void job_put_off(struct jobs *jobs, struct job_entry *entry)
{
	if (entry->job.state == JOB_RUNNING)
		return;
	list_remove(list_of_end(jobs, entry), CHAIN_END, entry);
	append_to_end(jobs, entry, JOB_VISIBLE_MS);
}

void job_hide(struct jobs *jobs, struct job_entry *entry)
{
	struct vm_jobs *of = entry->of;

	job_await_no_more(entry);
	entry->of = NULL;
	list_remove(list_of_end(jobs, entry), CHAIN_END, entry);
	list_remove(&of->all, CHAIN_VM, entry);
	map_remove(&jobs->by_id, &entry->job.id, sizeof(entry->job.id));
	if (of->all.first)
		return;
	map_remove(&jobs->by_vm, &of->vm, sizeof(of->vm));
	free(of);
}
