/* SPDX-License-Identifier: MIT */
/* feed.c -- events of one subscription, one after another, posted until they are taken. */
#include "indication/feed.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "indication/export.h"
#include "openkvp/scoped.h"

#define FIRST_PAUSE_MS 500
#define ANSWER_MAX     65536 /* bytes of what a listener answers */

/* --- The events --- */

char *feed_id(struct arena *arena, const struct route *route)
{
	return arena_printf(arena, "%s\n%s\n%s\n%s\n%s", route->subscription, route->ns,
			    route->filter, route->destination, route->query);
}

struct feed *feed_create(struct feed_world *world, const struct route *route)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct feed *feed = xcalloc(1, sizeof(*feed));
	struct guid sequence = guid_random();
	struct cim_error error;

	feed->world = world;
	if (!cim_subscribe(world->settings.events, NULL, route->ns, route->query,
			   strlen(route->query), &feed->events, &error)) {
		log_error("", "%s: %s", route->subscription, error.message);
		free(feed);
		return NULL;
	}
	feed->id = xstrdup(feed_id(arena, route));
	feed->destination = xstrdup(route->destination);
	feed->filter = xstrdup(route->filter);
	guid_to_text(&sequence, feed->sequence);
	return feed;
}

/* On any thread. */
static void events_ready(void *context)
{
	struct feed *feed = context;
	struct feed_world *world = feed->world;

	pthread_mutex_lock(&world->lock);
	feed->waits = false;
	curl_multi_wakeup(world->multi);
	pthread_cond_signal(&world->changed);
	pthread_mutex_unlock(&world->lock);
}

static bool is_waiting(struct feed *feed)
{
	bool waits;

	pthread_mutex_lock(&feed->world->lock);
	waits = feed->waits;
	pthread_mutex_unlock(&feed->world->lock);
	return waits;
}

static void wait_for_events(struct feed *feed)
{
	if (!cim_subscription_alive(feed->events))
		return;
	pthread_mutex_lock(&feed->world->lock);
	feed->waits = true;
	pthread_mutex_unlock(&feed->world->lock);
	cim_subscription_wait(feed->events, UINT_MAX, events_ready, feed);
}

static void advance(struct feed *feed, uint64_t count)
{
	cim_subscription_advance(feed->events);
	feed->number += count;
	feed->tries = 0;
}

/* The first event, in the arena; gaps in front of it count in its number. */
static struct cim_instance *first_event(struct feed *feed, struct arena *arena)
{
	struct cim_instance *event;
	uint64_t missed;

	while (!(event = cim_subscription_peek(feed->events, arena, &missed)) && missed > 0) {
		log_warning(feed->destination, "%ju indications are lost: too many wait",
			    (uintmax_t)missed);
		advance(feed, missed);
	}
	return event;
}

/* --- Posting --- */

static size_t receive(char *bytes, size_t size, size_t count, void *context)
{
	struct text *answer = context;

	if (answer->length + size * count > ANSWER_MAX)
		return 0; /* libcurl gives the request up */
	text_add(answer, bytes, size * count);
	return size * count;
}

static struct curl_slist *export_headers(void)
{
	static struct curl_slist headers[] = {
		{ (char *)"Content-Type: application/xml; charset=\"utf-8\"", &headers[1] },
		{ (char *)"CIMExport: MethodRequest", &headers[2] },
		{ (char *)"CIMExportMethod: ExportIndication", &headers[3] },
		{ (char *)"Expect:", NULL }, /* no 100-continue */
	};

	return headers;
}

static CURL *make_request(struct feed *feed)
{
	const struct indications_settings *settings = &feed->world->settings;
	CURL *curl = curl_easy_init();

	if (!curl)
		abort(); /* no memory */
	curl_easy_setopt(curl, CURLOPT_PRIVATE, feed);
	curl_easy_setopt(curl, CURLOPT_URL, feed->destination);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)settings->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, feed->reason);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, export_headers());
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "openkvp/" OPENKVP_VERSION);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, feed->body.bytes);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)feed->body.length);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &feed->answer);
	if (*settings->ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca);
	return curl;
}

