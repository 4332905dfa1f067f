/* SPDX-License-Identifier: MIT */
/* subscription.c -- a query for events, and the queue of those that match it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cim/event_hub.h"
#include "openkvp/scoped.h"

/* --- Under the lock of events --- */

void subscription_miss(struct cim_subscription *subscription, uint64_t count)
{
	struct queued *last = subscription->queue.last;

	if (!last || last->source || last->told) {
		last = xcalloc(1, sizeof(*last));
		queue_add(&subscription->queue, last);
	}
	last->missed += count;
}

static bool has_room(const struct cim_subscription *subscription, const struct queued *event)
{
	const struct cim_events_limits *limits = &subscription->events->limits;
	const struct queue *queue = &subscription->queue;

	return queue->count == 0 || (queue->count < limits->queue &&
				     queue->bytes + event->source->bytes <= limits->queue_bytes);
}

void subscription_offer(struct cim_subscription *subscription, const struct queued *event)
{
	struct queued *entry;

	if (!subscription->alive)
		return;
	if (!has_room(subscription, event)) {
		subscription_miss(subscription, 1);
		return;
	}
	entry = xmalloc(sizeof(*entry));
	*entry = *event;
	entry->source = event->source->ref(event->source);
	queue_add(&subscription->queue, entry);
}

struct waiter subscription_take_waiter(struct cim_subscription *subscription)
{
	return (struct waiter){ take(subscription->ready), subscription->context };
}

void subscription_end(struct cim_subscription *subscription)
{
	struct cim_events *events = subscription->events;

	if (!subscription->alive)
		return;
	subscription->alive = false;
	*(subscription->before ? &subscription->before->after : &events->subscriptions) =
		subscription->after;
	if (subscription->after)
		subscription->after->before = subscription->before;
	events_want(events, subscription, -1);
}

struct cim_subscription *subscription_unref(struct cim_subscription *subscription)
{
	return --subscription->references > 0 ? NULL : subscription;
}

/* user "": the service itself. */
static bool may_subscribe(const struct cim_events *events, const char *user, struct cim_error *err)
{
	size_t own = 0, all = 0;

	if (events->stopping)
		return cim_fail(err, CIM_STATUS_SERVER_IS_SHUTTING_DOWN, CIM_DETAIL_NONE,
				"the service is stopping");
	if (!*user)
		return true;
	for (const struct cim_subscription *at = events->subscriptions; at; at = at->after) {
		own += strcmp(at->user, user) == 0;
		all += *at->user != '\0';
	}
	if (own >= events->limits.per_user)
		return cim_fail(err, CIM_STATUS_SERVER_LIMITS_EXCEEDED, CIM_DETAIL_NONE,
				"%zu of %zu subscriptions of user '%s' are there", own,
				events->limits.per_user, user);
	if (all >= events->limits.in_all)
		return cim_fail(err, CIM_STATUS_SERVER_LIMITS_EXCEEDED, CIM_DETAIL_NONE,
				"%zu of %zu subscriptions are there", all, events->limits.in_all);
	return true;
}

static void insert(struct cim_events *events, struct cim_subscription *subscription)
{
	subscription->after = events->subscriptions;
	if (subscription->after)
		subscription->after->before = subscription;
	events->subscriptions = subscription;
	subscription->alive = true;
	subscription->first = events->next_number;
	events_want(events, subscription, 1);
}

/* --- Subscribing --- */

void subscription_free(struct cim_subscription *subscription)
{
	if (!subscription)
		return;
	queue_clear(&subscription->queue);
	arena_free(&subscription->arena);
	free(subscription);
}

static bool read_query(struct cim_subscription *subscription, const char *ns, const char *query,
		       size_t length, struct cim_error *err)
{
	const struct cim_class *event_class;
	struct okvp_error cause;

	if (!cim_query_parse(subscription->arena, query, length, &subscription->query, &cause))
		return cim_fail(err, CIM_STATUS_INVALID_QUERY, CIM_DETAIL_NONE, "%s",
				cause.message);
	if (!cim_resolve_class(ns, cim_query_class(subscription->query), &event_class, err))
		return false;
	if (!cim_query_bind_events(subscription->query, event_class, &cause))
		return cim_fail(err, CIM_STATUS_INVALID_QUERY, CIM_DETAIL_NONE, "%s",
				cause.message);
	event_forms(event_class, subscription->form);
	return true;
}

