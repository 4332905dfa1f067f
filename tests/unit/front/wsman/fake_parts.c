/* SPDX-License-Identifier: MIT */
/* fake_parts.c -- walks, the settings of each exchange, and what leads to it. */
#include "fake_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"

const char *fake_name(size_t vm, char out[static FAKE_NAME_SIZE])
{
	snprintf(out, FAKE_NAME_SIZE, "%08X-0000-4000-8000-000000000000", (unsigned int)vm);
	return out;
}

void *fake_walk_over(struct fake *fake, size_t first, size_t end)
{
	struct fake_walk *walk = xcalloc(1, sizeof(*walk));

	walk->fake = fake;
	walk->at = first;
	walk->end = end;
	fake->walks_open++;
	return walk;
}

void *fake_walk_vms(void *fake, const struct cim_class *class)
{
	return fake_walk_over(fake, 0, ((struct fake *)fake)->vms);
}

void *fake_walk_one(void *fake, const struct cim_class *class)
{
	return fake_walk_over(fake, 0, 1);
}

void fake_walk_end(void *context)
{
	struct fake_walk *walk = context;

	walk->fake->walks_open--;
	free(walk);
}

/* --- Settings --- */

static void fill_settings(const struct fake *fake, size_t vm, struct cim_instance *instance)
{
	char name[FAKE_NAME_SIZE], id[2 * FAKE_NAME_SIZE];

	snprintf(id, sizeof(id), "Microsoft:%s", fake_name(vm, name));
	cim_set_text(instance, PROPERTY_INSTANCE_ID, id);
	cim_set(instance, PROPERTY_DISABLE_HOST_KVP_ITEMS, cim_boolean(fake->disable_host_items));
}

static bool next_settings(void *context, struct cim_instance *instance)
{
	struct fake_walk *walk = context;

	if (walk->at == walk->end)
		return false;
	fill_settings(walk->fake, walk->at++, instance);
	return true;
}

static bool get_settings(void *fake, const struct cim_object_path *path,
			 struct cim_instance *instance)
{
	unsigned int vm;

	if (sscanf(cim_path_text_key(path, "InstanceID"), "Microsoft:%x-", &vm) != 1 ||
	    vm >= ((struct fake *)fake)->vms)
		return false;
	fill_settings(fake, vm, instance);
	return true;
}

static void modify_settings(struct cim_operation *operation)
{
	struct fake *fake = cim_service_context(operation->service);

	fake->disable_host_items = operation->changes[0].value.boolean;
	cim_operation_finish(operation);
}

const struct cim_provider fake_setting_data = {
	.class_id = MSVM_KVP_EXCHANGE_COMPONENT_SETTING_DATA,
	.walk_begin = fake_walk_vms,
	.walk_next = next_settings,
	.walk_end = fake_walk_end,
	.find = get_settings,
	.modify = modify_settings,
};

/* --- From a VM to its exchange --- */

static const struct cim_object_path *path_of(const struct cim_instance *near, enum cim_class_id id,
					     enum cim_property_id first, const char *value,
					     enum cim_property_id second, const char *other)
{
	struct cim_instance *instance =
		cim_instance_create(near->arena, cim_class_by_id(near->class->ns, id));

	cim_set_text(instance, first, value);
	cim_set_text(instance, second, other);
	return cim_instance_path(instance);
}

static void fill_device(size_t vm, struct cim_instance *instance)
{
	char name[FAKE_NAME_SIZE], id[2 * FAKE_NAME_SIZE];

	snprintf(id, sizeof(id), "Microsoft:%s\\2A34B1C2", fake_name(vm, name));
	cim_set(instance, PROPERTY_GROUP_COMPONENT,
		cim_reference(path_of(instance, MSVM_COMPUTER_SYSTEM, PROPERTY_NAME, name,
				      PROPERTY_ELEMENT_NAME, "")));
	cim_set(instance, PROPERTY_PART_COMPONENT,
		cim_reference(path_of(instance, MSVM_KVP_EXCHANGE_COMPONENT, PROPERTY_SYSTEM_NAME,
				      name, PROPERTY_DEVICE_ID, id)));
}

static bool next_device(void *context, struct cim_instance *instance)
{
	struct fake_walk *walk = context;

	if (walk->at == walk->end)
		return false;
	fill_device(walk->at++, instance);
	return true;
}

static bool get_device(void *fake, const struct cim_object_path *path,
		       struct cim_instance *instance)
{
	return false; /* nobody asks */
}

static void *references_of(void *fake, const struct cim_class *class,
			   const struct cim_object_path *source)
{
	const char *name = cim_path_text_key(source, "Name");
	unsigned int vm;

	if (!name)
		name = cim_path_text_key(source, "SystemName");
	if (!name || sscanf(name, "%x-", &vm) != 1)
		return fake_walk_over(fake, 0, 0);
	return fake_walk_over(fake, vm, vm + 1);
}

const struct cim_provider fake_system_device = {
	.class_id = MSVM_SYSTEM_DEVICE,
	.walk_begin = fake_walk_vms,
	.walk_next = next_device,
	.walk_end = fake_walk_end,
	.find = get_device,
	.references_begin = references_of,
};
