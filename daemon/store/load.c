/* SPDX-License-Identifier: MIT */
/* load.c -- rows are looked at and become snapshots: VMs first, then their items, space by space.
 */
#include "store/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"
#include "store/snapshot_build.h"

struct loading {
	const struct store_events *events;
	struct state *state;
	struct guid *vm; /* in the order in which they come */
	size_t vm_count, vm_room;
	bool told; /* of the VMs */

	/* The space whose items are coming, and those that came. */
	struct snapshot *snapshot;
	enum item_space space;
	struct loaded_item {
		struct stored_item *item;
		uint64_t position;
	} * item;
	size_t count, room;
	size_t removed; /* so many of them are tombstones */
};

static bool unknown_vm(const struct row *row, const char *what, struct okvp_error *err)
{
	char id[GUID_TEXT_SIZE];

	return okvp_fail(err, OKVP_CORRUPT, "%s of VM %s, which is not there", what,
			 guid_to_text(&row->vm, id));
}

/* --- Whether it can have been stored: a disk gives other bytes than it got, and whoever can write
 * the file can put anything into it. --- */

static bool is_text(const char *text)
{
	return okvp_utf8_valid(text, strlen(text));
}

static bool check_settings(const struct vm_settings *settings, struct okvp_error *err)
{
	size_t length = strlen(settings->name);

	if (length == 0 || length > VM_NAME_MAX)
		return okvp_fail(err, OKVP_INVALID, "a name of %zu bytes", length);
	if (!is_text(settings->name) || !is_text(settings->channel))
		return okvp_fail(err, OKVP_INVALID_TEXT, "name or channel is not valid UTF-8");
	return true;
}

static bool check_item(enum item_space space, const struct stored_item *stored,
		       struct okvp_error *err)
{
	struct okvp_item item = stored_item_view(stored);
	char key[OKVP_KEY_TEXT_SIZE];

	if (space == SPACE_EXTERNAL)
		return okvp_item_check(&item, err);
	if (space == SPACE_HOST_ONLY)
		return okvp_item_check_host_only(&item, err);
	if (okvp_utf8_valid(item.key, item.key_length) &&
	    okvp_utf8_valid(item.value, item.value_length))
		return true;
	return okvp_fail(err, OKVP_INVALID_TEXT, "'%s' of the guest is not valid UTF-8",
			 okvp_key_text(item.key, item.key_length, key));
}

/* Puts the VM in front of what is wrong with something of it. */
static bool fail_in_vm(const struct snapshot *snapshot, struct okvp_error *err)
{
	const char *name = snapshot->settings->name;
	char text[OKVP_KEY_TEXT_SIZE], id[GUID_TEXT_SIZE];

	return okvp_fail_in(err, "VM '%s' (%s)", okvp_key_text(name, strlen(name), text),
			    guid_to_text(&snapshot->id, id));
}

/* --- Taking it --- */

static bool load_vm(struct loading *loading, const struct row *row, struct okvp_error *err)
{
	scoped(snapshot_release) struct snapshot *snapshot = NULL;
	struct vm_settings *settings = (struct vm_settings *)row->state.settings;
	char id[GUID_TEXT_SIZE];

	if (state_find(loading->state, &row->vm) || state_find_name(loading->state, settings->name))
		return okvp_fail(err, OKVP_CORRUPT, "VM %s, or its name, is there twice",
				 guid_to_text(&row->vm, id));
	snapshot = snapshot_create(&row->vm, vm_settings_ref(settings));
	snapshot->generation = row->state.generation;
	snapshot->acknowledged = row->state.acknowledged;
	snapshot->guest_read_us = row->state.guest_read_us;
	if (!check_settings(settings, err))
		return fail_in_vm(snapshot, err);
	state_replace(loading->state, &row->vm, snapshot);
	if (settings->created_us > loading->state->last_created_us)
		loading->state->last_created_us = settings->created_us;
	grow(loading->vm, loading->vm_count, loading->vm_room);
	loading->vm[loading->vm_count++] = row->vm;
	return true;
}

static int compare_places(const void *a, const void *b)
{
	const struct loaded_item *x = a, *y = b;
	size_t shorter = x->item->key_length < y->item->key_length ? x->item->key_length
								   : y->item->key_length;
	int keys;

	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	keys = memcmp(x->item->text, y->item->text, shorter);
	return keys != 0 ? keys : x->item->key_length - y->item->key_length;
}

/* The items of one space are complete. Nobody has seen the snapshot yet. */
static void end_space(struct loading *loading)
{
	struct item_set *set, *tombstones;

	if (loading->count == 0)
		return;
	qsort(loading->item, loading->count, sizeof(loading->item[0]), compare_places);
	set = item_set_create(loading->count - loading->removed);
	tombstones = item_set_create(loading->removed);
	for (size_t i = 0; i < loading->count; i++)
		item_set_add(loading->item[i].item->removed ? tombstones : set,
			     loading->item[i].item);
	snapshot_set(&loading->snapshot->space[loading->space], set);
	if (loading->space == SPACE_EXTERNAL)
		snapshot_set(&loading->snapshot->tombstones, tombstones);
	loading->count = loading->removed = 0;
}

