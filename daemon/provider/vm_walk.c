/* SPDX-License-Identifier: MIT */
/* vm_walk.c -- walking over VMs, and finding one by what a path says. */
#include "provider/vm_walk.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

#define ID_PREFIX "Microsoft:"

struct vm_walk {
	struct host *host;
	struct vm_list *list;
	size_t at;
};

struct vm_walk *vm_walk_begin(struct host *host)
{
	struct vm_walk *walk = xcalloc(1, sizeof(*walk));

	walk->host = host;
	walk->list = vm_registry_list(host_vms(host));
	return walk;
}

bool vm_walk_next(struct vm_walk *walk, vm_fill *fill, struct cim_instance *instance)
{
	while (walk->at < walk->list->count)
		if (fill(walk->host, walk->list->vm[walk->at++], instance))
			return true;
	return false;
}

void vm_walk_end(struct vm_walk *walk)
{
	vm_list_release(&walk->list);
	free(walk);
}

struct vm *vm_by_guid(struct host *host, const char *guid)
{
	struct guid id;

	return guid && guid_from_text(guid, &id) ? vm_registry_find_id(host_vms(host), &id) : NULL;
}

/* wbemcli prints a backslash doubled, and what it prints is pasted back. */
struct vm *vm_by_component_id(struct host *host, const char *id)
{
	char guid[GUID_TEXT_SIZE] = "";

	if (!id || strncasecmp(id, ID_PREFIX, strlen(ID_PREFIX)) != 0)
		return NULL;
	id += strlen(ID_PREFIX);
	if (strlen(id) <= GUID_TEXT_SIZE - 1 || id[GUID_TEXT_SIZE - 1] != '\\')
		return NULL;
	memcpy(guid, id, GUID_TEXT_SIZE - 1);
	id += GUID_TEXT_SIZE;
	id += *id == '\\';
	return strcasecmp(id, KVP_COMPONENT_GUID) == 0 ? vm_by_guid(host, guid) : NULL;
}

char *vm_component_id(struct arena *arena, const struct vm *vm)
{
	return arena_printf(arena, ID_PREFIX "%s\\" KVP_COMPONENT_GUID, vm_id_text(vm));
}
