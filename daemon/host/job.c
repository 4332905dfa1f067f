/* SPDX-License-Identifier: MIT */
/* job.c -- looking at jobs and waiting for them. */
#include "host/job_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

/* --- Names and codes --- */

const char *job_kind_name(enum job_kind kind)
{
	static const char *const names[] = {
#define X(name, text) [JOB_##name] = text,
		JOB_KIND_LIST(X)
#undef X
	};

	return names[kind];
}

const char *job_state_name(enum job_state state)
{
	switch (state) {
	case JOB_RUNNING:
		return "running";
	case JOB_COMPLETED:
		return "completed";
	case JOB_TERMINATED:
		return "terminated";
	case JOB_KILLED:
		return "killed";
	default:
		return "exception";
	}
}

bool job_has_failed(const struct job *job)
{
	return job->state != JOB_RUNNING && job->state != JOB_COMPLETED;
}

enum job_error job_error_from(enum okvp_status status)
{
	static const enum job_error codes[] = {
		[OKVP_OK] = JOB_OK,
		[OKVP_INVALID] = JOB_INVALID_PARAMETER,
		[OKVP_INVALID_TEXT] = JOB_INVALID_PARAMETER,
		[OKVP_TOO_LONG] = JOB_INVALID_PARAMETER,
		[OKVP_WRONG_TYPE] = JOB_WRONG_TYPE,
		[OKVP_EXISTS] = JOB_INVALID_PARAMETER,
		[OKVP_NOT_FOUND] = JOB_INVALID_PARAMETER,
		[OKVP_DENIED] = JOB_ACCESS_DENIED,
		[OKVP_UNSUPPORTED] = JOB_NOT_SUPPORTED,
		[OKVP_LIMIT] = JOB_INVALID_PARAMETER,
		[OKVP_BUSY] = JOB_IN_USE,
		[OKVP_CONFLICT] = JOB_INVALID_STATE,
		[OKVP_WRONG_STATE] = JOB_INVALID_STATE,
		[OKVP_UNAVAILABLE] = JOB_NOT_AVAILABLE,
		[OKVP_TIMEOUT] = JOB_TIMEOUT,
		[OKVP_CORRUPT] = JOB_FAILED,
		[OKVP_IO] = JOB_FAILED,
		[OKVP_NO_MEMORY] = JOB_OUT_OF_MEMORY,
		[OKVP_INTERNAL] = JOB_FAILED,
	};
	_Static_assert(count_of(codes) == OKVP_STATUS_COUNT, "a status without a code");

	return codes[status];
}

/* --- Looking --- */

bool jobs_find(struct jobs *jobs, const struct guid *id, struct arena *arena, struct job *ret_job)
{
	struct job_entry *entry;

	pthread_mutex_lock(&jobs->lock);
	entry = map_find(&jobs->by_id, id, sizeof(*id));
	if (entry) {
		*ret_job = entry->job;
		ret_job->text = arena_text(arena, entry->job.text, strlen(entry->job.text));
	}
	pthread_mutex_unlock(&jobs->lock);
	return entry != NULL;
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct guid));
}

struct id_list {
	struct guid *id;
	size_t count, room;
};

static void add_id(struct id_list *list, const struct job_entry *entry)
{
	grow(list->id, list->count, list->room);
	list->id[list->count++] = entry->job.id;
}

/* Moves a list into the arena, in the order of time. */
static size_t move_ids(struct id_list *list, struct arena *arena, struct guid **ret_ids)
{
	*ret_ids = arena_array(arena, struct guid, list->count);
	if (list->count > 0) {
		qsort(list->id, list->count, sizeof(*list->id), compare_ids);
		memcpy(*ret_ids, list->id, list->count * sizeof(*list->id));
	}
	free(list->id);
	return list->count;
}

size_t jobs_list(struct jobs *jobs, struct arena *arena, struct guid **ret_ids)
{
	struct id_list list = { 0 };
	struct job_entry *entry;

	pthread_mutex_lock(&jobs->lock);
	for (size_t at = 0; (entry = map_next(&jobs->by_id, &at));)
		add_id(&list, entry);
	pthread_mutex_unlock(&jobs->lock);
	return move_ids(&list, arena, ret_ids);
}

size_t jobs_list_of_vm(struct jobs *jobs, const struct guid *vm, struct arena *arena,
		       struct guid **ret_ids)
{
	struct id_list list = { 0 };
	struct vm_jobs *of;

	pthread_mutex_lock(&jobs->lock);
	of = job_find_vm(jobs, vm);
	for (const struct job_entry *entry = of ? of->all.first : NULL; entry;
	     entry = entry->link[CHAIN_VM].after)
		add_id(&list, entry);
	pthread_mutex_unlock(&jobs->lock);
	return move_ids(&list, arena, ret_ids);
}

size_t jobs_list_running_of_vm(struct jobs *jobs, const struct guid *vm, struct arena *arena,
			       struct guid **ret_ids)
{
	struct id_list list = { 0 };
	struct vm_jobs *of;

	pthread_mutex_lock(&jobs->lock);
	of = job_find_vm(jobs, vm);
	for (const struct job_entry *entry = of ? of->awaited.first : NULL; entry;
	     entry = entry->link[CHAIN_AWAITED].after)
		if (entry->job.state == JOB_RUNNING)
			add_id(&list, entry);
	pthread_mutex_unlock(&jobs->lock);
	return move_ids(&list, arena, ret_ids);
}

/* --- Waiting --- */

void job_tell_waiters(struct waiter *waiters)
{
	while (waiters) {
		struct waiter *waiter = waiters;

		waiters = waiter->next;
		waiter->done(waiter->context);
	}
}

void job_take_waiters(struct job_entry *entry, struct waiter **list)
{
	struct waiter *waiter;

	while ((waiter = entry->waiters)) {
		entry->waiters = waiter->next;
		waiter->job = NULL;
		waiter->next = *list;
		*list = waiter;
	}
}

static void wait_timed_out(void *context)
{
	struct waiter *waiter = context, **link;
	bool told;

	pthread_mutex_lock(&waiter->jobs->lock);
	told = !waiter->job;
	if (!told) {
		for (link = &waiter->job->waiters; *link != waiter; link = &(*link)->next)
			;
		*link = waiter->next;
	}
	pthread_mutex_unlock(&waiter->jobs->lock);
	if (!told)
		waiter->done(waiter->context);
	free(waiter);
}

bool jobs_wait(struct jobs *jobs, const struct guid *id, unsigned int most_ms,
	       void (*done)(void *context), void *context)
{
	struct waiter *waiter = NULL;
	struct job_entry *entry;

	pthread_mutex_lock(&jobs->lock);
	entry = map_find(&jobs->by_id, id, sizeof(*id));
	if (entry && entry->job.awaited && most_ms > 0) {
		waiter = xcalloc(1, sizeof(*waiter));
		*waiter = (struct waiter){ entry, entry->waiters, done, context, jobs };
		entry->waiters = waiter;
		job_put_off(jobs, entry);
	}
	pthread_mutex_unlock(&jobs->lock);
	if (waiter)
		loop_after(jobs->loop, most_ms, wait_timed_out, waiter);
	else if (entry)
		done(context);
	return entry != NULL;
}
