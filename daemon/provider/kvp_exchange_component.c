/* SPDX-License-Identifier: MIT */
/* kvp_exchange_component.c -- Msvm_KvpExchangeComponent: the exchange with one VM, its health, and
 * what the guest publishes. */
#include "provider/provider_list.h"

#include <string.h>

#include "cim/operation.h"
#include "openkvp/scoped.h"
#include "provider/fill.h"
#include "provider/kvp_exchange_data_item.h"

enum { ENABLED = 2, DISABLED = 3 };

enum {
	STATUS_OK = 2,
	STATUS_DEGRADED = 3,
	STATUS_NON_RECOVERABLE = 7,
	STATUS_NO_CONTACT = 12,
	STATUS_LOST_COMMUNICATION = 13,
	STATUS_PROTOCOL_MISMATCH = 32775,
	STATUS_COMMUNICATION_FAILED = 32784,
};

#define NOT_SUPPORTED 1 /* return value of the component's methods */

static void set_status(struct cim_instance *instance, const uint64_t *codes,
		       const char *const *texts, size_t count)
{
	cim_set_uint_array(instance, PROPERTY_OPERATIONAL_STATUS, codes, count);
	cim_set_text_array(instance, PROPERTY_STATUS_DESCRIPTIONS, texts, count);
}

/* Whether a version below the newest is told as a degraded exchange: in the older namespace always,
 * in the others when a function is lost. 3.0 has no IP information, 4.0 all that is needed; 5.0 and
 * openkvp's own protocol are the newest. */
static bool is_degraded(const struct cim_instance *instance, const struct vm_status *status)
{
	return strcmp(instance->class->ns->name, "root/virtualization") == 0 ||
	       status->message.major < 4;
}

/* The guest sends or publishes more than is taken: some of it is lost, or late. */
static void set_trouble_status(struct cim_instance *instance, const struct vm_status *status)
{
	const char *trouble = arena_text(instance->arena, status->trouble, strlen(status->trouble));

	set_status(instance, (uint64_t[]){ STATUS_DEGRADED, STATUS_PROTOCOL_MISMATCH },
		   (const char *[]){ "Degraded", trouble }, 2);
}

static void set_old_version_status(struct cim_instance *instance, const struct vm_status *status)
{
	const char *detail =
		arena_printf(instance->arena, "Protocol version: negotiated %u.%u, expected 5.0",
			     status->message.major, status->message.minor);
	bool degraded = is_degraded(instance, status);

	set_status(instance,
		   (uint64_t[]){ degraded ? STATUS_DEGRADED : STATUS_OK, STATUS_PROTOCOL_MISMATCH },
		   (const char *[]){ degraded ? "Degraded" : "OK", detail }, 2);
}

static void set_open_status(struct cim_instance *instance, const struct vm_status *status)
{
	if (status->own_version > 0 || status->message.major >= 5)
		set_status(instance, (uint64_t[]){ STATUS_OK }, (const char *[]){ "OK" }, 1);
	else
		set_old_version_status(instance, status);
}

static void set_health(struct cim_instance *instance, const struct vm_status *status)
{
	const char *reason = arena_text(instance->arena, status->reason, strlen(status->reason));

	switch (status->contact) {
	case VM_CONTACT_OPEN:
		if (status->degraded)
			set_trouble_status(instance, status);
		else
			set_open_status(instance, status);
		break;
	case VM_CONTACT_LOST:
		set_status(instance,
			   (uint64_t[]){ STATUS_LOST_COMMUNICATION, STATUS_COMMUNICATION_FAILED },
			   (const char *[]){ "Lost Communication", reason }, 2);
		break;
	case VM_CONTACT_INCOMPATIBLE:
		set_status(instance,
			   (uint64_t[]){ STATUS_NON_RECOVERABLE, STATUS_PROTOCOL_MISMATCH },
			   (const char *[]){ "Non-Recoverable Error", reason }, 2);
		break;
	default:
		set_status(instance, (uint64_t[]){ STATUS_NO_CONTACT },
			   (const char *[]){ "No Contact" }, 1);
	}
}

void kvp_exchange_component_fill(struct host *host, const struct vm_picture *picture,
				 struct cim_instance *instance)
{
	const struct snapshot *snapshot = picture->snapshot;

	cim_set_text(instance, PROPERTY_SYSTEM_NAME, vm_id_text(picture->vm));
	cim_set_text(instance, PROPERTY_DEVICE_ID, vm_component_id(instance->arena, picture->vm));
	cim_set_uint(instance, PROPERTY_ENABLED_STATE,
		     snapshot->settings->exchange_enabled ? ENABLED : DISABLED);
	set_health(instance, &picture->status);
	if (!picture->status.guest_live) /* what the guest said once is not what it says */
		return;
	kvp_set_items(instance, PROPERTY_GUEST_EXCHANGE_ITEMS, snapshot->space[SPACE_GUEST],
		      KVP_SOURCE_GUEST);
	kvp_set_items(instance, PROPERTY_GUEST_INTRINSIC_EXCHANGE_ITEMS,
		      snapshot->space[SPACE_INTRINSIC], KVP_SOURCE_INTRINSIC);
}

static bool fill(struct host *host, struct vm *vm, struct cim_instance *instance)
{
	return vm_fill_now(host, vm, kvp_exchange_component_fill, instance);
}

static bool walk_next(void *walk, struct cim_instance *instance)
{
	return vm_walk_next(walk, fill, instance);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	struct vm *vm scoped(vm_release) =
		vm_by_component_id(context, cim_path_text_key(path, "DeviceID"));

	return vm && fill(context, vm, instance);
}

/* --- A reader of one component makes the guest be asked --- */

struct refresh {
	struct cim_operation *operation;
	void (*ready)(struct cim_operation *operation);
};

static void refreshed(void *context)
{
	struct refresh *refresh = context;

	refresh->ready(refresh->operation);
}

static bool refresh(struct cim_operation *operation, const struct cim_object_path *path,
		    void (*ready)(struct cim_operation *operation))
{
	struct host *host = cim_service_context(operation->service);
	const struct host_settings *settings = host_settings(host);
	struct vm *vm scoped(vm_release) =
		vm_by_component_id(host, cim_path_text_key(path, "DeviceID"));
	struct refresh *waiting = arena_new(operation->arena, struct refresh);

	*waiting = (struct refresh){ operation, ready };
	return vm && exchange_refresh(host_exchange(host), vm, settings->guest_data_max_age_ms,
				      settings->guest_read_wait_ms, refreshed, waiting);
}

static void not_supported(struct cim_operation *operation)
{
	operation->return_value = cim_uint(CIM_UINT32, NOT_SUPPORTED);
	cim_operation_finish(operation);
}

static const struct cim_method_entry methods[] = {
	{ .name = "EnableDevice", .invoke = not_supported },
	{ .name = "OnlineDevice", .invoke = not_supported },
	{ .name = "QuiesceDevice", .invoke = not_supported },
	{ .name = "RequestStateChange", .invoke = not_supported },
	{ .name = "Reset", .invoke = not_supported },
	{ .name = "RestoreProperties", .invoke = not_supported },
	{ .name = "SaveProperties", .invoke = not_supported },
	{ .name = "SetPowerState", .invoke = not_supported },
	{ 0 },
};

const struct cim_provider kvp_exchange_component_provider = {
	.class_id = MSVM_KVP_EXCHANGE_COMPONENT,
	.walk_begin = vm_walk_begin,
	.walk_next = walk_next,
	.walk_end = vm_walk_end,
	.find = find,
	.refresh = refresh,
	.methods = methods,
};
