/* SPDX-License-Identifier: MIT */
/* computer_system.c -- Msvm_ComputerSystem: the host, and one instance for each VM. */
#include "provider/provider_list.h"

#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "provider/fill.h"

enum { ENABLED = 2, DISABLED = 3 }; /* CIM_EnabledLogicalElement.EnabledState */

#define STATUS_OK 2 /* CIM_ManagedSystemElement.OperationalStatus */

struct walk {
	struct host *host;
	void *vms;
	bool host_done;
};

static void fill_host(struct host *host, struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_NAME, host_name(host));
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, host_name(host));
	cim_set_text(instance, PROPERTY_CAPTION, "Hosting Computer System");
	cim_set_text(instance, PROPERTY_DESCRIPTION, "Microsoft Hosting Computer System");
	cim_set_uint(instance, PROPERTY_ENABLED_STATE, ENABLED);
	cim_set_uint(instance, PROPERTY_ENABLED_DEFAULT, ENABLED);
	cim_set_uint_array(instance, PROPERTY_OPERATIONAL_STATUS, (uint64_t[]){ STATUS_OK }, 1);
	cim_set_text_array(instance, PROPERTY_STATUS_DESCRIPTIONS, (const char *[]){ "OK" }, 1);
}

void computer_system_fill(struct host *host, const struct vm_picture *picture,
			  struct cim_instance *instance)
{
	const struct vm_status *status = &picture->status;
	const struct vm_settings *settings = picture->snapshot->settings;

	cim_set_text(instance, PROPERTY_NAME, vm_id_text(picture->vm));
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, settings->name);
	cim_set_text(instance, PROPERTY_CAPTION, "Virtual Machine");
	cim_set_text(instance, PROPERTY_DESCRIPTION, "Microsoft Virtual Computer System");
	cim_set_uint(instance, PROPERTY_ENABLED_STATE,
		     status->contact == VM_CONTACT_NONE ? DISABLED : ENABLED);
	cim_set_uint(instance, PROPERTY_ENABLED_DEFAULT, DISABLED);
	cim_set_uint_array(instance, PROPERTY_OPERATIONAL_STATUS, (uint64_t[]){ STATUS_OK }, 1);
	cim_set_text_array(instance, PROPERTY_STATUS_DESCRIPTIONS,
			   (const char *[]){ "Operating normally" }, 1);
	cim_set_uint(instance, PROPERTY_ON_TIME_IN_MILLISECONDS, status->connected_ms);
	cim_set(instance, PROPERTY_INSTALL_DATE, cim_time(settings->created_us));
}

static bool fill_vm(struct host *host, struct vm *vm, struct cim_instance *instance)
{
	return vm_fill_now(host, vm, computer_system_fill, instance);
}

static void *walk_begin(void *context, const struct cim_class *class)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->host = context;
	walk->vms = vm_walk_begin(context, class);
	return walk;
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	if (walk->host_done)
		return vm_walk_next(walk->vms, fill_vm, instance);
	walk->host_done = true;
	fill_host(walk->host, instance);
	return true;
}

static void walk_end(void *context)
{
	struct walk *walk = context;

	vm_walk_end(walk->vms);
	free(walk);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	const char *name = cim_path_text_key(path, "Name");
	struct vm *vm scoped(vm_release) = vm_by_guid(context, name);

	if (vm)
		return fill_vm(context, vm, instance);
	if (!name || strcasecmp(name, host_name(context)) != 0)
		return false;
	fill_host(context, instance);
	return true;
}

const struct cim_provider computer_system_provider = {
	.class_id = MSVM_COMPUTER_SYSTEM,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = walk_end,
	.find = find,
};
