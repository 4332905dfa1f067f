/* SPDX-License-Identifier: MIT */
/* concrete_job.c -- Msvm_ConcreteJob: the jobs of the KVP methods and of the JSON API. */
#include "provider/provider_list.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "provider/fill.h"

enum { STATUS_OK = 2, STATUS_ERROR = 6 };

struct walk {
	struct jobs *jobs;
	struct arena *arena;
	struct guid *ids;
	size_t count, at;
};

static const char *caption(enum job_kind kind)
{
	static const char *const captions[] = {
		[JOB_ADD] = "Adding Key-Value Pairs",
		[JOB_MODIFY] = "Modifying Key-Value Pairs",
		[JOB_REMOVE] = "Removing Key-Value Pairs",
		[JOB_BATCH] = "Changing Key-Value Pairs",
	};
	_Static_assert(count_of(captions) == JOB_KIND_COUNT, "a kind of job without a caption");

	return captions[kind];
}

static void fill_outcome(struct cim_instance *instance, const struct job *job)
{
	bool failed = job->state == JOB_EXCEPTION;

	cim_set_uint_array(instance, PROPERTY_OPERATIONAL_STATUS,
			   (uint64_t[]){ failed ? STATUS_ERROR : STATUS_OK }, 1);
	cim_set_text_array(instance, PROPERTY_STATUS_DESCRIPTIONS,
			   (const char *[]){ failed ? job->text : "OK" }, 1);
	cim_set_text(instance, PROPERTY_STATUS, failed ? "Error" : "OK");
	cim_set_text(instance, PROPERTY_JOB_STATUS, job->text);
	cim_set_uint(instance, PROPERTY_ERROR_CODE, job->error);
	if (!failed)
		return;
	cim_set_text(instance, PROPERTY_ERROR_DESCRIPTION, job->text);
	cim_set_text(instance, PROPERTY_ERROR_SUMMARY_DESCRIPTION, job->text);
}

void concrete_job_fill(const struct job *job, struct cim_instance *instance)
{
	char text[GUID_TEXT_SIZE];

	cim_set_text(instance, PROPERTY_INSTANCE_ID, guid_to_text(&job->id, text));
	cim_set_text(instance, PROPERTY_NAME, caption(job->kind));
	cim_set_text(instance, PROPERTY_CAPTION, caption(job->kind));
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, caption(job->kind));
	cim_set_text(instance, PROPERTY_DESCRIPTION, caption(job->kind));
	cim_set_uint(instance, PROPERTY_JOB_STATE, job->state);
	cim_set_uint(instance, PROPERTY_PERCENT_COMPLETE, job->percent);
	cim_set(instance, PROPERTY_START_TIME, cim_time(job->created_us));
	cim_set(instance, PROPERTY_TIME_SUBMITTED, cim_time(job->created_us));
	cim_set(instance, PROPERTY_ELAPSED_TIME,
		cim_interval((job->ended_us ? job->ended_us : clock_wall_us()) - job->created_us));
	if (job->ended_us)
		cim_set(instance, PROPERTY_TIME_OF_LAST_STATE_CHANGE, cim_time(job->ended_us));
	fill_outcome(instance, job);
}

static bool fill(struct jobs *jobs, const struct guid *id, struct cim_instance *instance)
{
	struct job job;

	if (!jobs_find(jobs, id, instance->arena, &job))
		return false;
	concrete_job_fill(&job, instance);
	return true;
}

static void *walk_begin(void *context, const struct cim_class *class)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->jobs = host_jobs(context);
	walk->arena = arena_create();
	walk->count = jobs_list(walk->jobs, walk->arena, &walk->ids);
	return walk;
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	while (walk->at < walk->count)
		if (fill(walk->jobs, &walk->ids[walk->at++], instance))
			return true;
	return false;
}

static void walk_end(void *context)
{
	struct walk *walk = context;

	arena_free(&walk->arena);
	free(walk);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	const char *text = cim_path_text_key(path, "InstanceID");
	struct guid id;

	return text && guid_from_text(text, &id) && fill(host_jobs(context), &id, instance);
}

const struct cim_provider concrete_job_provider = {
	.class_id = MSVM_CONCRETE_JOB,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = walk_end,
	.find = find,
};
