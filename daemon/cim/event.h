/* SPDX-License-Identifier: MIT */
/* event.h -- what happens to instances, and who is told: subscriptions with a queue each.
 *
 *	provider: cim_event_publish() -> dispatcher: which subscriptions match? -> their queues
 *	binding:  cim_subscription_take(), or waits with cim_subscription_wait()
 *
 * A subscription is an event query (WQL: __InstanceModificationEvent and its sisters,
 *CIM_InstModification and its sisters) and a queue that is bounded: what does not fit is counted,
 *and the next event that is taken says how many are missing. Publishing never waits. */
#pragma once
#include "cim/operation.h"
#include "cim/query.h"

struct cim_events;
struct cim_subscription;

enum cim_event_kind { CIM_EVENT_CREATION, CIM_EVENT_MODIFICATION, CIM_EVENT_DELETION };

/* Something that happened, as its provider keeps it: enough to fill the instance as it was and as
 * it is. Counted by references; fill() may be called on any thread, and again and again. */
struct cim_event_source {
	void (*ref)(struct cim_event_source *source);
	void (*release)(struct cim_event_source *source);
	/* Fills the instance before or after; false: it cannot any more. */
	bool (*fill)(struct cim_event_source *source, bool before, struct cim_instance *instance);
};

struct cim_events_limits {
	size_t subscriptions_per_user, queue;
};

struct cim_events *cim_events_create(struct cim_service *service,
				     const struct cim_events_limits *limits);

/* Ends all subscriptions, telling those who wait, and the dispatcher. */
void cim_events_free(struct cim_events **events);

/* Whether anybody subscribes to events of a class: spares providers the work. */
bool cim_events_wanted(struct cim_events *events, enum cim_class_id class_id);

/* Takes a reference to the source. On any thread; returns at once. */
void cim_events_publish(struct cim_events *events, enum cim_event_kind kind,
			enum cim_class_id class_id, struct cim_event_source *source);

/* Subscribes. ns: in which the query's classes are found. CIM_STATUS_INVALID_QUERY;
 * ..._SERVER_LIMITS_EXCEEDED names limit and usage. */
bool cim_subscribe(struct cim_events *events, const struct principal *user, const char *ns,
		   const char *query, size_t length, struct cim_subscription **ret_subscription,
		   struct cim_error *err);
void cim_unsubscribe(struct cim_subscription **subscription);

/* The next event: an instance of the query's event class (TargetInstance, PreviousInstance or
 * SourceInstance hold embedded instances), in the arena. NULL: none now. *ret_missed: how many were
 * lost before it. */
struct cim_instance *cim_subscription_take(struct cim_subscription *subscription,
					   struct arena *arena, uint64_t *ret_missed);

/* Calls ready once, when there is an event or the subscription ended; at once or later, on any
 * thread. One at a time may wait. cim_subscription_stop_waiting() returns false when ready was or
 * will be called all the same. */
void cim_subscription_wait(struct cim_subscription *subscription, void (*ready)(void *context),
			   void *context);
bool cim_subscription_stop_waiting(struct cim_subscription *subscription);
