/* SPDX-License-Identifier: MIT */
/* errors.c -- how the JSON API answers, above all when it refuses. */
#include "front/json/request.h"

#include <string.h>

#include "base/log.h"

/* The HTTP status for each status; docs/api.md shows this table. */
static const unsigned short http_statuses[] = {
	[OKVP_OK] = 200,          [OKVP_INVALID] = 400,     [OKVP_INVALID_TEXT] = 400,
	[OKVP_TOO_LONG] = 400,    [OKVP_WRONG_TYPE] = 400,  [OKVP_EXISTS] = 409,
	[OKVP_NOT_FOUND] = 404,   [OKVP_DENIED] = 403,      [OKVP_UNSUPPORTED] = 501,
	[OKVP_LIMIT] = 422,       [OKVP_BUSY] = 409,        [OKVP_CONFLICT] = 409,
	[OKVP_WRONG_STATE] = 409, [OKVP_UNAVAILABLE] = 503, [OKVP_TIMEOUT] = 503,
	[OKVP_CORRUPT] = 500,     [OKVP_IO] = 500,          [OKVP_NO_MEMORY] = 500,
	[OKVP_INTERNAL] = 500,
};
_Static_assert(sizeof(http_statuses) / sizeof(http_statuses[0]) == OKVP_STATUS_COUNT,
	       "each status has its HTTP status");

unsigned int api_http_status(enum okvp_status status)
{
	return http_statuses[status];
}

void api_answer_body(struct api_request *request, unsigned int http_status, struct text *body)
{
	http_answer(request->exchange, http_status, "application/json", body);
}

void api_answer(struct api_request *request, unsigned int http_status, api_writer *write)
{
	struct text body = { 0 };
	struct okvp_error error;

	if (!write(request, &body, &error)) {
		text_done(&body);
		api_fail(request, &error, NULL, NULL);
		return;
	}
	api_answer_body(request, http_status == 200 && body.length == 0 ? 204 : http_status, &body);
}

static void write_keys(struct text *out, const struct offending_keys *keys)
{
	size_t shown = keys->count < OFFENDING_KEYS_SHOWN ? keys->count : OFFENDING_KEYS_SHOWN;

	text_literal(out, ",\"keys\":[");
	for (size_t i = 0; i < shown; i++) {
		if (i > 0)
			text_putc(out, ',');
		text_json(out, keys->key[i], strlen(keys->key[i]));
	}
	text_putc(out, ']');
}

static void fail(struct api_request *request, unsigned int http_status,
		 const struct okvp_error *error, const struct offending_keys *keys,
		 const struct guid *job)
{
	char id[GUID_TEXT_SIZE];
	struct text body = { 0 };

	if (http_status >= 500)
		log_error(request->http->peer, "%s %s: %s", request->http->method,
			  request->http->raw_path, error->message);
	text_printf(&body, "{\"status\":\"%s\",\"message\":", okvp_status_name(error->status));
	text_json(&body, error->message, strlen(error->message));
	if (keys && keys->count > 0)
		write_keys(&body, keys);
	if (job)
		text_printf(&body, ",\"job\":\"%s\"", guid_to_text(job, id));
	text_putc(&body, '}');
	api_answer_body(request, http_status, &body);
}

void api_fail(struct api_request *request, const struct okvp_error *error,
	      const struct offending_keys *keys, const struct guid *job)
{
	fail(request, api_http_status(error->status), error, keys, job);
}

void api_fail_as(struct api_request *request, unsigned int http_status,
		 const struct okvp_error *error)
{
	fail(request, http_status, error, NULL, NULL);
}
