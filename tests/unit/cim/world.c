/* SPDX-License-Identifier: MIT */
/* world.c -- providers over a table that is computed. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/memory.h"

struct walk {
	struct world *world;
	size_t at, end; /* as it was when the walk began */
};

static void *begin(struct world *world, size_t count)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->world = world;
	walk->end = count;
	world->walks_open++;
	return walk;
}

static bool step(void *context, struct cim_instance *instance,
		 void (*fill)(struct world *world, size_t index, struct cim_instance *instance))
{
	struct walk *walk = context;

	if (walk->at == walk->end)
		return false;
	fill(walk->world, walk->at++, instance);
	return true;
}

static void end(void *context)
{
	struct walk *walk = context;

	walk->world->walks_open--;
	free(walk);
}

/* --- VMs --- */

const char *world_guid(size_t vm, char out[static WORLD_GUID_SIZE])
{
	snprintf(out, WORLD_GUID_SIZE, "%08zX-AAAA-BBBB-CCCC-0123456789AB", vm);
	return out;
}

static void fill_vm(struct world *world, size_t index, struct cim_instance *instance)
{
	char text[WORLD_GUID_SIZE];

	cim_set_text(instance, PROPERTY_NAME, world_guid(index, text));
	snprintf(text, sizeof(text), "vm%zu", index);
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, text);
	cim_set_uint(instance, PROPERTY_ENABLED_STATE, index % 2 ? 2 : 3);
	if (index % 2)
		cim_set_uint(instance, PROPERTY_ON_TIME_IN_MILLISECONDS, 1000 * index);
	cim_set(instance, PROPERTY_INSTALL_DATE, cim_time((int64_t)index * 1000000));
	cim_set(instance, PROPERTY_ROLES, (struct cim_value){ 0 });
	cim_set_uint(instance, PROPERTY_ENABLED_DEFAULT, world->vm_enabled_default);
}

static size_t find_vm(struct world *world, const char *name)
{
	char guid[WORLD_GUID_SIZE];
	size_t i = 0;

	while (i < world->vm_count && strcasecmp(world_guid(i, guid), name) != 0)
		i++;
	return i;
}

static void *vm_begin(void *context, const struct cim_class *class)
{
	return begin(context, ((struct world *)context)->vm_count);
}

static bool vm_next(void *walk, struct cim_instance *instance)
{
	return step(walk, instance, fill_vm);
}

/* Looks at the one key that tells VMs apart. */
static bool vm_find(void *context, const struct cim_object_path *path,
		    struct cim_instance *instance)
{
	struct world *world = context;
	size_t i = find_vm(world, cim_path_text_key(path, "Name"));

	if (i == world->vm_count)
		return false;
	fill_vm(world, i, instance);
	return true;
}

/* Whether the world takes a change; the operation is failed otherwise. */
static bool accepts(struct cim_operation *operation)
{
	struct world *world = cim_service_context(operation->service);

	return !world->refuses_changes ||
	       cim_fail(&operation->error, CIM_STATUS_ACCESS_DENIED, CIM_DETAIL_NONE, "no right");
}

static bool vm_changes_itself(enum cim_property_id id)
{
	return id == PROPERTY_ON_TIME_IN_MILLISECONDS;
}

static void vm_modify(struct cim_operation *operation)
{
	struct world *world = cim_service_context(operation->service);

	world->modified++;
	if (accepts(operation))
		for (size_t i = 0; i < operation->change_count; i++)
			if (operation->changes[i].property->id == PROPERTY_ENABLED_DEFAULT)
				world->vm_enabled_default = operation->changes[i].value.uint;
	cim_operation_finish(operation);
}

static const struct cim_provider computer_system = {
	.class_id = MSVM_COMPUTER_SYSTEM,
	.walk_begin = vm_begin,
	.walk_next = vm_next,
	.walk_end = end,
	.find = vm_find,
	.modify = vm_modify,
	.changes_itself = vm_changes_itself,
};

/* --- The exchange of each VM, which is refreshed --- */

static void fill_component(struct world *world, size_t index, struct cim_instance *instance)
{
	char guid[WORLD_GUID_SIZE], id[100];

	world_guid(index, guid);
	snprintf(id, sizeof(id), "Microsoft:%s\\2A34B1C2", guid);
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, guid);
	cim_set_text(instance, PROPERTY_DEVICE_ID, id);
	if (world->refreshed && world->other_name_after_refresh)
		cim_set_text(instance, PROPERTY_ELEMENT_NAME, "refreshed");
}

static void *component_begin(void *context, const struct cim_class *class)
{
	return begin(context, ((struct world *)context)->vm_count);
}

static bool component_next(void *walk, struct cim_instance *instance)
{
	return step(walk, instance, fill_component);
}

static bool component_find(void *context, const struct cim_object_path *path,
			   struct cim_instance *instance)
{
	struct world *world = context;
	size_t i = find_vm(world, cim_path_text_key(path, "SystemName"));

	if (i == world->vm_count || (world->refreshed && world->gone_after_refresh))
		return false;
	fill_component(world, i, instance);
	return true;
}

