/* SPDX-License-Identifier: MIT */
/* http_listener.h -- a socket on which requests arrive. */
#pragma once
#include <sys/types.h>

#include "front/http_server.h"

struct listener {
	int fd;
	char *address; /* the one it got: with its port, or the path */
	bool local;    /* a unix socket */
	bool trusted;
	gid_t group; /* of the unix socket's file */
};

/* Whether an address, or a path, is one that can be listened on at all. */
bool listener_check(const char *address, struct okvp_error *err);

/* Starts to listen. A socket file on which nobody answers any more is replaced; OKVP_EXISTS when
 * somebody does. */
bool listener_open(const struct http_listener *wanted, struct listener *ret_listener,
		   struct okvp_error *err);

/* Closes the socket and removes its file. */
void listener_close(struct listener *listener);

/* Says who is at the other end of a connection: his address or "uid N", and whether he is a
 * principal for that alone. False: he may not come in at all. */
bool listener_identify(const struct listener *listener, int connection, char *ret_peer,
		       size_t peer_size, struct principal *ret_principal);
