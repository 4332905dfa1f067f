/* SPDX-License-Identifier: MIT */
/* fake_host.c -- stands in for host/, store/ and auth/: one VM, one job, one user. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "fake.h"
#include "openkvp/scoped.h"

#define ROOM 8 /* items of a space */

struct fake fake;

static const char *listener(void *context, size_t index)
{
	static const char *const listeners[] = { "http://127.0.0.1:5985", "/run/o.sock" };

	return index < count_of(listeners) ? listeners[index] : NULL;
}

static struct item_set *empty_set(void)
{
	return xcalloc(1, sizeof(struct item_set) + ROOM * sizeof(struct stored_item *));
}

int fake_open(void **state)
{
	const struct json_api_settings settings = {
		.users_path = "/users",
		.store = "/var/o.db",
		.listener = listener,
	};

	fake = (struct fake){
		.defined = true,
		.snapshot = { .generation = 7, .acknowledged = 6 },
		.users_hold = PTHREAD_MUTEX_INITIALIZER,
	};
	guid_from_text(WEB1, &fake.snapshot.id);
	for (size_t i = 0; i < SPACE_COUNT; i++)
		fake.snapshot.space[i] = empty_set();
	fake.snapshot.tombstones = empty_set();
	fake.snapshot.settings = xcalloc(1, sizeof(*fake.snapshot.settings));
	fake.snapshot.settings->name = "web1";
	fake.snapshot.settings->channel = "unix:/s";
	fake.snapshot.settings->created_us = 1000000;
	fake.snapshot.settings->exchange_enabled = true;
	fake.api = json_api_create(&settings);
	return 0;
}

static void free_set(struct item_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->item[i]);
	free(set);
}

int fake_close(void **state)
{
	json_api_free(&fake.api);
	for (size_t i = 0; i < SPACE_COUNT; i++)
		free_set(fake.snapshot.space[i]);
	free_set(fake.snapshot.tombstones);
	free(fake.snapshot.settings);
	free(fake.body);
	return fake.references == 0 ? 0 : -1;
}

static struct stored_item *add(struct item_set *set, const char *key, const char *value)
{
	struct stored_item *item = xcalloc(1, sizeof(*item) + strlen(key) + strlen(value) + 1);

	item->key_length = (uint16_t)strlen(key);
	item->value_length = (uint16_t)strlen(value);
	item->generation = 5;
	item->changed_us = 2000000;
	sprintf(item->text, "%s%s", key, value);
	set->item[set->count++] = item;
	return item;
}

void fake_add(enum item_space space, const char *key, const char *value)
{
	add(fake.snapshot.space[space], key, value);
}

void fake_add_flagged(const char *key, const char *value, unsigned int flags)
{
	add(fake.snapshot.space[SPACE_EXTERNAL], key, value)->flags = (uint8_t)flags;
}

void fake_add_tombstone(const char *key)
{
	add(fake.snapshot.tombstones, key, "")->removed = 1;
}

/* --- Snapshots --- */

struct okvp_item stored_item_view(const struct stored_item *item)
{
	return (struct okvp_item){
		.key = item->text,
		.key_length = item->key_length,
		.value = item->text + item->key_length,
		.value_length = item->value_length,
	};
}

void snapshot_release(struct snapshot **snapshot)
{
	if (take(*snapshot))
		fake.references--;
}

struct stored_item *snapshot_find(const struct snapshot *snapshot, enum item_space space,
				  const char *key, size_t key_length)
{
	const struct item_set *set = snapshot->space[space];

	for (size_t i = 0; i < set->count; i++)
		if (set->item[i]->key_length == key_length &&
		    memcmp(set->item[i]->text, key, key_length) == 0)
			return set->item[i];
	return NULL;
}

/* --- VMs: the only one is at the address of the fake --- */

static struct vm *web1(void)
{
	fake.references++;
	return (struct vm *)&fake;
}

void vm_release(struct vm **vm)
{
	if (take(*vm))
		fake.references--;
}

const struct guid *vm_id(const struct vm *vm)
{
	return &fake.snapshot.id;
}

const char *vm_id_text(const struct vm *vm)
{
	return WEB1;
}

struct snapshot *vm_snapshot(struct vm *vm)
{
	if (!fake.defined)
		return NULL;
	fake.references++;
	return &fake.snapshot;
}

struct vm_status vm_status(struct vm *vm)
{
	return fake.status;
}

struct vm *vm_registry_find(struct vm_registry *registry, const char *name_or_guid)
{
	if (strcasecmp(name_or_guid, "web1") != 0 && strcmp(name_or_guid, WEB1) != 0)
		return NULL;
	return web1();
}

struct vm *vm_registry_find_id(struct vm_registry *registry, const struct guid *id)
{
	return guid_equal(id, &fake.snapshot.id) ? web1() : NULL;
}

struct vm_list *vm_registry_list(struct vm_registry *registry)
{
	struct vm_list *list = xcalloc(1, sizeof(*list) + 2 * sizeof(list->vm[0]));

	fake.references++;
	list->count = 2;
	list->vm[0] = list->vm[1] = (struct vm *)&fake;
	return list;
}

void vm_list_release(struct vm_list **list)
{
	free(take(*list));
	fake.references--;
}

struct delivery_view delivery_look(struct vm *vm, const struct snapshot *snapshot,
				   const struct stored_item *item)
{
	if (fake.delivery_of && strlen(fake.delivery_of) == item->key_length &&
	    memcmp(fake.delivery_of, item->text, item->key_length) == 0)
		return fake.other_delivery;
	return fake.delivery;
}

