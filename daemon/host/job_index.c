/* SPDX-License-Identifier: MIT */
/* job_index.c -- where a job is found: by its identifier, under its VM while it runs, and then in
 * the order of its end. */
#include "host/job_entry.h"

#include <stdlib.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

static void list_append(struct job_list *list, struct job_entry *entry)
{
	entry->before = list->last;
	entry->after = NULL;
	*(list->last ? &list->last->after : &list->first) = entry;
	list->last = entry;
	list->count++;
}

static void list_remove(struct job_list *list, struct job_entry *entry)
{
	*(entry->before ? &entry->before->after : &list->first) = entry->after;
	*(entry->after ? &entry->after->before : &list->last) = entry->before;
	list->count--;
}

static void run_under_vm(struct jobs *jobs, struct job_entry *entry)
{
	struct vm_jobs *of = map_find(&jobs->by_vm, &entry->job.vm, sizeof(entry->job.vm));

	if (!of) {
		of = xcalloc(1, sizeof(*of));
		of->vm = entry->job.vm;
		map_put(&jobs->by_vm, &of->vm, sizeof(of->vm), of);
	}
	entry->of = of;
	list_append(&of->running, entry);
}

static void leave_vm(struct jobs *jobs, struct job_entry *entry)
{
	struct vm_jobs *of = take(entry->of);

	list_remove(&of->running, entry);
	if (of->running.count > 0)
		return;
	map_remove(&jobs->by_vm, &of->vm, sizeof(of->vm));
	free(of);
}

void job_show(struct jobs *jobs, struct job_entry *entry)
{
	map_put(&jobs->by_id, &entry->job.id, sizeof(entry->job.id), entry);
	if (entry->job.state == JOB_RUNNING)
		run_under_vm(jobs, entry);
	else
		list_append(&jobs->ended, entry);
}

void job_change_state(struct jobs *jobs, struct job_entry *entry, enum job_state state,
		      enum job_error error)
{
	leave_vm(jobs, entry);
	entry->job.state = state;
	entry->job.error = error;
	list_append(&jobs->ended, entry);
}

void job_hide(struct jobs *jobs, struct job_entry *entry)
{
	list_remove(&jobs->ended, entry);
	map_remove(&jobs->by_id, &entry->job.id, sizeof(entry->job.id));
}
