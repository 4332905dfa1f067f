/* SPDX-License-Identifier: MIT */
/* listener.h -- for transports: listens at a unix socket of its own, which it makes as soon as its
 * folder exists and makes again when it was removed. */
#pragma once
#include "channel/hub.h"

struct listener;

struct listener_events {
	/* A connected socket, which the receiver takes; the next waits until it is looked for. */
	void (*connected)(void *context, int fd);
	/* What prevents that, or NULL: see struct transport_events. */
	void (*fault)(void *context, const char *reason);
	bool folder_comes_later; /* that it is missing is no fault */
	void *context;
};

/* Listens, and takes no connection yet. May tell a fault before it returns. */
struct listener *listener_create(struct channel_hub *hub, const char *path,
				 const struct listener_events *events);

/* Removes the socket. */
void listener_free(struct listener **listener);

/* Takes the connection that waits, or the next one: not more than some in a second, whatever a
 * guest does. */
void listener_look(struct listener *listener);

/* Takes none until told to look again. */
void listener_rest(struct listener *listener);
