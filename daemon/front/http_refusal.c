/* SPDX-License-Identifier: MIT */
/* http_refusal.c -- finding the route of a request, and what the server answers where there is none
 * or where it may not be taken. */
#include <string.h>

#include "base/log.h"
#include "front/http_internal.h"
#include "openkvp/scoped.h"

const struct refusal refused_anonymous = {
	401, OKVP_DENIED, "Unauthorized", "a user's name and password are needed", false,
};
const struct refusal refused_password = {
	401, OKVP_DENIED, "Unauthorized", "wrong name or password", false,
};
const struct refusal refused_stranger = {
	403, OKVP_DENIED, "Forbidden", "only root and the group of this socket may come in", false,
};
const struct refusal refused_path = { 404, OKVP_NOT_FOUND, "Not Found", "no such path", false };
const struct refusal refused_method = {
	405, OKVP_UNSUPPORTED, "Method Not Allowed", "this path has another method", false,
};
const struct refusal refused_size = {
	413, OKVP_LIMIT, "Content Too Large", "the body of the request is too large", true,
};
const struct refusal refused_busy = {
	503,   OKVP_UNAVAILABLE, "Service Unavailable", "too many passwords to check; try again",
	false,
};
const struct refusal refused_stopping = {
	503, OKVP_UNAVAILABLE, "Service Unavailable", "the service is stopping", true,
};

static bool path_matches(const struct http_route *route, const char *path)
{
	size_t length = strlen(route->path);

	if (length > 0 && route->path[length - 1] == '*')
		return strncmp(route->path, path, length - 1) == 0;
	return strcmp(route->path, path) == 0;
}

static bool is_served(const struct http_route *route, const struct client *client)
{
	return route->service == 0 || client->services == 0 ||
	       (route->service & client->services) != 0;
}

static bool leads_to(const struct http_route *route, const struct http_exchange *exchange)
{
	const struct http_request *request = &exchange->request;

	return !(route->local_only && !request->local) && !(route->remote_only && request->local) &&
	       is_served(route, exchange->client) && path_matches(route, request->path);
}

const struct refusal *exchange_find_route(struct http_exchange *exchange)
{
	const struct http_server *server = exchange->server;
	const struct refusal *refusal = &refused_path;

	if (!exchange->client->admitted)
		return &refused_stranger;
	for (size_t i = 0; i < server->route_count; i++) {
		const struct http_route *route = &server->routes[i];

		if (!leads_to(route, exchange))
			continue;
		if (strcmp(route->method, exchange->request.method) == 0) {
			exchange->route = route;
			return NULL;
		}
		refusal = &refused_method;
	}
	return refusal;
}

/* The methods of a path, for 405. */
static const char *allowed_methods(const struct http_exchange *exchange)
{
	const struct http_server *server = exchange->server;
	const char *methods = "";

	for (size_t i = 0; i < server->route_count; i++)
		if (leads_to(&server->routes[i], exchange))
			methods = arena_printf(exchange->request.arena, "%s%s%s", methods,
					       *methods ? ", " : "", server->routes[i].method);
	return methods;
}

static void log_refusal(const struct http_exchange *exchange, const struct refusal *refusal)
{
	/* Every client asks without a password first. */
	log_line(refusal == &refused_anonymous ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
		 exchange->client->peer, "%s %.100s refused: %s", exchange->request.method,
		 exchange->request.path, refusal->message);
}

void exchange_refuse(struct http_exchange *exchange, const struct refusal *refusal)
{
	scoped(text_done) struct text body = { 0 };
	bool json = strncmp(exchange->request.path, "/v1/", 4) == 0; /* as docs/api.md says */

	log_refusal(exchange, refusal);
	if (refusal->http_status == 401)
		http_answer_header(exchange, "WWW-Authenticate",
				   "Basic realm=\"openkvp\", charset=\"UTF-8\"");
	if (refusal->http_status == 405)
		http_answer_header(exchange, "Allow", allowed_methods(exchange));
	if (refusal->close)
		http_answer_header(exchange, "Connection", "close");
	if (json)
		text_printf(&body, "{\"status\": \"%s\", \"message\": \"%s\"}\n",
			    okvp_status_name(refusal->status), refusal->message);
	else
		text_printf(&body, "%u %s: %s\n", refusal->http_status, refusal->title,
			    refusal->message);
	exchange_set_answer(exchange, refusal->http_status,
			    json ? "application/json" : "text/plain", &body);
}
