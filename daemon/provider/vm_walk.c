/* SPDX-License-Identifier: MIT */
/* vm_walk.c -- walking over VMs, and finding one by what a path says. */
#include "provider/vm_walk.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

#define ID_PREFIX "Microsoft:"

struct walk {
	struct host *host;
	struct vm_list *list;
	size_t at;
};

void *vm_walk_begin(void *host, const struct cim_class *class)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->host = host;
	walk->list = vm_registry_list(host_vms(host));
	return walk;
}

bool vm_walk_next(void *context, vm_fill *fill, struct cim_instance *instance)
{
	struct walk *walk = context;

	while (walk->at < walk->list->count)
		if (fill(walk->host, walk->list->vm[walk->at++], instance))
			return true;
	return false;
}

void vm_walk_end(void *context)
{
	struct walk *walk = context;

	vm_list_release(&walk->list);
	free(walk);
}

bool vm_fill_now(struct host *host, struct vm *vm, vm_picture_fill *fill,
		 struct cim_instance *instance)
{
	struct vm_picture picture scoped(vm_picture_done) = { 0 };

	if (!vm_picture_take(vm, &picture))
		return false;
	fill(host, &picture, instance);
	return true;
}

struct vm *vm_by_guid(struct host *host, const char *guid)
{
	struct guid id;

	return guid && guid_from_text(guid, &id) ? vm_registry_find_id(host_vms(host), &id) : NULL;
}

/* --- Identifiers --- */

static char *make_id(struct arena *arena, const struct guid *vm, const char *rest)
{
	size_t prefix = strlen(ID_PREFIX), guid = GUID_TEXT_SIZE - 1, rest_size = strlen(rest) + 1;
	char *id = arena_alloc(arena, prefix + guid + rest_size);

	memcpy(id, ID_PREFIX, prefix);
	guid_to_text(vm, id + prefix);
	memcpy(id + prefix + guid, rest, rest_size);
	return id;
}

char *vm_settings_id_of(struct arena *arena, const struct guid *vm)
{
	return make_id(arena, vm, "");
}

char *vm_component_id_of(struct arena *arena, const struct guid *vm)
{
	return make_id(arena, vm, "\\" KVP_COMPONENT_GUID);
}

/* Takes the prefix and the GUID of a VM off an identifier; *ret_rest is what follows. */
static bool read_id(const char *id, struct guid *ret_vm, const char **ret_rest)
{
	char guid[GUID_TEXT_SIZE] = "";

	if (!id || strncasecmp(id, ID_PREFIX, strlen(ID_PREFIX)) != 0)
		return false;
	id += strlen(ID_PREFIX);
	if (strlen(id) < GUID_TEXT_SIZE - 1)
		return false;
	memcpy(guid, id, GUID_TEXT_SIZE - 1);
	*ret_rest = id + GUID_TEXT_SIZE - 1;
	return guid_from_text(guid, ret_vm);
}

bool vm_of_settings_id(const char *id, struct guid *ret_vm)
{
	const char *rest;

	return read_id(id, ret_vm, &rest) && *rest == '\0';
}

/* wbemcli prints a backslash doubled, and what it prints is pasted back. */
bool vm_of_component_id(const char *id, struct guid *ret_vm)
{
	const char *rest;

	if (!read_id(id, ret_vm, &rest) || *rest != '\\')
		return false;
	rest += rest[1] == '\\' ? 2 : 1;
	return strcasecmp(rest, KVP_COMPONENT_GUID) == 0;
}

struct vm *vm_by_component_id(struct host *host, const char *id)
{
	struct guid vm;

	return vm_of_component_id(id, &vm) ? vm_registry_find_id(host_vms(host), &vm) : NULL;
}

struct vm *vm_by_settings_id(struct host *host, const char *id)
{
	struct guid vm;

	return vm_of_settings_id(id, &vm) ? vm_registry_find_id(host_vms(host), &vm) : NULL;
}

char *vm_component_id(struct arena *arena, const struct vm *vm)
{
	return vm_component_id_of(arena, vm_id(vm));
}
