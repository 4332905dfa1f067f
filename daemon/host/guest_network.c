/* SPDX-License-Identifier: MIT */
/* guest_network.c -- setups of adapters, between the call that wants them and the guest's answer.
 *
 * Their keys in the store are "VM ADAPTER". */
#include "host/guest_network_core.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "host/adapter_text.h"
#include "host/contacts.h"
#include "openkvp/scoped.h"

#define OBJECT_CLASS    "guest network"
#define OBJECT_KEY_SIZE (GUID_TEXT_SIZE + OKVP_ADAPTER_ID_SIZE)

struct setup {
	struct guid vm;
	struct stored_item *item;
};

struct guest_network {
	struct guest_network_parts parts;
	pthread_mutex_t lock; /* of all below */
	struct store *store;
	struct setup *waiting; /* in the order of the calls; few */
	size_t count, room;
	uint64_t generation; /* of the setup that was made last */
};

/* A call between its submission and its end. */
struct pending {
	struct guest_network_call *call;
	struct job_record job;
	char *text;
	size_t count;
	struct stored_item *item[];
};

struct guest_network *guest_network_create(const struct guest_network_parts *parts)
{
	struct guest_network *network = xcalloc(1, sizeof(*network));

	network->parts = *parts;
	pthread_mutex_init(&network->lock, NULL);
	return network;
}

void guest_network_free(struct guest_network **network)
{
	struct guest_network *n = take(*network);

	if (!n)
		return;
	for (size_t i = 0; i < n->count; i++)
		stored_item_release(&n->waiting[i].item);
	free(n->waiting);
	pthread_mutex_destroy(&n->lock);
	free(n);
}

/* --- What waits; under the lock --- */

static struct setup *find(struct guest_network *network, const struct guid *vm,
			  const struct stored_item *item)
{
	for (size_t i = 0; i < network->count; i++) {
		struct setup *setup = &network->waiting[i];

		if (guid_equal(&setup->vm, vm) && setup->item->key_length == item->key_length &&
		    memcmp(setup->item->text, item->text, item->key_length) == 0)
			return setup;
	}
	return NULL;
}

static void drop(struct guest_network *network, struct setup *setup)
{
	size_t at = (size_t)(setup - network->waiting);

	stored_item_release(&setup->item);
	network->count--;
	memmove(setup, setup + 1, (network->count - at) * sizeof(*setup));
}

/* The last for each adapter counts. */
static void add(struct guest_network *network, const struct guid *vm, struct stored_item *item)
{
	struct setup *same = find(network, vm, item);

	if (same)
		drop(network, same);
	grow(network->waiting, network->count, network->room);
	network->waiting[network->count++] = (struct setup){ *vm, stored_item_ref(item) };
}

struct stored_item *guest_network_next(struct guest_network *network, const struct guid *vm)
{
	struct stored_item *item = NULL;

	pthread_mutex_lock(&network->lock);
	for (size_t i = 0; i < network->count && !item; i++)
		if (guid_equal(&network->waiting[i].vm, vm))
			item = stored_item_ref(network->waiting[i].item);
	pthread_mutex_unlock(&network->lock);
	return item;
}

/* --- In the store --- */

static const char *object_key(const struct guid *vm, const struct stored_item *item,
			      char out[static OBJECT_KEY_SIZE])
{
	char id[GUID_TEXT_SIZE];

	guid_to_text(vm, id);
	snprintf(out, OBJECT_KEY_SIZE, "%s %.*s", id, item->key_length, item->text);
	return out;
}

static void remove_object(struct guest_network *network, struct change_list *list,
			  const struct guid *vm, const struct stored_item *item)
{
	char key[OBJECT_KEY_SIZE];

	change_list_remove_object(list, OBJECT_CLASS, object_key(vm, item, key));
}

static struct stored_item *item_of(struct guest_network *network, const char *id, const char *text,
				   size_t length)
{
	struct stored_item *item = stored_item_create(&(struct okvp_item){
		.key = id,
		.key_length = (uint16_t)strlen(id),
		.value = text,
		.value_length = (uint16_t)length,
	});

	item->generation = ++network->generation;
	return item;
}

/* Takes in an object, unless its VM was undefined when the service ended. */
static void restore(struct guest_network *network, const struct stored_object *object)
{
	struct stored_item *item scoped(stored_item_release) = NULL;
	struct vm *vm scoped(vm_release) = NULL;
	const char *space = strchr(object->key, ' ');
	char id[GUID_TEXT_SIZE] = "";

	if (strcmp(object->class_name, OBJECT_CLASS) != 0 || !space)
		return;
	snprintf(id, sizeof(id), "%.*s", (int)(space - object->key), object->key);
	vm = vm_registry_find(network->parts.vms, id);
	if (vm) {
		item = item_of(network, space + 1, object->text, strlen(object->text));
		add(network, vm_id(vm), item);
	} else {
		struct change_list *list = change_list_create_for_objects();

		change_list_remove_object(list, OBJECT_CLASS, object->key);
		store_submit(network->store, list, NULL, NULL);
	}
}