size_t delivery_outstanding(struct vm *vm, const struct snapshot *snapshot)
{
	return fake.outstanding;
}

const char *delivery_state_name(enum delivery_state state)
{
	static const char *const names[] = {
#define X(name, text) [DELIVERY_##name] = text,
		DELIVERY_STATE_LIST(X)
#undef X
	};

	return names[state];
}

/* --- The host's parts are not looked into --- */

struct vm_registry *host_vms(struct host *host)
{
	return NULL;
}

struct jobs *host_jobs(struct host *host)
{
	return NULL;
}

struct guest_network *host_network(struct host *host)
{
	return NULL;
}

struct exchange *host_exchange(struct host *host)
{
	return NULL;
}

struct store *host_store(struct host *host)
{
	return NULL;
}

const struct host_settings *host_settings(const struct host *host)
{
	static const struct host_settings settings = {
		.hub.vsock_port = 5870,
		.guest_data_max_age_ms = 1000,
		.guest_read_wait_ms = 500,
	};

	return &settings;
}

void store_figures(struct store *store, struct store_figures *ret_figures)
{
	*ret_figures = (struct store_figures){ .commits = 17 };
}

/* --- The exchange --- */

void exchange_submit(struct exchange *exchange, struct exchange_call *call)
{
	fake.batch = call;
}

void exchange_change_vm(struct exchange *exchange, struct exchange_vm_call *call)
{
	fake.vm_call = call;
}

bool exchange_refresh(struct exchange *exchange, struct vm *vm, unsigned int max_age_ms,
		      unsigned int wait_ms, void (*done)(void *context), void *context)
{
	fake.max_age_ms = max_age_ms;
	fake.wait_ms = wait_ms;
	fake.done = done;
	fake.context = context;
	return !fake.is_fresh;
}

void guest_network_read(struct guest_network *network, struct vm *vm,
			const char mac[static OKVP_MAC_TEXT_SIZE],
			void (*done)(void *context, const struct okvp_adapter *adapter,
				     const struct okvp_error *why),
			void *context)
{
	snprintf(fake.mac, sizeof(fake.mac), "%s", mac);
	fake.adapter_done = done;
	fake.context = context;
}

struct guest_adapters *vm_adapters(struct vm *vm)
{
	return fake.adapters;
}

void guest_adapters_release(struct guest_adapters **adapters)
{
}

void fake_finish(enum okvp_status status, const char *message)
{
	struct exchange_call *batch = take(fake.batch);
	struct exchange_vm_call *vm_call = take(fake.vm_call);
	struct okvp_error *error = batch ? &batch->error : &vm_call->error;

	okvp_fail(error, status, "%s", message);
	if (batch)
		batch->finished(batch);
	else
		vm_call->finished(vm_call);
}

/* --- Jobs --- */

bool jobs_find(struct jobs *jobs, const struct guid *id, struct arena *arena, struct job *ret_job)
{
	if (fake.job.state == 0 || !guid_equal(id, &fake.job.id))
		return false;
	*ret_job = fake.job;
	return true;
}

size_t jobs_list(struct jobs *jobs, struct arena *arena, struct guid **ret_ids)
{
	*ret_ids = arena_array(arena, struct guid, 2);
	(*ret_ids)[0] = (*ret_ids)[1] = fake.job.id;
	return fake.job.state == 0 ? 0 : 2;
}

bool jobs_wait(struct jobs *jobs, const struct guid *id, unsigned int most_ms,
	       void (*done)(void *context), void *context)
{
	if (fake.job.state == 0 || !guid_equal(id, &fake.job.id))
		return false;
	fake.wait_ms = most_ms;
	fake.done = done;
	fake.context = context;
	return true;
}

const char *job_kind_name(enum job_kind kind)
{
	static const char *const names[] = {
#define X(name, text) [JOB_##name] = text,
		JOB_KIND_LIST(X)
#undef X
	};

	return names[kind];
}

const char *job_state_name(enum job_state state)
{
	return state == JOB_RUNNING ? "running" : "completed";
}

/* --- Users --- */

static const char *const roles[] = {
#define X(name, text) text,
	ROLE_LIST(X)
#undef X
};

const char *role_name(enum role role)
{
	return roles[role];
}

bool role_from_name(const char *name, enum role *ret_role)
{
	for (*ret_role = 0; *ret_role < ROLE_COUNT; ++*ret_role)
		if (strcmp(roles[*ret_role], name) == 0)
			return true;
	return false;
}

static bool end(struct okvp_error *err)
{
	*err = fake.users_error;
	return fake.users_error.status == OKVP_OK;
}

bool users_list(const char *path, struct user **ret_users, size_t *ret_count,
		struct okvp_error *err)
{
	pthread_mutex_lock(&fake.users_hold);
	pthread_mutex_unlock(&fake.users_hold);
	*ret_users = xcalloc(1, sizeof(struct user));
	**ret_users = (struct user){ "ann", ROLE_WRITE };
	*ret_count = 1;
	return end(err);
}

bool users_put(const char *path, const char *name, enum role role, const char *password,
	       struct okvp_error *err)
{
	snprintf(fake.users_asked, sizeof(fake.users_asked), "%s: put %s %s %s", path, name,
		 role_name(role), password);
	return end(err);
}

bool users_remove(const char *path, const char *name, struct okvp_error *err)
{
	snprintf(fake.users_asked, sizeof(fake.users_asked), "%s: remove %s", path, name);
	return end(err);
}