static void write_body(struct feed *feed, struct cim_instance *event)
{
	const struct cim_value number = {
		.type = CIM_SINT64,
		.is_set = true,
		.sint = (int64_t)(feed->number & INT64_MAX),
	};
	char id[24];

	snprintf(id, sizeof(id), "%ju", (uintmax_t)feed->number);
	cim_set(event, PROPERTY_SEQUENCE_NUMBER, number);
	cim_set_text(event, PROPERTY_SEQUENCE_CONTEXT, feed->sequence);
	cim_set_text(event, PROPERTY_INDICATION_FILTER_NAME, feed->filter);
	cim_set_text(event, PROPERTY_SOURCE_INSTANCE_HOST, feed->world->settings.host_name);
	export_write(&feed->body, id, event, cim_subscription_query(feed->events));
}

static void post(struct feed *feed, struct cim_instance *event)
{
	write_body(feed, event);
	feed->reason[0] = '\0';
	feed->curl = make_request(feed);
	curl_multi_add_handle(feed->world->multi, feed->curl);
}

/* What is posted again is written anew: only what is on its way takes memory. */
static void end_post(struct feed *feed)
{
	if (!feed->curl)
		return;
	curl_multi_remove_handle(feed->world->multi, feed->curl);
	curl_easy_cleanup(take(feed->curl));
	text_done(&feed->body);
	text_done(&feed->answer);
}

void feed_go_on(struct feed *feed, uint64_t now_ms)
{
	struct arena *arena scoped(arena_free) = NULL;
	struct cim_instance *event;

	if (feed->curl || now_ms < feed->next_ms || is_waiting(feed))
		return;
	feed->next_ms = 0;
	arena = arena_create();
	event = first_event(feed, arena);
	if (event)
		post(feed, event);
	else
		wait_for_events(feed);
}

/* --- What became of it --- */

static bool was_taken(struct feed *feed, CURLcode code, struct okvp_error *err)
{
	long status = 0;

	if (code != CURLE_OK)
		return okvp_fail(err, OKVP_UNAVAILABLE, "%s",
				 *feed->reason ? feed->reason : curl_easy_strerror(code));
	curl_easy_getinfo(feed->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return okvp_fail(err, OKVP_DENIED, "the listener answers with HTTP status %ld",
				 status);
	return export_is_taken(feed->answer.bytes ? feed->answer.bytes : "", feed->answer.length,
			       err);
}

static void pause_after_failure(struct feed *feed, uint64_t now_ms)
{
	unsigned int most_ms = feed->world->settings.pause_most_ms;

	feed->pause_ms = feed->pause_ms ? feed->pause_ms * 2 : FIRST_PAUSE_MS;
	if (feed->pause_ms > most_ms)
		feed->pause_ms = most_ms;
	feed->next_ms = now_ms + feed->pause_ms;
}

static void not_taken(struct feed *feed, const struct okvp_error *err, uint64_t now_ms)
{
	if (feed->pause_ms == 0)
		log_warning(feed->destination, "an indication is not taken: %s", err->message);
	pause_after_failure(feed, now_ms);
	if (++feed->tries < feed->world->settings.tries)
		return;
	log_warning(feed->destination, "an indication is given up after %u tries: %s", feed->tries,
		    err->message);
	advance(feed, 1);
}

void feed_posted(struct feed *feed, CURLcode code, uint64_t now_ms)
{
	struct okvp_error err;
	bool taken = was_taken(feed, code, &err);

	end_post(feed);
	if (!taken)
		return not_taken(feed, &err, now_ms);
	if (feed->pause_ms > 0)
		log_info(feed->destination, "indications are taken again");
	feed->pause_ms = 0;
	advance(feed, 1);
}

uint64_t feed_next(const struct feed *feed)
{
	return feed->curl || feed->next_ms == 0 ? UINT64_MAX : feed->next_ms;
}

void feed_free(struct feed **feed)
{
	struct feed *freeing = take(*feed);
	struct feed_world *world = freeing->world;

	end_post(freeing);
	/* Whoever waits is told; he may be on his way on another thread. */
	cim_subscription_end(freeing->events);
	pthread_mutex_lock(&world->lock);
	while (freeing->waits)
		pthread_cond_wait(&world->changed, &world->lock);
	pthread_mutex_unlock(&world->lock);
	cim_unsubscribe(&freeing->events);
	free(freeing->id);
	free(freeing->destination);
	free(freeing->filter);
	free(freeing);
}
