/* SPDX-License-Identifier: MIT */
/* virtual_system_setting_data.c -- Msvm_VirtualSystemSettingData: the settings that a VM has now.
 *
 * What the hypervisor knows of the VM and we do not (memory, boot order, BIOS) is NULL. */
#include "provider/provider_list.h"

#include "openkvp/scoped.h"
#include "provider/vm_walk.h"

#define SETTING_TYPE_CURRENT \
	3 /* CIM_VirtualSystemSettingData.SettingType, in the older namespace */

static bool fill(struct host *host, struct vm *vm, struct cim_instance *instance)
{
	struct snapshot *snapshot scoped(snapshot_release) = vm_snapshot(vm);

	if (!snapshot)
		return false;
	cim_set_text(instance, PROPERTY_INSTANCE_ID, vm_settings_id_of(instance->arena, vm_id(vm)));
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, snapshot->settings->name);
	cim_set_text(instance, PROPERTY_VIRTUAL_SYSTEM_IDENTIFIER, vm_id_text(vm));
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, vm_id_text(vm));
	cim_set_text(instance, PROPERTY_CONFIGURATION_ID, vm_id_text(vm));
	cim_set(instance, PROPERTY_CREATION_TIME, cim_time(snapshot->settings->created_us));
	cim_set_uint(instance, PROPERTY_SETTING_TYPE, SETTING_TYPE_CURRENT);
	return true;
}

static bool walk_next(void *walk, struct cim_instance *instance)
{
	return vm_walk_next(walk, fill, instance);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	struct vm *vm scoped(vm_release) =
		vm_by_settings_id(context, cim_path_text_key(path, "InstanceID"));

	return vm && fill(context, vm, instance);
}

const struct cim_provider virtual_system_setting_data_provider = {
	.class_id = MSVM_VIRTUAL_SYSTEM_SETTING_DATA,
	.walk_begin = vm_walk_begin,
	.walk_next = walk_next,
	.walk_end = vm_walk_end,
	.find = find,
};
