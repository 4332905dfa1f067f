/* SPDX-License-Identifier: MIT */
/* event.c -- the dispatcher: takes what providers publish to the subscriptions that want it. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cim/event_hub.h"
#include "openkvp/scoped.h"

#define PUBLISHED_MAX 16384 /* events that the dispatcher has not seen yet */

/* --- Queues --- */

void queue_add(struct queue *queue, struct queued *entry)
{
	entry->next = NULL;
	*(queue->last ? &queue->last->next : &queue->first) = entry;
	queue->last = entry;
	queue->count++;
	queue->bytes += entry->source ? entry->source->bytes : 0;
}

struct queued *queue_take(struct queue *queue)
{
	struct queued *entry = queue->first;

	if (!entry)
		return NULL;
	queue->first = entry->next;
	if (!queue->first)
		queue->last = NULL;
	queue->count--;
	queue->bytes -= entry->source ? entry->source->bytes : 0;
	return entry;
}

void queued_free(struct queued **entry)
{
	struct queued *freeing = take(*entry);

	if (!freeing)
		return;
	if (freeing->source)
		freeing->source->release(freeing->source);
	free(freeing);
}

void queue_clear(struct queue *queue)
{
	struct queued *entry;

	while ((entry = queue_take(queue)))
		queued_free(&entry);
}

/* --- Publishing --- */

void events_want(struct cim_events *events, const struct cim_subscription *subscription, int one)
{
	const struct cim_class *target = cim_query_target(subscription->query);
	const struct cim_class *const *descendants = cim_class_descendants(target);

	atomic_fetch_add(&events->wanted[target->id], (unsigned int)one);
	for (size_t i = 0; i < target->descendant_count; i++)
		atomic_fetch_add(&events->wanted[descendants[i]->id], (unsigned int)one);
}

bool cim_events_wanted(struct cim_events *events, enum cim_class_id class_id)
{
	return atomic_load_explicit(&events->wanted[class_id], memory_order_relaxed) > 0;
}

void cim_events_publish(struct cim_events *events, enum cim_event_kind kind,
			enum cim_class_id class_id, struct cim_event_source *source)
{
	struct queued *entry;

	if (!cim_events_wanted(events, class_id))
		return;
	entry = xcalloc(1, sizeof(*entry));
	*entry = (struct queued){
		.kind = kind,
		.class_id = class_id,
		.source = source->ref(source),
		.at_us = clock_wall_us(),
	};
	pthread_mutex_lock(&events->lock);
	entry->number = events->next_number++;
	if (!events->stopping && events->published.count < PUBLISHED_MAX)
		queue_add(&events->published, take(entry));
	else
		events->lost++;
	pthread_cond_signal(&events->changed);
	pthread_mutex_unlock(&events->lock);
	queued_free(&entry);
}

/* --- Dispatching --- */

/* The instances of an event in one namespace. */
struct view {
	const struct cim_class *class;
	struct cim_instance *target, *previous;
};

struct dispatch {
	struct cim_events *events;
	struct queued *event;
	struct arena *arena;
	struct view *views; /* one for each namespace that somebody asked for */
	size_t view_count, view_room;
	struct cim_subscription **to; /* each owns a reference */
	size_t count, room;
};

/* Under the lock: who may want the event. */
static void find_subscriptions(struct dispatch *dispatch)
{
	dispatch->count = 0;
	for (struct cim_subscription *at = dispatch->events->subscriptions; at; at = at->after) {
		const struct cim_class *target = cim_query_target(at->query), *class;

		class = cim_class_by_id(target->ns, dispatch->event->class_id);
		if (!at->form[dispatch->event->kind] || !class || !cim_class_is_a(class, target) ||
		    dispatch->event->number < at->first)
			continue;
		at->references++;
		grow(dispatch->to, dispatch->count, dispatch->room);
		dispatch->to[dispatch->count++] = at;
	}
}

static const struct view *view_in(struct dispatch *dispatch, const struct cim_namespace *ns)
{
	const struct cim_class *class = cim_class_by_id(ns, dispatch->event->class_id);
	enum cim_event_kind kind = dispatch->event->kind;
	struct view *view;

	for (size_t i = 0; i < dispatch->view_count; i++)
		if (dispatch->views[i].class == class)
			return &dispatch->views[i];
	grow(dispatch->views, dispatch->view_count, dispatch->view_room);
	view = &dispatch->views[dispatch->view_count++];
	*view = (struct view){ .class = class };
	view->target =
		event_fill(dispatch->event, class, kind == CIM_EVENT_DELETION, dispatch->arena);
	if (kind == CIM_EVENT_MODIFICATION)
		view->previous = event_fill(dispatch->event, class, true, dispatch->arena);
	return view;
}

static bool is_wanted(struct dispatch *dispatch, const struct cim_subscription *subscription)
{
	const struct cim_query *query = subscription->query;
	const struct view *view = view_in(dispatch, cim_query_target(query)->ns);

	if (view->previous && cim_same_instance(view->previous, view->target))
		return false;
	return cim_query_matches_event(query, view->target, view->previous);
}

