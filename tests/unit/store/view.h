/* SPDX-License-Identifier: MIT */
/* view.h -- a store on the fake backend, and what is seen of it from outside. */
#pragma once
#include "fake_backend.h"

/* What a test sees of a store: events and answers in their order, one word each. */
struct view {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct text log;
	size_t done;
	char message[1024];       /* of the last failure */
	struct snapshot *picture; /* of the VM that was published last */
};

static inline void note_published(void *context, const struct guid *vm, struct snapshot *snapshot)
{
	struct view *view = context;

	pthread_mutex_lock(&view->lock);
	text_printf(&view->log, " vm%u", vm->bytes[15]);
	if (snapshot)
		text_printf(&view->log, "@%ju", (uintmax_t)snapshot->generation);
	snapshot_release(&view->picture);
	view->picture = snapshot ? snapshot_ref(snapshot) : NULL;
	pthread_mutex_unlock(&view->lock);
}

static inline void note_done(void *context, const struct store_result *result)
{
	struct view *view = context;

	pthread_mutex_lock(&view->lock);
	text_printf(&view->log, " %s", okvp_status_name(result->error.status));
	if (result->error.status != OKVP_OK)
		memcpy(view->message, result->error.message, sizeof(view->message));
	view->done++;
	pthread_cond_broadcast(&view->changed);
	pthread_mutex_unlock(&view->lock);
}

static inline void await_done(struct view *view, size_t count)
{
	pthread_mutex_lock(&view->lock);
	while (view->done < count)
		pthread_cond_wait(&view->changed, &view->lock);
	pthread_mutex_unlock(&view->lock);
}

static inline void open_with(struct view *view, unsigned int lazy_ms)
{
	const struct store_events events = { .published = note_published, .context = view };
	struct store_limits limits = roomy;

	limits.lazy_ms = lazy_ms;
	assert_true(store_open_on(&fake_backend, NULL, &limits, &events, &view->store, NULL));
}

static inline void apply_list(struct view *view, struct change_list *list)
{
	assert_true(store_apply(view->store, list, NULL, NULL));
}

/* Closes the store. What follows can be looked at without a lock. */
static inline void settle(struct view *view)
{
	fake_open_gate(SIZE_MAX);
	store_close(&view->store);
}

/* A store with VM 1, "web1", and empty logs. */
static inline int open_store(void **state)
{
	static struct view view = { .lock = PTHREAD_MUTEX_INITIALIZER,
				    .changed = PTHREAD_COND_INITIALIZER };

	fake_reset();
	view.done = 0;
	open_with(&view, roomy.lazy_ms);
	apply_list(&view, definition(1, "web1"));
	text_clear(&view.log);
	text_clear(&fake.log);
	*state = &view;
	return 0;
}

static inline int close_store(void **state)
{
	struct view *view = *state;

	settle(view);
	snapshot_release(&view->picture);
	text_done(&view->log);
	text_done(&fake.log);
	return 0;
}

static inline struct change_list *putting(unsigned int vm, const char *key)
{
	struct change_list *list = list_for(vm);

	put(list, key, "x");
	return list;
}

static inline struct change_list *adding(unsigned int vm, const char *key)
{
	struct change_list *list = list_for(vm);

	add(list, key, "x");
	return list;
}

static inline struct change_list *modifying(unsigned int vm, const char *key)
{
	struct change_list *list = list_for(vm);

	modify(list, key, "y");
	return list;
}

static inline void submit(struct view *view, struct change_list *list)
{
	store_submit(view->store, list, note_done, view);
}

/* Has the committer wait in the middle of a commit, so that what is submitted now is one round. */
static inline void hold_committer(struct view *view)
{
	fake_open_gate(fake.written);
	submit(view, putting(1, "first"));
	fake_await(&fake.begun, fake.written + 1);
}
