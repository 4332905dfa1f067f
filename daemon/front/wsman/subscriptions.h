/* SPDX-License-Identifier: MIT */
/* subscriptions.h -- the subscriptions that clients have, by the identifier that is also the
 * context of their pulls; inside wsman/. */
#pragma once
#include "cim/enumeration.h"
#include "cim/event.h"
#include "front/wsman/page.h"

struct wsman_subscription;

struct wsman_subscription_terms {
	unsigned int life_ms;      /* from its beginning, its renewal, and, if slides, a pull */
	bool slides;               /* the client did not say how long it wants it */
	unsigned int heartbeat_ms; /* a pull is answered at least so often; 0: it need not be */
	bool bookmarks;            /* answers have one */
};

struct wsman_subscriptions *wsman_subscriptions_create(void);
void wsman_subscriptions_free(struct wsman_subscriptions **subscriptions);

/* Ends those whose time is over. */
void wsman_subscriptions_expire(struct wsman_subscriptions *subscriptions);

/* Adds a subscription of the caller's, and gives it an identifier. Takes the events. */
void wsman_subscription_add(struct wsman_call *call, struct cim_subscription *events,
			    const struct wsman_subscription_terms *terms,
			    char ret_id[static CIM_CONTEXT_SIZE]);

/* Finds a subscription of the caller's for a pull; NULL: there is none. Each is given to
 * wsman_pull_events(). */
struct wsman_subscription *wsman_subscription_hold(struct wsman_call *call, const char *id);

/* Lets it live on; *life_ms NULL: as long as before. False: there is none. */
bool wsman_subscription_renew(struct wsman_call *call, const char *id, const unsigned int *life_ms,
			      unsigned int *ret_life_ms);

/* Ends it; a pull that waits is answered. False: there is none. */
bool wsman_subscription_end(struct wsman_call *call, const char *id);

/* --- For a pull --- */

void wsman_subscription_id(const struct wsman_subscription *subscription,
			   char ret_id[static CIM_CONTEXT_SIZE]);
struct cim_subscription *wsman_subscription_events(struct wsman_subscription *subscription);
const struct wsman_subscription_terms *
wsman_subscription_terms(const struct wsman_subscription *subscription);

/* One pull at a time; false: there is another. */
bool wsman_subscription_begin_pull(struct wsman_subscription *subscription);
void wsman_subscription_end_pull(struct wsman_subscription *subscription);

/* Whether it was ended, by the client or by time. */
bool wsman_subscription_ended(struct wsman_subscription *subscription);

void wsman_subscription_release(struct wsman_subscription **subscription);

/* Answers a pull when there are events: eventing.c. Takes the subscription. */
void wsman_pull_events(struct wsman_call *call, struct wsman_subscription *subscription,
		       struct wsman_page *page);
