/* SPDX-License-Identifier: MIT */
/* listeners.c -- addresses and routes, from the settings and the bindings. */
#include "listeners.h"

#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "system.h"

/* What a listener serves; the local socket has both. */
enum { SERVICE_MANAGEMENT = 1, SERVICE_CIMXML = 2 };

static bool make_folder_of(const char *path, struct okvp_error *err)
{
	char *folder scoped(xfree_text) = xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (!slash || slash == folder)
		return true;
	*slash = '\0';
	return system_make_folder(folder, 0755, err);
}

/* Without an address there is none. */
static void add_tcp_listener(struct http_listener **next, const struct config *config,
			     const char *setting, const char *address, bool tls,
			     unsigned int service)
{
	if (*address)
		*(*next)++ = (struct http_listener){
			.name = setting,
			.address = address,
			.certificate = tls ? config->certificate : NULL,
			.key = tls ? config->key : NULL,
			.group = -1,
			.services = service,
		};
}

static void plan(const struct config *config, struct listeners *ret_listeners)
{
	struct http_listener *next = ret_listeners->listener;

	*next++ = (struct http_listener){
		.name = "socket",
		.address = config->socket,
		.mode = 0660,
		.group = system_find_group(config->socket_group),
		.trusted = true,
	};
	add_tcp_listener(&next, config, "listen_http", config->listen_http, false,
			 SERVICE_MANAGEMENT);
	add_tcp_listener(&next, config, "listen_https", config->listen_https, true,
			 SERVICE_MANAGEMENT);
	add_tcp_listener(&next, config, "listen_cimxml_http", config->listen_cimxml_http, false,
			 SERVICE_CIMXML);
	add_tcp_listener(&next, config, "listen_cimxml_https", config->listen_cimxml_https, true,
			 SERVICE_CIMXML);
	ret_listeners->count = (size_t)(next - ret_listeners->listener);
}

bool listeners_plan(const struct config *config, struct listeners *ret_listeners,
		    struct okvp_error *err)
{
	plan(config, ret_listeners);
	return make_folder_of(config->socket, err);
}

bool listeners_check(const struct config *config, struct okvp_error *err)
{
	struct listeners listeners = { 0 };

	plan(config, &listeners);
	for (size_t i = 0; i < listeners.count; i++)
		if (!http_listener_check(&listeners.listener[i], err))
			return false;
	return true;
}

void listeners_routes(struct wsman *wsman, struct json_api *api, struct cimxml *cimxml,
		      struct http_route ret_routes[static LISTENERS_ROUTES])
{
	wsman_routes(wsman, ret_routes);
	json_api_routes(api, ret_routes + WSMAN_ROUTES);
	cimxml_routes(cimxml, ret_routes + WSMAN_ROUTES + JSON_API_ROUTES);
	for (size_t i = 0; i < LISTENERS_ROUTES; i++)
		ret_routes[i].service =
			i < WSMAN_ROUTES + JSON_API_ROUTES ? SERVICE_MANAGEMENT : SERVICE_CIMXML;
}

void listeners_name(void *context, const struct http_server *server)
{
	struct listeners *listeners = context;

	for (size_t i = 0; i < listeners->count; i++) {
		const struct http_listener *listener = &listeners->listener[i];
		const char *scheme = listener->trusted       ? ""
				     : listener->certificate ? "https://"
							     : "http://";

		listeners->address[i] =
			xprintf("%s%s%s", scheme, http_server_address(server, i),
				listener->services == SERVICE_CIMXML ? "/cimom" : "");
	}
}

const char *listeners_address(void *context, size_t index)
{
	const struct listeners *listeners = context;

	return index < listeners->count ? listeners->address[index] : NULL;
}

void listeners_done(struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++)
		xfree_text(&listeners->address[i]);
	listeners->count = 0;
}
