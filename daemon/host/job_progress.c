/* SPDX-License-Identifier: MIT */
/* job_progress.c -- how jobs that run, or whose delivery is pending, go on and end. */
#include "host/job_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define REFUSED_SHOWN 8 /* keys named in a job's text */

/* Says what became of a job; the text is taken. A running one ends, and is still awaited if its
 * delivery is pending. It is written with the next commit. */
static void conclude(struct jobs *jobs, struct job_entry *entry, enum job_state state,
		     enum job_error error, bool pending, char *text)
{
	const struct job before = entry->job;

	entry->job.text = text;
	if (before.state == JOB_RUNNING) {
		job_change_state(jobs, entry, state, error);
		entry->job.percent = state == JOB_COMPLETED ? 100 : entry->job.percent;
		entry->job.ended_us = clock_wall_us();
	}
	if (pending) {
		job_follow(jobs, entry);
	} else {
		job_await_no_more(entry);
		job_forget_items(entry);
		entry->job.delivered =
			entry->job.state == JOB_COMPLETED && !job_says_undelivered(&entry->job);
	}
	job_write(jobs, entry);
	host_events_tell_job(jobs->events, &before, &entry->job);
	free((char *)(uintptr_t)before.text);
}

void job_end_idle(struct jobs *jobs, struct job_entry *entry)
{
	conclude(jobs, entry, JOB_COMPLETED, JOB_OK, false,
		 xstrdup(entry->job.kind == JOB_CONFIGURE
				 ? "stored; the service ended before the guest had answered"
				 : "nothing to deliver"));
}

/* --- Going on --- */

static char *refused_text(const struct job_entry *entry)
{
	if (entry->job.kind == JOB_CONFIGURE)
		return xprintf("not set up: %s", entry->refusals.bytes);
	return xprintf("stored, not delivered: %s%s; %zu of %zu items arrived; do not add again, "
		       "the rest will be delivered at the next contact",
		       entry->refusals.bytes, entry->refused > REFUSED_SHOWN ? " and others" : "",
		       entry->count - entry->refused, entry->count);
}

static void settle(struct jobs *jobs, struct job_entry *entry, struct job_item *item,
		   const char *reason)
{
	const struct job before = entry->job;
	char text[OKVP_KEY_TEXT_SIZE];

	item->settled = true;
	item->refused = reason != NULL;
	entry->settled++;
	if (reason && ++entry->refused <= REFUSED_SHOWN)
		text_printf(&entry->refusals, "%s'%s' (%s)", entry->refused > 1 ? ", " : "",
			    okvp_key_text(item->key, item->length, text), reason);
	if (entry->job.state == JOB_RUNNING)
		entry->job.percent =
			(unsigned int)((entry->settled - entry->refused) * 100 / entry->count);
	if (entry->job.percent != before.percent)
		host_events_tell_job(jobs->events, &before, &entry->job);
}

static struct job_item *find_item(struct job_entry *entry, const struct stored_item *item)
{
	for (size_t i = 0; i < entry->count; i++)
		if (!entry->items[i].settled && entry->items[i].length == item->key_length &&
		    memcmp(entry->items[i].key, item->text, item->key_length) == 0)
			return &entry->items[i];
	return NULL;
}

static void settle_in(struct jobs *jobs, struct job_entry *entry, const struct stored_item *item,
		      const char *reason, struct waiter **waiters)
{
	struct job_item *waiting = NULL;

	if (item->generation >= entry->job.generation)
		waiting = find_item(entry, item);
	if (!waiting)
		return;
	settle(jobs, entry, waiting, reason);
	if (entry->settled < entry->count)
		return;
	if (entry->refused > 0)
		conclude(jobs, entry, JOB_EXCEPTION, JOB_FAILED, false, refused_text(entry));
	else
		conclude(jobs, entry, JOB_COMPLETED, JOB_OK, false,
			 xstrdup(entry->job.kind == JOB_CONFIGURE ? "the guest is set up"
								  : "delivered"));
	job_take_waiters(entry, waiters);
}

