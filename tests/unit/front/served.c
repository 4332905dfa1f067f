/* SPDX-License-Identifier: MIT */
/* served.c -- a server with routes of a binding. */
#include "served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/users.h"

void served_start(struct served *served, const struct http_route *routes, size_t route_count)
{
	const struct http_listener listener = { .address = "127.0.0.1:0" };
	const struct credentials_settings users = { served->users, 600000, 1 };
	struct http_settings settings = {
		.listeners = &listener,
		.listener_count = 1,
		.routes = routes,
		.route_count = route_count,
		.threads = 1,
		.connections_max = 8,
		.body_max = 1000000,
		.idle_timeout_s = 60,
	};
	struct okvp_error err;

	strcpy(served->folder, "/tmp/routes-XXXXXX");
	assert_non_null(mkdtemp(served->folder));
	snprintf(served->users, sizeof(served->users), "%s/users", served->folder);
	assert_true(users_put(served->users, "ann", ROLE_READ, "secret", &err));
	assert_true(credentials_create(&users, &served->credentials, &err));
	settings.credentials = served->credentials;
	assert_true(http_server_start(&settings, &served->server, &err));
	peer_connect(&served->peer, http_server_address(served->server, 0));
}

void served_stop(struct served *served)
{
	peer_close(&served->peer);
	http_server_stop(&served->server);
	credentials_free(&served->credentials);
	unlink(served->users);
	rmdir(served->folder);
}
