/* SPDX-License-Identifier: MIT */
/* test_change.c -- cim/change: changing, making and removing instances */
#include "cim/operation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#define VM1      "00000001-AAAA-BBBB-CCCC-0123456789AB"
#define VM1_PATH "Msvm_ComputerSystem.CreationClassName='Msvm_ComputerSystem',Name='" VM1 "'"

static struct cim_argument argument(const char *name, const char *value)
{
	return (struct cim_argument){ name, cim_string(value) };
}

static void modify(struct world *world, const char *path, const struct cim_argument *properties,
		   size_t count)
{
	cim_modify(world_operation(world), world_path(world, path), properties, count);
	assert_int_equal(world->finished, 1);
}

static void modify_one(struct world *world, const char *name, const char *value)
{
	const struct cim_argument property = argument(name, value);

	modify(world, VM1_PATH, &property, 1);
}

static void create(struct world *world, const char *class_name,
		   const struct cim_argument *properties, size_t count)
{
	cim_create(world_operation(world), "", class_name, properties, count);
	assert_int_equal(world->finished, 1);
}

static void assert_done(const struct world *world)
{
	if (world->operation.error.status != CIM_STATUS_OK)
		fail_msg("%s", world->operation.error.message);
}

static void assert_failed(const struct world *world, enum cim_status status, enum cim_detail detail,
			  const char *sentence)
{
	assert_string_equal(world->operation.error.message, sentence);
	assert_int_equal(world->operation.error.status, status);
	assert_int_equal(world->operation.error.detail, detail);
}

/* --- Changing --- */

static void a_property_is_changed_and_read_again(void **state)
{
	struct world *world = *state;

	modify_one(world, "enableddefault", " 3 ");
	assert_done(world);
	assert_int_equal(world->vm_enabled_default, 3);
	assert_int_equal(cim_get_value(world->operation.instance, PROPERTY_ENABLED_DEFAULT)->uint,
			 3);
	assert_int_equal(world->operation.change_count, 1);
}

static void what_does_not_differ_may_stand_beside(void **state)
{
	struct world *world = *state;
	const struct cim_argument properties[] = {
		argument("Name", "00000001-aaaa-BBBB-cccc-0123456789ab"),
		argument("CreationClassName", "MSVM_ComputerSystem"),
		argument("ElementName", "vm1"),
		argument("EnabledDefault", "5"),
		argument("Roles", NULL),
		argument("InstallDate", "19700101000001.000000+000"),
	};

	modify(world, VM1_PATH, properties, 6);
	assert_done(world);
	assert_int_equal(world->operation.change_count, 1);
	assert_int_equal(world->vm_enabled_default, 5);
}

static void a_change_that_changes_nothing_is_a_success(void **state)
{
	struct world *world = *state;

	modify_one(world, "EnabledDefault", "2");
	assert_done(world);
	assert_int_equal(world->modified, 0);
	assert_non_null(world->operation.instance);
	modify(world, VM1_PATH, NULL, 0);
	assert_done(world);
	assert_int_equal(world->modified, 0);
}

static void what_changes_itself_may_come_back_as_it_was(void **state)
{
	struct world *world = *state;
	const struct cim_argument properties[] = { argument("OnTimeInMilliseconds", "7"),
						   argument("EnabledDefault", "5") };

	modify(world, VM1_PATH, properties, 2);
	assert_done(world);
	assert_int_equal(world->operation.change_count, 1);
	modify_one(world, "OnTimeInMilliseconds", "long");
	assert_int_equal(world->operation.error.status, CIM_STATUS_TYPE_MISMATCH);
}

static void arrays_are_compared_element_by_element(void **state)
{
	struct world *world = *state;
	const struct cim_value two[] = { cim_string("2") }, three[] = { cim_string("3") };
	struct cim_argument status = { "Roles", cim_array(CIM_STRING, two, 1) };

	modify(world, VM1_PATH, &status, 1);
	assert_done(world);
	assert_int_equal(world->modified, 1);
	assert_int_equal(world->operation.changes[0].value.array.count, 1);
	status = (struct cim_argument){ "AvailableRequestedStates",
					cim_array(CIM_STRING, three, 1) };
	modify(world, VM1_PATH, &status, 1);
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
		      "the property 'AvailableRequestedStates' cannot be changed");
}

static void what_cannot_be_changed_is_refused(void **state)
{
	struct world *world = *state;

	modify_one(world, "ElementName", "VM1");
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
		      "the property 'ElementName' cannot be changed");
	assert_null(world->operation.instance);
	modify_one(world, "Name", "other");
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
		      "the property 'Name' cannot be changed");
	assert_int_equal(world->modified, 0);
}

static void wrong_properties_are_refused(void **state)
{
	struct world *world = *state;
	const struct cim_argument twice[] = { argument("EnabledDefault", "3"),
					      argument("ENABLEDDEFAULT", "3") };

	modify_one(world, "Colour", "red");
	assert_failed(world, CIM_STATUS_NO_SUCH_PROPERTY, CIM_DETAIL_PARAMETER_NAME,
		      "the class Msvm_ComputerSystem has no property 'Colour'");
	modify_one(world, "EnabledDefault", "red");
	assert_int_equal(world->operation.error.status, CIM_STATUS_TYPE_MISMATCH);
	assert_int_equal(world->operation.error.detail, CIM_DETAIL_PARAMETER_TYPE);
	modify(world, VM1_PATH, twice, 2);
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_NAME,
		      "the property 'EnabledDefault' is there twice");
	assert_int_equal(world->vm_enabled_default, 2);
}

