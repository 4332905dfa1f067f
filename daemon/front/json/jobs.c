/* SPDX-License-Identifier: MIT */
/* jobs.c -- /v1/jobs: what became of batches, and waiting for it. */
#include "front/json/request.h"

#include "front/json/write.h"
#include "openkvp/scoped.h"

#define WAIT_MAX_S 60

/* Whether a VM's guest can come into contact as the VM is defined. */
static bool has_road(struct api_request *request, const struct guid *id)
{
	struct vm *vm scoped(vm_release) = vm_registry_find_id(host_vms(request->host), id);
	struct snapshot *snapshot scoped(snapshot_release) = vm ? vm_snapshot(vm) : NULL;

	return snapshot && snapshot->settings->exchange_enabled &&
	       *snapshot->settings->channel != '\0';
}

/* A guest that has no road here is not awaited. */
static bool find_job(struct api_request *request, const struct guid *id, struct job *ret_job)
{
	if (!jobs_find(host_jobs(request->host), id, request->arena, ret_job))
		return false;
	if (ret_job->awaited && ret_job->state != JOB_RUNNING)
		ret_job->awaited = has_road(request, &ret_job->vm);
	return true;
}

bool api_list_jobs(struct api_request *request, struct text *body, struct okvp_error *err)
{
	struct jobs *jobs = host_jobs(request->host);
	struct guid *ids;
	size_t count = jobs_list(jobs, request->arena, &ids);

	text_literal(body, "{\"jobs\":[");
	for (size_t i = 0; i < count; i++) {
		struct job job;

		if (!find_job(request, &ids[i], &job))
			continue; /* its five minutes are over just now */
		if (body->bytes[body->length - 1] == '}')
			text_putc(body, ',');
		api_write_job(body, &job);
	}
	text_literal(body, "]}");
	return true;
}

static bool write_job(struct api_request *request, struct text *body, struct okvp_error *err)
{
	struct guid id;
	struct job job;

	if (!guid_from_text(request->part[0], &id) || !find_job(request, &id, &job))
		return okvp_fail(err, OKVP_NOT_FOUND, "no such job: '%s'", request->part[0]);
	api_write_job(body, &job);
	return true;
}

static void waited(void *context)
{
	api_answer(context, 200, write_job);
}

void api_get_job(struct api_request *request)
{
	struct okvp_error error;
	uint64_t wait_s;
	struct guid id;
	struct job job;

	if (!api_query_number(request, "wait", WAIT_MAX_S, &wait_s, &error))
		api_fail(request, &error, NULL, NULL);
	else if (wait_s == 0 || !guid_from_text(request->part[0], &id) ||
		 !find_job(request, &id, &job) || !job.awaited ||
		 !jobs_wait(host_jobs(request->host), &id, (unsigned int)wait_s * 1000, waited,
			    request))
		waited(request);
}