bool cim_subscribe(struct cim_events *events, const struct principal *user, const char *ns,
		   const char *query, size_t length, struct cim_subscription **ret_subscription,
		   struct cim_error *err)
{
	struct cim_subscription *subscription = xcalloc(1, sizeof(*subscription));
	bool done;

	subscription->events = events;
	subscription->references = 1;
	subscription->arena = arena_create();
	if (user)
		memcpy(subscription->user, user->name, sizeof(subscription->user));
	done = read_query(subscription, ns, query, length, err);
	if (done) {
		pthread_mutex_lock(&events->lock);
		done = may_subscribe(events, subscription->user, err);
		if (done)
			insert(events, subscription);
		pthread_mutex_unlock(&events->lock);
	}
	if (done)
		*ret_subscription = subscription;
	else
		subscription_free(subscription);
	return done;
}

void cim_subscription_end(struct cim_subscription *subscription)
{
	struct cim_events *events = subscription->events;
	struct waiter waiter;

	pthread_mutex_lock(&events->lock);
	subscription_end(subscription);
	waiter = subscription_take_waiter(subscription);
	pthread_mutex_unlock(&events->lock);
	if (waiter.ready)
		waiter.ready(waiter.context);
}

void cim_unsubscribe(struct cim_subscription **subscription)
{
	struct cim_subscription *s = take(*subscription);
	struct cim_events *events;

	if (!s)
		return;
	events = s->events;
	pthread_mutex_lock(&events->lock);
	subscription_end(s);
	s = subscription_unref(s);
	pthread_mutex_unlock(&events->lock);
	subscription_free(s);
}

const struct cim_query *cim_subscription_query(const struct cim_subscription *subscription)
{
	return subscription->query;
}

/* --- Reading --- */

struct cim_instance *cim_subscription_peek(struct cim_subscription *subscription,
					   struct arena *arena, uint64_t *ret_missed)
{
	struct cim_events *events = subscription->events;
	struct queued *first;

	*ret_missed = 0;
	pthread_mutex_lock(&events->lock);
	first = subscription->queue.first;
	if (first && !first->source) {
		first->told = true;
		*ret_missed = first->missed;
	}
	pthread_mutex_unlock(&events->lock);
	/* Nobody else takes it out. */
	return first && first->source ? event_write(subscription, first, arena) : NULL;
}

void cim_subscription_advance(struct cim_subscription *subscription)
{
	struct cim_events *events = subscription->events;
	struct queued *first;

	pthread_mutex_lock(&events->lock);
	first = queue_take(&subscription->queue);
	pthread_mutex_unlock(&events->lock);
	queued_free(&first);
}

bool cim_subscription_alive(struct cim_subscription *subscription)
{
	struct cim_events *events = subscription->events;
	bool alive;

	pthread_mutex_lock(&events->lock);
	alive = subscription->alive;
	pthread_mutex_unlock(&events->lock);
	return alive;
}

/* --- Waiting --- */

void cim_subscription_wait(struct cim_subscription *subscription, unsigned int most_ms,
			   void (*ready)(void *context), void *context)
{
	struct cim_events *events = subscription->events;
	bool waits;

	pthread_mutex_lock(&events->lock);
	waits = subscription->alive && !subscription->queue.first && most_ms > 0;
	if (waits) {
		subscription->ready = ready;
		subscription->context = context;
		subscription->deadline_ms = clock_monotonic_ms() + most_ms;
		pthread_cond_signal(&events->changed); /* the dispatcher sleeps by deadlines */
	}
	pthread_mutex_unlock(&events->lock);
	if (!waits)
		ready(context);
}
