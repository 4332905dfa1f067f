/* SPDX-License-Identifier: MIT */
/* vm_walk.h -- for classes with one instance for each VM: how they are walked over and found. */
#pragma once
#include "cim/instance.h"
#include "host/host.h"

/* The identifier of the key-value pair exchange among the integration components. */
#define KVP_COMPONENT_GUID "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"

/* Fills an instance from a VM; false when the VM is gone. */
typedef bool vm_fill(struct host *host, struct vm *vm, struct cim_instance *instance);

/* Fills an instance from a VM as it was at one moment. */
typedef void vm_picture_fill(struct host *host, const struct vm_picture *picture,
			     struct cim_instance *instance);

/* Fills it from the VM as it is now. */
bool vm_fill_now(struct host *host, struct vm *vm, vm_picture_fill *fill,
		 struct cim_instance *instance);

/* A walk over all VMs, in the shape of a provider's functions; the context is the host. */
void *vm_walk_begin(void *host, const struct cim_class *class);
bool vm_walk_next(void *walk, vm_fill *fill, struct cim_instance *instance);
void vm_walk_end(void *walk);

/* The VM with this GUID; the caller owns a reference. NULL: none, or no GUID. */
struct vm *vm_by_guid(struct host *host, const char *guid);

/* The VM in a text of the form Microsoft:<VM GUID>\<component GUID>; likewise. */
struct vm *vm_by_component_id(struct host *host, const char *id);

/* The VM in a text of the form Microsoft:<VM GUID>; likewise. */
struct vm *vm_by_settings_id(struct host *host, const char *id);

/* The text with the component's GUID, in the arena. */
char *vm_component_id(struct arena *arena, const struct vm *vm);

/* --- The identifiers that instances of a VM have, and back; false: it is none --- */

char *vm_component_id_of(struct arena *arena, const struct guid *vm);
bool vm_of_component_id(const char *id, struct guid *ret_vm);

char *vm_settings_id_of(struct arena *arena, const struct guid *vm);
bool vm_of_settings_id(const char *id, struct guid *ret_vm);
