/* SPDX-License-Identifier: MIT */
/* store.c -- the queue of lists, and the one thread that commits them.
 *
 * A round takes all lists that wait. Each is applied to the state that the ones before it leave;
 * the rows of all of them are written at once, and with them what lazy lists left behind. If the
 * disk does not take that, the round is taken back and each list is tried alone, so that one list
 * that cannot be written fails alone. */
#include "store/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/backend.h"
#include "store/lazy.h"
#include "store/load.h"
#include "store/state.h"

struct store {
	const struct backend_kind *kind;
	struct backend *backend;
	struct store_limits limits;
	struct store_events events;
	pthread_t committer;

	/* The committer's own. */
	struct state state;
	struct lazy lazy;
	struct rows rows;
	struct change_list **round;
	size_t round_count, round_room;

	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;
	struct change_list *first, **end; /* the queue */
	bool closing;
	struct store_figures figures;
};

/* --- Telling what became of a list --- */

static void tell_done(const struct change_list *list)
{
	const struct outcome *outcome = &list->outcome;
	struct store_result result = {
		.snapshot = outcome->after,
		.generation = outcome->generation,
		.changed = outcome->changed,
		.changed_count = outcome->changed_count,
	};

	if (outcome->failure) {
		result.error = outcome->failure->error;
		result.keys = outcome->failure->keys;
	}
	if (list->done)
		list->done(list->context, &result);
}

static void count_list(struct store *store, bool failed)
{
	pthread_mutex_lock(&store->lock);
	store->figures.lists++;
	store->figures.lists_failed += failed;
	store->figures.waiting--;
	pthread_mutex_unlock(&store->lock);
}

/* The list is refused, or what it changes is on disk, or need not be. */
static void conclude(struct store *store, struct change_list *list)
{
	const struct outcome *outcome = &list->outcome;

	if (!outcome->failure && change_list_is_lazy(list))
		lazy_note(&store->lazy, list, clock_monotonic_ms());
	else if (!outcome->failure)
		lazy_forget(&store->lazy, list);
	count_list(store, outcome->failure);
	if (outcome->before != outcome->after && store->events.published)
		store->events.published(store->events.context, &list->vm, outcome->after);
	if (outcome->objects_after && store->events.objects_changed)
		store->events.objects_changed(store->events.context, outcome->objects_after);
	tell_done(list);
	change_list_free(&list);
}

/* --- Rounds --- */

static bool write_rows(struct store *store, struct okvp_error *err)
{
	if (store->rows.count == 0)
		return true;
	if (!store->kind->write(store->backend, store->rows.row, store->rows.count, err))
		return false;
	pthread_mutex_lock(&store->lock);
	store->figures.commits++;
	pthread_mutex_unlock(&store->lock);
	return true;
}

/* Applies a list, and adds its rows unless they may wait. */
static void apply(struct store *store, struct change_list *list, int64_t now_us)
{
	size_t rows = store->rows.count;

	if (state_apply(&store->state, &store->limits, list, now_us, &store->rows) &&
	    change_list_is_lazy(list))
		store->rows.count = rows;
}

static void run_alone(struct store *store, struct change_list *list)
{
	struct okvp_error err;

	store->rows.count = 0;
	apply(store, list, clock_wall_us());
	if (!write_rows(store, &err)) {
		state_undo(&store->state, list);
		list->outcome.failure = xcalloc(1, sizeof(*list->outcome.failure));
		list->outcome.failure->error = err;
	}
	conclude(store, list);
}

static void take_back(struct store *store)
{
	for (size_t i = store->round_count; i > 0; i--)
		state_undo(&store->state, store->round[i - 1]);
}

static bool must_be_written(const struct store *store)
{
	for (size_t i = 0; i < store->round_count; i++)
		if (!change_list_is_lazy(store->round[i]))
			return true;
	return false;
}

/* flush: everything that is lazy is written, guest data too. */
static void run_round(struct store *store, bool flush)
{
	bool with_lazy = flush || must_be_written(store);
	int64_t now_us = clock_wall_us();

	store->rows.count = 0;
	if (with_lazy) /* in front: what a list of this round says is newer */
		lazy_rows(&store->lazy, &store->state, flush, &store->rows);
	for (size_t i = 0; i < store->round_count; i++)
		apply(store, store->round[i], now_us);
	if (write_rows(store, NULL)) {
		if (with_lazy)
			lazy_written(&store->lazy, flush);
		for (size_t i = 0; i < store->round_count; i++)
			conclude(store, store->round[i]);
	} else {
		lazy_put_off(&store->lazy, clock_monotonic_ms());
		take_back(store);
		for (size_t i = 0; i < store->round_count; i++)
			run_alone(store, store->round[i]);
	}
}

/* --- The committer --- */

static bool flush_is_due(const struct store *store)
{
	return store->lazy.due_ms > 0 && store->lazy.due_ms <= clock_monotonic_ms();
}