void guest_network_set_store(struct guest_network *network, struct store *store,
			     const struct object_set *objects)
{
	pthread_mutex_lock(&network->lock);
	network->store = store;
	for (size_t i = 0; objects && i < objects->count; i++)
		restore(network, objects->object[i]);
	pthread_mutex_unlock(&network->lock);
}

/* --- The guest's answer --- */

void guest_network_settled(struct guest_network *network, const struct guid *vm,
			   const struct stored_item *item, const char *reason)
{
	struct setup *setup;

	pthread_mutex_lock(&network->lock);
	setup = find(network, vm, item);
	if (setup && setup->item == item) { /* else it was overtaken */
		struct change_list *list = change_list_create_for_objects();

		remove_object(network, list, vm, item);
		if (network->store)
			store_submit(network->store, list, NULL, NULL);
		else
			change_list_free(&list);
		drop(network, setup);
	}
	pthread_mutex_unlock(&network->lock);
	jobs_adapter_settled(network->parts.jobs, vm, item, reason);
}

void guest_network_forget_vm(struct guest_network *network, const struct guid *vm)
{
	struct change_list *list = NULL;

	pthread_mutex_lock(&network->lock);
	for (size_t i = network->count; i-- > 0;) {
		struct setup *setup = &network->waiting[i];

		if (!guid_equal(&setup->vm, vm))
			continue;
		if (!list)
			list = change_list_create_for_objects();
		remove_object(network, list, vm, setup->item);
		drop(network, setup);
	}
	if (list && network->store)
		store_submit(network->store, list, NULL, NULL);
	else if (list)
		change_list_free(&list);
	pthread_mutex_unlock(&network->lock);
}

/* --- The call --- */

struct kick {
	struct guest_network *network;
	struct guid vm;
};

static void tell_contact(void *context)
{
	struct kick *kick = context;

	contacts_setup_waits(kick->network->parts.contacts, &kick->vm);
	free(kick);
}

static void pending_free(struct pending *pending)
{
	for (size_t i = 0; i < pending->count; i++)
		stored_item_release(&pending->item[i]);
	free(pending->text);
	free(pending);
}

/* The job is there before the setup can be found: a guest may answer at once. */
static void job_stored(void *context, const struct store_result *result)
{
	struct pending *pending = context;
	struct guest_network_call *call = pending->call;
	struct guest_network *network = call->network;
	struct kick *kick = xmalloc(sizeof(*kick));

	*kick = (struct kick){ network, pending->job.vm };
	jobs_begin(network->parts.jobs, &pending->job, pending->item, pending->count);
	pthread_mutex_lock(&network->lock);
	for (size_t i = 0; i < pending->count; i++)
		add(network, &pending->job.vm, pending->item[i]);
	pthread_mutex_unlock(&network->lock);
	loop_post(network->parts.loop, tell_contact, kick);
	call->has_job = true;
	call->job = pending->job.id;
	pending_free(pending);
	call->finished(call);
}

static void describe_job(struct pending *pending)
{
	struct vm_status status = vm_status(pending->call->vm);
	struct job_record *job = &pending->job;

	job->id = guid_time_ordered();
	job->vm = *vm_id(pending->call->vm);
	job->kind = JOB_CONFIGURE;
	job->created_us = clock_wall_us();
	job->generation = pending->item[0]->generation;
	if (status.contact == VM_CONTACT_OPEN) {
		pending->text = xstrdup("stored; on its way to the guest");
		job->state = JOB_RUNNING;
	} else {
		pending->text = xprintf("stored; delivery pending: %s", status.reason);
		job->state = JOB_COMPLETED;
		job->percent = 100;
		job->ended_us = job->created_us;
	}
	job->text = pending->text;
}

static void setups_stored(void *context, const struct store_result *result)
{
	struct pending *pending = context;
	struct guest_network_call *call = pending->call;
	struct change_list *list;

	if (result->error.status != OKVP_OK) {
		call->error = result->error;
		if (call->error.status == OKVP_LIMIT)
			okvp_fail_in(&call->error, "too many setups of adapters wait");
		jobs_unreserve(call->network->parts.jobs);
		pending_free(pending);
		call->finished(call);
		return;
	}
	describe_job(pending);
	list = change_list_create(&pending->job.vm);
	change_list_job(list, &pending->job);
	store_submit(call->network->store, list, job_stored, pending);
}

