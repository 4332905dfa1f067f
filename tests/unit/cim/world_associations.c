/* SPDX-License-Identifier: MIT */
/* world_associations.c -- what links the instances of the world. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "world.h"

struct walk {
	struct world *world;
	size_t at, end; /* VMs */
};

static const struct cim_object_path *vm_path(const struct cim_instance *for_class, size_t vm)
{
	const struct cim_class *class = cim_class_by_id(for_class->class->ns, MSVM_COMPUTER_SYSTEM);
	struct cim_instance *instance = cim_instance_create(for_class->arena, class);
	char guid[WORLD_GUID_SIZE];

	cim_set_text(instance, PROPERTY_NAME, world_guid(vm, guid));
	return cim_instance_path(instance);
}

static const struct cim_object_path *component_path(const struct cim_instance *for_class, size_t vm)
{
	const struct cim_class *class =
		cim_class_by_id(for_class->class->ns, MSVM_KVP_EXCHANGE_COMPONENT);
	struct cim_instance *instance = cim_instance_create(for_class->arena, class);
	char guid[WORLD_GUID_SIZE], id[100];

	snprintf(id, sizeof(id), "Microsoft:%s\\2A34B1C2", world_guid(vm, guid));
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, guid);
	cim_set_text(instance, PROPERTY_DEVICE_ID, id);
	return cim_instance_path(instance);
}

static const struct cim_object_path *service_path(const struct cim_instance *for_class)
{
	const struct cim_class *class =
		cim_class_by_id(for_class->class->ns, MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE);
	struct cim_instance *instance = cim_instance_create(for_class->arena, class);

	cim_set_text(instance, PROPERTY_SYSTEM_NAME, "HOST");
	return cim_instance_path(instance);
}

static void set(struct cim_instance *instance, enum cim_property_id id,
		const struct cim_object_path *path)
{
	cim_set(instance, id, cim_reference(path));
}

static void fill(struct cim_instance *instance, size_t vm)
{
	switch (instance->class->id) {
	case MSVM_SERVICE_AFFECTS_ELEMENT:
		set(instance, PROPERTY_AFFECTED_ELEMENT, vm_path(instance, vm));
		set(instance, PROPERTY_AFFECTING_ELEMENT, service_path(instance));
		break;
	case MSVM_HOSTED_DEPENDENCY:
		set(instance, PROPERTY_ANTECEDENT, vm_path(instance, 0));
		set(instance, PROPERTY_DEPENDENT, vm_path(instance, vm));
		break;
	default:
		set(instance, PROPERTY_GROUP_COMPONENT, vm_path(instance, vm));
		set(instance, PROPERTY_PART_COMPONENT, component_path(instance, vm));
	}
}

static void *begin(struct world *world, size_t at, size_t end)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	*walk = (struct walk){ world, at, end };
	world->walks_open++;
	return walk;
}

static size_t first_vm(const struct cim_class *class)
{
	return class->id == MSVM_HOSTED_DEPENDENCY ? 1 : 0;
}

static void *walk_begin(void *context, const struct cim_class *class)
{
	struct world *world = context;

	return begin(world, first_vm(class), world->vm_count);
}

/* The VM of which a VM or an exchange is; the service is of all. */
static bool vm_of(const struct world *world, const struct cim_object_path *path, size_t *ret_vm)
{
	const char *key =
		strcmp(path->class_name, "Msvm_ComputerSystem") == 0 ? "Name" : "SystemName";
	const char *name = cim_path_text_key(path, key);
	char guid[WORLD_GUID_SIZE];

	for (*ret_vm = 0; *ret_vm < world->vm_count; ++*ret_vm)
		if (strcasecmp(world_guid(*ret_vm, guid), name) == 0)
			return true;
	return false;
}

static void *references_begin(void *context, const struct cim_class *class,
			      const struct cim_object_path *source)
{
	struct world *world = context;
	size_t vm;

	if (vm_of(world, source, &vm))
		return class->id == MSVM_HOSTED_DEPENDENCY && vm == 0 ? walk_begin(context, class)
								      : begin(world, vm, vm + 1);
	if (class->id == MSVM_SERVICE_AFFECTS_ELEMENT)
		return walk_begin(context, class);
	return begin(world, 0, 0);
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	if (walk->at >= walk->end)
		return false;
	fill(instance, walk->at++);
	walk->world->references_read++;
	return true;
}

static void walk_end(void *context)
{
	struct walk *walk = context;

	walk->world->walks_open--;
	free(walk);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	struct world *world = context;

	for (size_t i = 0; i < path->key_count; i++) {
		size_t vm;

		if (!vm_of(world, path->keys[i].value.reference, &vm))
			continue;
		if (instance->class->id == MSVM_HOSTED_DEPENDENCY && vm == 0)
			continue;
		fill(instance, vm);
		return true;
	}
	return false;
}

#define ASSOCIATION(name, id)                         \
	static const struct cim_provider name = {     \
		.class_id = id,                       \
		.walk_begin = walk_begin,             \
		.walk_next = walk_next,               \
		.walk_end = walk_end,                 \
		.find = find,                         \
		.references_begin = references_begin, \
	}

ASSOCIATION(system_device, MSVM_SYSTEM_DEVICE);
ASSOCIATION(system_component, MSVM_SYSTEM_COMPONENT);
ASSOCIATION(affects_element, MSVM_SERVICE_AFFECTS_ELEMENT);
ASSOCIATION(hosted_dependency, MSVM_HOSTED_DEPENDENCY);

const struct cim_provider *const world_associations[] = {
	&system_device, &system_component, &affects_element, &hosted_dependency, NULL,
};
