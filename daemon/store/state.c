/* SPDX-License-Identifier: MIT */
/* state.c -- all VMs, by GUID, by name and by channel. */
#include "store/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/snapshot_build.h"

struct slot {
	struct guid id;
	struct snapshot *snapshot;
	char *name;    /* without case */
	char *channel; /* NULL: it has none, or that of another, which older stores allowed */
};

static void slot_free(struct slot *slot)
{
	snapshot_release(&slot->snapshot);
	free(slot->name);
	free(slot->channel);
	free(slot);
}

void state_done(struct state *state)
{
	struct slot *slot;

	for (size_t at = 0; (slot = map_next(&state->vms, &at));)
		slot_free(slot);
	map_done(&state->vms);
	map_done(&state->names);
	map_done(&state->channels);
	object_set_release(&state->objects);
}

void state_replace_objects(struct state *state, struct object_set *objects)
{
	struct object_set *before = state->objects;

	state->objects = object_set_ref(objects);
	object_set_release(&before);
}

static struct slot *find_slot(const struct state *state, const struct guid *vm)
{
	return map_find(&state->vms, vm->bytes, sizeof(vm->bytes));
}

struct snapshot *state_find(const struct state *state, const struct guid *vm)
{
	struct slot *slot = find_slot(state, vm);

	return slot ? slot->snapshot : NULL;
}

struct snapshot *state_find_name(const struct state *state, const char *name)
{
	scoped(xfree_text) char *folded = key_fold(name, strlen(name));
	struct slot *slot = map_find(&state->names, folded, strlen(folded));

	return slot ? slot->snapshot : NULL;
}

struct snapshot *state_find_channel(const struct state *state, const char *address)
{
	struct slot *slot = map_find(&state->channels, address, strlen(address));

	return slot ? slot->snapshot : NULL;
}

/* Makes a VM known by its name and its channel. */
static void index_slot(struct state *state, struct slot *slot)
{
	const struct vm_settings *settings = slot->snapshot->settings;

	slot->name = key_fold(settings->name, strlen(settings->name));
	map_put(&state->names, slot->name, strlen(slot->name), slot);
	if (*settings->channel == '\0' || state_find_channel(state, settings->channel))
		return;
	slot->channel = xstrdup(settings->channel);
	map_put(&state->channels, slot->channel, strlen(slot->channel), slot);
}

static void unindex_slot(struct state *state, struct slot *slot)
{
	map_remove(&state->names, slot->name, strlen(slot->name));
	free(take(slot->name));
	if (slot->channel)
		map_remove(&state->channels, slot->channel, strlen(slot->channel));
	free(take(slot->channel));
}

static void add_slot(struct state *state, const struct guid *vm, struct snapshot *snapshot)
{
	struct slot *slot = xcalloc(1, sizeof(*slot));

	slot->id = *vm;
	slot->snapshot = snapshot_ref(snapshot);
	map_put(&state->vms, slot->id.bytes, sizeof(slot->id.bytes), slot);
	index_slot(state, slot);
}

static void remove_slot(struct state *state, struct slot *slot)
{
	unindex_slot(state, slot);
	map_remove(&state->vms, slot->id.bytes, sizeof(slot->id.bytes));
	slot_free(slot);
}

void state_replace(struct state *state, const struct guid *vm, struct snapshot *snapshot)
{
	struct slot *slot = find_slot(state, vm);
	struct snapshot *before;
	bool other_settings;

	if (!slot && snapshot)
		add_slot(state, vm, snapshot);
	if (slot && !snapshot)
		remove_slot(state, slot);
	if (!slot || !snapshot)
		return;
	before = slot->snapshot;
	other_settings = before->settings != snapshot->settings;
	if (other_settings)
		unindex_slot(state, slot);
	slot->snapshot = snapshot_ref(snapshot);
	if (other_settings)
		index_slot(state, slot);
	snapshot_release(&before);
}

void state_undo(struct state *state, struct change_list *list)
{
	if (!list->outcome.failure && list->outcome.before != list->outcome.after)
		state_replace(state, &list->vm, list->outcome.before);
	if (list->outcome.objects_before)
		state_replace_objects(state, list->outcome.objects_before);
	outcome_done(&list->outcome);
}
