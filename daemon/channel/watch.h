/* SPDX-License-Identifier: MIT */
/* watch.h -- for transports: tells that something happened to a path, by inotify, so that sockets
 * which do not exist yet cost nothing. One watch serves all paths of a loop. */
#pragma once
#include <uv.h>

#include "openkvp/error.h"

struct watch;
struct watch_name;

/* One who waits for news of a path. All zeros: does not wait. */
struct watch_wait {
	void (*changed)(void *context);
	void *context;
	struct watch_name *name;       /* what is awaited, in the nearest folder that exists */
	struct watch_wait *next, **at; /* in the list of all who wait for the same */
};

struct watch *watch_create(uv_loop_t *loop);

/* When nobody waits any more. The memory goes when the loop has run once more. */
void watch_free(struct watch **watch);

/* Has changed() called once, on the loop, when the path may have appeared, gone or been replaced,
 * or a folder on the way to it. What happened before this call is not told: look at the path
 * afterwards. The path is absolute. False when the kernel watches no more folders. */
bool watch_begin(struct watch *watch, struct watch_wait *wait, const char *path,
		 void (*changed)(void *context), void *context, struct okvp_error *err);

/* Waits no longer. */
void watch_end(struct watch *watch, struct watch_wait *wait);
