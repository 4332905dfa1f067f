/* SPDX-License-Identifier: MIT */
/* test_invoke.c -- cim/operation: calling a method */
#include "cim/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "world.h"

#define SERVICE "Msvm_VirtualSystemManagementService"
#define VM      "CIM_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='vm'"

static void call(struct world *world, const char *path, const char *method,
		 const struct cim_argument *arguments, size_t count)
{
	cim_invoke(world_operation(world), world_path(world, path), method, arguments, count);
	assert_int_equal(world->finished, 1);
}

static void assert_called(struct world *world)
{
	if (world->operation.error.status != CIM_STATUS_OK)
		fail_msg("%s", world->operation.error.message);
	assert_int_equal(world->invoked, 1);
	assert_int_equal(world->operation.return_value.uint, 4096);
	assert_null(world->operation.instance);
}

static void assert_failed(struct world *world, enum cim_status status, enum cim_detail detail,
			  const char *sentence)
{
	assert_string_equal(world->operation.error.message, sentence);
	assert_int_equal(world->operation.error.status, status);
	assert_int_equal(world->operation.error.detail, detail);
	assert_int_equal(world->invoked, 0);
}

static struct cim_value target(struct world *world, const char *path)
{
	return cim_reference(world_path(world, path));
}

/* AddKvpItems with one argument besides the target. */
static void add(struct world *world, const char *name, struct cim_value value)
{
	struct cim_argument arguments[] = { { "TargetSystem", target(world, VM) },
					    { name, value } };

	call(world, SERVICE, "AddKvpItems", arguments, count_of(arguments));
}

/* --- Arguments that fit --- */

static void a_method_gets_its_arguments(void **state)
{
	struct world *world = *state;
	struct cim_value items[] = { cim_string("one"), cim_string("two") };
	struct cim_argument arguments[] = { { "dataitems", cim_array(CIM_STRING, items, 2) },
					    { "TARGETSYSTEM", target(world, VM) } };
	const struct cim_value *value;

	call(world, SERVICE, "addkvpitems", arguments, count_of(arguments));
	assert_called(world);
	assert_string_equal(world->operation.method->name, "AddKvpItems");
	value = cim_input(&world->operation, "DataItems");
	assert_int_equal(value->array.count, 2);
	assert_string_equal(value->array.item[1].string.bytes, "two");
	value = cim_input(&world->operation, "TargetSystem");
	assert_string_equal(cim_path_text_key(value->reference, "Name"), "vm");
	assert_false(cim_output(&world->operation, "Job")->is_set);
}

static void one_element_may_stand_for_an_array(void **state)
{
	struct world *world = *state;
	const struct cim_value *items;

	add(world, "DataItems", cim_string("one"));
	assert_called(world);
	items = cim_input(&world->operation, "DataItems");
	assert_true(items->is_array);
	assert_int_equal(items->array.count, 1);
	assert_string_equal(items->array.item[0].string.bytes, "one");
}

static void a_missing_array_is_null_and_an_empty_one_is_empty(void **state)
{
	struct world *world = *state;
	struct cim_argument only = { "TargetSystem", target(world, VM) };

	call(world, SERVICE, "AddKvpItems", &only, 1);
	assert_called(world);
	assert_false(cim_input(&world->operation, "DataItems")->is_set);
	world->invoked = 0;
	add(world, "DataItems", (struct cim_value){ 0 });
	assert_called(world);
	assert_false(cim_input(&world->operation, "DataItems")->is_set);
	world->invoked = 0;
	add(world, "DataItems", cim_array(CIM_STRING, NULL, 0));
	assert_called(world);
	assert_true(cim_input(&world->operation, "DataItems")->is_set);
	assert_int_equal(cim_input(&world->operation, "DataItems")->array.count, 0);
}

