/* SPDX-License-Identifier: MIT */
/* subscriptions.c -- the subscriptions that clients have. */
#include "front/wsman/subscriptions.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/guid.h"
#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

struct wsman_subscriptions {
	pthread_mutex_t lock; /* of all below, and of the members of each that say so */
	struct map by_id;     /* each owns a reference */
};

struct wsman_subscription {
	struct wsman_subscriptions *table;
	char id[CIM_CONTEXT_SIZE];
	char user[PRINCIPAL_NAME_SIZE];
	struct cim_subscription *events;
	struct wsman_subscription_terms terms; /* life_ms under the lock */

	/* Under the lock. */
	unsigned int references;
	uint64_t expires_ms;
	bool pulled, ended;
};

struct wsman_subscriptions *wsman_subscriptions_create(void)
{
	struct wsman_subscriptions *subscriptions = xcalloc(1, sizeof(*subscriptions));

	pthread_mutex_init(&subscriptions->lock, NULL);
	return subscriptions;
}

/* --- Life --- */

void wsman_subscription_release(struct wsman_subscription **subscription)
{
	struct wsman_subscription *s = take(*subscription);
	bool last;

	if (!s)
		return;
	pthread_mutex_lock(&s->table->lock);
	last = --s->references == 0;
	pthread_mutex_unlock(&s->table->lock);
	if (!last)
		return;
	cim_unsubscribe(&s->events);
	free(s);
}

/* Under the lock: takes it out of the table. The caller gets the table's reference, and ends it
 * without the lock. */
static struct wsman_subscription *take_out(struct wsman_subscription *subscription)
{
	map_remove(&subscription->table->by_id, subscription->id, strlen(subscription->id));
	subscription->ended = true;
	return subscription;
}

static void end(struct wsman_subscription *subscription)
{
	cim_subscription_end(subscription->events);
	wsman_subscription_release(&subscription);
}

static struct wsman_subscription *take_expired(struct wsman_subscriptions *subscriptions,
					       uint64_t now_ms)
{
	struct wsman_subscription *found, *expired = NULL;

	pthread_mutex_lock(&subscriptions->lock);
	for (size_t at = 0; !expired && (found = map_next(&subscriptions->by_id, &at));)
		if (found->expires_ms <= now_ms)
			expired = take_out(found);
	pthread_mutex_unlock(&subscriptions->lock);
	return expired;
}

static void end_until(struct wsman_subscriptions *subscriptions, uint64_t now_ms)
{
	struct wsman_subscription *expired;

	while ((expired = take_expired(subscriptions, now_ms)))
		end(expired);
}

void wsman_subscriptions_expire(struct wsman_subscriptions *subscriptions)
{
	end_until(subscriptions, clock_monotonic_ms());
}

void wsman_subscriptions_free(struct wsman_subscriptions **subscriptions)
{
	struct wsman_subscriptions *freeing = take(*subscriptions);

	if (!freeing)
		return;
	end_until(freeing, UINT64_MAX);
	map_done(&freeing->by_id);
	pthread_mutex_destroy(&freeing->lock);
	free(freeing);
}

/* --- What clients do --- */

/* Under the lock. Others' are as good as none, and so are those whose time is over. */
static struct wsman_subscription *find(struct wsman_call *call, const char *id)
{
	struct wsman_subscriptions *subscriptions = call->wsman->subscriptions;
	struct wsman_subscription *found = map_find(&subscriptions->by_id, id, strlen(id));

	if (!found || strcmp(found->user, call->message->principal.name) != 0 ||
	    found->expires_ms <= clock_monotonic_ms())
		return NULL;
	return found;
}

static void make_id(char out[static CIM_CONTEXT_SIZE])
{
	struct guid guid = guid_random();

	memcpy(out, "uuid:", 5);
	guid_to_text(&guid, out + 5);
}

