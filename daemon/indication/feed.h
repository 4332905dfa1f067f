/* SPDX-License-Identifier: MIT */
/* feed.h -- what one route has to deliver, and how far it is; inside indication/.
 *
 *	idle      nothing is queued; it waits for events
 *	posting   the first event is on its way to the listener
 *	pausing   he did not take it; it is posted again later
 *
 * All of it runs on the thread that delivers, but for feed_create() and where it says so. */
#pragma once
#include <curl/curl.h>
#include <pthread.h>

#include "base/guid.h"
#include "base/text.h"
#include "indication/indication.h"
#include "indication/routes.h"

/* What all feeds share. */
struct feed_world {
	struct indications_settings settings;
	CURLM *multi;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a wait for events has ended */
};

struct feed {
	struct feed_world *world;
	char *id; /* of the route: all that it says */
	char *destination, *filter;
	struct cim_subscription *events;
	char sequence[GUID_TEXT_SIZE];
	uint64_t number; /* of the event that stands first */

	/* Under the lock. */
	bool waits; /* for events */
	bool kept;  /* its route is there still, as far as the last look went */
	bool gone;  /* its route is not there any more */

	/* Of a delivery. */
	CURL *curl; /* NULL: not posting */
	struct text body, answer;
	char reason[CURL_ERROR_SIZE];
	unsigned int tries, pause_ms;
	uint64_t next_ms; /* when it goes on, by the monotonic clock */
};

/* All that a route says, as one text in the arena. */
char *feed_id(struct arena *arena, const struct route *route);

/* Subscribes; on any thread. NULL: events are not to be had, which is logged. */
struct feed *feed_create(struct feed_world *world, const struct route *route);

/* Gives up what is being delivered. */
void feed_free(struct feed **feed);

/* Posts what is due. */
void feed_go_on(struct feed *feed, uint64_t now_ms);

/* When feed_go_on() has something to do if nothing else happens; UINT64_MAX: never. */
uint64_t feed_next(const struct feed *feed);

/* What became of a post. */
void feed_posted(struct feed *feed, CURLcode code, uint64_t now_ms);
