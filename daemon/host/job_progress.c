/* SPDX-License-Identifier: MIT */
/* job_progress.c -- how running jobs go on, and end. */
#include "host/job_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define REFUSED_SHOWN 8 /* keys named in a job's text */

/* Ends a running job; the text is taken. The end is written with the next commit. */
static struct waiter *end_job(struct jobs *jobs, struct job_entry *entry, enum job_state state,
			      enum job_error error, char *text)
{
	const struct job before = entry->job;

	entry->job.text = text;
	job_change_state(jobs, entry, state, error);
	entry->job.percent = state == JOB_COMPLETED ? 100 : entry->job.percent;
	entry->job.ended_us = clock_wall_us();
	job_forget_items(entry);
	job_write(jobs, entry);
	host_events_tell_job(jobs->events, &before, &entry->job);
	free((char *)(uintptr_t)before.text);
	return job_take_waiters(entry);
}

void job_end_if_idle(struct jobs *jobs, struct job_entry *entry)
{
	if (entry->job.state != JOB_RUNNING || entry->count > 0)
		return;
	end_job(jobs, entry, JOB_COMPLETED, JOB_OK,
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
	entry->settled++;
	if (reason && ++entry->refused <= REFUSED_SHOWN)
		text_printf(&entry->refusals, "%s'%s' (%s)", entry->refused > 1 ? ", " : "",
			    okvp_key_text(item->key, item->length, text), reason);
	entry->job.percent = (unsigned int)((entry->settled - entry->refused) * 100 / entry->count);
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

static struct waiter *settle_in(struct jobs *jobs, struct job_entry *entry,
				const struct stored_item *item, const char *reason)
{
	struct job_item *waiting = NULL;

	if (item->generation >= entry->job.generation)
		waiting = find_item(entry, item);
	if (!waiting)
		return NULL;
	settle(jobs, entry, waiting, reason);
	if (entry->settled < entry->count)
		return NULL;
	if (entry->refused > 0)
		return end_job(jobs, entry, JOB_EXCEPTION, JOB_FAILED, refused_text(entry));
	return end_job(
		jobs, entry, JOB_COMPLETED, JOB_OK,
		xstrdup(entry->job.kind == JOB_CONFIGURE ? "the guest is set up" : "delivered"));
}

/* Either jobs that set up adapters, or all others. */
static void settle_all(struct jobs *jobs, const struct guid *vm, const struct stored_item *item,
		       const char *reason, bool configure)
{
	struct vm_jobs *of;

	pthread_mutex_lock(&jobs->lock);
	of = job_find_vm(jobs, vm);
	for (struct job_entry *entry = of ? of->running.first : NULL, *after; entry;
	     entry = after) {
		struct waiter *waiters;

		after = entry->link[CHAIN_STATE].after;
		if ((entry->job.kind == JOB_CONFIGURE) != configure)
			continue;
		waiters = settle_in(jobs, entry, item, reason);
		if (waiters) {
			pthread_mutex_unlock(&jobs->lock);
			job_tell_waiters(waiters);
			pthread_mutex_lock(&jobs->lock);
		}
	}
	pthread_mutex_unlock(&jobs->lock);
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

void jobs_out_of_contact(struct jobs *jobs, const struct guid *vm, bool timed_out, const char *why)
{
	struct waiter *waiters;
	struct vm_jobs *of;

	for (;;) {
		char *text;

		pthread_mutex_lock(&jobs->lock);
		of = job_find_vm(jobs, vm);
		if (!of || !of->running.first)
			break;
		if (timed_out)
			text = xprintf("stored, not delivered: %s; do not add again, it will be "
				       "delivered at the next contact",
				       why);
		else
			text = xprintf("stored; delivery pending: %s", why);
		waiters =
			end_job(jobs, of->running.first, timed_out ? JOB_EXCEPTION : JOB_COMPLETED,
				timed_out ? JOB_TIMEOUT : JOB_OK, text);
		pthread_mutex_unlock(&jobs->lock);
		job_tell_waiters(waiters);
	}
	pthread_mutex_unlock(&jobs->lock);
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
		waiters = end_job(
			jobs, entry, giving_up->state, JOB_FAILED,
			xstrdup("stored; nobody waits for the delivery any more, it goes on"));
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