static void texts_become_values_of_the_declared_types(void **state)
{
	struct world *world = *state;
	struct cim_argument arguments[] = {
		{ "RequestedState", cim_string(" 2 ") },
		{ "TimeoutPeriod", cim_string("PT1M") },
	};
	const struct cim_value *value;

	call(world, SERVICE, "RequestStateChange", arguments, count_of(arguments));
	assert_called(world);
	value = cim_input(&world->operation, "RequestedState");
	assert_int_equal(value->type, CIM_UINT16);
	assert_int_equal(value->uint, 2);
	value = cim_input(&world->operation, "TimeoutPeriod");
	assert_true(value->datetime.is_interval);
	assert_int_equal(value->datetime.microseconds, 60000000);
}

static void other_parameters_may_be_missing(void **state)
{
	struct world *world = *state;

	call(world, SERVICE, "RequestStateChange", NULL, 0);
	assert_called(world);
	assert_false(cim_input(&world->operation, "RequestedState")->is_set);
}

static void a_reference_gets_namespace_and_spelling_of_its_class(void **state)
{
	struct world *world = *state;
	struct cim_argument only = { "TargetSystem",
				     cim_string("\\\\HOST\\root\\virtualization\\v2:"
						"msvm_computersystem.NAME=\"A\\\\\\\\B\"") };
	const struct cim_object_path *path;

	call(world, SERVICE, "AddKvpItems", &only, 1);
	assert_called(world);
	path = cim_input(&world->operation, "TargetSystem")->reference;
	assert_string_equal(path->ns, "root/virtualization/v2");
	assert_string_equal(path->class_name, "Msvm_ComputerSystem");
	assert_string_equal(path->keys[0].name, "Name");
	assert_string_equal(cim_path_text_key(path, "Name"), "A\\B");
}

/* --- Arguments that do not fit --- */

static void unknown_and_repeated_arguments_fail(void **state)
{
	struct world *world = *state;

	add(world, "Colour", cim_string("x"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_NAME,
		      "the method AddKvpItems takes no parameter 'Colour'");
	add(world, "Job", cim_string("x"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_NAME,
		      "the method AddKvpItems takes no parameter 'Job'");
	add(world, "TargetSystem", target(world, VM));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_NAME,
		      "the method AddKvpItems takes no parameter 'TargetSystem' twice");
}

static void a_missing_reference_fails(void **state)
{
	struct world *world = *state;
	struct cim_argument null = { "TargetSystem", { 0 } };

	call(world, SERVICE, "AddKvpItems", NULL, 0);
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_MISSING,
		      "the parameter 'TargetSystem': is missing");
	call(world, SERVICE, "AddKvpItems", &null, 1);
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_MISSING,
		      "the parameter 'TargetSystem': is missing");
}

static void values_of_another_type_fail(void **state)
{
	struct world *world = *state;
	struct cim_value two[] = { cim_string("2"), cim_string("3") };
	struct cim_argument argument = { "RequestedState", cim_string("65536") };

	call(world, SERVICE, "RequestStateChange", &argument, 1);
	assert_failed(world, CIM_STATUS_TYPE_MISMATCH, CIM_DETAIL_PARAMETER_TYPE,
		      "the parameter 'RequestedState': '65536' is no uint16");
	argument.value = cim_array(CIM_STRING, two, 2);
	call(world, SERVICE, "RequestStateChange", &argument, 1);
	assert_failed(world, CIM_STATUS_TYPE_MISMATCH, CIM_DETAIL_PARAMETER_TYPE,
		      "the parameter 'RequestedState': more than one value");
	add(world, "DataItems", target(world, VM));
	assert_failed(world, CIM_STATUS_TYPE_MISMATCH, CIM_DETAIL_PARAMETER_TYPE,
		      "the parameter 'DataItems': a reference is no string");
}

static void refer_to(struct world *world, struct cim_value value)
{
	struct cim_argument only = { "TargetSystem", value };

	call(world, SERVICE, "AddKvpItems", &only, 1);
}