void wsman_subscription_add(struct wsman_call *call, struct cim_subscription *events,
			    const struct wsman_subscription_terms *terms,
			    char ret_id[static CIM_CONTEXT_SIZE])
{
	struct wsman_subscriptions *subscriptions = call->wsman->subscriptions;
	struct wsman_subscription *subscription = xcalloc(1, sizeof(*subscription));

	subscription->table = subscriptions;
	make_id(subscription->id);
	memcpy(ret_id, subscription->id, sizeof(subscription->id));
	memcpy(subscription->user, call->message->principal.name, sizeof(subscription->user));
	subscription->events = events;
	subscription->terms = *terms;
	subscription->references = 1;
	subscription->expires_ms = clock_monotonic_ms() + terms->life_ms;
	pthread_mutex_lock(&subscriptions->lock);
	map_put(&subscriptions->by_id, subscription->id, strlen(subscription->id), subscription);
	pthread_mutex_unlock(&subscriptions->lock);
}

struct wsman_subscription *wsman_subscription_hold(struct wsman_call *call, const char *id)
{
	struct wsman_subscriptions *subscriptions = call->wsman->subscriptions;
	struct wsman_subscription *found;

	pthread_mutex_lock(&subscriptions->lock);
	found = find(call, id);
	if (found)
		found->references++;
	pthread_mutex_unlock(&subscriptions->lock);
	return found;
}

bool wsman_subscription_renew(struct wsman_call *call, const char *id, const unsigned int *life_ms,
			      unsigned int *ret_life_ms)
{
	struct wsman_subscriptions *subscriptions = call->wsman->subscriptions;
	struct wsman_subscription *found;

	pthread_mutex_lock(&subscriptions->lock);
	found = find(call, id);
	if (found) {
		if (life_ms)
			found->terms.life_ms = *life_ms;
		found->expires_ms = clock_monotonic_ms() + found->terms.life_ms;
		*ret_life_ms = found->terms.life_ms;
	}
	pthread_mutex_unlock(&subscriptions->lock);
	return found != NULL;
}

bool wsman_subscription_end(struct wsman_call *call, const char *id)
{
	struct wsman_subscriptions *subscriptions = call->wsman->subscriptions;
	struct wsman_subscription *found;

	pthread_mutex_lock(&subscriptions->lock);
	found = find(call, id);
	if (found)
		take_out(found);
	pthread_mutex_unlock(&subscriptions->lock);
	if (found)
		end(found);
	return found != NULL;
}

/* --- For a pull --- */

void wsman_subscription_id(const struct wsman_subscription *subscription,
			   char ret_id[static CIM_CONTEXT_SIZE])
{
	memcpy(ret_id, subscription->id, sizeof(subscription->id));
}

struct cim_subscription *wsman_subscription_events(struct wsman_subscription *subscription)
{
	return subscription->events;
}

const struct wsman_subscription_terms *
wsman_subscription_terms(const struct wsman_subscription *subscription)
{
	return &subscription->terms;
}

bool wsman_subscription_begin_pull(struct wsman_subscription *subscription)
{
	bool alone;

	pthread_mutex_lock(&subscription->table->lock);
	alone = !subscription->pulled;
	subscription->pulled = true;
	if (alone && subscription->terms.slides)
		subscription->expires_ms = UINT64_MAX; /* not while somebody waits */
	pthread_mutex_unlock(&subscription->table->lock);
	return alone;
}

void wsman_subscription_end_pull(struct wsman_subscription *subscription)
{
	pthread_mutex_lock(&subscription->table->lock);
	subscription->pulled = false;
	if (subscription->terms.slides)
		subscription->expires_ms = clock_monotonic_ms() + subscription->terms.life_ms;
	pthread_mutex_unlock(&subscription->table->lock);
}

bool wsman_subscription_ended(struct wsman_subscription *subscription)
{
	bool ended;

	pthread_mutex_lock(&subscription->table->lock);
	ended = subscription->ended;
	pthread_mutex_unlock(&subscription->table->lock);
	return ended;
}
