/* SPDX-License-Identifier: MIT */
/* fake.c -- a service of some VMs, for what talks to it by WS-Management. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "fake_parts.h"

static bool find_vm(const struct fake *fake, const char *name, size_t *ret_vm)
{
	char text[FAKE_NAME_SIZE];

	for (*ret_vm = 0; *ret_vm < fake->vms; ++*ret_vm)
		if (strcasecmp(fake_name(*ret_vm, text), name) == 0)
			return true;
	return false;
}

/* --- VMs --- */

static void fill_vm(size_t vm, struct cim_instance *instance)
{
	char text[FAKE_NAME_SIZE];

	cim_set_text(instance, PROPERTY_NAME, fake_name(vm, text));
	snprintf(text, sizeof(text), "web<%zu>", vm);
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, text);
	cim_set_uint(instance, PROPERTY_ENABLED_STATE, 2);
	cim_set_uint(instance, PROPERTY_ON_TIME_IN_MILLISECONDS, 1234567890123);
	cim_set(instance, PROPERTY_INSTALL_DATE, cim_time(1800000000500000));
}

static bool next_vm(void *context, struct cim_instance *instance)
{
	struct fake_walk *walk = context;

	if (walk->at == walk->end)
		return false;
	fill_vm(walk->at++, instance);
	return true;
}

static bool get_vm(void *fake, const struct cim_object_path *path, struct cim_instance *instance)
{
	size_t vm;

	if (!find_vm(fake, cim_path_text_key(path, "Name"), &vm))
		return false;
	fill_vm(vm, instance);
	return true;
}

static const struct cim_provider computer_system = {
	.class_id = MSVM_COMPUTER_SYSTEM,
	.walk_begin = fake_walk_vms,
	.walk_next = next_vm,
	.walk_end = fake_walk_end,
	.find = get_vm,
};

/* --- Their exchange: one item escaped beforehand, one not --- */

static void fill_component(size_t vm, struct cim_instance *instance)
{
	static const char item[] = "<INSTANCE><VALUE>a&amp;b</VALUE></INSTANCE>";
	static const char escaped[] = "&lt;INSTANCE>ready&lt;/INSTANCE>";
	struct cim_value *items = arena_array(instance->arena, struct cim_value, 2);
	char text[FAKE_NAME_SIZE], id[2 * FAKE_NAME_SIZE];

	items[0] = cim_string(item);
	items[1] = cim_string("<INSTANCE>ready</INSTANCE>");
	items[1].string.escaped = escaped;
	items[1].string.escaped_length = sizeof(escaped) - 1;
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, fake_name(vm, text));
	snprintf(id, sizeof(id), "Microsoft:%s\\2A34B1C2", text);
	cim_set_text(instance, PROPERTY_DEVICE_ID, id);
	cim_set(instance, PROPERTY_GUEST_EXCHANGE_ITEMS, cim_array(CIM_STRING, items, 2));
	cim_set(instance, PROPERTY_GUEST_INTRINSIC_EXCHANGE_ITEMS, cim_array(CIM_STRING, NULL, 0));
}

static bool next_component(void *context, struct cim_instance *instance)
{
	struct fake_walk *walk = context;

	if (walk->at == walk->end)
		return false;
	fill_component(walk->at++, instance);
	return true;
}

static bool get_component(void *fake, const struct cim_object_path *path,
			  struct cim_instance *instance)
{
	size_t vm;

	if (!find_vm(fake, cim_path_text_key(path, "SystemName"), &vm))
		return false;
	fill_component(vm, instance);
	return true;
}

static bool refresh_component(struct cim_operation *operation, const struct cim_object_path *path,
			      void (*ready)(struct cim_operation *operation))
{
	struct fake *fake = cim_service_context(operation->service);

	if (!fake->hold)
		return false;
	fake->held = operation;
	fake->ready = ready;
	return true;
}

static const struct cim_provider component = {
	.class_id = MSVM_KVP_EXCHANGE_COMPONENT,
	.walk_begin = fake_walk_vms,
	.walk_next = next_component,
	.walk_end = fake_walk_end,
	.find = get_component,
	.refresh = refresh_component,
};

/* --- The service --- */

static bool next_service(void *context, struct cim_instance *instance)
{
	struct fake_walk *walk = context;

	if (walk->at++ == walk->end)
		return false;
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, "HOST");
	return true;
}

static bool get_service(void *fake, const struct cim_object_path *path,
			struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, "HOST");
	return true;
}

/* Writes down what arrived. */
static void see(struct cim_operation *operation)
{
	struct fake *fake = cim_service_context(operation->service);
	const struct cim_value *items = cim_input(operation, "DataItems");
	char *path = cim_path_to_text(operation->arena,
				      cim_input(operation, "TargetSystem")->reference, NULL);

	text_clear(&fake->seen);
	text_puts(&fake->seen, path);
	for (size_t i = 0; items->is_set && i < items->array.count; i++) {
		text_putc(&fake->seen, '|');
		text_add(&fake->seen, items->array.item[i].string.bytes,
			 items->array.item[i].string.length);
	}
}

/* A job is under way. */
static void add_items(struct cim_operation *operation)
{
	struct cim_object_path *path = arena_new(operation->arena, struct cim_object_path);
	struct cim_key *key = arena_new(operation->arena, struct cim_key);

	see(operation);
	*key = (struct cim_key){ "InstanceID", cim_string("job<1>") };
	*path = (struct cim_object_path){ operation->class->ns->name, "Msvm_ConcreteJob", key, 1 };
	*cim_output(operation, "Job") = cim_reference(path);
	operation->return_value = cim_uint(CIM_UINT32, 4096);
	cim_operation_finish(operation);
}

/* Something is wrong with the items. */
static void modify_items(struct cim_operation *operation)
{
	see(operation);
	operation->return_value = cim_uint(CIM_UINT32, 32773);
	cim_operation_finish(operation);
}

/* There is no such VM. */
static void remove_items(struct cim_operation *operation)
{
	cim_fail(&operation->error, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE, "no such VM");
	cim_operation_finish(operation);
}

static const struct cim_method_entry methods[] = {
	{ .name = "AddKvpItems", .invoke = add_items },
	{ .name = "ModifyKvpItems", .invoke = modify_items },
	{ .name = "RemoveKvpItems", .invoke = remove_items },
	{ 0 },
};

static const struct cim_provider service = {
	.class_id = MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE,
	.walk_begin = fake_walk_one,
	.walk_next = next_service,
	.walk_end = fake_walk_end,
	.find = get_service,
	.methods = methods,
};

static const struct cim_provider *const providers[] = {
	&computer_system, &component, &service, &fake_setting_data, &fake_system_device, NULL,
};

struct fake *fake_create(size_t vms)
{
	struct fake *fake = xcalloc(1, sizeof(*fake));

	fake->vms = vms;
	fake->service = cim_service_create(providers, fake);
	return fake;
}

void fake_free(struct fake **fake)
{
	cim_service_free(&(*fake)->service);
	text_done(&(*fake)->seen);
	free(*fake);
	*fake = NULL;
}
