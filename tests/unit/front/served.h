/* SPDX-License-Identifier: MIT */
/* served.h -- a server with routes of a binding, the user ann (password "secret", ROLE_READ), and a
 * connection to it. */
#pragma once
#include "auth/credentials.h"
#include "front/http_server.h"
#include "http_peer.h"

struct served {
	char folder[32], users[64];
	struct credentials *credentials;
	struct http_server *server;
	struct peer peer;
};

void served_start(struct served *served, const struct http_route *routes, size_t route_count);
void served_stop(struct served *served);
