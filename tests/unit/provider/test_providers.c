/* SPDX-License-Identifier: MIT */
/* test_providers.c -- provider/: instances and methods of each class, over a host on a store in
 * memory. */
#include "provider/providers.h"

#include <stdlib.h>

#include "../host/host_fixture.h"
#include "cim/enumeration.h"
#include "openkvp/scoped.h"

#define NS "root/virtualization/v2"

struct ended {
	struct cim_operation operation;
	bool finished;
};

static void operation_finished(struct cim_operation *operation)
{
	struct ended *ended = operation->binding;

	__atomic_store_n(&ended->finished, true, __ATOMIC_RELEASE);
}

struct world {
	struct fixture *host;
	struct cim_service *service;
	struct arena *arena;
	struct vm *vm;
};

static int open_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	open_host((void **)&world->host);
	world->service = cim_service_create(providers, world->host->host);
	world->arena = arena_create();
	world->vm = define_vm(world->host);
	*state = world;
	return 0;
}

static int close_world(void **state)
{
	struct world *world = *state;

	vm_release(&world->vm);
	arena_free(&world->arena);
	cim_service_free(&world->service);
	close_host((void **)&world->host);
	free(world);
	return 0;
}

static struct cim_key key_of(const char *name, const char *value)
{
	return (struct cim_key){ .name = name, .value = cim_string(value) };
}

static struct cim_object_path *path_of(struct world *world, const char *class_name,
				       const struct cim_key *keys, size_t count)
{
	struct cim_object_path *path = arena_new(world->arena, struct cim_object_path);
	struct cim_key *copy = arena_array(world->arena, struct cim_key, count);

	if (count > 0)
		memcpy(copy, keys, count * sizeof(*copy));
	*path = (struct cim_object_path){ NS, class_name, copy, count };
	return path;
}

static void wait_for(struct world *world, struct ended *ended)
{
	while (!__atomic_load_n(&ended->finished, __ATOMIC_ACQUIRE))
		uv_run(&world->host->loop, UV_RUN_NOWAIT);
}

static void begin(struct world *world, struct ended *ended, const struct principal *principal)
{
	*ended = (struct ended){
		.operation = {
			.service = world->service,
			.arena = world->arena,
			.principal = *principal,
			.peer = "test",
			.finished = operation_finished,
			.binding = ended,
		},
	};
}

static const struct cim_instance *get(struct world *world, const struct cim_object_path *path)
{
	struct ended *ended = arena_new(world->arena, struct ended);

	begin(world, ended, &writer);
	cim_get(&ended->operation, path);
	wait_for(world, ended);
	assert_int_equal(ended->operation.error.status, CIM_STATUS_OK);
	return ended->operation.instance;
}

static struct cim_object_path *vm_path(struct world *world)
{
	return path_of(world, "Msvm_ComputerSystem",
		       (struct cim_key[]){ key_of("CreationClassName", "Msvm_ComputerSystem"),
					   key_of("Name", vm_id_text(world->vm)) },
		       2);
}

static const struct cim_instance *get_component(struct world *world)
{
	char *id = arena_printf(world->arena, "Microsoft:%s\\2A34B1C2-FD73-4043-8A5B-DD2159BC743F",
				vm_id_text(world->vm));

	return get(world, path_of(world, "Msvm_KvpExchangeComponent",
				  (struct cim_key[]){
					  key_of("CreationClassName", "Msvm_KvpExchangeComponent"),
					  key_of("DeviceID", id),
					  key_of("SystemCreationClassName", "Msvm_ComputerSystem"),
					  key_of("SystemName", vm_id_text(world->vm)) },
				  4));
}

static const char *text_of(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	assert_true(value && value->is_set);
	return value->string.bytes;
}

static uint64_t number_of(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_value *value = cim_get_value(instance, id);

	assert_true(value && value->is_set);
	return value->is_array ? value->array.item[0].uint : value->uint;
}

static bool is_null(const struct cim_instance *instance, enum cim_property_id id)
{
	return !cim_get_value(instance, id)->is_set;
}

