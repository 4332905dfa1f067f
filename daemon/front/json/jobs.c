/* SPDX-License-Identifier: MIT */
/* jobs.c -- /v1/jobs: what became of batches, and waiting for it. */
#include "front/json/request.h"

#include "front/json/write.h"

#define WAIT_MAX_S 60

bool api_list_jobs(struct api_request *request, struct text *body, struct okvp_error *err)
{
	struct jobs *jobs = host_jobs(request->host);
	struct guid *ids;
	size_t count = jobs_list(jobs, request->arena, &ids);

	text_literal(body, "{\"jobs\":[");
	for (size_t i = 0; i < count; i++) {
		struct job job;

		if (!jobs_find(jobs, &ids[i], request->arena, &job))
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

	if (!guid_from_text(request->part[0], &id) ||
	    !jobs_find(host_jobs(request->host), &id, request->arena, &job))
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

	if (!api_query_number(request, "wait", WAIT_MAX_S, &wait_s, &error))
		api_fail(request, &error, NULL, NULL);
	else if (wait_s == 0 || !guid_from_text(request->part[0], &id) ||
		 !jobs_wait(host_jobs(request->host), &id, (unsigned int)wait_s * 1000, waited,
			    request))
		waited(request);
}
