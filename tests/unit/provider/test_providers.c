/* SPDX-License-Identifier: MIT */
/* test_providers.c -- provider/: instances and methods of each class, over a host on a store in
 * memory. */
#include "provider_world.h"

static const struct cim_instance *get_vm(struct world *world)
{
	return get(world, V2, VM_SYSTEM);
}

static const struct cim_instance *get_component(struct world *world)
{
	return get(world, V2, COMPONENT);
}

#define ANY_SERVICE "Msvm_VirtualSystemManagementService=@"
#define UNKNOWN_SYSTEM                                                   \
	"Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\"," \
	"Name=\"00000000-0000-0000-0000-000000000000\""
#define SETTINGS_AS_SOME_WRITE_THEM             \
	"Msvm_KvpExchangeComponentSettingData." \
	"InstanceID=\"microsoft:<VM>\\\\\\\\"   \
	"2a34b1c2-fd73-4043-8a5b-dd2159bc743f\""
#define ITEM(name, data)                                                                         \
	"<INSTANCE CLASSNAME=\"Msvm_KvpExchangeDataItem\"><PROPERTY NAME=\"Name\" "              \
	"TYPE=\"string\">"                                                                       \
	"<VALUE>" name "</VALUE></PROPERTY><PROPERTY NAME=\"Data\" TYPE=\"string\"><VALUE>" data \
	"</VALUE></PROPERTY></INSTANCE>"

/* Calls a KVP method with an item for a target, a pattern; world->job is "" or the job. */
static uint64_t call(struct world *world, const struct principal *user, const char *method,
		     const char *target, const char *text)
{
	struct cim_operation *operation = begin(world, user);
	const struct cim_value item = cim_string(text);
	const struct cim_argument arguments[] = {
		{ "TargetSystem", cim_reference(path_of(world, V2, target)) },
		{ "DataItems", cim_array(CIM_STRING, &item, 1) },
	};
	const struct cim_value *job;

	cim_invoke(operation, path_of(world, V2, ANY_SERVICE), method, arguments, 2);
	wait_for(world, operation);
	world->job[0] = '\0';
	if (operation->error.status != CIM_STATUS_OK)
		return operation->error.status;
	job = cim_output(operation, "Job");
	if (job->is_set)
		snprintf(world->job, sizeof(world->job), "%s",
			 cim_path_text_key(job->reference, "InstanceID"));
	return operation->return_value.uint;
}

static void a_vm_is_a_computer_system(void **state)
{
	struct world *world = *state;
	const struct cim_instance *vm = get_vm(world);

	assert_string_equal(text_of(vm, PROPERTY_ELEMENT_NAME), "vm");
	assert_string_equal(text_of(vm, PROPERTY_CAPTION), "Virtual Machine");
	assert_int_equal(number_of(vm, PROPERTY_ENABLED_STATE), 3);
	connect_guest(world->host, world->vm);
	vm = get_vm(world);
	assert_int_equal(number_of(vm, PROPERTY_ENABLED_STATE), 2);
	assert_true(number_of(vm, PROPERTY_ON_TIME_IN_MILLISECONDS) > 0);
}

static size_t count_instances(struct world *world, const char *class_name)
{
	const struct cim_enumeration_request request = { .ns = V2, .class_name = class_name };
	struct cim_enumeration *listing = open_listing(world, &request);
	size_t count = 0;

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
	assert_false(is_set(component, PROPERTY_GUEST_EXCHANGE_ITEMS));
	assert_false(is_set(component, PROPERTY_GUEST_INTRINSIC_EXCHANGE_ITEMS));
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

	assert_int_equal(call(world, &writer, "AddKvpItems", VM_SYSTEM, ITEM("a", "1")),
			 JOB_STARTED);
	job = get(world, V2, JOB);
	assert_int_equal(number_of(job, PROPERTY_JOB_STATE), 7);
	assert_int_equal(number_of(job, PROPERTY_PERCENT_COMPLETE), 100);
	assert_string_equal(text_of(job, PROPERTY_STATUS), "OK");
	setting = get(world, V2, SETTINGS_AS_SOME_WRITE_THEM);
	assert_int_equal(cim_get_value(setting, PROPERTY_HOST_EXCHANGE_ITEMS)->array.count, 1);
}

static void a_failed_job_says_why(void **state)
{
	struct world *world = *state;
	const struct cim_instance *job;

	assert_int_equal(call(world, &writer, "ModifyKvpItems", VM_SYSTEM, ITEM("a", "1")),
			 JOB_STARTED);
	job = get(world, V2, JOB);
	assert_int_equal(number_of(job, PROPERTY_JOB_STATE), 10);
	assert_int_equal(number_of(job, PROPERTY_ERROR_CODE), 32773);
	assert_string_not_equal(text_of(job, PROPERTY_STATUS), "OK");
	assert_non_null(strstr(text_of(job, PROPERTY_ERROR_DESCRIPTION), "'a'"));
}

static void argument_errors_return_their_code_and_no_job(void **state)
{
	struct world *world = *state;
	const struct principal reader = { "reader", ROLE_READ };

	assert_int_equal(call(world, &writer, "AddKvpItems", VM_SYSTEM, "nonsense"),
			 JOB_INVALID_PARAMETER);
	assert_string_equal(world->job, "");
	assert_int_equal(call(world, &reader, "AddKvpItems", VM_SYSTEM, ITEM("a", "1")),
			 JOB_ACCESS_DENIED);
	assert_string_equal(world->job, "");
}

static void a_target_that_is_no_vm_is_a_cim_error(void **state)
{
	struct world *world = *state;

	assert_int_equal(call(world, &writer, "AddKvpItems", UNKNOWN_SYSTEM, ITEM("a", "1")),
			 CIM_STATUS_NOT_FOUND);
	assert_int_equal(call(world, &writer, "AddKvpItems", ANY_SERVICE, ITEM("a", "1")),
			 CIM_STATUS_INVALID_PARAMETER);
}

static void methods_of_the_component_are_not_supported(void **state)
{
	struct world *world = *state;
	struct cim_operation *operation = begin(world, &writer);

	cim_invoke(operation, cim_instance_path(get_component(world)), "Reset", NULL, 0);
	wait_for(world, operation);
	assert_int_equal(operation->error.status, CIM_STATUS_OK);
	assert_int_equal(operation->return_value.uint, 1);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world_without_items, close_world)
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