/* Calls a KVP method with one item; 0 or the job's GUID in ret_job. */
static uint64_t call(struct world *world, const struct principal *principal, const char *method,
		     const struct cim_object_path *target, const char *item, const char **ret_job)
{
	struct ended *ended = arena_new(world->arena, struct ended);
	struct cim_value *items = arena_new(world->arena, struct cim_value);
	struct cim_argument arguments[2] = {
		{ .name = "TargetSystem", .value = cim_reference(target) }, { .name = "DataItems" }
	};
	const struct cim_value *job;

	*items = cim_string(item);
	arguments[1].value = cim_array(CIM_STRING, items, 1);
	begin(world, ended, principal);
	cim_invoke(&ended->operation,
		   path_of(world, "Msvm_VirtualSystemManagementService", NULL, 0), method,
		   arguments, 2);
	wait_for(world, ended);
	*ret_job = NULL;
	if (ended->operation.error.status != CIM_STATUS_OK)
		return ended->operation.error.status;
	job = cim_output(&ended->operation, "Job");
	if (job->is_set)
		*ret_job = cim_path_text_key(job->reference, "InstanceID");
	return ended->operation.return_value.uint;
}

#define ITEM(name, data)                                                                         \
	"<INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\"><PROPERTY NAME=\"Name\" "              \
	"TYPE=\"string\">"                                                                       \
	"<VALUE>" name "</VALUE></PROPERTY><PROPERTY NAME=\"Data\" TYPE=\"string\"><VALUE>" data \
	"</VALUE></PROPERTY></INSTANCE>"

static const struct cim_instance *get_job(struct world *world, const char *id)
{
	return get(world, path_of(world, "Msvm_ConcreteJob",
				  (struct cim_key[]){ key_of("InstanceID", id) }, 1));
}

static void a_vm_is_a_computer_system(void **state)
{
	struct world *world = *state;
	const struct cim_instance *vm = get(world, vm_path(world));

	assert_string_equal(text_of(vm, PROPERTY_ELEMENT_NAME), "vm");
	assert_string_equal(text_of(vm, PROPERTY_CAPTION), "Virtual Machine");
	assert_int_equal(number_of(vm, PROPERTY_ENABLED_STATE), 3);
	connect_guest(world->host, world->vm);
	vm = get(world, vm_path(world));
	assert_int_equal(number_of(vm, PROPERTY_ENABLED_STATE), 2);
	assert_true(number_of(vm, PROPERTY_ON_TIME_IN_MILLISECONDS) > 0);
}

static size_t count_instances(struct world *world, const char *class_name)
{
	const struct cim_enumeration_request request = { .ns = NS, .class_name = class_name };
	struct cim_enumeration *listing;
	struct cim_error err;
	size_t count = 0;

	assert_true(cim_enumeration_open(world->service, &request, &listing, &err));
	for (; cim_enumeration_peek(listing); cim_enumeration_advance(listing))
		count++;
	cim_enumeration_close(&listing);
	return count;
}

static void listings_have_the_host_and_its_vms(void **state)
{
	assert_int_equal(count_instances(*state, "Msvm_ComputerSystem"), 2);
	assert_int_equal(count_instances(*state, "CIM_ComputerSystem"), 2);
	assert_int_equal(count_instances(*state, "Msvm_KvpExchangeComponent"), 1);
	assert_int_equal(count_instances(*state, "Msvm_KvpExchangeComponentSettingData"), 1);
	assert_int_equal(count_instances(*state, "Msvm_VirtualSystemManagementService"), 1);
	assert_int_equal(count_instances(*state, "Msvm_ConcreteJob"), 0);
}

static void without_contact_a_component_has_status_12_and_no_guest_items(void **state)
{
	const struct cim_instance *component = get_component(*state);

	assert_int_equal(number_of(component, PROPERTY_OPERATIONAL_STATUS), 12);
	assert_int_equal(number_of(component, PROPERTY_ENABLED_STATE), 2);
	assert_true(is_null(component, PROPERTY_GUEST_EXCHANGE_ITEMS));
	assert_true(is_null(component, PROPERTY_GUEST_INTRINSIC_EXCHANGE_ITEMS));
}

static void in_contact_a_component_shows_what_the_guest_publishes(void **state)
{
	struct world *world = *state;
	const struct cim_instance *component;
	const struct cim_value *items;

	guest_put(&world->host->guest, 1, "said", "hello");
	guest_put(&world->host->guest, 2, "OSName", "Test");
	connect_guest(world->host, world->vm);
	component = get_component(world);
	assert_int_equal(number_of(component, PROPERTY_OPERATIONAL_STATUS), 2);
	items = cim_get_value(component, PROPERTY_GUEST_EXCHANGE_ITEMS);
	assert_int_equal(items->array.count, 1);
	assert_non_null(strstr(items->array.item[0].string.bytes, "<VALUE>hello</VALUE>"));
	items = cim_get_value(component, PROPERTY_GUEST_INTRINSIC_EXCHANGE_ITEMS);
	assert_int_equal(items->array.count, 1);
}