/* Either jobs that set up adapters, or all others. */
static void settle_all(struct jobs *jobs, const struct guid *vm, const struct stored_item *item,
		       const char *reason, bool configure)
{
	struct waiter *waiters = NULL;
	struct vm_jobs *of;

	pthread_mutex_lock(&jobs->lock);
	of = job_find_vm(jobs, vm);
	for (struct job_entry *entry = of ? of->awaited.first : NULL, *after; entry;
	     entry = after) {
		after = entry->link[CHAIN_AWAITED].after;
		if ((entry->job.kind == JOB_CONFIGURE) == configure)
			settle_in(jobs, entry, item, reason, &waiters);
	}
	pthread_mutex_unlock(&jobs->lock);
	job_tell_waiters(waiters);
}

void jobs_item_settled(struct jobs *jobs, const struct guid *vm, const struct stored_item *item,
		       const char *reason)
{
	settle_all(jobs, vm, item, reason, false);
}

void jobs_adapter_settled(struct jobs *jobs, const struct guid *vm, const struct stored_item *setup,
			  const char *reason)
{
	settle_all(jobs, vm, setup, reason, true);
}

/* What was refused is tried again with the next contact. */
static void forget_refusals(struct job_entry *entry)
{
	for (size_t i = 0; entry->refused > 0 && i < entry->count; i++) {
		if (!entry->items[i].refused)
			continue;
		entry->items[i].settled = entry->items[i].refused = false;
		entry->settled--;
		entry->refused--;
	}
	text_done(&entry->refusals);
}

void jobs_out_of_contact(struct jobs *jobs, const struct guid *vm, bool timed_out, const char *why)
{
	struct waiter *waiters = NULL;
	struct vm_jobs *of;

	pthread_mutex_lock(&jobs->lock);
	of = job_find_vm(jobs, vm);
	for (struct job_entry *entry = of ? of->awaited.first : NULL, *after; entry;
	     entry = after) {
		after = entry->link[CHAIN_AWAITED].after;
		forget_refusals(entry);
		if (entry->job.state != JOB_RUNNING)
			continue;
		if (!timed_out) {
			conclude(jobs, entry, JOB_COMPLETED, JOB_OK, true,
				 xprintf("stored; delivery pending: %s", why));
			continue;
		}
		conclude(jobs, entry, JOB_EXCEPTION, JOB_TIMEOUT, false,
			 xprintf("stored, not delivered: %s; do not add again, it will be "
				 "delivered at the next contact",
				 why));
		job_take_waiters(entry, &waiters);
	}
	pthread_mutex_unlock(&jobs->lock);
	job_tell_waiters(waiters);
}

/* One who gives a job up. */
struct giving_up {
	struct jobs *jobs;
	struct guid id;
	enum job_state state;
	void (*done)(void *context, enum okvp_status status);
	void *context;
};

static enum okvp_status give_up(const struct giving_up *giving_up)
{
	struct jobs *jobs = giving_up->jobs;
	struct waiter *waiters = NULL;
	enum okvp_status status = OKVP_OK;
	struct job_entry *entry;

	pthread_mutex_lock(&jobs->lock);
	entry = map_find(&jobs->by_id, &giving_up->id, sizeof(giving_up->id));
	if (!entry)
		status = OKVP_NOT_FOUND;
	else if (entry->job.state != JOB_RUNNING)
		status = OKVP_WRONG_STATE;
	else
		conclude(jobs, entry, giving_up->state, JOB_FAILED, false,
			 xstrdup("stored; nobody waits for the delivery any more, it goes on"));
	if (status == OKVP_OK)
		job_take_waiters(entry, &waiters);
	pthread_mutex_unlock(&jobs->lock);
	job_tell_waiters(waiters);
	return status;
}

static void run_giving_up(void *context)
{
	struct giving_up *giving_up = context;

	giving_up->done(giving_up->context, give_up(giving_up));
	free(giving_up);
}

/* On the loop's thread alone jobs go on and end. */
void jobs_give_up(struct jobs *jobs, const struct guid *id, enum job_state state,
		  void (*done)(void *context, enum okvp_status status), void *context)
{
	struct giving_up *giving_up = xmalloc(sizeof(*giving_up));

	*giving_up = (struct giving_up){ jobs, *id, state, done, context };
	loop_post(jobs->loop, run_giving_up, giving_up);
}
