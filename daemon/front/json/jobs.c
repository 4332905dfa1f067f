/* SPDX-License-Identifier: MIT */
/* jobs.c -- /v1/jobs: what became of batches, and waiting for it. */
#include "front/json/request.h"

#include "front/json/write.h"

#define WAIT_MAX_S 60

void api_list_jobs(struct api_request *request)
{
	struct jobs *jobs = host_jobs(request->host);
	struct guid *ids;
	size_t count = jobs_list(jobs, request->arena, &ids);
	struct text body = { 0 };

	text_literal(&body, "{\"jobs\":[");
	for (size_t i = 0; i < count; i++) {
		struct job job;

		if (!jobs_find(jobs, &ids[i], request->arena, &job))
			continue; /* its five minutes are over just now */
		if (body.bytes[body.length - 1] == '}')
			text_putc(&body, ',');
		api_write_job(&body, &job);
	}
	text_literal(&body, "]}");
	api_answer(request, 200, &body);
}

static void answer_missing(struct api_request *request)
{
	struct okvp_error error;

	okvp_fail(&error, OKVP_NOT_FOUND, "no such job: '%s'", request->part[0]);
	api_fail(request, &error, NULL, NULL);
}

static void answer(void *context)
{
	struct api_request *request = context;
	struct text body = { 0 };
	struct guid id = { 0 };
	struct job job;

	guid_from_text(request->part[0], &id);
	if (!jobs_find(host_jobs(request->host), &id, request->arena, &job)) {
		answer_missing(request);
		return;
	}
	api_write_job(&body, &job);
	api_answer(request, 200, &body);
}

void api_get_job(struct api_request *request)
{
	struct okvp_error error;
	unsigned int wait_s;
	struct guid id;

	if (!api_query_number(request, "wait", WAIT_MAX_S, &wait_s, &error))
		api_fail(request, &error, NULL, NULL);
	else if (!guid_from_text(request->part[0], &id))
		answer_missing(request);
	else if (wait_s == 0)
		answer(request);
	else if (!jobs_wait(host_jobs(request->host), &id, wait_s * 1000, answer, request))
		answer_missing(request);
}
