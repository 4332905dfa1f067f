/* SPDX-License-Identifier: MIT */
/* contacts.c -- the contacts with the guests of all VMs. */
#include "host/contacts.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define MARK_MS 200 /* acknowledged marks are written this long after they moved */

struct contacts {
	struct contact_parts parts;
	struct contacts_settings settings;
	struct vm_registry *vms;
	struct map by_vm; /* GUID -> contact */
	bool marks_due, stopped;
};

static struct contact *find(struct contacts *contacts, const struct guid *vm)
{
	return map_find(&contacts->by_vm, vm, sizeof(*vm));
}

/* --- Acknowledged marks --- */

static void write_marks(void *context)
{
	struct contacts *contacts = context;
	struct contact *contact;

	contacts->marks_due = false;
	for (size_t at = 0; (contact = map_next(&contacts->by_vm, &at));)
		contact_write_mark(contact);
}

static void mark_moved(void *context)
{
	struct contacts *contacts = context;

	if (contacts->marks_due)
		return;
	contacts->marks_due = true;
	loop_after(contacts->parts.loop, MARK_MS, write_marks, contacts);
}

/* --- VMs --- */

static struct contact *add(struct contacts *contacts, const struct guid *id)
{
	struct vm *vm scoped(vm_release) = vm_registry_find_id(contacts->vms, id);
	struct contact *contact;

	if (!vm)
		return NULL;
	contact = contact_create(&contacts->parts, vm);
	map_put(&contacts->by_vm, vm_id(vm), sizeof(*id), contact);
	return contact;
}

void contacts_sync(struct contacts *contacts, const struct guid *vm)
{
	struct contact *contact = find(contacts, vm);
	struct snapshot *snapshot scoped(snapshot_release) = NULL;

	if (contacts->stopped)
		return;
	if (!contact)
		contact = add(contacts, vm);
	if (!contact)
		return;
	snapshot = vm_snapshot(contact_vm(contact));
	if (snapshot) {
		contact_take_settings(contact, snapshot);
		return;
	}
	map_remove(&contacts->by_vm, vm, sizeof(*vm));
	contact_free(&contact);
}

/* --- What others ask for --- */

static void end_jobs(struct contacts *contacts, const struct guid *id)
{
	struct vm *vm scoped(vm_release) = vm_registry_find_id(contacts->vms, id);
	struct vm_status status = { .reason = "the VM was undefined" };

	if (vm)
		status = vm_status(vm);
	jobs_out_of_contact(contacts->parts.jobs, id, false, status.reason);
}

void contacts_committed(struct contacts *contacts, const struct guid *vm, uint64_t generation,
			struct stored_item **items, size_t count)
{
	struct contact *contact = find(contacts, vm);

	if (contact && contact_is_open(contact)) {
		contact_committed(contact, generation, items, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		stored_item_release(&items[i]);
	end_jobs(contacts, vm);
}

void contacts_refresh(struct contacts *contacts, const struct guid *vm, unsigned int max_age_ms,
		      void (*done)(void *context), void *context)
{
	struct contact *contact = find(contacts, vm);

	if (contact)
		contact_refresh(contact, max_age_ms, done, context);
	else
		done(context);
}

void contacts_end_stranded(struct contacts *contacts)
{
	struct vm_list *list scoped(vm_list_release) = vm_registry_list(contacts->vms);

	for (size_t i = 0; i < list->count; i++)
		if (vm_status(list->vm[i]).contact != VM_CONTACT_OPEN)
			end_jobs(contacts, vm_id(list->vm[i]));
}

/* --- All of them --- */

struct contacts *contacts_create(struct loop *loop, struct vm_registry *vms, struct jobs *jobs,
				 const struct contacts_settings *settings,
				 const struct host_facts *facts)
{
	struct contacts *contacts = xcalloc(1, sizeof(*contacts));

	contacts->settings = *settings;
	contacts->vms = vms;
	contacts->parts = (struct contact_parts){
		.loop = loop,
		.hub = channel_hub_create(loop_uv(loop), &settings->hub),
		.jobs = jobs,
		.settings = &contacts->settings,
		.facts = facts,
		.mark_moved = mark_moved,
		.context = contacts,
	};
	return contacts;
}

void contacts_set_store(struct contacts *contacts, struct store *store)
{
	contacts->parts.store = store;
}

void contacts_stop(struct contacts *contacts)
{
	struct contact *contact;

	contacts->stopped = true;
	for (size_t at = 0; (contact = map_next(&contacts->by_vm, &at));) {
		contact_write_mark(contact);
		contact_stop(contact, "the service is stopping");
	}
}

void contacts_free(struct contacts **contacts)
{
	struct contacts *c = take(*contacts);
	struct contact *contact;

	if (!c)
		return;
	for (size_t at = 0; (contact = map_next(&c->by_vm, &at));)
		contact_free(&contact);
	channel_hub_free(&c->parts.hub);
	map_done(&c->by_vm);
	free(c);
}
