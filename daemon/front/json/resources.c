/* SPDX-License-Identifier: MIT */
/* resources.c -- every resource of the JSON API, and how a request finds its handler. */
#include "front/json/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "front/json/worker.h"
#include "openkvp/scoped.h"

#define PARAMETERS_MAX 4

struct json_api {
	struct json_api_settings settings;
	struct worker *worker;
	uint64_t started_ms;
};

struct resource {
	const char *method, *pattern;
	enum role role; /* needed at least */
	bool slow;      /* written by the worker: hashes passwords, changes a file */
	api_writer *write;
	void (*handle)(struct api_request *request); /* instead of write */
	const char *parameters[PARAMETERS_MAX];      /* of the query */
};

static const struct resource resources[] = {
	{ "GET", "/v1/status", ROLE_READ, .write = api_get_status },
	{ "GET", "/v1/vms", ROLE_READ, .write = api_list_vms },
	{ "POST", "/v1/vms", ROLE_ADMIN, .handle = api_define_vm },
	{ "GET", "/v1/vms/{vm}", ROLE_READ, .write = api_get_vm },
	{ "PATCH", "/v1/vms/{vm}", ROLE_ADMIN, .handle = api_change_vm },
	{ "DELETE", "/v1/vms/{vm}", ROLE_ADMIN, .handle = api_undefine_vm,
	  .parameters = { "items" } },
	{ "GET", "/v1/vms/{vm}/items/{pool}", ROLE_READ, .write = api_list_items,
	  .parameters = { "secrets" } },
	{ "POST", "/v1/vms/{vm}/items/{pool}", ROLE_WRITE, .handle = api_change_items },
	{ "GET", "/v1/vms/{vm}/items/{pool}/{key}", ROLE_READ, .write = api_get_item,
	  .parameters = { "secrets" } },
	{ "GET", "/v1/vms/{vm}/items/{pool}/{key}/value", ROLE_READ, .handle = api_get_value },
	{ "PUT", "/v1/vms/{vm}/items/{pool}/{key}/value", ROLE_WRITE, .handle = api_put_value,
	  .parameters = { "flags", "if_generation", "split" } },
	{ "GET", "/v1/vms/{vm}/guest", ROLE_READ, .handle = api_get_guest },
	{ "GET", "/v1/vms/{vm}/guest/{key}/value", ROLE_READ, .handle = api_get_guest_value },
	{ "GET", "/v1/vms/{vm}/ip", ROLE_READ, .handle = api_get_ip,
	  .parameters = { "all", "family", "mac" } },
	{ "GET", "/v1/jobs", ROLE_READ, .write = api_list_jobs },
	{ "GET", "/v1/jobs/{id}", ROLE_READ, .handle = api_get_job, .parameters = { "wait" } },
	{ "GET", "/v1/users", ROLE_ADMIN, .slow = true, .write = api_list_users },
	{ "POST", "/v1/users", ROLE_ADMIN, .slow = true, .write = api_put_user },
	{ "DELETE", "/v1/users/{name}", ROLE_ADMIN, .slow = true, .write = api_remove_user },
};

static const char *const methods[JSON_API_ROUTES] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

struct json_api *json_api_create(const struct json_api_settings *settings)
{
	struct json_api *api = xcalloc(1, sizeof(*api));

	api->settings = *settings;
	api->worker = worker_create();
	api->started_ms = clock_monotonic_ms();
	return api;
}

void json_api_free(struct json_api **api)
{
	struct json_api *gone = take(*api);

	if (!gone)
		return;
	worker_free(&gone->worker);
	free(gone);
}

void json_api_routes(struct json_api *api, struct http_route ret_routes[static JSON_API_ROUTES])
{
	for (size_t i = 0; i < JSON_API_ROUTES; i++)
		ret_routes[i] = (struct http_route){
			.method = methods[i],
			.path = "/v1/*",
			.access = HTTP_SOMEONE,
			.handle = json_api_handle,
			.context = api,
		};
}

