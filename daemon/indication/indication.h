/* SPDX-License-Identifier: MIT */
/* indication.h -- indications: what happens, posted to those who subscribed to it (DSP0200 section
 * 5.4, DSP1054).
 *
 * A subscription is an instance of CIM_IndicationSubscription, which clients make. For each that is
 * enabled there is a queue of events (cim/event.h), whose first is posted to the listener until he
 * takes it; then the next. A listener who does not is tried again after pauses that double, and
 * again; then the indication is given up. Listeners do not wait for each other. What is missing
 * shows as a gap in SequenceNumber; after a restart, which keeps subscriptions and no events, there
 * is another SequenceContext.
 *
 * A subscription that has no SubscriptionTimeRemaining any more is removed here, within a second or
 * so; within a minute if the wall clock was set forward. */
#pragma once
#include "cim/event.h"
#include "cim/operation.h"

struct indications;

struct indications_settings {
	struct cim_service *service;
	struct cim_events *events;
	const char *host_name;      /* of this host, for SourceInstanceHost */
	unsigned int tries;         /* of an indication; then it is given up */
	unsigned int pause_most_ms; /* between two tries */
	unsigned int timeout_ms;    /* of a try */
	const char *ca;             /* file of those who sign listeners; "": the system's */
};

/* Starts with the subscriptions that are there. */
struct indications *indications_create(const struct indications_settings *settings);

/* Looks which subscriptions there are now; on any thread. On return all that are new get events,
 * and those that are gone begin no more deliveries. */
void indications_refresh(struct indications *indications);

/* Stops; what was not delivered is lost. */
void indications_free(struct indications **indications);
