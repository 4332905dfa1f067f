/* SPDX-License-Identifier: MIT */
/* test_operation.c -- cim/operation: getting an instance */
#include "cim/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#define VM1 "00000001-AAAA-BBBB-CCCC-0123456789AB"

static void get(struct world *world, const char *path)
{
	cim_get(world_operation(world), world_path(world, path));
}

static const char *text_of(struct world *world, enum cim_property_id id)
{
	assert_int_equal(world->finished, 1);
	if (world->operation.error.status != CIM_STATUS_OK)
		fail_msg("%s", world->operation.error.message);
	assert_non_null(world->operation.instance);
	return cim_get_value(world->operation.instance, id)->string.bytes;
}

static void assert_failed(struct world *world, enum cim_status status, enum cim_detail detail,
			  const char *sentence)
{
	assert_int_equal(world->finished, 1);
	assert_string_equal(world->operation.error.message, sentence);
	assert_int_equal(world->operation.error.status, status);
	assert_int_equal(world->operation.error.detail, detail);
	assert_null(world->operation.instance);
}

static void an_instance_is_found_by_its_keys(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='" VM1 "'");
	assert_string_equal(text_of(world, PROPERTY_ELEMENT_NAME), "vm1");
	assert_int_equal(world->operation.class->id, MSVM_COMPUTER_SYSTEM);
	assert_int_equal(world->operation.path->key_count, 2);
	assert_int_equal(world->operation.provider->class_id, MSVM_COMPUTER_SYSTEM);
}

static void case_and_order_of_keys_do_not_matter(void **state)
{
	struct world *world = *state;

	get(world, "root\\Virtualization\\V2:msvm_computersystem."
		   "name='00000001-aaaa-bbbb-cccc-0123456789ab',"
		   "CREATIONCLASSNAME='MSVM_ComputerSystem'");
	assert_string_equal(text_of(world, PROPERTY_ELEMENT_NAME), "vm1");
}

static void a_pasted_path_with_doubled_backslashes_is_found(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_KvpExchangeComponent.CreationClassName='Msvm_KvpExchangeComponent',"
		   "DeviceID='Microsoft:" VM1 "\\\\\\\\2A34B1C2',"
		   "SystemCreationClassName='Msvm_ComputerSystem',SystemName='" VM1 "'");
	assert_string_equal(text_of(world, PROPERTY_SYSTEM_NAME), VM1);
}

static void a_superclass_finds_the_instance_of_a_subclass(void **state)
{
	struct world *world = *state;

	get(world, "CIM_ConcreteJob.InstanceID='job1'");
	assert_string_equal(text_of(world, PROPERTY_INSTANCE_ID), "job1");
	assert_int_equal(world->operation.class->id, MSVM_CONCRETE_JOB);
	get(world, "CIM_System.CreationClassName='Msvm_ComputerSystem',Name='" VM1 "'");
	assert_string_equal(text_of(world, PROPERTY_ELEMENT_NAME), "vm1");
}

static void an_instance_that_is_not_there_is_not_found(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_ConcreteJob.InstanceID='job7'");
	assert_failed(world, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE,
		      "no instance Msvm_ConcreteJob.InstanceID=\"job7\"");
}

static void keys_that_the_provider_does_not_look_at_must_fit_too(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_ComputerSystem.CreationClassName='Other',Name='" VM1 "'");
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
	assert_null(world->operation.instance);
}

static void a_class_without_a_provider_has_no_instances(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_KvpExchangeDataItem.InstanceID='x'");
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
	get(world, "Msvm_Error");
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
}

static void an_unknown_class_or_namespace_fails(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_Nothing.K=1");
	assert_failed(world, CIM_STATUS_INVALID_CLASS, CIM_DETAIL_NONE,
		      "no class 'Msvm_Nothing' in root/virtualization/v2");
	get(world, "root/other:Msvm_ComputerSystem.K=1");
	assert_failed(world, CIM_STATUS_INVALID_NAMESPACE, CIM_DETAIL_NONE,
		      "no namespace 'root/other'");
}

static void unexpected_keys_fail(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_ConcreteJob.InstanceID='job1',Name='x'");
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEY_UNEXPECTED,
		      "the class Msvm_ConcreteJob has no key 'Name'");
	get(world, "CIM_ManagedElement.Colour='x'");
	assert_int_equal(world->operation.error.detail, CIM_DETAIL_KEY_UNEXPECTED);
}

/* --- Missing keys --- */

static void the_only_instance_needs_no_keys(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_VirtualSystemManagementService=@");
	assert_string_equal(text_of(world, PROPERTY_SYSTEM_NAME), "HOST");
	assert_int_equal(world->operation.path->key_count, 4);
	get(world, "CIM_VirtualSystemManagementService");
	assert_string_equal(text_of(world, PROPERTY_SYSTEM_NAME), "HOST");
	world->job_count = 1;
	get(world, "CIM_Job");
	assert_string_equal(text_of(world, PROPERTY_INSTANCE_ID), "job0");
	assert_int_equal(world->walks_open, 0);
}