static bool begin_space(struct loading *loading, const struct row *row, struct okvp_error *err)
{
	if (loading->count > 0 && loading->space == row->item.space &&
	    guid_equal(&loading->snapshot->id, &row->vm))
		return true;
	end_space(loading);
	loading->snapshot = state_find(loading->state, &row->vm);
	loading->space = row->item.space;
	return loading->snapshot || unknown_vm(row, "an item", err);
}

static bool load_item(struct loading *loading, const struct row *row, struct okvp_error *err)
{
	struct stored_item *item = (struct stored_item *)row->item.item;

	if (item->removed && row->item.space != SPACE_EXTERNAL)
		return okvp_fail(err, OKVP_CORRUPT, "a removed key where none is kept");
	if (!begin_space(loading, row, err))
		return false;
	if (!check_item(row->item.space, item, err))
		return fail_in_vm(loading->snapshot, err);
	grow(loading->item, loading->count, loading->room);
	loading->item[loading->count++] =
		(struct loaded_item){ stored_item_ref(item), row->item.position };
	loading->removed += item->removed;
	return true;
}

static bool load_guest(struct loading *loading, const struct row *row, struct okvp_error *err)
{
	struct snapshot *snapshot = state_find(loading->state, &row->vm);

	if (!snapshot)
		return unknown_vm(row, "guest data", err);
	for (size_t i = 0; i < row->guest.set->count; i++)
		if (!check_item(row->guest.space, row->guest.set->item[i], err))
			return fail_in_vm(snapshot, err);
	snapshot_set(&snapshot->space[row->guest.space],
		     item_set_ref((struct item_set *)row->guest.set));
	return true;
}

static void tell_of_vms(struct loading *loading)
{
	end_space(loading);
	if (loading->told)
		return;
	loading->told = true;
	for (size_t i = 0; loading->events->published && i < loading->vm_count; i++)
		loading->events->published(loading->events->context, &loading->vm[i],
					   state_find(loading->state, &loading->vm[i]));
}

static bool load_refusal(struct loading *loading, const struct row *row, struct okvp_error *err)
{
	struct snapshot *snapshot = state_find(loading->state, &row->vm);
	const char *key = row->refusal.key;
	struct stored_item *item;

	if (!snapshot)
		return unknown_vm(row, "a refusal", err);
	if (!is_text(row->refusal.reason)) {
		okvp_fail(err, OKVP_INVALID_TEXT, "a refusal's reason is not valid UTF-8");
		return fail_in_vm(snapshot, err);
	}
	tell_of_vms(loading);
	item = snapshot_find(snapshot, SPACE_EXTERNAL, key, row->refusal.key_length);
	if (!item)
		item = snapshot_find_tombstone(snapshot, key, row->refusal.key_length);
	if (item && item->generation == row->refusal.generation && loading->events->refusal_found)
		loading->events->refusal_found(loading->events->context, &row->vm, item,
					       row->refusal.reason);
	return true;
}

static bool load_job(struct loading *loading, const struct row *row, struct okvp_error *err)
{
	char id[GUID_TEXT_SIZE];

	if (!state_find(loading->state, &row->vm))
		return unknown_vm(row, "a job", err);
	if (!is_text(row->job->text))
		return okvp_fail(err, OKVP_INVALID_TEXT, "job %s: its text is not valid UTF-8",
				 guid_to_text(&row->job->id, id));
	tell_of_vms(loading);
	if (loading->events->job_found)
		loading->events->job_found(loading->events->context, row->job);
	return true;
}

static bool load_object(struct loading *loading, const struct row *row, struct okvp_error *err)
{
	const struct object *object = &row->object;
	struct object_set *set;

	if (!is_text(object->class_name) || !is_text(object->key) || !is_text(object->owner) ||
	    !is_text(object->text))
		return okvp_fail(err, OKVP_INVALID_TEXT, "object %zu is not valid UTF-8",
				 loading->state->objects->count);
	set = object_set_derive(loading->state->objects, 1);
	object_set_put(set, object);
	state_replace_objects(loading->state, set);
	object_set_release(&set);
	return true;
}

static bool load_row(void *context, const struct row *row, struct okvp_error *err)
{
	switch (row->kind) {
	case ROW_VM:
		return load_vm(context, row, err);
	case ROW_ITEM:
		return load_item(context, row, err);
	case ROW_GUEST:
		return load_guest(context, row, err);
	case ROW_REFUSAL:
		return load_refusal(context, row, err);
	case ROW_JOB:
		return load_job(context, row, err);
	case ROW_OBJECT:
		return load_object(context, row, err);
	default:
		return okvp_fail(err, OKVP_INTERNAL, "a backend loads a row of kind %d", row->kind);
	}
}

static void loading_done(struct loading *loading)
{
	for (size_t i = 0; i < loading->count; i++)
		stored_item_release(&loading->item[i].item);
	free(loading->item);
	free(loading->vm);
}

bool load_state(const struct backend_kind *kind, struct backend *backend,
		const struct store_events *events, struct state *state, struct okvp_error *err)
{
	scoped(loading_done) struct loading loading = { .events = events, .state = state };
	const struct row_sink sink = { .row = load_row, .context = &loading };
	scoped(object_set_release) struct object_set *none = object_set_derive(NULL, 0);

	state_replace_objects(state, none);
	if (!kind->load(backend, &sink, err))
		return false;
	tell_of_vms(&loading);
	if (events->objects_changed)
		events->objects_changed(events->context, state->objects);
	return true;
}
