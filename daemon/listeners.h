/* SPDX-License-Identifier: MIT */
/* listeners.h -- where openkvpd is reached, and what it serves there: the settings' addresses, and
 * the routes of all bindings. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "front/cimxml/cimxml.h"
#include "front/http_server.h"
#include "front/json/json.h"
#include "front/wsman/wsman.h"

#define LISTENERS_MAX    5
#define LISTENERS_ROUTES (WSMAN_ROUTES + JSON_API_ROUTES + CIMXML_ROUTES)

/* The local socket, which serves everything, and what the settings have an address for. */
struct listeners {
	struct http_listener listener[LISTENERS_MAX];
	char *address[LISTENERS_MAX]; /* as it is shown: "http://127.0.0.1:5985" */
	size_t count;
};

/* Finds out what is to be opened, from settings that are borrowed, and makes the folder of the
 * local socket. */
bool listeners_plan(const struct config *config, struct listeners *ret_listeners,
		    struct okvp_error *err);

/* Checks the settings of listeners without opening one: addresses, certificate and key. */
bool listeners_check(const struct config *config, struct okvp_error *err);

/* The rows of the server's table, each with the listeners that it is for. */
void listeners_routes(struct wsman *wsman, struct json_api *api, struct cimxml *cimxml,
		      struct http_route ret_routes[static LISTENERS_ROUTES]);

/* Takes the addresses from the server (http_settings.listening): a port that was asked for as 0
 * has a number now. */
void listeners_name(void *listeners, const struct http_server *server);

/* The address of a listener, counted from 0; NULL: there are no more. After listeners_name(), on
 * any thread (json_api_settings.listener). */
const char *listeners_address(void *listeners, size_t index);

void listeners_done(struct listeners *listeners);