static bool check_adapter(struct guest_network_call *call, size_t at)
{
	const struct okvp_adapter *adapter = &call->adapters[at];

	if (!adapter->dhcp && adapter->addresses.count == 0)
		return okvp_fail(&call->error, OKVP_INVALID,
				 "the adapter '%s' gets neither DHCP nor an address", adapter->id);
	for (size_t i = 0; i < at; i++)
		if (strcmp(call->adapters[i].id, adapter->id) == 0)
			return okvp_fail(&call->error, OKVP_INVALID,
					 "the adapter '%s' stands twice", adapter->id);
	return true;
}

static bool check_call(struct guest_network_call *call)
{
	if (call->principal.role < ROLE_WRITE)
		return okvp_fail(&call->error, OKVP_DENIED,
				 "user '%s' has the role %s; setting up adapters needs %s",
				 call->principal.name, role_name(call->principal.role),
				 role_name(ROLE_WRITE));
	if (call->count == 0)
		return okvp_fail(&call->error, OKVP_INVALID, "there is no adapter to set up");
	if (call->count > GUEST_NETWORK_MAX)
		return okvp_fail(&call->error, OKVP_LIMIT, "%zu adapters; %d is the most",
				 call->count, GUEST_NETWORK_MAX);
	for (size_t i = 0; i < call->count; i++)
		if (!check_adapter(call, i))
			return false;
	return true;
}

static struct change_list *list_of(struct pending *pending)
{
	struct guest_network_call *call = pending->call;
	struct change_list *list = change_list_create_for_objects();

	pthread_mutex_lock(&call->network->lock);
	for (size_t i = 0; i < call->count; i++) {
		struct text scoped(text_done) text = { 0 };
		char key[OBJECT_KEY_SIZE];

		adapter_to_text(&call->adapters[i], &text);
		pending->item[i] =
			item_of(call->network, call->adapters[i].id, text.bytes, text.length);
		change_list_put_object(
			list,
			&(struct object){
				.class_name = OBJECT_CLASS,
				.key = object_key(vm_id(call->vm), pending->item[i], key),
				.owner = call->principal.name,
				.text = text.bytes,
			},
			&call->network->parts.limits);
	}
	pending->count = call->count;
	pthread_mutex_unlock(&call->network->lock);
	return list;
}

void guest_network_configure(struct guest_network *network, struct guest_network_call *call)
{
	struct pending *pending;

	call->network = network;
	call->has_job = false;
	call->error.status = OKVP_OK;
	if (!check_call(call) || !jobs_reserve(network->parts.jobs, &call->error)) {
		call->finished(call);
		return;
	}
	pending = xcalloc(1, sizeof(*pending) + call->count * sizeof(struct stored_item *));
	pending->call = call;
	store_submit(network->store, list_of(pending), setups_stored, pending);
}

/* --- Reading --- */

struct reading {
	struct guest_network *network;
	struct guid vm;
	char mac[OKVP_MAC_TEXT_SIZE];
	void (*done)(void *context, const struct okvp_adapter *adapter,
		     const struct okvp_error *why);
	void *context;
};

static void start_reading(void *context)
{
	struct reading *reading = context;

	contacts_read_adapter(reading->network->parts.contacts, &reading->vm, reading->mac,
			      reading->done, reading->context);
	free(reading);
}

void guest_network_read(struct guest_network *network, struct vm *vm,
			const char mac[static OKVP_MAC_TEXT_SIZE],
			void (*done)(void *context, const struct okvp_adapter *adapter,
				     const struct okvp_error *why),
			void *context)
{
	struct reading *reading = xcalloc(1, sizeof(*reading));

	reading->network = network;
	reading->vm = *vm_id(vm);
	snprintf(reading->mac, sizeof(reading->mac), "%s", mac);
	reading->done = done;
	reading->context = context;
	loop_post(network->parts.loop, start_reading, reading);
}

bool guest_network_read_id(const char *text, char ret_id[static OKVP_ADAPTER_ID_SIZE],
			   struct okvp_error *err)
{
	const char *last = strrchr(text, '\\');
	uint8_t mac[OKVP_MAC_SIZE];
	struct guid id;

	if (last)
		text = last + 1;
	if (okvp_mac_from_text(text, mac))
		okvp_mac_to_text(mac, ret_id);
	else if (guid_from_text(text, &id))
		guid_to_text(&id, ret_id);
	else
		return okvp_fail(err, OKVP_INVALID, "'%.100s' is neither a MAC nor a GUID", text);
	return true;
}
