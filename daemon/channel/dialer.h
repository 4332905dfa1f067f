/* SPDX-License-Identifier: MIT */
/* dialer.h -- for transports: connects to a unix socket, again and again. A socket that is not
 * there is waited for; one at which nobody answers is tried more and more rarely. */
#pragma once
#include "channel/hub.h"

struct dialer;

struct dialer_events {
	/* A connected socket, which the receiver takes; the dialer does nothing more. */
	void (*connected)(void *context, int fd);
	/* What prevents that, or NULL: see struct transport_events. */
	void (*fault)(void *context, const char *reason);
	void *context;
};

struct dialer *dialer_create(struct channel_hub *hub, const char *path,
			     const struct dialer_events *events);
void dialer_free(struct dialer **dialer);

/* Connects: at once the first time, later after a pause, which doubles up to some seconds. */
void dialer_look(struct dialer *dialer);

/* Does nothing until told to look again. */
void dialer_rest(struct dialer *dialer);

/* The pauses begin anew: the last connection was good. */
void dialer_succeeded(struct dialer *dialer);
