/* SPDX-License-Identifier: MIT */
/* vm.c -- VMs, and the list of all of them under GUID and name. */
#include "host/vm.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/memory.h"
#include "host/delivery_table.h"
#include "host/event.h"
#include "openkvp/scoped.h"

struct vm {
	atomic_uint references;
	struct guid id;
	char id_text[GUID_TEXT_SIZE];
	pthread_mutex_t lock; /* held for a pointer and a counter, or a copy of the status */
	struct snapshot *snapshot;
	struct vm_status status;
	uint64_t connected_at_ms; /* 0: no connection */
	struct delivery *delivery;
	struct host_events *events;      /* NULL: nobody hears of it */
	struct guest_adapters *adapters; /* NULL: none was told */

	/* The registry's own. */
	char *name; /* under which it is listed */
	uint32_t name_folded;
	struct vm *next_folded; /* another name with the same hash */
};

struct vm_registry {
	struct host_events *events;
	pthread_rwlock_t lock;
	struct map by_id;   /* GUID -> VM; owns a reference */
	struct map by_name; /* folded hash -> first VM of a chain */
	struct vm **order;  /* all VMs, as they were defined */
	size_t count, room;
	struct vm_list *list; /* of order; NULL: it changed since */
};

/* --- One VM --- */

struct vm *vm_ref(struct vm *vm)
{
	atomic_fetch_add_explicit(&vm->references, 1, memory_order_relaxed);
	return vm;
}

void vm_release(struct vm **vm)
{
	struct vm *v = take(*vm);

	if (!v || atomic_fetch_sub_explicit(&v->references, 1, memory_order_acq_rel) > 1)
		return;
	snapshot_release(&v->snapshot);
	delivery_free(&v->delivery);
	guest_adapters_release(&v->adapters);
	pthread_mutex_destroy(&v->lock);
	free(v->name);
	free(v);
}

static struct vm *vm_create(const struct guid *id, struct host_events *events)
{
	struct vm *vm = xcalloc(1, sizeof(*vm));

	vm->events = events;
	atomic_init(&vm->references, 1);
	vm->id = *id;
	guid_to_text(id, vm->id_text);
	pthread_mutex_init(&vm->lock, NULL);
	vm->delivery = delivery_create();
	return vm;
}

const struct guid *vm_id(const struct vm *vm)
{
	return &vm->id;
}

const char *vm_id_text(const struct vm *vm)
{
	return vm->id_text;
}

struct delivery *vm_delivery(struct vm *vm)
{
	return vm->delivery;
}

struct snapshot *vm_snapshot(struct vm *vm)
{
	struct snapshot *snapshot;

	pthread_mutex_lock(&vm->lock);
	snapshot = vm->snapshot ? snapshot_ref(vm->snapshot) : NULL;
	pthread_mutex_unlock(&vm->lock);
	return snapshot;
}

/* Under the VM's lock. An exchange that is switched off has no contact, though its channel may take
 * a moment to close. */
static struct vm_status status_now(const struct vm *vm)
{
	struct vm_status status = vm->status;

	if (vm->snapshot && !vm->snapshot->settings->exchange_enabled) {
		status.contact = VM_CONTACT_NONE;
		status.guest_live = false;
		snprintf(status.reason, sizeof(status.reason),
			 "the exchange is switched off for this VM");
	}
	if (vm->connected_at_ms > 0)
		status.connected_ms = clock_monotonic_ms() - vm->connected_at_ms + 1;
	return status;
}

static void replace_snapshot(struct vm *vm, struct snapshot *next)
{
	struct vm_picture before = { .vm = vm }, after;

	pthread_mutex_lock(&vm->lock);
	before.snapshot = vm->snapshot;
	before.status = status_now(vm);
	vm->snapshot = next ? snapshot_ref(next) : NULL;
	after = (struct vm_picture){ vm, vm->snapshot, status_now(vm) };
	host_events_tell_vm(vm->events, &before, &after);
	pthread_mutex_unlock(&vm->lock);
	snapshot_release(&before.snapshot);
}

struct vm_status vm_status(struct vm *vm)
{
	struct vm_status status;

	pthread_mutex_lock(&vm->lock);
	status = status_now(vm);
	pthread_mutex_unlock(&vm->lock);
	return status;
}

