/* SPDX-License-Identifier: MIT */
/* event.h -- what happens to instances, and who is told: subscriptions with a queue each.
 *
 *	provider: cim_events_publish() -> dispatcher: which subscriptions want it? -> their queues
 *	binding:  cim_subscription_peek() and ..._advance(), or first cim_subscription_wait()
 *
 * A subscription is a query for events (query.h) and a queue that is bounded: what does not fit is
 * counted, and whoever reads on is told how much is missing. Publishing never waits. */
#pragma once
#include "cim/operation.h"
#include "cim/query.h"

struct cim_events;
struct cim_subscription;

enum cim_event_kind { CIM_EVENT_CREATION, CIM_EVENT_MODIFICATION, CIM_EVENT_DELETION };

/* Something that happened, as its provider keeps it: enough to fill the instance as it was and as
 * it is. Counted by references; fill() may be called on any thread, and again and again. */
struct cim_event_source {
	struct cim_event_source *(*ref)(struct cim_event_source *source);
	void (*release)(struct cim_event_source *source);
	/* Fills the instance as it was before, or as it is. */
	void (*fill)(struct cim_event_source *source, bool before, struct cim_instance *instance);
	size_t bytes; /* about so much memory would be free without it */
};

struct cim_events_limits {
	size_t per_user, in_all; /* subscriptions */
	size_t queue;            /* events of a subscription that nobody has read yet */
	size_t queue_bytes;      /* their sources; a single one may be larger */
};

struct cim_events *cim_events_create(const struct cim_events_limits *limits);

/* Ends all subscriptions, telling those who wait, and takes no more of anything. */
void cim_events_stop(struct cim_events *events);

/* All subscriptions have been given back. */
void cim_events_free(struct cim_events **events);

/* --- For providers, on any thread; both return at once --- */

/* Whether anybody subscribes to events of a class: spares the work. */
bool cim_events_wanted(struct cim_events *events, enum cim_class_id class_id);

/* Takes a reference to the source. A modification after which nothing of the instance differs is
 * no event. */
void cim_events_publish(struct cim_events *events, enum cim_event_kind kind,
			enum cim_class_id class_id, struct cim_event_source *source);

/* --- For bindings --- */

/* Subscribes; user NULL: the service itself, which has limits of its own on how often it does. ns:
 * in which the classes of the query are found. CIM_STATUS_INVALID_NAMESPACE, ..._INVALID_CLASS
 * (behind FROM), ..._INVALID_QUERY for all else that is wrong with it;
 * ..._SERVER_LIMITS_EXCEEDED names limit and usage; ..._SERVER_IS_SHUTTING_DOWN. */
bool cim_subscribe(struct cim_events *events, const struct principal *user, const char *ns,
		   const char *query, size_t length, struct cim_subscription **ret_subscription,
		   struct cim_error *err);

/* Ends a subscription: it gets no more events, and whoever waits is told. */
void cim_subscription_end(struct cim_subscription *subscription);

/* Gives it back, ended or not; nobody waits for it. */
void cim_unsubscribe(struct cim_subscription **subscription);

/* For projection. */
const struct cim_query *cim_subscription_query(const struct cim_subscription *subscription);

/* The oldest event, in the arena: an instance of __InstanceCreationEvent or one of its sisters, or
 * of CIM_InstCreation or one of its sisters, as the query asks; what happened to is embedded as
 * CIM_INSTANCE. NULL: none now. *ret_missed: how many are lost in front of it, which may be told
 * without an event too. It stays the oldest until cim_subscription_advance(), which also forgets
 * what was missed. One thread at a time. */
struct cim_instance *cim_subscription_peek(struct cim_subscription *subscription,
					   struct arena *arena, uint64_t *ret_missed);
void cim_subscription_advance(struct cim_subscription *subscription);

/* False: it gets no more events; those that are queued may be read. */
bool cim_subscription_alive(struct cim_subscription *subscription);

/* Calls ready once, when there is something to read, the subscription has ended, or so many
 * milliseconds have passed; at once or later, on any thread. One at a time may wait. */
void cim_subscription_wait(struct cim_subscription *subscription, unsigned int most_ms,
			   void (*ready)(void *context), void *context);
