/* SPDX-License-Identifier: MIT */
/* open_enumerations.c -- listings that clients keep open between two requests. */
#include "cim/enumeration.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/guid.h"
#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

struct user {
	char name[PRINCIPAL_NAME_SIZE];
	size_t open;
};

/* A place that a user has. It is idle or taken by a request. */
struct entry {
	char context[CIM_CONTEXT_SIZE];
	struct user *user;
	const void *binding;
	bool taken;

	/* While it is idle. Each may be so for the same time, so the list is in the order in which
	 * they expire. */
	struct cim_enumeration *enumeration;
	void *binding_data;
	uint64_t expires_ms;
	struct entry *before, *after;
};

struct cim_enumerations {
	struct cim_enumerations_limits limits;
	pthread_mutex_t lock; /* of all below */
	struct map by_context, by_name;
	struct entry *oldest, *newest; /* of those that are idle */
};

struct cim_enumerations *cim_enumerations_create(const struct cim_enumerations_limits *limits)
{
	struct cim_enumerations *enumerations = xcalloc(1, sizeof(*enumerations));

	enumerations->limits = *limits;
	pthread_mutex_init(&enumerations->lock, NULL);
	return enumerations;
}

/* --- Under the lock --- */

static struct user *find_user(struct cim_enumerations *enumerations, const char *name)
{
	size_t length = strlen(name);
	struct user *user = map_find(&enumerations->by_name, name, length);

	if (!user) {
		user = xcalloc(1, sizeof(*user));
		memcpy(user->name, name, length);
		map_put(&enumerations->by_name, user->name, length, user);
	}
	return user;
}

static void release_user(struct cim_enumerations *enumerations, struct user *user)
{
	if (user->open > 0)
		return;
	map_remove(&enumerations->by_name, user->name, strlen(user->name));
	free(user);
}

static struct entry *find_entry(struct cim_enumerations *enumerations, const char *context)
{
	return map_find(&enumerations->by_context, context, strlen(context));
}

static void add_entry(struct cim_enumerations *enumerations, struct entry *entry)
{
	entry->user->open++;
	map_put(&enumerations->by_context, entry->context, strlen(entry->context), entry);
}

static void remove_entry(struct cim_enumerations *enumerations, struct entry *entry)
{
	map_remove(&enumerations->by_context, entry->context, strlen(entry->context));
	entry->user->open--;
	release_user(enumerations, entry->user);
}

static void begin_idleness(struct cim_enumerations *enumerations, struct entry *entry)
{
	entry->expires_ms = clock_monotonic_ms() + enumerations->limits.idle_ms;
	entry->after = NULL;
	entry->before = enumerations->newest;
	if (entry->before)
		entry->before->after = entry;
	else
		enumerations->oldest = entry;
	enumerations->newest = entry;
}

static void end_idleness(struct cim_enumerations *enumerations, struct entry *entry)
{
	*(entry->before ? &entry->before->after : &enumerations->oldest) = entry->after;
	*(entry->after ? &entry->after->before : &enumerations->newest) = entry->before;
}

static bool is_allowed(const struct cim_enumerations *enumerations, const struct user *user,
		       struct cim_error *err)
{
	const struct cim_enumerations_limits *limits = &enumerations->limits;

	if (user->open >= limits->per_user)
		return cim_fail(err, CIM_STATUS_SERVER_LIMITS_EXCEEDED, CIM_DETAIL_NONE,
				"%zu of %zu enumerations of user '%s' are open", user->open,
				limits->per_user, user->name);
	if (enumerations->by_context.count >= limits->in_all)
		return cim_fail(err, CIM_STATUS_SERVER_LIMITS_EXCEEDED, CIM_DETAIL_NONE,
				"%zu of %zu enumerations are open", enumerations->by_context.count,
				limits->in_all);
	return true;
}

/* --- For the callers --- */

static void close_entry(struct entry *entry)
{
	cim_enumeration_close(&entry->enumeration);
	free(entry->binding_data);
	free(entry);
}

