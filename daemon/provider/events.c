/* SPDX-License-Identifier: MIT */
/* events.c -- what changes in the domain, as events of instances: which classes show it, and how
 * the instances are filled later. */
#include "provider/events.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "provider/fill.h"

struct provider_events {
	struct host *host;
	struct cim_events *events;
};

/* The classes with an instance for each VM, and what of the VM shows in it. */
static const struct vm_class {
	enum cim_class_id id;
	unsigned int shows; /* enum vm_change */
	vm_picture_fill *fill;
} vm_classes[] = {
	{ MSVM_COMPUTER_SYSTEM, VM_CHANGED_SETTINGS | VM_CHANGED_CONTACT, computer_system_fill },
	{ MSVM_KVP_EXCHANGE_COMPONENT,
	  VM_CHANGED_SETTINGS | VM_CHANGED_CONTACT | VM_CHANGED_GUEST_ITEMS,
	  kvp_exchange_component_fill },
	{ MSVM_KVP_EXCHANGE_COMPONENT_SETTING_DATA, VM_CHANGED_SETTINGS | VM_CHANGED_HOST_ITEMS,
	  kvp_exchange_component_setting_data_fill },
};

static enum cim_event_kind kind_of(const void *before, const void *after)
{
	if (!before)
		return CIM_EVENT_CREATION;
	return after ? CIM_EVENT_MODIFICATION : CIM_EVENT_DELETION;
}

/* --- VMs --- */

struct vm_source {
	struct cim_event_source source;
	atomic_uint references;
	struct host *host;
	struct vm_picture before, after; /* without a VM: none */
};

static struct cim_event_source *vm_source_ref(struct cim_event_source *source)
{
	atomic_fetch_add(&((struct vm_source *)source)->references, 1);
	return source;
}

static void vm_source_release(struct cim_event_source *source)
{
	struct vm_source *vm = (struct vm_source *)source;

	if (atomic_fetch_sub(&vm->references, 1) > 1)
		return;
	vm_picture_done(&vm->before);
	vm_picture_done(&vm->after);
	free(vm);
}

static void vm_source_fill(struct cim_event_source *source, bool before,
			   struct cim_instance *instance)
{
	const struct vm_source *vm = (struct vm_source *)source;

	for (size_t i = 0; i < count_of(vm_classes); i++)
		if (vm_classes[i].id == instance->class->id)
			vm_classes[i].fill(vm->host, before ? &vm->before : &vm->after, instance);
}

static size_t item_bytes(const struct stored_item *item)
{
	return sizeof(*item) + item->key_length + item->value_length;
}

/* About what two sets do not share: most items keep their place, so a look at the next one tells
 * an item that was removed. */
static size_t apart(const struct item_set *a, const struct item_set *b)
{
	size_t bytes = (a->count + b->count) * sizeof(a->item[0]), i = 0, j = 0;

	while (i < a->count || j < b->count) {
		if (i < a->count && j < b->count && a->item[i] == b->item[j]) {
			i++;
			j++;
		} else if (j == b->count || (i + 1 < a->count && a->item[i + 1] == b->item[j])) {
			bytes += item_bytes(a->item[i++]);
		} else {
			bytes += i < a->count ? item_bytes(a->item[i++]) : 0;
			bytes += item_bytes(b->item[j++]);
		}
	}
	return bytes;
}

static size_t kept_bytes(const struct vm_event *event)
{
	size_t bytes = sizeof(struct vm_source);

	for (enum item_space space = 0; event->before && event->after && space < SPACE_COUNT;
	     space++) {
		const struct item_set *a = event->before->snapshot->space[space];
		const struct item_set *b = event->after->snapshot->space[space];

		bytes += a == b ? 0 : apart(a, b);
	}
	return bytes;
}

static struct vm_source *vm_source_create(struct host *host, const struct vm_event *event)
{
	struct vm_source *vm = xcalloc(1, sizeof(*vm));

	vm->source = (struct cim_event_source){
		.ref = vm_source_ref,
		.release = vm_source_release,
		.fill = vm_source_fill,
		.bytes = kept_bytes(event),
	};
	atomic_init(&vm->references, 1);
	vm->host = host;
	if (event->before)
		vm->before = vm_picture_ref(event->before);
	if (event->after)
		vm->after = vm_picture_ref(event->after);
	return vm;
}

static void vm_changed(void *context, const struct vm_event *event)
{
	struct provider_events *provider = context;
	struct vm_source *vm = NULL;

	for (size_t i = 0; i < count_of(vm_classes); i++) {
		const struct vm_class *class = &vm_classes[i];

		if (!(class->shows & event->changes) ||
		    !cim_events_wanted(provider->events, class->id))
			continue;
		if (!vm)
			vm = vm_source_create(provider->host, event);
		cim_events_publish(provider->events, kind_of(event->before, event->after),
				   class->id, &vm->source);
	}
	if (vm)
		vm_source_release(&vm->source);
}

/* --- Jobs --- */

struct job_source {
	struct cim_event_source source;
	atomic_uint references;
	struct job before, after;
	char *texts[2]; /* theirs */
};

static struct cim_event_source *job_source_ref(struct cim_event_source *source)
{
	atomic_fetch_add(&((struct job_source *)source)->references, 1);
	return source;
}

static void job_source_release(struct cim_event_source *source)
{
	struct job_source *job = (struct job_source *)source;

	if (atomic_fetch_sub(&job->references, 1) > 1)
		return;
	for (size_t i = 0; i < count_of(job->texts); i++)
		free(job->texts[i]);
	free(job);
}

static void job_source_fill(struct cim_event_source *source, bool before,
			    struct cim_instance *instance)
{
	const struct job_source *job = (struct job_source *)source;

	concrete_job_fill(before ? &job->before : &job->after, instance);
}

static void job_changed(void *context, const struct job_event *event)
{
	const struct job none = { .text = "" };
	struct provider_events *provider = context;
	struct job_source *job;

	if (!cim_events_wanted(provider->events, MSVM_CONCRETE_JOB))
		return;
	job = xcalloc(1, sizeof(*job));
	atomic_init(&job->references, 1);
	job->before = event->before ? *event->before : none;
	job->after = event->after ? *event->after : none;
	job->before.text = job->texts[0] = xstrdup(job->before.text);
	job->after.text = job->texts[1] = xstrdup(job->after.text);
	job->source = (struct cim_event_source){
		.ref = job_source_ref,
		.release = job_source_release,
		.fill = job_source_fill,
		.bytes = sizeof(*job) + strlen(job->before.text) + strlen(job->after.text),
	};
	cim_events_publish(provider->events, kind_of(event->before, event->after),
			   MSVM_CONCRETE_JOB, &job->source);
	job_source_release(&job->source);
}

/* --- Both --- */

struct provider_events *provider_events_create(struct host *host, struct cim_events *events)
{
	struct provider_events *provider = xcalloc(1, sizeof(*provider));
	const struct host_listener listener = { vm_changed, job_changed, provider };

	provider->host = host;
	provider->events = events;
	host_events_listen(host_events(host), &listener);
	return provider;
}

void provider_events_free(struct provider_events **provider)
{
	free(take(*provider));
}
