/* SPDX-License-Identifier: MIT */
/* indication.c -- the thread that delivers, and the list of what it has to. */
#include "indication/indication.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "indication/feed.h"
#include "openkvp/scoped.h"

#define LOOK_MOST_S 60 /* between two looks for an end: the wall clock may be set meanwhile */

struct feeds {
	struct feed **feed;
	size_t count, room;
};

struct indications {
	struct feed_world world;
	pthread_t thread;

	/* Under the lock. Feeds are added on any thread, and taken out by the one that delivers. */
	struct feeds feeds;
	uint64_t look_ms; /* when a subscription may have ended; UINT64_MAX: none will */
	bool stopping;

	struct feeds stock; /* of that thread: what it works on */
};

static void add(struct feeds *feeds, struct feed *feed)
{
	grow(feeds->feed, feeds->count, feeds->room);
	feeds->feed[feeds->count++] = feed;
}

/* --- Which there are --- */

static struct feed *find(struct indications *indications, const char *id)
{
	const struct feeds *feeds = &indications->feeds;

	for (size_t i = 0; i < feeds->count; i++)
		if (!feeds->feed[i]->gone && strcmp(feeds->feed[i]->id, id) == 0)
			return feeds->feed[i];
	return NULL;
}

/* Under the lock. */
static void keep_or_create(struct indications *indications, struct arena *arena,
			   const struct route *route)
{
	struct feed *feed = find(indications, feed_id(arena, route));

	if (!feed) {
		feed = feed_create(&indications->world, route);
		if (!feed)
			return;
		add(&indications->feeds, feed);
	}
	feed->kept = true;
}

static uint64_t in_seconds(uint64_t seconds)
{
	return clock_monotonic_ms() + (seconds < LOOK_MOST_S ? seconds : LOOK_MOST_S) * 1000;
}

/* Under the lock, so that of two looks the later one counts. */
static void look(struct indications *indications, struct arena *arena, struct routes *ret_routes)
{
	struct feeds *feeds = &indications->feeds;

	routes_read(indications->world.settings.service, arena, ret_routes);
	for (size_t i = 0; i < feeds->count; i++)
		feeds->feed[i]->kept = false;
	for (size_t i = 0; i < ret_routes->count; i++)
		keep_or_create(indications, arena, &ret_routes->route[i]);
	for (size_t i = 0; i < feeds->count; i++)
		if (!feeds->feed[i]->kept)
			feeds->feed[i]->gone = true;
	if (ret_routes->ended)
		indications->look_ms = 0;
	else if (ret_routes->next_end_s < UINT64_MAX)
		indications->look_ms = in_seconds(ret_routes->next_end_s);
	else
		indications->look_ms = UINT64_MAX;
}

void indications_refresh(struct indications *indications)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct routes routes;

	pthread_mutex_lock(&indications->world.lock);
	look(indications, arena, &routes);
	curl_multi_wakeup(indications->world.multi);
	pthread_mutex_unlock(&indications->world.lock);
}

/* Removes one that has ended, if it is time to look for it: whoever tells that it is gone has the
 * next one looked for. On the thread that delivers. */
static void end_subscription(struct indications *indications)
{
	struct arena *arena scoped(arena_free) = NULL;
	struct routes routes = { 0 };

	pthread_mutex_lock(&indications->world.lock);
	if (indications->look_ms <= clock_monotonic_ms()) {
		arena = arena_create();
		look(indications, arena, &routes);
		if (routes.ended)
			indications->look_ms = in_seconds(LOOK_MOST_S); /* should it stay */
	}
	pthread_mutex_unlock(&indications->world.lock);
	if (routes.ended)
		routes_remove(indications->world.settings.service, arena, routes.ended);
}

/* --- Delivering --- */

/* Finds out what to work on, and takes out what is gone. False: stop. */
static bool take_stock(struct indications *indications)
{
	struct feeds *feeds = &indications->feeds, *stock = &indications->stock;
	struct feeds gone = { 0 };
	size_t kept = 0;
	bool stopping;

	stock->count = 0;
	pthread_mutex_lock(&indications->world.lock);
	stopping = indications->stopping;
	for (size_t i = 0; i < feeds->count; i++) {
		struct feed *feed = feeds->feed[i];

		if (feed->gone || stopping) {
			add(&gone, feed);
		} else {
			add(stock, feed);
			feeds->feed[kept++] = feed;
		}
	}
	feeds->count = kept;
	pthread_mutex_unlock(&indications->world.lock);
	for (size_t i = 0; i < gone.count; i++)
		feed_free(&gone.feed[i]);
	free(gone.feed);
	return !stopping;
}

static void end_posts(CURLM *multi)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left))) {
		CURLcode code = message->data.result;
		char *feed = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &feed);
		feed_posted((struct feed *)feed, code, clock_monotonic_ms());
	}
}

/* How long nothing needs to be done unless something happens. */
static int sleep_ms(struct indications *indications)
{
	const struct feeds *feeds = &indications->stock;
	uint64_t now_ms = clock_monotonic_ms(), next_ms;

	pthread_mutex_lock(&indications->world.lock);
	next_ms = indications->look_ms;
	pthread_mutex_unlock(&indications->world.lock);
	for (size_t i = 0; i < feeds->count; i++)
		if (feed_next(feeds->feed[i]) < next_ms)
			next_ms = feed_next(feeds->feed[i]);
	if (next_ms <= now_ms)
		return 0;
	return next_ms - now_ms < INT_MAX ? (int)(next_ms - now_ms) : INT_MAX;
}

static void *run(void *context)
{
	struct indications *indications = context;
	const struct feeds *stock = &indications->stock;
	CURLM *multi = indications->world.multi;
	int running;

	while (take_stock(indications)) {
		curl_multi_perform(multi, &running);
		end_posts(multi);
		for (size_t i = 0; i < stock->count; i++)
			feed_go_on(stock->feed[i], clock_monotonic_ms());
		curl_multi_poll(multi, NULL, 0, sleep_ms(indications), NULL);
		end_subscription(indications);
	}
	return NULL;
}

/* --- The whole --- */

struct indications *indications_create(const struct indications_settings *settings)
{
	struct indications *indications = xcalloc(1, sizeof(*indications));
	struct feed_world *world = &indications->world;

	world->settings = *settings;
	indications->look_ms = UINT64_MAX;
	curl_global_init(CURL_GLOBAL_DEFAULT);
	world->multi = curl_multi_init();
	pthread_mutex_init(&world->lock, NULL);
	pthread_cond_init(&world->changed, NULL);
	if (!world->multi || pthread_create(&indications->thread, NULL, run, indications) != 0)
		abort(); /* no memory */
	indications_refresh(indications);
	return indications;
}

void indications_free(struct indications **indications)
{
	struct indications *freeing = take(*indications);
	struct feed_world *world;

	if (!freeing)
		return;
	world = &freeing->world;
	pthread_mutex_lock(&world->lock);
	freeing->stopping = true;
	curl_multi_wakeup(world->multi);
	pthread_mutex_unlock(&world->lock);
	pthread_join(freeing->thread, NULL);
	curl_multi_cleanup(world->multi);
	curl_global_cleanup();
	pthread_cond_destroy(&world->changed);
	pthread_mutex_destroy(&world->lock);
	free(freeing->feeds.feed);
	free(freeing->stock.feed);
	free(freeing);
}