static void adding_an_item_starts_a_job_and_stores_it(void **state)
{
	struct world *world = *state;
	const struct cim_instance *job, *setting;
	const char *id;

	assert_int_equal(call(world, &writer, "AddKvpItems", vm_path(world), ITEM("a", "1"), &id),
			 JOB_STARTED);
	job = get_job(world, id);
	assert_int_equal(number_of(job, PROPERTY_JOB_STATE), 7);
	assert_int_equal(number_of(job, PROPERTY_PERCENT_COMPLETE), 100);
	assert_string_equal(text_of(job, PROPERTY_STATUS), "OK");
	setting = get(world, path_of(world, "Msvm_KvpExchangeComponentSettingData",
				     (struct cim_key[]){ key_of(
					     "InstanceID",
					     arena_printf(world->arena,
							  "microsoft:%s\\\\2a34b1c2-fd73-4043-8a5b-"
							  "dd2159bc743f",
							  vm_id_text(world->vm))) },
				     1));
	assert_int_equal(cim_get_value(setting, PROPERTY_HOST_EXCHANGE_ITEMS)->array.count, 1);
}

static void a_failed_job_says_why(void **state)
{
	struct world *world = *state;
	const struct cim_instance *job;
	const char *id;

	assert_int_equal(
		call(world, &writer, "ModifyKvpItems", vm_path(world), ITEM("a", "1"), &id),
		JOB_STARTED);
	job = get_job(world, id);
	assert_int_equal(number_of(job, PROPERTY_JOB_STATE), 10);
	assert_int_equal(number_of(job, PROPERTY_ERROR_CODE), 32773);
	assert_string_not_equal(text_of(job, PROPERTY_STATUS), "OK");
	assert_non_null(strstr(text_of(job, PROPERTY_ERROR_DESCRIPTION), "'a'"));
}

static void argument_errors_return_their_code_and_no_job(void **state)
{
	struct world *world = *state;
	const struct principal reader = { "reader", ROLE_READ };
	const char *id;

	assert_int_equal(call(world, &writer, "AddKvpItems", vm_path(world), "nonsense", &id),
			 JOB_INVALID_PARAMETER);
	assert_null(id);
	assert_int_equal(call(world, &reader, "AddKvpItems", vm_path(world), ITEM("a", "1"), &id),
			 JOB_ACCESS_DENIED);
	assert_null(id);
}

static void a_target_that_is_no_vm_is_a_cim_error(void **state)
{
	struct world *world = *state;
	struct cim_object_path *unknown = vm_path(world), *service;
	const char *id;

	unknown = path_of(
		world, "Msvm_ComputerSystem",
		(struct cim_key[]){ key_of("CreationClassName", "Msvm_ComputerSystem"),
				    key_of("Name", "00000000-0000-0000-0000-000000000000") },
		2);
	assert_int_equal(call(world, &writer, "AddKvpItems", unknown, ITEM("a", "1"), &id),
			 CIM_STATUS_NOT_FOUND);
	service = path_of(world, "Msvm_VirtualSystemManagementService", NULL, 0);
	assert_int_equal(call(world, &writer, "AddKvpItems", service, ITEM("a", "1"), &id),
			 CIM_STATUS_INVALID_PARAMETER);
}

static void methods_of_the_component_are_not_supported(void **state)
{
	struct world *world = *state;
	struct ended *ended = arena_new(world->arena, struct ended);

	begin(world, ended, &writer);
	cim_invoke(&ended->operation, cim_instance_path(get_component(world)), "Reset", NULL, 0);
	wait_for(world, ended);
	assert_int_equal(ended->operation.error.status, CIM_STATUS_OK);
	assert_int_equal(ended->operation.return_value.uint, 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(a_vm_is_a_computer_system),
		test(listings_have_the_host_and_its_vms),
		test(without_contact_a_component_has_status_12_and_no_guest_items),
		test(in_contact_a_component_shows_what_the_guest_publishes),
		test(adding_an_item_starts_a_job_and_stores_it),
		test(a_failed_job_says_why),
		test(argument_errors_return_their_code_and_no_job),
		test(a_target_that_is_no_vm_is_a_cim_error),
		test(methods_of_the_component_are_not_supported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