/* Providers may take their time to end a walk: not under the lock. */
static void close_until(struct cim_enumerations *enumerations, uint64_t now_ms)
{
	for (;;) {
		struct entry *entry;

		pthread_mutex_lock(&enumerations->lock);
		entry = enumerations->oldest;
		if (entry && entry->expires_ms <= now_ms) {
			end_idleness(enumerations, entry);
			remove_entry(enumerations, entry);
		} else {
			entry = NULL;
		}
		pthread_mutex_unlock(&enumerations->lock);
		if (!entry)
			return;
		close_entry(entry);
	}
}

void cim_enumerations_expire(struct cim_enumerations *enumerations)
{
	close_until(enumerations, clock_monotonic_ms());
}

void cim_enumerations_free(struct cim_enumerations **enumerations)
{
	struct cim_enumerations *freeing = *enumerations;

	if (!freeing)
		return;
	close_until(freeing, UINT64_MAX);
	map_done(&freeing->by_context);
	map_done(&freeing->by_name);
	pthread_mutex_destroy(&freeing->lock);
	free(freeing);
	*enumerations = NULL;
}

static void make_context(char out[static CIM_CONTEXT_SIZE])
{
	struct guid guid = guid_random();

	memcpy(out, "uuid:", 5);
	guid_to_text(&guid, out + 5);
}

/* A place for a listing that has none; NULL: the user, or all together, have too many. */
static struct entry *new_entry(struct cim_enumerations *enumerations, const void *binding,
			       const struct principal *user, struct cim_error *err)
{
	struct user *owner = find_user(enumerations, user->name);
	struct entry *entry;

	if (!is_allowed(enumerations, owner, err)) {
		release_user(enumerations, owner);
		return NULL;
	}
	entry = xcalloc(1, sizeof(*entry));
	make_context(entry->context);
	entry->user = owner;
	entry->binding = binding;
	add_entry(enumerations, entry);
	return entry;
}

bool cim_enumerations_keep(struct cim_enumerations *enumerations, const void *binding,
			   const struct principal *user, struct cim_enumeration **enumeration,
			   void **binding_data, char context[static CIM_CONTEXT_SIZE],
			   struct cim_error *err)
{
	struct entry *entry;

	cim_enumerations_expire(enumerations);
	pthread_mutex_lock(&enumerations->lock);
	entry = *context ? find_entry(enumerations, context)
			 : new_entry(enumerations, binding, user, err);
	if (entry) {
		entry->enumeration = take(*enumeration);
		entry->binding_data = take(*binding_data);
		entry->taken = false;
		memcpy(context, entry->context, sizeof(entry->context));
		begin_idleness(enumerations, entry);
	}
	pthread_mutex_unlock(&enumerations->lock);
	return entry != NULL;
}

/* What a request can have of a context; under the lock. */
static bool may_take(const struct entry *entry, const void *binding, const struct principal *user,
		     struct cim_error *err)
{
	if (!entry || entry->binding != binding || strcmp(entry->user->name, user->name) != 0)
		return cim_fail(err, CIM_STATUS_INVALID_ENUMERATION_CONTEXT, CIM_DETAIL_NONE,
				"no such enumeration: it ended, expired, or is of another user");
	if (entry->taken)
		return cim_fail(err, CIM_STATUS_INVALID_ENUMERATION_CONTEXT, CIM_DETAIL_IN_USE,
				"another request reads this enumeration");
	return true;
}

bool cim_enumerations_take(struct cim_enumerations *enumerations, const void *binding,
			   const struct principal *user, const char *context,
			   struct cim_enumeration **ret_enumeration, void **ret_binding_data,
			   struct cim_error *err)
{
	struct entry *entry;
	bool allowed;

	cim_enumerations_expire(enumerations);
	pthread_mutex_lock(&enumerations->lock);
	entry = find_entry(enumerations, context);
	allowed = may_take(entry, binding, user, err);
	if (allowed) {
		end_idleness(enumerations, entry);
		entry->taken = true;
		*ret_enumeration = take(entry->enumeration);
		*ret_binding_data = take(entry->binding_data);
	}
	pthread_mutex_unlock(&enumerations->lock);
	return allowed;
}

void cim_enumerations_drop(struct cim_enumerations *enumerations, const char *context)
{
	struct entry *entry;

	pthread_mutex_lock(&enumerations->lock);
	entry = find_entry(enumerations, context);
	remove_entry(enumerations, entry);
	pthread_mutex_unlock(&enumerations->lock);
	free(entry);
}