/* Under the lock. */
static void offer(struct dispatch *dispatch, const bool *wanted, struct waiter *waiters)
{
	for (size_t i = 0; i < dispatch->count; i++) {
		waiters[i] = (struct waiter){ 0 };
		if (!wanted[i])
			continue;
		subscription_offer(dispatch->to[i], dispatch->event);
		waiters[i] = subscription_take_waiter(dispatch->to[i]);
	}
}

/* Under the lock, which is given up meanwhile. */
static void deliver(struct dispatch *dispatch)
{
	struct cim_events *events = dispatch->events;
	struct waiter *waiters = NULL;
	bool *wanted;

	find_subscriptions(dispatch);
	pthread_mutex_unlock(&events->lock);
	wanted = arena_array(dispatch->arena, bool, dispatch->count);
	waiters = arena_array(dispatch->arena, struct waiter, dispatch->count);
	for (size_t i = 0; i < dispatch->count; i++)
		wanted[i] = is_wanted(dispatch, dispatch->to[i]);
	pthread_mutex_lock(&events->lock);
	offer(dispatch, wanted, waiters);
	for (size_t i = 0; i < dispatch->count; i++)
		dispatch->to[i] = subscription_unref(dispatch->to[i]);
	pthread_mutex_unlock(&events->lock);
	queued_free(&dispatch->event);
	for (size_t i = 0; i < dispatch->count; i++) {
		if (waiters[i].ready)
			waiters[i].ready(waiters[i].context);
		subscription_free(dispatch->to[i]);
	}
	dispatch->view_count = 0;
	arena_reset(dispatch->arena);
	pthread_mutex_lock(&events->lock);
}

/* Under the lock: tells everybody that something is missing; of what, nobody knows any more. */
static void tell_lost(struct cim_events *events)
{
	for (struct cim_subscription *at = events->subscriptions; events->lost > 0 && at;
	     at = at->after)
		subscription_miss(at, events->lost);
	events->lost = 0;
}

/* Under the lock, which is given up meanwhile: tells one whose time is over. Returns when the next
 * one's will be. */
static uint64_t next_deadline(struct cim_events *events)
{
	uint64_t now_ms = clock_monotonic_ms(), next_ms = UINT64_MAX;

	for (struct cim_subscription *at = events->subscriptions; at; at = at->after) {
		if (!at->ready)
			continue;
		if (at->deadline_ms <= now_ms) {
			struct waiter waiter = subscription_take_waiter(at);

			pthread_mutex_unlock(&events->lock);
			waiter.ready(waiter.context);
			pthread_mutex_lock(&events->lock);
			return 0; /* the list may have changed */
		}
		if (at->deadline_ms < next_ms)
			next_ms = at->deadline_ms;
	}
	return next_ms;
}

static void sleep_until(struct cim_events *events, uint64_t deadline_ms)
{
	const struct timespec at = {
		.tv_sec = (time_t)(deadline_ms / 1000),
		.tv_nsec = (long)(deadline_ms % 1000) * 1000000,
	};

	if (deadline_ms == UINT64_MAX)
		pthread_cond_wait(&events->changed, &events->lock);
	else
		pthread_cond_timedwait(&events->changed, &events->lock, &at);
}

static void *run(void *context)
{
	struct cim_events *events = context;
	struct dispatch dispatch = { .events = events, .arena = arena_create() };

	pthread_mutex_lock(&events->lock);
	while (!events->freeing) {
		uint64_t deadline_ms = next_deadline(events);

		tell_lost(events);
		dispatch.event = queue_take(&events->published);
		if (dispatch.event)
			deliver(&dispatch);
		else if (deadline_ms > 0)
			sleep_until(events, deadline_ms);
	}
	pthread_mutex_unlock(&events->lock);
	arena_free(&dispatch.arena);
	free(dispatch.views);
	free(dispatch.to);
	return NULL;
}

/* --- The whole --- */

struct cim_events *cim_events_create(const struct cim_events_limits *limits)
{
	struct cim_events *events = xcalloc(1, sizeof(*events));
	pthread_condattr_t attributes;

	events->limits = *limits;
	pthread_mutex_init(&events->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&events->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&events->dispatcher, NULL, run, events) != 0)
		abort(); /* no memory */
	return events;
}

void cim_events_stop(struct cim_events *events)
{
	pthread_mutex_lock(&events->lock);
	events->stopping = true;
	queue_clear(&events->published);
	while (events->subscriptions) {
		struct waiter waiter = subscription_take_waiter(events->subscriptions);

		subscription_end(events->subscriptions);
		if (!waiter.ready)
			continue;
		pthread_mutex_unlock(&events->lock);
		waiter.ready(waiter.context);
		pthread_mutex_lock(&events->lock);
	}
	pthread_mutex_unlock(&events->lock);
}

void cim_events_free(struct cim_events **events)
{
	struct cim_events *freeing = take(*events);

	if (!freeing)
		return;
	cim_events_stop(freeing);
	pthread_mutex_lock(&freeing->lock);
	freeing->freeing = true;
	pthread_cond_signal(&freeing->changed);
	pthread_mutex_unlock(&freeing->lock);
	pthread_join(freeing->dispatcher, NULL);
	queue_clear(&freeing->published);
	pthread_cond_destroy(&freeing->changed);
	pthread_mutex_destroy(&freeing->lock);
	free(freeing);
}