static bool component_refresh(struct cim_operation *operation, const struct cim_object_path *path,
			      void (*ready)(struct cim_operation *operation))
{
	struct world *world = cim_service_context(operation->service);

	if (world->is_fresh)
		return false;
	world->refreshed++;
	world->ready = ready;
	if (!world->refresh_waits)
		ready(operation);
	return true;
}

static const struct cim_provider component = {
	.class_id = MSVM_KVP_EXCHANGE_COMPONENT,
	.walk_begin = component_begin,
	.walk_next = component_next,
	.walk_end = end,
	.find = component_find,
	.refresh = component_refresh,
};

/* --- The service --- */

static void fill_service(struct world *world, size_t index, struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, index == 0 ? "HOST" : "SECOND");
}

static void *service_begin(void *context, const struct cim_class *class)
{
	return begin(context, ((struct world *)context)->service_count);
}

static bool service_next(void *walk, struct cim_instance *instance)
{
	return step(walk, instance, fill_service);
}

static bool service_find(void *context, const struct cim_object_path *path,
			 struct cim_instance *instance)
{
	fill_service(context, 0, instance);
	return true;
}

static void invoke(struct cim_operation *operation)
{
	struct world *world = cim_service_context(operation->service);

	world->invoked++;
	operation->return_value = cim_uint(CIM_UINT32, 4096);
	cim_operation_finish(operation);
}

static const struct cim_method_entry service_methods[] = {
	{ .name = "AddKvpItems", .invoke = invoke },
	{ .name = "RequestStateChange", .invoke = invoke },
	{ 0 },
};

static const struct cim_provider service = {
	.class_id = MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE,
	.walk_begin = service_begin,
	.walk_next = service_next,
	.walk_end = end,
	.find = service_find,
	.methods = service_methods,
};

/* --- Jobs --- */

static void fill_job(struct world *world, size_t index, struct cim_instance *instance)
{
	char id[32];

	snprintf(id, sizeof(id), "job%zu", index);
	cim_set_text(instance, PROPERTY_INSTANCE_ID, id);
	cim_set_uint(instance, PROPERTY_JOB_STATE, 7);
}

static void *job_begin(void *context, const struct cim_class *class)
{
	return begin(context, ((struct world *)context)->job_count);
}

static bool job_next(void *walk, struct cim_instance *instance)
{
	return step(walk, instance, fill_job);
}

static bool job_find(void *context, const struct cim_object_path *path,
		     struct cim_instance *instance)
{
	struct world *world = context;
	const char *id = cim_path_text_key(path, "InstanceID");
	size_t index;

	if (sscanf(id, "job%zu", &index) != 1 || index >= world->job_count)
		return false;
	fill_job(world, index, instance);
	return true;
}

static void job_create(struct cim_operation *operation)
{
	struct world *world = cim_service_context(operation->service);

	world->created++;
	if (accepts(operation)) {
		char id[32];

		snprintf(id, sizeof(id), "job%zu", world->job_count++);
		cim_set_text(operation->instance, PROPERTY_INSTANCE_ID, id);
	}
	cim_operation_finish(operation);
}

static void job_delete(struct cim_operation *operation)
{
	struct world *world = cim_service_context(operation->service);

	world->deleted++;
	if (accepts(operation))
		world->job_count--;
	cim_operation_finish(operation);
}

static const struct cim_provider job = {
	.class_id = MSVM_CONCRETE_JOB,
	.walk_begin = job_begin,
	.walk_next = job_next,
	.walk_end = end,
	.find = job_find,
	.create = job_create,
	.delete = job_delete,
};

static const struct cim_provider *const instances[] = { &computer_system, &component, &service,
							&job };
static const struct cim_provider *providers[16];

static void collect_providers(void)
{
	size_t count = 0;

	for (size_t i = 0; i < count_of(instances); i++)
		providers[count++] = instances[i];
	for (size_t i = 0; world_associations[i]; i++)
		providers[count++] = world_associations[i];
}

/* --- The world --- */

int world_set_up(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->arena = arena_create();
	world->vm_count = 3;
	world->service_count = 1;
	world->job_count = 2;
	world->vm_enabled_default = 2;
	collect_providers();
	world->service = cim_service_create(providers, world);
	*state = world;
	return 0;
}

int world_tear_down(void **state)
{
	struct world *world = *state;
	size_t walks_open = world->walks_open;

	cim_service_free(&world->service);
	arena_free(&world->arena);
	free(world);
	return walks_open == 0 ? 0 : -1;
}

const struct cim_object_path *world_path(struct world *world, const char *text)
{
	struct cim_object_path *path = arena_new(world->arena, struct cim_object_path);
	struct okvp_error err;

	if (!cim_path_from_text(world->arena, text, strlen(text), path, &err))
		fail_msg("%s: %s", text, err.message);
	return path;
}

static void finished(struct cim_operation *operation)
{
	struct world *world = operation->binding;

	world->finished++;
}

struct cim_operation *world_operation(struct world *world)
{
	world->finished = 0;
	world->operation = (struct cim_operation){
		.service = world->service,
		.arena = world->arena,
		.principal = { .name = "ann", .role = ROLE_WRITE },
		.finished = finished,
		.binding = world,
	};
	return &world->operation;
}