void vm_update_status(struct vm *vm, void (*change)(struct vm_status *status, void *context),
		      void *context)
{
	struct vm_picture before = { .vm = vm }, after;

	pthread_mutex_lock(&vm->lock);
	before.snapshot = vm->snapshot;
	before.status = status_now(vm);
	change(&vm->status, context);
	if (vm->status.contact == VM_CONTACT_NONE)
		vm->connected_at_ms = 0;
	else if (vm->connected_at_ms == 0)
		vm->connected_at_ms = clock_monotonic_ms();
	after = before;
	after.status = status_now(vm);
	host_events_tell_vm(vm->events, &before, &after);
	pthread_mutex_unlock(&vm->lock);
}

/* --- Pictures --- */

bool vm_picture_take(struct vm *vm, struct vm_picture *ret_picture)
{
	struct vm_picture picture = { 0 };

	pthread_mutex_lock(&vm->lock);
	if (vm->snapshot)
		picture = (struct vm_picture){ vm_ref(vm), snapshot_ref(vm->snapshot),
					       status_now(vm) };
	pthread_mutex_unlock(&vm->lock);
	*ret_picture = picture;
	return picture.vm != NULL;
}

struct vm_picture vm_picture_ref(const struct vm_picture *picture)
{
	return (struct vm_picture){ vm_ref(picture->vm), snapshot_ref(picture->snapshot),
				    picture->status };
}

void vm_picture_done(struct vm_picture *picture)
{
	vm_release(&picture->vm);
	snapshot_release(&picture->snapshot);
}

/* --- Adapters --- */

void guest_adapters_release(struct guest_adapters **adapters)
{
	struct guest_adapters *a = take(*adapters);

	if (a && atomic_fetch_sub_explicit(&a->references, 1, memory_order_acq_rel) == 1)
		free(a);
}

struct guest_adapters *vm_adapters(struct vm *vm)
{
	struct guest_adapters *adapters;

	pthread_mutex_lock(&vm->lock);
	adapters = vm->adapters;
	if (adapters)
		atomic_fetch_add_explicit(&adapters->references, 1, memory_order_relaxed);
	pthread_mutex_unlock(&vm->lock);
	return adapters;
}

void vm_set_adapters(struct vm *vm, const uint8_t *body, size_t length)
{
	struct guest_adapters *adapters, *before;

	if (length > GUEST_ADAPTERS_MAX)
		return;
	adapters = xmalloc(sizeof(*adapters) + length);
	atomic_init(&adapters->references, 1);
	adapters->told_us = clock_wall_us();
	adapters->length = length;
	memcpy(adapters->body, body, length);
	pthread_mutex_lock(&vm->lock);
	before = vm->adapters;
	vm->adapters = adapters;
	pthread_mutex_unlock(&vm->lock);
	guest_adapters_release(&before);
}

/* --- Lists --- */

struct vm_list *vm_list_ref(struct vm_list *list)
{
	atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
	return list;
}

