/* SPDX-License-Identifier: MIT */
/* contacts.c -- the contacts with the guests of all VMs. */
#include "host/contacts.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/memory.h"
#include "host/expiry.h"
#include "openkvp/scoped.h"

#define MARK_MS    200  /* acknowledged marks are written this long after they moved */
#define REFUSED_MS 1000 /* refusals that could not be written are tried again this much later */

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

/* A commit on its way to the event loop. */
struct notice {
	struct contacts *contacts;
	struct guid vm;
	uint64_t generation;
	size_t count;
	struct stored_item *item[];
};

static void take_notice(void *context)
{
	struct notice *notice = context;
	struct contact *contact = find(notice->contacts, &notice->vm);

	if (contact && contact_is_open(contact)) {
		contact_committed(contact, notice->generation, notice->item, notice->count);
	} else {
		for (size_t i = 0; i < notice->count; i++)
			stored_item_release(&notice->item[i]);
		end_jobs(notice->contacts, &notice->vm);
	}
	free(notice);
}

void contacts_tell(struct contacts *contacts, const struct guid *vm,
		   const struct store_result *result)
{
	struct notice *notice =
		xmalloc(sizeof(*notice) + result->changed_count * sizeof(notice->item[0]));

	notice->contacts = contacts;
	notice->vm = *vm;
	notice->generation = result->generation;
	notice->count = result->changed_count;
	for (size_t i = 0; i < result->changed_count; i++)
		notice->item[i] = stored_item_ref(result->changed[i]);
	loop_post(contacts->parts.loop, take_notice, notice);
}

/* --- What contacts change themselves --- */

struct own_change {
	struct contacts *contacts;
	struct guid vm;
};

static void own_change_committed(void *context, const struct store_result *result)
{
	struct own_change *change = context;

	if (result->error.status == OKVP_OK)
		contacts_tell(change->contacts, &change->vm, result);
	free(change);
}

static void submit(void *context, const struct guid *vm, struct change_list *list)
{
	struct contacts *contacts = context;
	struct own_change *change = xmalloc(sizeof(*change));

	*change = (struct own_change){ .contacts = contacts, .vm = *vm };
	store_submit(contacts->parts.store, list, own_change_committed, change);
}

static void refusals_failed(void *context)
{
	struct own_change *refusals = context;
	struct contact *contact = find(refusals->contacts, &refusals->vm);

	if (contact && !refusals->contacts->stopped)
		contact_refusals_failed(contact);
	free(refusals);
}

static void refusals_committed(void *context, const struct store_result *result)
{
	struct own_change *refusals = context;

	if (result->error.status == OKVP_OK)
		free(refusals);
	else
		loop_after(refusals->contacts->parts.loop, REFUSED_MS, refusals_failed, refusals);
}

static void submit_refusals(void *context, const struct guid *vm, struct change_list *list)
{
	struct contacts *contacts = context;
	struct own_change *refusals = xmalloc(sizeof(*refusals));

	*refusals = (struct own_change){ .contacts = contacts, .vm = *vm };
	store_submit(contacts->parts.store, list, refusals_committed, refusals);
}

void contacts_setup_waits(struct contacts *contacts, const struct guid *vm)
{
	struct contact *contact = find(contacts, vm);

	if (contact && contact_is_open(contact))
		contact_setup_waits(contact);
	else
		end_jobs(contacts, vm);
}

void contacts_read_adapter(struct contacts *contacts, const struct guid *vm, const char *mac,
			   ip_reader_done *done, void *context)
{
	struct contact *contact = find(contacts, vm);
	struct okvp_error err;

	if (contact) {
		contact_read_adapter(contact, mac, done, context);
		return;
	}
	okvp_fail(&err, OKVP_UNAVAILABLE, "the guest is not in contact");
	done(context, NULL, &err);
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

void contacts_end_transients(struct contacts *contacts)
{
	struct vm_list *list scoped(vm_list_release) = vm_registry_list(contacts->vms);

	for (size_t i = 0; i < list->count; i++) {
		struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(list->vm[i]);
		struct change_list *changes =
			snapshot ? expiry_of_transients(snapshot, snapshot->acknowledged) : NULL;

		if (changes)
			submit(contacts, vm_id(list->vm[i]), changes);
	}
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
		.submit = submit,
		.submit_refusals = submit_refusals,
		.context = contacts,
	};
	return contacts;
}

void contacts_set_network(struct contacts *contacts, struct guest_network *network)
{
	contacts->parts.network = network;
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
