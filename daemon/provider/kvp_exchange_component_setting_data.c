/* SPDX-License-Identifier: MIT */
/* kvp_exchange_component_setting_data.c -- Msvm_KvpExchangeComponentSettingData: what the host
 * keeps for a VM, whether it runs or not. */
#include "provider/provider_list.h"

#include <assert.h>

#include "cim/operation.h"
#include "openkvp/scoped.h"
#include "provider/fill.h"
#include "provider/kvp_exchange_data_item.h"

enum { ENABLED = 2, DISABLED = 3 };

void kvp_exchange_component_setting_data_fill(struct host *host, const struct vm_picture *picture,
					      struct cim_instance *instance)
{
	const struct snapshot *snapshot = picture->snapshot;

	cim_set_text(instance, PROPERTY_INSTANCE_ID, vm_component_id(instance->arena, picture->vm));
	cim_set_uint(instance, PROPERTY_ENABLED_STATE,
		     snapshot->settings->exchange_enabled ? ENABLED : DISABLED);
	cim_set(instance, PROPERTY_DISABLE_HOST_KVP_ITEMS,
		cim_boolean(!snapshot->settings->host_items));
	kvp_set_items(instance, PROPERTY_HOST_EXCHANGE_ITEMS, snapshot->space[SPACE_EXTERNAL],
		      KVP_SOURCE_HOST);
	kvp_set_items(instance, PROPERTY_HOST_ONLY_ITEMS, snapshot->space[SPACE_HOST_ONLY],
		      KVP_SOURCE_HOST_ONLY);
}

static bool fill(struct host *host, struct vm *vm, struct cim_instance *instance)
{
	return vm_fill_now(host, vm, kvp_exchange_component_setting_data_fill, instance);
}

static bool walk_next(void *walk, struct cim_instance *instance)
{
	return vm_walk_next(walk, fill, instance);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	struct vm *vm scoped(vm_release) =
		vm_by_component_id(context, cim_path_text_key(path, "InstanceID"));

	return vm && fill(context, vm, instance);
}

/* --- DisableHostKVPItems, the one property that can be changed --- */

struct change {
	struct exchange_vm_call call;
	bool host_items;
};

static void changed(struct exchange_vm_call *call)
{
	struct cim_operation *operation = call->context;

	if (call->error.status != OKVP_OK)
		cim_fail_from(&operation->error, &call->error);
	cim_operation_finish(operation);
}

static void modify(struct cim_operation *operation)
{
	struct host *host = cim_service_context(operation->service);
	const struct cim_value *disabled = &operation->changes[0].value;
	struct change *change = arena_new(operation->arena, struct change);
	struct guid id;

	assert(operation->changes[0].property->id == PROPERTY_DISABLE_HOST_KVP_ITEMS);
	vm_of_component_id(cim_path_text_key(operation->path, "InstanceID"), &id);
	change->host_items = !disabled->is_set || !disabled->boolean;
	change->call = (struct exchange_vm_call){
		.verb = VM_SET,
		.id = id,
		.host_items = &change->host_items,
		.principal = operation->principal,
		.finished = changed,
		.context = operation,
	};
	exchange_change_vm(host_exchange(host), &change->call);
}

const struct cim_provider kvp_exchange_component_setting_data_provider = {
	.class_id = MSVM_KVP_EXCHANGE_COMPONENT_SETTING_DATA,
	.walk_begin = vm_walk_begin,
	.walk_next = walk_next,
	.walk_end = vm_walk_end,
	.find = find,
	.modify = modify,
};
