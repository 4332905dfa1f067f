/* SPDX-License-Identifier: MIT */
/* json.h -- the JSON API: the binding that the command line uses. Its manual is docs/api.md.
 *
 * Every request is answered once, at once or later: batches, waits and guest reads end on other
 * threads, and the verbs on users, which hash passwords, run on a thread of their own, one after
 * another. */
#pragma once
#include <stddef.h>

#include "front/http_server.h"

struct host;
struct json_api;

/* All of it is borrowed for as long as the API lives. */
struct json_api_settings {
	struct host *host;
	const char *users_path;
	const char *store; /* where the store is, as GET /v1/status tells it */

	/* The address of a listener, counted from 0; NULL: there are no more. On any thread. */
	const char *(*listener)(void *context, size_t index);
	void *context;
};

struct json_api *json_api_create(const struct json_api_settings *settings);

/* Answers what still waits for the users' thread. After the server has stopped. */
void json_api_free(struct json_api **api);

/* Answers a request to any path under /v1/; the context of its routes is the API. */
void json_api_handle(struct http_exchange *exchange, void *api);

/* The rows of the server's table that lead here: all below /v1/, with each method that a resource
 * has. */
#define JSON_API_ROUTES 5
void json_api_routes(struct json_api *api, struct http_route ret_routes[static JSON_API_ROUTES]);