static void the_keys_that_are_there_must_fit_the_only_instance(void **state)
{
	struct world *world = *state;

	get(world, "Msvm_VirtualSystemManagementService.NAME='VMMS'");
	assert_string_equal(text_of(world, PROPERTY_SYSTEM_NAME), "HOST");
	get(world, "Msvm_VirtualSystemManagementService.Name='other'");
	assert_failed(world, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE,
		      "no instance Msvm_VirtualSystemManagementService.Name=\"other\"");
}

static void the_keys_that_are_there_must_be_keys_of_the_only_instance(void **state)
{
	struct world *world = *state;

	world->vm_count = 0;
	world->service_count = 0;
	world->job_count = 1;
	get(world, "CIM_ManagedElement.Name='x'");
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEY_UNEXPECTED,
		      "the class Msvm_ConcreteJob has no key 'Name'");
}

static void of_several_instances_all_keys_are_needed(void **state)
{
	struct world *world = *state;
	static const char missing[] =
		"Msvm_ComputerSystem.Name=\"" VM1 "\": keys are missing: CreationClassName";

	get(world, "Msvm_ComputerSystem.Name='" VM1 "'");
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEYS_MISSING, missing);
	get(world, "CIM_ManagedElement=@");
	assert_int_equal(world->operation.error.detail, CIM_DETAIL_KEYS_MISSING);
	world->service_count = 2;
	get(world, "Msvm_VirtualSystemManagementService=@");
	assert_int_equal(world->operation.error.detail, CIM_DETAIL_KEYS_MISSING);
	assert_int_equal(world->walks_open, 0);
}

static void of_no_instances_all_keys_are_needed_too(void **state)
{
	struct world *world = *state;

	world->job_count = 0;
	get(world, "Msvm_ConcreteJob");
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEYS_MISSING,
		      "Msvm_ConcreteJob=@: keys are missing: InstanceID");
}

/* --- Refreshing --- */

#define COMPONENT                                                                  \
	"Msvm_KvpExchangeComponent.CreationClassName='Msvm_KvpExchangeComponent'," \
	"DeviceID='Microsoft:" VM1 "\\\\2A34B1C2',"                                \
	"SystemCreationClassName='Msvm_ComputerSystem',SystemName='" VM1 "'"

static void an_instance_is_read_after_its_refresh(void **state)
{
	struct world *world = *state;

	world->other_name_after_refresh = true;
	get(world, COMPONENT);
	assert_string_equal(text_of(world, PROPERTY_ELEMENT_NAME), "refreshed");
	assert_int_equal(world->refreshed, 1);
}

static void a_refresh_may_take_its_time(void **state)
{
	struct world *world = *state;

	world->refresh_waits = true;
	world->other_name_after_refresh = true;
	get(world, COMPONENT);
	assert_int_equal(world->finished, 0);
	world->ready(&world->operation);
	assert_string_equal(text_of(world, PROPERTY_ELEMENT_NAME), "refreshed");
}

static void what_is_new_enough_is_read_once(void **state)
{
	struct world *world = *state;

	world->is_fresh = true;
	world->other_name_after_refresh = true;
	get(world, COMPONENT);
	assert_int_equal(world->finished, 1);
	assert_string_not_equal(text_of(world, PROPERTY_ELEMENT_NAME), "refreshed");
}

static void an_instance_may_vanish_during_its_refresh(void **state)
{
	struct world *world = *state;

	world->gone_after_refresh = true;
	get(world, COMPONENT);
	assert_int_equal(world->finished, 1);
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
	assert_null(world->operation.instance);
}

static void what_is_not_there_is_not_refreshed(void **state)
{
	struct world *world = *state;

	world->vm_count = 1;
	get(world, COMPONENT);
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
	assert_int_equal(world->refreshed, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		test(an_instance_is_found_by_its_keys),
		test(case_and_order_of_keys_do_not_matter),
		test(a_pasted_path_with_doubled_backslashes_is_found),
		test(a_superclass_finds_the_instance_of_a_subclass),
		test(an_instance_that_is_not_there_is_not_found),
		test(keys_that_the_provider_does_not_look_at_must_fit_too),
		test(a_class_without_a_provider_has_no_instances),
		test(an_unknown_class_or_namespace_fails),
		test(unexpected_keys_fail),
		test(the_only_instance_needs_no_keys),
		test(the_keys_that_are_there_must_fit_the_only_instance),
		test(the_keys_that_are_there_must_be_keys_of_the_only_instance),
		test(of_several_instances_all_keys_are_needed),
		test(of_no_instances_all_keys_are_needed_too),
		test(an_instance_is_read_after_its_refresh),
		test(a_refresh_may_take_its_time),
		test(what_is_new_enough_is_read_once),
		test(an_instance_may_vanish_during_its_refresh),
		test(what_is_not_there_is_not_refreshed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