static void class_and_instance_come_before_all_else(void **state)
{
	struct world *world = *state;
	const struct cim_argument colour = argument("Colour", "red");

	modify(world, "Msvm_Nothing.A='x'", &colour, 1);
	assert_int_equal(world->operation.error.status, CIM_STATUS_INVALID_CLASS);
	modify(world, "Msvm_ConcreteJob.InstanceID='job9'", &colour, 1);
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
	modify(world, "Msvm_ConcreteJob.InstanceID='job1'", &colour, 1);
	assert_failed(world, CIM_STATUS_NOT_SUPPORTED, CIM_DETAIL_NONE,
		      "instances of Msvm_ConcreteJob cannot be changed");
}

static void a_change_may_fail(void **state)
{
	struct world *world = *state;

	world->refuses_changes = true;
	modify_one(world, "EnabledDefault", "3");
	assert_failed(world, CIM_STATUS_ACCESS_DENIED, CIM_DETAIL_NONE, "no right");
	assert_int_equal(world->vm_enabled_default, 2);
}

/* --- Making --- */

static void an_instance_is_made_with_all_its_keys(void **state)
{
	struct world *world = *state;
	const struct cim_argument properties[] = { argument("name", "mine"),
						   argument("TimeBeforeRemoval",
							    "00000000000500.000000:000") };
	const struct cim_object_path *path;

	create(world, "msvm_concretejob", properties, 2);
	assert_done(world);
	path = cim_instance_path(world->operation.instance);
	assert_string_equal(cim_path_text_key(path, "InstanceID"), "job2");
	assert_string_equal(cim_get_value(world->operation.instance, PROPERTY_NAME)->string.bytes,
			    "mine");
	assert_int_equal(cim_get_value(world->operation.instance, PROPERTY_HEALTH_STATE)->uint, 5);
}

static void what_is_required_must_be_there(void **state)
{
	struct world *world = *state;

	create(world, "Msvm_ConcreteJob", NULL, 0);
	assert_failed(world, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_MISSING,
		      "the property 'Name' is missing");
	assert_null(world->operation.instance);
	assert_int_equal(world->created, 0);
}

static void wrong_instances_are_refused(void **state)
{
	struct world *world = *state;
	const struct cim_argument colour = argument("Colour", "red");

	create(world, "Msvm_Nothing", &colour, 1);
	assert_int_equal(world->operation.error.status, CIM_STATUS_INVALID_CLASS);
	create(world, "Msvm_ComputerSystem", &colour, 1);
	assert_failed(world, CIM_STATUS_NOT_SUPPORTED, CIM_DETAIL_NONE,
		      "instances of Msvm_ComputerSystem cannot be made");
	create(world, "CIM_ConcreteJob", &colour, 1);
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_SUPPORTED);
	create(world, "Msvm_ConcreteJob", &colour, 1);
	assert_int_equal(world->operation.error.status, CIM_STATUS_NO_SUCH_PROPERTY);
}

/* --- Removing --- */

static void an_instance_is_removed(void **state)
{
	struct world *world = *state;

	cim_delete(world_operation(world), world_path(world, "CIM_Job.InstanceID='job1'"));
	assert_done(world);
	assert_int_equal(world->finished, 1);
	assert_int_equal(world->job_count, 1);
	assert_null(world->operation.instance);
}

static void what_cannot_be_removed_is_refused(void **state)
{
	struct world *world = *state;

	cim_delete(world_operation(world), world_path(world, VM1_PATH));
	assert_failed(world, CIM_STATUS_NOT_SUPPORTED, CIM_DETAIL_NONE,
		      "instances of Msvm_ComputerSystem cannot be removed");
	cim_delete(world_operation(world), world_path(world, "CIM_Job.InstanceID='job9'"));
	assert_int_equal(world->operation.error.status, CIM_STATUS_NOT_FOUND);
	world->refuses_changes = true;
	cim_delete(world_operation(world), world_path(world, "CIM_Job.InstanceID='job1'"));
	assert_failed(world, CIM_STATUS_ACCESS_DENIED, CIM_DETAIL_NONE, "no right");
	assert_int_equal(world->job_count, 2);
}

/* --- Rights --- */

static void assert_not_allowed(const struct world *world)
{
	assert_failed(world, CIM_STATUS_ACCESS_DENIED, CIM_DETAIL_NONE,
		      "the role of user 'ann' does not allow this");
}

static void who_may_only_read_changes_nothing(void **state)
{
	struct world *world = *state;
	const struct cim_argument property = argument("EnabledDefault", "3");
	struct cim_operation *operation = world_operation(world);

	operation->principal.role = ROLE_READ;
	cim_modify(operation, world_path(world, VM1_PATH), &property, 1);
	assert_not_allowed(world);
	operation->error = (struct cim_error){ 0 };
	cim_create(operation, "", "Msvm_ConcreteJob", NULL, 0);
	assert_not_allowed(world);
	operation->error = (struct cim_error){ 0 };
	cim_delete(operation, world_path(world, "CIM_Job.InstanceID='job1'"));
	assert_not_allowed(world);
	assert_int_equal(world->modified + world->created + world->deleted, 0);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_property_is_changed_and_read_again),
		test(what_does_not_differ_may_stand_beside),
		test(a_change_that_changes_nothing_is_a_success),
		test(what_changes_itself_may_come_back_as_it_was),
		test(arrays_are_compared_element_by_element),
		test(what_cannot_be_changed_is_refused),
		test(wrong_properties_are_refused),
		test(class_and_instance_come_before_all_else),
		test(a_change_may_fail),
		test(an_instance_is_made_with_all_its_keys),
		test(what_is_required_must_be_there),
		test(wrong_instances_are_refused),
		test(an_instance_is_removed),
		test(what_cannot_be_removed_is_refused),
		test(who_may_only_read_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
