/* SPDX-License-Identifier: MIT */
/* association_ends.c -- the keys of instances, and what they stand for. */
#include "provider/association_ends.h"

#include <strings.h>

#include "provider/vm_walk.h"

static const char *write_guid(struct arena *arena, const struct guid *guid)
{
	char text[GUID_TEXT_SIZE];

	return arena_printf(arena, "%s", guid_to_text(guid, text));
}

static const char *write_host(struct arena *arena, struct host *host, const struct subject *subject)
{
	return host_name(host);
}

static bool read_host(struct host *host, const char *key, struct subject *ret_subject)
{
	return strcasecmp(key, host_name(host)) == 0;
}

static const char *write_vm(struct arena *arena, struct host *host, const struct subject *subject)
{
	return write_guid(arena, &subject->vm);
}

static bool read_vm(struct host *host, const char *key, struct subject *ret_subject)
{
	return guid_from_text(key, &ret_subject->vm);
}

static const char *write_vm_settings(struct arena *arena, struct host *host,
				     const struct subject *subject)
{
	return vm_settings_id_of(arena, &subject->vm);
}

static bool read_vm_settings(struct host *host, const char *key, struct subject *ret_subject)
{
	return vm_of_settings_id(key, &ret_subject->vm);
}

static const char *write_component(struct arena *arena, struct host *host,
				   const struct subject *subject)
{
	return vm_component_id_of(arena, &subject->vm);
}

static bool read_component(struct host *host, const char *key, struct subject *ret_subject)
{
	return vm_of_component_id(key, &ret_subject->vm);
}

static const char *write_job(struct arena *arena, struct host *host, const struct subject *subject)
{
	return write_guid(arena, &subject->job);
}

static bool read_job(struct host *host, const char *key, struct subject *ret_subject)
{
	return guid_from_text(key, &ret_subject->job);
}

const struct end_type end_host_system = { MSVM_COMPUTER_SYSTEM, OF_HOST, PROPERTY_NAME, write_host,
					  read_host };
const struct end_type end_service = { MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE, OF_HOST,
				      PROPERTY_SYSTEM_NAME, write_host, read_host };
const struct end_type end_service_capabilities = {
	.class_id = MSVM_VIRTUAL_SYSTEM_MANAGEMENT_CAPABILITIES,
};
const struct end_type end_vm_capabilities = { .class_id = MSVM_VIRTUAL_SYSTEM_CAPABILITIES };
const struct end_type end_vm = { MSVM_COMPUTER_SYSTEM, OF_VM, PROPERTY_NAME, write_vm, read_vm };
const struct end_type end_vm_settings = { MSVM_VIRTUAL_SYSTEM_SETTING_DATA, OF_VM,
					  PROPERTY_INSTANCE_ID, write_vm_settings,
					  read_vm_settings };
const struct end_type end_component = { MSVM_KVP_EXCHANGE_COMPONENT, OF_VM, PROPERTY_DEVICE_ID,
					write_component, read_component };
const struct end_type end_component_settings = { MSVM_KVP_EXCHANGE_COMPONENT_SETTING_DATA, OF_VM,
						 PROPERTY_INSTANCE_ID, write_component,
						 read_component };
const struct end_type end_job = { MSVM_CONCRETE_JOB, OF_JOB, PROPERTY_INSTANCE_ID, write_job,
				  read_job };

const struct cim_object_path *end_path(const struct end_type *type, const struct cim_class *class,
				       struct arena *arena, struct host *host,
				       const struct subject *subject)
{
	struct cim_instance *instance = cim_instance_create(arena, class);

	if (type->kind == OF_VM) /* a device has its system among its keys */
		cim_set_text(instance, PROPERTY_SYSTEM_NAME, write_vm(arena, host, subject));
	if (type->write)
		cim_set_text(instance, type->key, type->write(arena, host, subject));
	return cim_instance_path(instance);
}

bool end_read(const struct end_type *type, struct host *host, const struct cim_object_path *path,
	      struct subject *ret_subject)
{
	const char *key = cim_path_text_key(path, cim_property_names[type->key]);

	return strcasecmp(path->class_name, cim_class_names[type->class_id]) == 0 &&
	       (!type->read || (key && type->read(host, key, ret_subject)));
}