/* Finds the row for a request; NULL: it has been answered with 404, or with 405 and the methods
 * that the path has. */
static const struct resource *find_resource(struct api_request *request)
{
	struct okvp_error error;
	struct text allowed = { 0 };

	for (size_t i = 0; i < count_of(resources); i++) {
		const struct resource *resource = &resources[i];

		if (!api_path_match(resource->pattern, request->http->raw_path))
			continue;
		if (strcmp(resource->method, request->http->method) == 0) {
			text_done(&allowed);
			return resource;
		}
		text_printf(&allowed, "%s%s", allowed.length > 0 ? ", " : "", resource->method);
	}
	if (allowed.length == 0) {
		okvp_fail(&error, OKVP_NOT_FOUND, "no such path");
		api_fail(request, &error, NULL, NULL);
		return NULL;
	}
	http_answer_header(request->exchange, "Allow", allowed.bytes);
	okvp_fail(&error, OKVP_UNSUPPORTED, "%s is not offered here, but %s", request->http->method,
		  allowed.bytes);
	text_done(&allowed);
	api_fail_as(request, 405, &error);
	return NULL;
}

struct query_check {
	const struct resource *resource;
	struct okvp_error *err;
};

/* What is misspelt would be as good as absent: a write without its condition, a secret in clear. */
static bool check_parameter(void *context, const char *name, const char *value)
{
	const struct query_check *check = context;
	const char *const *known = check->resource->parameters;
	char shown[OKVP_KEY_TEXT_SIZE];
	size_t i = 0;

	while (i < PARAMETERS_MAX && known[i] && strcmp(known[i], name) != 0)
		i++;
	if (i == PARAMETERS_MAX || !known[i])
		return okvp_fail(check->err, OKVP_INVALID, "no parameter is called '%s' here",
				 okvp_key_text(name, strlen(name), shown));
	return value ||
	       okvp_fail(check->err, OKVP_INVALID, "the parameter '%s' has no value", name);
}

/* Whether the request may use the resource, asks for what it has, and names things that exist. */
static bool admit(struct api_request *request, const struct resource *resource,
		  struct okvp_error *err)
{
	const struct principal *principal = &request->http->principal;
	struct query_check check = { resource, err };

	if (principal->role < resource->role)
		return okvp_fail(err, OKVP_DENIED, "this needs the role '%s'; '%s' has '%s'",
				 role_name(resource->role), principal->name,
				 role_name(principal->role));
	if (!http_query_each(request->exchange, check_parameter, &check) ||
	    !api_path_parts(resource->pattern, request->http->raw_path, request->arena,
			    request->part, err))
		return false;
	if (!strstr(resource->pattern, "{vm}"))
		return true;
	return api_take_vm(request, vm_registry_find(host_vms(request->host), request->part[0]),
			   request->part[0], err);
}

static void answer_slow(void *context)
{
	struct api_request *request = context;

	api_answer(request, 200, request->write);
}

void json_api_handle(struct http_exchange *exchange, void *context)
{
	struct json_api *api = context;
	const struct http_request *http = http_request(exchange);
	struct api_request *request = arena_new(http->arena, struct api_request);
	const struct resource *resource;
	struct okvp_error error;

	*request = (struct api_request){
		.settings = &api->settings,
		.host = api->settings.host,
		.exchange = exchange,
		.http = http,
		.arena = http->arena,
		.uptime_ms = clock_monotonic_ms() - api->started_ms,
	};
	resource = find_resource(request);
	if (!resource)
		return;
	request->write = resource->write;
	if (!admit(request, resource, &error)) {
		api_fail(request, &error, NULL, NULL);
	} else if (resource->handle) {
		resource->handle(request);
	} else if (!resource->slow) {
		api_answer(request, 200, resource->write);
	} else if (!worker_submit(api->worker, answer_slow, request)) {
		okvp_fail(&error, OKVP_UNAVAILABLE, "%d requests about users wait already",
			  WORKER_QUEUE_MAX);
		api_fail(request, &error, NULL, NULL);
	}
}
