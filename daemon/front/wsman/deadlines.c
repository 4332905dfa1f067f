/* SPDX-License-Identifier: MIT */
/* deadlines.c -- calls whose operations take time, and the patience of their clients.
 *
 * Two may answer a call: its operation, and the one who watches its deadline. The state of the call
 * tells each of them whether the other was there:
 *
 *	CLAIMED: one of them answers      WATCHED: the call is in the list of deadlines */
#include "front/wsman/deadlines.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cim/enumeration.h"
#include "openkvp/scoped.h"

enum { CLAIMED = 1, WATCHED = 2 };

enum {
	ABANDONED_MAX = 64, /* calls that were answered and still use memory */
	RETRY_MS = 50,      /* when there are so many */
};

static atomic_uint abandoned; /* the service may have gone when the last one ends */

struct wsman_deadlines {
	pthread_t watcher;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct wsman_call *calls;
	uint64_t next_ms; /* there is none before */
	bool stopping;
};

/* Whether the caller is the one who answers. */
static bool claim(struct wsman_call *call, int *ret_state)
{
	*ret_state = atomic_fetch_or(&call->state, CLAIMED);
	return !(*ret_state & CLAIMED);
}

/* --- Under the lock --- */

static void insert(struct wsman_deadlines *deadlines, struct wsman_call *call)
{
	call->next_watched = deadlines->calls;
	call->link_watched = &deadlines->calls;
	if (call->next_watched)
		call->next_watched->link_watched = &call->next_watched;
	deadlines->calls = call;
	if (call->deadline_ms < deadlines->next_ms) {
		deadlines->next_ms = call->deadline_ms;
		pthread_cond_signal(&deadlines->changed);
	}
}

static void take_out(struct wsman_call *call)
{
	*call->link_watched = call->next_watched;
	if (call->next_watched)
		call->next_watched->link_watched = call->link_watched;
}

static void wake_at(struct wsman_deadlines *deadlines, uint64_t at_ms)
{
	if (at_ms < deadlines->next_ms)
		deadlines->next_ms = at_ms;
}

/* A client must not get a new place for each operation that he abandons. */
static bool may_abandon(const struct wsman_deadlines *deadlines)
{
	return deadlines->stopping || atomic_load(&abandoned) < ABANDONED_MAX;
}

/* A call that is the watcher's to answer, because its time is over. What its operation is about to
 * answer takes itself out. */
static struct wsman_call *take_late(struct wsman_deadlines *deadlines, uint64_t now_ms)
{
	int state;

	deadlines->next_ms = UINT64_MAX;
	for (struct wsman_call *call = deadlines->calls; call; call = call->next_watched) {
		if (call->deadline_ms > now_ms) {
			wake_at(deadlines, call->deadline_ms);
		} else if (!may_abandon(deadlines)) {
			wake_at(deadlines, now_ms + RETRY_MS);
		} else if (claim(call, &state)) {
			take_out(call);
			atomic_fetch_add(&abandoned, 1);
			wake_at(deadlines, now_ms); /* to look at the others again */
			return call;
		}
	}
	return NULL;
}

static void sleep_until_next(struct wsman_deadlines *deadlines)
{
	const struct timespec at = {
		.tv_sec = (time_t)(deadlines->next_ms / 1000),
		.tv_nsec = (long)(deadlines->next_ms % 1000) * 1000000,
	};

	if (deadlines->next_ms == UINT64_MAX)
		pthread_cond_wait(&deadlines->changed, &deadlines->lock);
	else
		pthread_cond_timedwait(&deadlines->changed, &deadlines->lock, &at);
}

/* --- The watcher --- */

static void refuse(struct wsman_call *call, bool stopping)
{
	struct wsman_fault fault;

	if (stopping)
		wsman_fail(&fault, FAULT_UNAVAILABLE, "the service is stopping");
	else
		wsman_fail(&fault, FAULT_TIMED_OUT,
			   "not done in OperationTimeout; it may still be done");
	wsman_refuse(call, &fault);
}

static void *watch(void *context)
{
	struct wsman_deadlines *deadlines = context;

	pthread_mutex_lock(&deadlines->lock);
	for (;;) {
		bool stopping = deadlines->stopping;
		struct wsman_call *late =
			take_late(deadlines, stopping ? UINT64_MAX : clock_monotonic_ms());

		if (late) {
			pthread_mutex_unlock(&deadlines->lock);
			refuse(late, stopping);
			pthread_mutex_lock(&deadlines->lock);
		} else if (stopping && !deadlines->calls) {
			break;
		} else {
			sleep_until_next(deadlines);
		}
	}
	pthread_mutex_unlock(&deadlines->lock);
	return NULL;
}

struct wsman_deadlines *wsman_deadlines_create(void)
{
	struct wsman_deadlines *deadlines = xcalloc(1, sizeof(*deadlines));
	pthread_condattr_t monotonic;

	deadlines->next_ms = UINT64_MAX;
	pthread_mutex_init(&deadlines->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&deadlines->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&deadlines->watcher, NULL, watch, deadlines) != 0)
		abort(); /* no memory */
	return deadlines;
}

void wsman_deadlines_free(struct wsman_deadlines **deadlines)
{
	struct wsman_deadlines *freeing = take(*deadlines);

	if (!freeing)
		return;
	pthread_mutex_lock(&freeing->lock);
	freeing->stopping = true;
	pthread_cond_signal(&freeing->changed);
	pthread_mutex_unlock(&freeing->lock);
	pthread_join(freeing->watcher, NULL);
	pthread_cond_destroy(&freeing->changed);
	pthread_mutex_destroy(&freeing->lock);
	free(freeing);
}

/* --- Operations of calls --- */

/* Nobody watches the deadline any more. */
static void forget(struct wsman_call *call)
{
	struct wsman_deadlines *deadlines = call->wsman->deadlines;

	pthread_mutex_lock(&deadlines->lock);
	take_out(call);
	if (deadlines->stopping)
		pthread_cond_signal(&deadlines->changed);
	pthread_mutex_unlock(&deadlines->lock);
	wsman_call_release(call);
}

static void operation_finished(struct cim_operation *operation)
{
	struct wsman_call *call = operation->binding;
	int state;

	if (!claim(call, &state)) { /* the client has been told that it took too long */
		cim_enumeration_close(&operation->enumeration);
		atomic_fetch_sub(&abandoned, 1);
		return wsman_call_release(call);
	}
	if (state & WATCHED)
		forget(call);
	call->finished(call);
}

void wsman_expect(struct wsman_call *call, void (*finished)(struct wsman_call *call))
{
	call->finished = finished;
	call->operation.finished = operation_finished;
	atomic_fetch_add(&call->references, 1);
}

void wsman_await(struct wsman_call *call)
{
	struct wsman_deadlines *deadlines = call->wsman->deadlines;
	bool watched = false;

	if (!(atomic_load(&call->state) & CLAIMED)) {
		pthread_mutex_lock(&deadlines->lock);
		call->deadline_ms = clock_monotonic_ms() + call->timeout_ms;
		watched = !(atomic_fetch_or(&call->state, WATCHED) & CLAIMED);
		if (watched)
			insert(deadlines, call);
		pthread_mutex_unlock(&deadlines->lock);
	}
	if (!watched)
		wsman_call_release(call);
}