static void wait_for_work(struct store *store)
{
	struct timespec due = { .tv_sec = (time_t)(store->lazy.due_ms / 1000),
				.tv_nsec = (long)(store->lazy.due_ms % 1000 * 1000000) };

	if (store->lazy.due_ms > 0)
		pthread_cond_timedwait(&store->wake, &store->lock, &due);
	else
		pthread_cond_wait(&store->wake, &store->lock);
}

/* Takes all lists that wait; none: lazy ones are to be written. False: the store closes. */
static bool take_round(struct store *store)
{
	store->round_count = 0;
	pthread_mutex_lock(&store->lock);
	while (!store->first && !store->closing && !flush_is_due(store))
		wait_for_work(store);
	for (struct change_list *list = store->first; list; list = list->next) {
		grow(store->round, store->round_count, store->round_room);
		store->round[store->round_count++] = list;
	}
	store->first = NULL;
	store->end = &store->first;
	pthread_mutex_unlock(&store->lock);
	return store->round_count > 0 || flush_is_due(store);
}

static void *commit(void *store_pointer)
{
	struct store *store = store_pointer;

	while (take_round(store))
		run_round(store, flush_is_due(store));
	store->round_count = 0;
	run_round(store, true);
	return NULL;
}

void store_submit(struct store *store, struct change_list *list,
		  void (*done)(void *context, const struct store_result *result), void *context)
{
	list->done = done;
	list->context = context;
	list->next = NULL;
	pthread_mutex_lock(&store->lock);
	*store->end = list;
	store->end = &list->next;
	store->figures.waiting++;
	if (store->first == list)
		pthread_cond_signal(&store->wake);
	pthread_mutex_unlock(&store->lock);
}

/* --- The blocking form --- */

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool done;
	uint64_t generation;
	struct okvp_error error;
};

static void wake_waiter(void *context, const struct store_result *result)
{
	struct waiter *waiter = context;

	pthread_mutex_lock(&waiter->lock);
	waiter->done = true;
	waiter->generation = result->generation;
	waiter->error = result->error;
	pthread_cond_signal(&waiter->wake);
	pthread_mutex_unlock(&waiter->lock);
}

bool store_apply(struct store *store, struct change_list *list, uint64_t *ret_generation,
		 struct okvp_error *err)
{
	struct waiter waiter = { .lock = PTHREAD_MUTEX_INITIALIZER,
				 .wake = PTHREAD_COND_INITIALIZER };

	assert(!pthread_equal(pthread_self(), store->committer));
	store_submit(store, list, wake_waiter, &waiter);
	pthread_mutex_lock(&waiter.lock);
	while (!waiter.done)
		pthread_cond_wait(&waiter.wake, &waiter.lock);
	pthread_mutex_unlock(&waiter.lock);
	pthread_cond_destroy(&waiter.wake);
	pthread_mutex_destroy(&waiter.lock);
	if (waiter.error.status != OKVP_OK) {
		if (err)
			*err = waiter.error;
		return false;
	}
	if (ret_generation)
		*ret_generation = waiter.generation;
	return true;
}

void store_figures(struct store *store, struct store_figures *ret_figures)
{
	pthread_mutex_lock(&store->lock);
	*ret_figures = store->figures;
	pthread_mutex_unlock(&store->lock);
}

/* --- Opening and closing --- */

static struct store *create(const struct backend_kind *kind, const struct store_limits *limits,
			    const struct store_events *events)
{
	struct store *store = xcalloc(1, sizeof(*store));
	pthread_condattr_t monotonic;

	store->kind = kind;
	store->limits = *limits;
	if (events)
		store->events = *events;
	lazy_init(&store->lazy, limits->lazy_ms);
	store->end = &store->first;
	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&store->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return store;
}

static void release(struct store **store_pointer)
{
	struct store *store = take(*store_pointer);

	if (!store)
		return;
	if (store->backend)
		store->kind->close(&store->backend);
	state_done(&store->state);
	lazy_done(&store->lazy);
	free(store->rows.row);
	free(store->round);
	pthread_cond_destroy(&store->wake);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

bool store_open_on(const struct backend_kind *kind, const char *path,
		   const struct store_limits *limits, const struct store_events *events,
		   struct store **ret_store, struct okvp_error *err)
{
	scoped(release) struct store *store = create(kind, limits, events);
	int failed;

	if (!kind->open(path, &store->backend, err) ||
	    !load_state(kind, store->backend, &store->events, &store->state, err))
		return path ? okvp_fail_in(err, "%s", path) : false;
	failed = pthread_create(&store->committer, NULL, commit, store);
	if (failed)
		return okvp_fail_errno(err, failed, "no thread for the store");
	*ret_store = take(store);
	return true;
}

bool store_open(const char *path, const struct store_limits *limits,
		const struct store_events *events, struct store **ret_store, struct okvp_error *err)
{
	return store_open_on(path ? &sqlite_backend : &memory_backend, path, limits, events,
			     ret_store, err);
}

void store_close(struct store **store)
{
	if (!*store)
		return;
	pthread_mutex_lock(&(*store)->lock);
	(*store)->closing = true;
	pthread_cond_signal(&(*store)->wake);
	pthread_mutex_unlock(&(*store)->lock);
	pthread_join((*store)->committer, NULL);
	release(store);
}