void vm_list_release(struct vm_list **list)
{
	struct vm_list *l = take(*list);

	if (!l || atomic_fetch_sub_explicit(&l->references, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < l->count; i++)
		vm_release(&l->vm[i]);
	free(l);
}

static struct vm_list *list_create(struct vm *const *vms, size_t count)
{
	struct vm_list *list = xmalloc(sizeof(*list) + count * sizeof(list->vm[0]));

	atomic_init(&list->references, 1);
	list->count = count;
	for (size_t i = 0; i < count; i++)
		list->vm[i] = vm_ref(vms[i]);
	return list;
}

/* --- Names --- */

static void list_name(struct vm_registry *registry, struct vm *vm, const char *name)
{
	vm->name = xstrdup(name);
	vm->name_folded = key_fold_hash(name, strlen(name));
	vm->next_folded = map_find(&registry->by_name, &vm->name_folded, sizeof(uint32_t));
	map_put(&registry->by_name, &vm->name_folded, sizeof(uint32_t), vm);
}

static void unlist_name(struct vm_registry *registry, struct vm *vm)
{
	struct vm *first = map_remove(&registry->by_name, &vm->name_folded, sizeof(uint32_t));
	struct vm **link = &first;

	while (*link != vm)
		link = &(*link)->next_folded;
	*link = vm->next_folded;
	vm->next_folded = NULL;
	if (first) /* the key must live in an entry that stays */
		map_put(&registry->by_name, &first->name_folded, sizeof(uint32_t), first);
	xfree_text(&vm->name);
}

static struct vm *find_name(const struct vm_registry *registry, const char *name)
{
	uint32_t folded = key_fold_hash(name, strlen(name));
	struct vm *vm = map_find(&registry->by_name, &folded, sizeof(folded));

	while (vm && !key_same_folded(vm->name, strlen(vm->name), name, strlen(name)))
		vm = vm->next_folded;
	return vm;
}

/* --- The registry --- */

struct vm_registry *vm_registry_create(struct host_events *events)
{
	struct vm_registry *registry = xcalloc(1, sizeof(*registry));

	registry->events = events;
	pthread_rwlock_init(&registry->lock, NULL);
	return registry;
}

void vm_registry_free(struct vm_registry **registry)
{
	struct vm_registry *r = take(*registry);
	struct vm *vm;

	if (!r)
		return;
	vm_list_release(&r->list);
	for (size_t at = 0; (vm = map_next(&r->by_id, &at));)
		vm_release(&vm);
	free(r->order);
	map_done(&r->by_id);
	map_done(&r->by_name);
	pthread_rwlock_destroy(&r->lock);
	free(r);
}

static struct vm *add_vm(struct vm_registry *registry, const struct guid *id,
			 struct snapshot *snapshot)
{
	struct vm *vm = vm_create(id, registry->events);

	replace_snapshot(vm, snapshot);
	list_name(registry, vm, snapshot->settings->name);
	map_put(&registry->by_id, &vm->id, sizeof(vm->id), vm);
	grow(registry->order, registry->count, registry->room);
	registry->order[registry->count++] = vm;
	vm_list_release(&registry->list);
	return vm;
}

static void drop_vm(struct vm_registry *registry, struct vm *vm)
{
	size_t at = 0;

	while (registry->order[at] != vm)
		at++;
	registry->count--;
	memmove(registry->order + at, registry->order + at + 1,
		(registry->count - at) * sizeof(*registry->order));
	unlist_name(registry, vm);
	map_remove(&registry->by_id, &vm->id, sizeof(vm->id));
	vm_list_release(&registry->list);
	replace_snapshot(vm, NULL);
	vm_release(&vm);
}

struct vm *vm_registry_publish(struct vm_registry *registry, const struct guid *id,
			       struct snapshot *snapshot)
{
	struct vm *vm;
	bool same_name;

	pthread_rwlock_rdlock(&registry->lock);
	vm = map_find(&registry->by_id, id, sizeof(*id));
	same_name = vm && snapshot && strcmp(vm->name, snapshot->settings->name) == 0;
	pthread_rwlock_unlock(&registry->lock);
	if (same_name) { /* the usual case: only the picture is new */
		replace_snapshot(vm, snapshot);
		return vm;
	}
	pthread_rwlock_wrlock(&registry->lock);
	if (vm && snapshot) {
		unlist_name(registry, vm);
		list_name(registry, vm, snapshot->settings->name);
		replace_snapshot(vm, snapshot);
	} else if (snapshot) {
		vm = add_vm(registry, id, snapshot);
	} else if (vm) {
		drop_vm(registry, vm);
		vm = NULL;
	}
	pthread_rwlock_unlock(&registry->lock);
	return vm;
}

struct vm *vm_registry_find_id(struct vm_registry *registry, const struct guid *id)
{
	struct vm *vm;

	pthread_rwlock_rdlock(&registry->lock);
	vm = map_find(&registry->by_id, id, sizeof(*id));
	if (vm)
		vm_ref(vm);
	pthread_rwlock_unlock(&registry->lock);
	return vm;
}

struct vm *vm_registry_find(struct vm_registry *registry, const char *name_or_guid)
{
	struct guid id;
	struct vm *vm;

	if (guid_from_text(name_or_guid, &id)) {
		vm = vm_registry_find_id(registry, &id);
		if (vm)
			return vm;
	}
	pthread_rwlock_rdlock(&registry->lock);
	vm = find_name(registry, name_or_guid);
	if (vm)
		vm_ref(vm);
	pthread_rwlock_unlock(&registry->lock);
	return vm;
}

struct vm_list *vm_registry_list(struct vm_registry *registry)
{
	struct vm_list *list;

	pthread_rwlock_rdlock(&registry->lock);
	list = registry->list ? vm_list_ref(registry->list) : NULL;
	pthread_rwlock_unlock(&registry->lock);
	if (list)
		return list;
	pthread_rwlock_wrlock(&registry->lock);
	if (!registry->list)
		registry->list = list_create(registry->order, registry->count);
	list = vm_list_ref(registry->list);
	pthread_rwlock_unlock(&registry->lock);
	return list;
}
