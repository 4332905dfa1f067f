/* SPDX-License-Identifier: MIT */
/* concrete_job.c -- Msvm_ConcreteJob: the jobs of the KVP methods and of the JSON API. */
#include "provider/provider_list.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cim/operation.h"
#include "provider/fill.h"
#include "provider/job_error.h"
#include "provider/vm_walk.h"

enum { STATUS_OK = 2, STATUS_ERROR = 6, STATUS_STOPPED = 10 };

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
		[JOB_CONFIGURE] = "Configuring Network Adapters of the Guest",
	};
	_Static_assert(count_of(captions) == JOB_KIND_COUNT, "a kind of job without a caption");

	return captions[kind];
}

static void fill_outcome(struct cim_instance *instance, const struct job *job)
{
	bool failed = job_has_failed(job), given_up = failed && job->state != JOB_EXCEPTION;
	uint64_t status = given_up ? STATUS_STOPPED : failed ? STATUS_ERROR : STATUS_OK;

	cim_set_uint_array(instance, PROPERTY_OPERATIONAL_STATUS, &status, 1);
	cim_set_text_array(instance, PROPERTY_STATUS_DESCRIPTIONS,
			   (const char *[]){ failed ? job->text : "OK" }, 1);
	cim_set_text(instance, PROPERTY_STATUS, given_up ? "Stopped" : failed ? "Error" : "OK");
	cim_set(instance, PROPERTY_CANCELLABLE, cim_boolean(job->state == JOB_RUNNING));
	cim_set_text(instance, PROPERTY_JOB_STATUS, job->text);
	cim_set_uint(instance, PROPERTY_ERROR_CODE, job->error);
	if (!failed)
		return;
	cim_set_text(instance, PROPERTY_ERROR_DESCRIPTION, job->text);
	cim_set_text(instance, PROPERTY_ERROR_SUMMARY_DESCRIPTION, job->text);
}

/* Never negative: the wall clock may have been set back. */
static struct cim_value elapsed_time(const struct job *job)
{
	int64_t elapsed_us = (job->ended_us ? job->ended_us : clock_wall_us()) - job->created_us;

	return cim_interval(elapsed_us > 0 ? elapsed_us : 0);
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
	cim_set(instance, PROPERTY_ELAPSED_TIME, elapsed_time(job));
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

/* --- GetError, GetErrorEx --- */

static void answer(struct cim_operation *operation, uint64_t code)
{
	operation->return_value = cim_uint(CIM_UINT32, code);
	cim_operation_finish(operation);
}

/* The operation's job; false after it was failed: it is gone since it was found. */
static bool find_job(struct cim_operation *operation, struct guid *ret_id, struct job *ret_job)
{
	struct host *host = cim_service_context(operation->service);
	const char *text = cim_path_text_key(operation->path, "InstanceID");

	if (text && guid_from_text(text, ret_id) &&
	    jobs_find(host_jobs(host), ret_id, operation->arena, ret_job))
		return true;
	cim_fail(&operation->error, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE, "the job is gone");
	cim_operation_finish(operation);
	return false;
}

static struct cim_value error_of(struct cim_operation *operation, const struct job *job)
{
	return job_error_value(operation->arena, operation->class->ns,
			       cim_service_context(operation->service), job);
}

static void get_error(struct cim_operation *operation)
{
	struct guid id;
	struct job job;

	if (!find_job(operation, &id, &job))
		return;
	*cim_output(operation, "Error") = error_of(operation, &job);
	answer(operation, JOB_OK);
}

static void get_error_ex(struct cim_operation *operation)
{
	struct cim_value *error = arena_new(operation->arena, struct cim_value);
	struct guid id;
	struct job job;

	if (!find_job(operation, &id, &job))
		return;
	*error = error_of(operation, &job);
	if (error->is_set)
		*cim_output(operation, "Errors") = cim_array(CIM_STRING, error, 1);
	answer(operation, JOB_OK);
}

/* --- RequestStateChange --- */

enum { REQUEST_TERMINATE = 4, REQUEST_KILL = 5 };

enum state_answer {
	STATE_DONE = 0,
	STATE_NOT_SUPPORTED = 1,
	STATE_INVALID_PARAMETER = 5,
	STATE_INVALID_TRANSITION = 4097,
	STATE_TIMEOUT_NOT_SUPPORTED = 4098,
};

static void given_up(void *context, enum okvp_status status)
{
	struct cim_operation *operation = context;

	if (status == OKVP_NOT_FOUND) {
		cim_fail(&operation->error, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE,
			 "the job is gone");
		cim_operation_finish(operation);
		return;
	}
	answer(operation, status == OKVP_OK ? STATE_DONE : STATE_INVALID_TRANSITION);
}

/* What is wrong with a request, or STATE_DONE. A job that waits for a guest can be given up; it
 * cannot be suspended, since the guest has the items already or gets them as soon as it can. */
static enum state_answer check_request(const struct cim_value *requested,
				       const struct cim_value *timeout)
{
	if (timeout->is_set && timeout->datetime.microseconds != 0)
		return STATE_TIMEOUT_NOT_SUPPORTED;
	if (!requested->is_set || requested->uint < 2 || requested->uint > 6)
		return STATE_INVALID_PARAMETER;
	if (requested->uint != REQUEST_TERMINATE && requested->uint != REQUEST_KILL)
		return STATE_NOT_SUPPORTED;
	return STATE_DONE;
}

static void request_state_change(struct cim_operation *operation)
{
	struct host *host = cim_service_context(operation->service);
	const struct cim_value *requested = cim_input(operation, "RequestedState");
	enum state_answer wrong = check_request(requested, cim_input(operation, "TimeoutPeriod"));
	struct guid id;
	struct job job;

	if (operation->principal.role < ROLE_WRITE) {
		cim_fail(&operation->error, CIM_STATUS_ACCESS_DENIED, CIM_DETAIL_NONE,
			 "giving up a job needs the role '%s'", role_name(ROLE_WRITE));
		cim_operation_finish(operation);
	} else if (wrong) {
		answer(operation, wrong);
	} else if (find_job(operation, &id, &job)) {
		jobs_give_up(host_jobs(host), &id,
			     requested->uint == REQUEST_KILL ? JOB_KILLED : JOB_TERMINATED,
			     given_up, operation);
	}
}

static const struct cim_method_entry methods[] = {
	{ .name = "GetError", .invoke = get_error },
	{ .name = "GetErrorEx", .invoke = get_error_ex },
	{ .name = "RequestStateChange", .invoke = request_state_change },
	{ 0 },
};

const struct cim_provider concrete_job_provider = {
	.class_id = MSVM_CONCRETE_JOB,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = walk_end,
	.find = find,
	.methods = methods,
};
