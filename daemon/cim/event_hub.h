/* SPDX-License-Identifier: MIT */
/* event_hub.h -- for event*.c and subscription.c: how events and subscriptions look inside. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "cim/event.h"

#define EVENT_KINDS (CIM_EVENT_DELETION + 1)

/* An event on its way, or, in the queue of a subscription, a gap: source NULL. */
struct queued {
	enum cim_event_kind kind;
	enum cim_class_id class_id;
	struct cim_event_source *source; /* owns a reference */
	int64_t at_us;                   /* wall time */
	uint64_t number;                 /* in the order of publishing */
	uint64_t missed;                 /* of a gap */
	bool told;                       /* a gap that somebody has seen does not grow */
	struct queued *next;
};

struct queue {
	struct queued *first, *last;
	size_t count, bytes;
};

void queue_add(struct queue *queue, struct queued *entry); /* takes it */
struct queued *queue_take(struct queue *queue);            /* NULL: empty */
void queue_clear(struct queue *queue);
void queued_free(struct queued **entry);

struct cim_subscription {
	struct cim_events *events;
	char user[PRINCIPAL_NAME_SIZE];
	struct arena *arena;     /* of the query */
	struct cim_query *query; /* bound; only read */
	/* The class in which an event of a kind is told; NULL: events of this kind are not. */
	const struct cim_class *form[EVENT_KINDS];

	/* Under the lock of events. */
	unsigned int references;
	bool alive;     /* in the list of events */
	uint64_t first; /* number of the first event that it may be told of */
	struct cim_subscription *before, *after;
	struct queue queue;
	void (*ready)(void *context); /* NULL: nobody waits */
	void *context;
	uint64_t deadline_ms;
};

struct cim_events {
	struct cim_events_limits limits;
	atomic_uint wanted[CIM_CLASS_COUNT]; /* how many subscriptions, by class */
	pthread_mutex_t lock;                /* of all below; never held while a provider fills */
	pthread_cond_t changed;
	pthread_t dispatcher;
	struct queue published; /* by providers; the dispatcher has not seen it */
	uint64_t next_number;   /* of the next event */
	uint64_t lost;          /* for want of room in published, since the dispatcher looked */
	struct cim_subscription *subscriptions;
	bool stopping, freeing;
};

/* Counts the classes whose events a subscription may want, or not any more. */
void events_want(struct cim_events *events, const struct cim_subscription *subscription, int one);

/* Under the lock: queues an event for a subscription, or a gap if it does not fit. */
void subscription_offer(struct cim_subscription *subscription, const struct queued *event);
void subscription_miss(struct cim_subscription *subscription, uint64_t count);

/* Under the lock: takes off whoever waits; call it without the lock. NULL: nobody. */
struct waiter {
	void (*ready)(void *context);
	void *context;
};
struct waiter subscription_take_waiter(struct cim_subscription *subscription);

/* Under the lock: no more events. */
void subscription_end(struct cim_subscription *subscription);

/* Under the lock: one reference less. The caller frees what is returned without the lock. */
struct cim_subscription *subscription_unref(struct cim_subscription *subscription);
void subscription_free(struct cim_subscription *subscription);

/* --- What an event looks like: event_form.c --- */

/* An instance of a class as an event left or found it, in the arena. */
struct cim_instance *event_fill(const struct queued *event, const struct cim_class *class,
				bool before, struct arena *arena);

/* Finds the classes in which a subscription to a class of events is told. */
void event_forms(const struct cim_class *event_class,
		 const struct cim_class *ret_form[static EVENT_KINDS]);

/* The event as an instance of its class. */
struct cim_instance *event_write(const struct cim_subscription *subscription,
				 const struct queued *event, struct arena *arena);
