/* SPDX-License-Identifier: MIT */
/* host.c -- the parts of the domain, put together. */
#include "host/host.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "host/auto_items.h"
#include "host/contacts.h"
#include "host/delivery_table.h"
#include "host/exchange_core.h"
#include "host/guest_network_core.h"
#include "host/job_table.h"
#include "openkvp/scoped.h"

#define EXPIRE_MS 1000 /* how often ended jobs are looked through */

struct host {
	struct host_settings settings;
	struct host_facts facts;
	struct loop *loop;
	struct host_events *events;
	struct vm_registry *vms;
	struct jobs *jobs;
	struct contacts *contacts;
	struct store *store;
	struct exchange *exchange;
	struct guest_network *network;
	pthread_mutex_t objects_lock;
	struct object_set *objects;
	pthread_mutex_t watcher_lock; /* held while it looks at the objects */
	struct {
		void (*changed)(void *context);
		void *context;
	} watcher;
	uv_timer_t expire;
	uv_getaddrinfo_t name_query;
	unsigned int handles;
	bool closing;
};

/* --- What the store tells --- */

struct sync {
	struct host *host;
	struct guid vm;
};

static void run_sync(void *context)
{
	struct sync *sync = context;
	struct vm *vm scoped(vm_release) = vm_registry_find_id(sync->host->vms, &sync->vm);

	contacts_sync(sync->host->contacts, &sync->vm);
	if (!vm) {
		jobs_forget_vm(sync->host->jobs, &sync->vm);
		guest_network_forget_vm(sync->host->network, &sync->vm);
	}
	free(sync);
}

static struct vm_settings *settings_of(struct host *host, const struct guid *id)
{
	struct vm *vm scoped(vm_release) = vm_registry_find_id(host->vms, id);
	struct snapshot *snapshot scoped(snapshot_release) = vm ? vm_snapshot(vm) : NULL;

	return snapshot ? snapshot->settings : NULL;
}

/* Only what changes the road to a guest goes to the loop; pictures that differ in items do not. */
static void published(void *context, const struct guid *id, struct snapshot *snapshot)
{
	struct host *host = context;
	bool same_settings = snapshot && settings_of(host, id) == snapshot->settings;
	struct sync *sync;

	vm_registry_publish(host->vms, id, snapshot);
	if (same_settings)
		return;
	sync = xcalloc(1, sizeof(*sync));
	sync->host = host;
	sync->vm = *id;
	loop_post(host->loop, run_sync, sync);
}

static void refusal_found(void *context, const struct guid *id, struct stored_item *item,
			  const char *reason)
{
	struct host *host = context;
	struct vm *vm scoped(vm_release) = vm_registry_find_id(host->vms, id);

	if (vm)
		delivery_restore(vm_delivery(vm), item, reason);
}

static void job_found(void *context, const struct job_record *record)
{
	struct host *host = context;
	struct vm *vm scoped(vm_release) = vm_registry_find_id(host->vms, &record->vm);
	struct snapshot *snapshot scoped(snapshot_release) = vm ? vm_snapshot(vm) : NULL;

	jobs_restore(host->jobs, record, snapshot);
}

/* --- Objects --- */

static void objects_changed(void *context, struct object_set *objects)
{
	struct host *host = context;
	struct object_set *before;

	pthread_mutex_lock(&host->objects_lock);
	before = host->objects;
	host->objects = object_set_ref(objects);
	pthread_mutex_unlock(&host->objects_lock);
	object_set_release(&before);
	pthread_mutex_lock(&host->watcher_lock);
	if (host->watcher.changed)
		host->watcher.changed(host->watcher.context);
	pthread_mutex_unlock(&host->watcher_lock);
}

struct object_set *host_objects(struct host *host)
{
	struct object_set *objects;

	pthread_mutex_lock(&host->objects_lock);
	objects = object_set_ref(host->objects);
	pthread_mutex_unlock(&host->objects_lock);
	return objects;
}

void host_watch_objects(struct host *host, void (*changed)(void *context), void *context)
{
	pthread_mutex_lock(&host->watcher_lock);
	host->watcher.changed = changed;
	host->watcher.context = context;
	pthread_mutex_unlock(&host->watcher_lock);
}

/* --- Timers and names --- */

static void expire(uv_timer_t *timer)
{
	struct host *host = timer->data;

	jobs_expire(host->jobs, clock_monotonic_ms());
}

static void end_stranded(void *context)
{
	struct host *host = context;

	if (!host->closing)
		contacts_end_stranded(host->contacts);
}

static void handle_gone(struct host *host)
{
	if (--host->handles > 0)
		return;
	pthread_mutex_destroy(&host->watcher_lock);
	pthread_mutex_destroy(&host->objects_lock);
	free(host);
}

static void timer_closed(uv_handle_t *handle)
{
	handle_gone(handle->data);
}