static void references_that_do_not_fit_fail(void **state)
{
	struct world *world = *state;

	refer_to(world, target(world, "Msvm_ConcreteJob.InstanceID='x'"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_TYPE,
		      "the parameter 'TargetSystem': a reference to another class");
	refer_to(world, target(world, "CIM_System.Name='x'"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_TYPE,
		      "the parameter 'TargetSystem': a reference to another class");
	refer_to(world, target(world, "Msvm_Nothing.Name='x'"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
		      "the parameter 'TargetSystem': no class 'Msvm_Nothing' in "
		      "root/virtualization/v2");
	refer_to(world, target(world, "root/other:Msvm_ComputerSystem.Name='x'"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
		      "the parameter 'TargetSystem': no namespace 'root/other'");
	refer_to(world, target(world, "Msvm_ComputerSystem.Colour='x'"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
		      "the parameter 'TargetSystem': the class Msvm_ComputerSystem has no key "
		      "'Colour'");
	refer_to(world, cim_string("Msvm_ComputerSystem.Name"));
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
		      "the parameter 'TargetSystem': an object path must have Key=value behind "
		      "its class");
}

/* --- What is called --- */

static void checks_come_in_the_order_of_the_specification(void **state)
{
	struct world *world = *state;
	struct cim_argument unknown = { "Colour", cim_string("x") };

	call(world, "Msvm_Nothing", "Nothing", &unknown, 1);
	assert_failed(world, CIM_STATUS_INVALID_CLASS, CIM_DETAIL_NONE,
		      "no class 'Msvm_Nothing' in root/virtualization/v2");
	call(world, "Msvm_ConcreteJob.InstanceID='none'", "Nothing", &unknown, 1);
	assert_failed(world, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE,
		      "no instance Msvm_ConcreteJob.InstanceID=\"none\"");
	call(world, "Msvm_ConcreteJob.InstanceID='job1'", "Nothing", &unknown, 1);
	assert_failed(world, CIM_STATUS_METHOD_NOT_FOUND, CIM_DETAIL_NONE,
		      "the class Msvm_ConcreteJob has no method 'Nothing'");
	call(world, "Msvm_ConcreteJob.InstanceID='job1'", "KillJob", &unknown, 1);
	assert_failed(world, CIM_STATUS_METHOD_NOT_AVAILABLE, CIM_DETAIL_NONE,
		      "the method KillJob is not offered");
	call(world, SERVICE, "StopService", &unknown, 1);
	assert_failed(world, CIM_STATUS_METHOD_NOT_AVAILABLE, CIM_DETAIL_NONE,
		      "the method StopService is not offered");
	call(world, SERVICE, "AddKvpItems", &unknown, 1);
	assert_int_equal(world->operation.error.detail, CIM_DETAIL_PARAMETER_NAME);
}

static void a_method_of_an_instance_needs_the_instance(void **state)
{
	struct world *world = *state;

	call(world, "Msvm_ComputerSystem", "RequestStateChange", NULL, 0);
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEYS_MISSING,
		      "Msvm_ComputerSystem=@: keys are missing: Name, CreationClassName");
}

static void a_method_of_a_subclass_is_called_by_a_superclass(void **state)
{
	struct world *world = *state;
	struct cim_argument only = { "TargetSystem", target(world, VM) };

	call(world, "CIM_Service.Name='vmms'", "AddKvpItems", &only, 1);
	assert_called(world);
	assert_int_equal(world->operation.class->id, MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE);
	assert_int_equal(world->operation.path->key_count, 4);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_method_gets_its_arguments),
		test(one_element_may_stand_for_an_array),
		test(a_missing_array_is_null_and_an_empty_one_is_empty),
		test(texts_become_values_of_the_declared_types),
		test(other_parameters_may_be_missing),
		test(a_reference_gets_namespace_and_spelling_of_its_class),
		test(unknown_and_repeated_arguments_fail),
		test(a_missing_reference_fails),
		test(values_of_another_type_fail),
		test(references_that_do_not_fit_fail),
		test(checks_come_in_the_order_of_the_specification),
		test(a_method_of_an_instance_needs_the_instance),
		test(a_method_of_a_subclass_is_called_by_a_superclass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