static void name_found(uv_getaddrinfo_t *request, int status, struct addrinfo *result)
{
	struct host *host = request->data;

	if (status == 0 && result && result->ai_canonname && !host->closing)
		snprintf(host->facts.fqdn, sizeof(host->facts.fqdn), "%s", result->ai_canonname);
	uv_freeaddrinfo(result);
	handle_gone(host);
}

/* Asks for this host's full name, without waiting for it. */
static void ask_name(struct host *host, uv_loop_t *uv)
{
	const struct addrinfo hints = { .ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM };

	host->name_query.data = host;
	if (uv_getaddrinfo(uv, &host->name_query, name_found, host->facts.name, NULL, &hints) == 0)
		host->handles++;
}

/* --- Opening and closing --- */

static struct host *create_parts(uv_loop_t *uv, const struct host_settings *settings)
{
	struct host *host = xcalloc(1, sizeof(*host));
	struct contacts_settings contacts = {
		.channel = settings->channel,
		.hub = settings->hub,
		.poll_interval_ms = settings->guest_poll_interval_ms,
		.guest_items = settings->guest_items,
		.guest_bytes = settings->guest_bytes,
	};

	host->settings = *settings;
	pthread_mutex_init(&host->objects_lock, NULL);
	pthread_mutex_init(&host->watcher_lock, NULL);
	host_facts_read(&host->facts);
	host->loop = loop_create(uv);
	host->events = host_events_create();
	host->vms = vm_registry_create(host->events);
	host->jobs = jobs_create(host->loop, host->events, settings->jobs_max);
	host->contacts =
		contacts_create(host->loop, host->vms, host->jobs, &contacts, &host->facts);
	host->network = guest_network_create(&(struct guest_network_parts){
		.loop = host->loop,
		.jobs = host->jobs,
		.contacts = host->contacts,
		.vms = host->vms,
		.limits = settings->adapter_setups,
	});
	contacts_set_network(host->contacts, host->network);
	uv_timer_init(uv, &host->expire);
	host->expire.data = host;
	host->handles = 1;
	return host;
}

static void restore_setups(struct host *host)
{
	scoped(object_set_release) struct object_set *objects = host_objects(host);

	guest_network_set_store(host->network, host->store, objects);
}

bool host_open(uv_loop_t *uv, const struct host_settings *settings, struct host **ret_host,
	       struct okvp_error *err)
{
	struct host *host = create_parts(uv, settings);
	struct store_events events = {
		.published = published,
		.refusal_found = refusal_found,
		.job_found = job_found,
		.objects_changed = objects_changed,
		.context = host,
	};

	if (!store_open(settings->store_path, &settings->store, &events, &host->store, err)) {
		host_close(&host);
		return false;
	}
	jobs_set_store(host->jobs, host->store);
	contacts_set_store(host->contacts, host->store);
	restore_setups(host);
	host->exchange = exchange_create(&(struct exchange_parts){
		.loop = host->loop,
		.store = host->store,
		.jobs = host->jobs,
		.contacts = host->contacts,
		.vms = host->vms,
		.refuse_missing_remove = settings->refuse_missing_remove,
		.modify_not_found = settings->modify_not_found,
	});
	contacts_end_transients(host->contacts);
	ask_name(host, uv);
	uv_timer_start(&host->expire, expire, EXPIRE_MS, EXPIRE_MS);
	loop_after(host->loop, settings->channel.answer_timeout_ms, end_stranded, host);
	*ret_host = host;
	return true;
}

/* Contacts go first: they end jobs and write marks. The store then finishes what it has; what that
 * leaves for the loop runs without contacts and without a store. */
void host_close(struct host **host)
{
	struct host *h = take(*host);

	if (!h)
		return;
	h->closing = true;
	contacts_stop(h->contacts);
	if (h->store)
		store_close(&h->store);
	jobs_set_store(h->jobs, NULL);
	guest_network_set_store(h->network, NULL, NULL);
	loop_free(&h->loop);
	contacts_free(&h->contacts);
	jobs_free(&h->jobs);
	vm_registry_free(&h->vms);
	exchange_free(&h->exchange);
	guest_network_free(&h->network);
	host_events_free(&h->events);
	object_set_release(&h->objects);
	uv_close((uv_handle_t *)&h->expire, timer_closed);
}

struct vm_registry *host_vms(struct host *host)
{
	return host->vms;
}

struct jobs *host_jobs(struct host *host)
{
	return host->jobs;
}

struct exchange *host_exchange(struct host *host)
{
	return host->exchange;
}

struct guest_network *host_network(struct host *host)
{
	return host->network;
}

struct host_events *host_events(struct host *host)
{
	return host->events;
}

struct store *host_store(struct host *host)
{
	return host->store;
}

const struct host_settings *host_settings(const struct host *host)
{
	return &host->settings;
}

const char *host_name(const struct host *host)
{
	return host->facts.net_bios;
}
