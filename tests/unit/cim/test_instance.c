/* SPDX-License-Identifier: MIT */
/* test_instance.c -- cim/instance */
#include "cim/instance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/arena_fixture.h"

static struct cim_instance *instance_of(enum cim_class_id id)
{
	return cim_instance_create(arena, cim_class_by_id(cim_namespaces[0], id));
}

static void an_instance_begins_with_the_initial_values_of_its_class(void **state)
{
	struct cim_instance *service = instance_of(MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE);

	assert_string_equal(cim_get_value(service, PROPERTY_NAME)->string.bytes, "vmms");
	assert_true(cim_get_value(service, PROPERTY_STARTED)->boolean);
	assert_false(cim_get_value(service, PROPERTY_SYSTEM_NAME)->is_set);
}

static void values_are_set_by_property(void **state)
{
	struct cim_instance *vm = instance_of(MSVM_COMPUTER_SYSTEM);

	cim_set(vm, PROPERTY_INSTALL_DATE, cim_time(5));
	cim_set_uint(vm, PROPERTY_ENABLED_STATE, 3);
	cim_set_uint(vm, PROPERTY_ON_TIME_IN_MILLISECONDS, UINT64_MAX);
	cim_set_text(vm, PROPERTY_ELEMENT_NAME, "web1");

	assert_int_equal(cim_get_value(vm, PROPERTY_INSTALL_DATE)->datetime.microseconds, 5);
	assert_int_equal(cim_get_value(vm, PROPERTY_ENABLED_STATE)->type, CIM_UINT16);
	assert_int_equal(cim_get_value(vm, PROPERTY_ENABLED_STATE)->uint, 3);
	assert_true(cim_get_value(vm, PROPERTY_ON_TIME_IN_MILLISECONDS)->uint == UINT64_MAX);
	assert_string_equal(cim_get_value(vm, PROPERTY_ELEMENT_NAME)->string.bytes, "web1");
}

static void an_instance_stands_where_a_string_stands_for_one(void **state)
{
	struct cim_instance *event = instance_of(WMI_INSTANCE_CREATION_EVENT);
	struct cim_instance *vm = instance_of(MSVM_COMPUTER_SYSTEM);

	cim_set(event, PROPERTY_TARGET_INSTANCE, cim_instance_value(vm));

	assert_int_equal(cim_get_value(event, PROPERTY_TARGET_INSTANCE)->type, CIM_INSTANCE);
	assert_ptr_equal(cim_get_value(event, PROPERTY_TARGET_INSTANCE)->instance, vm);
}

static void instances_are_the_same_if_all_values_are(void **state)
{
	struct cim_instance *a = instance_of(MSVM_COMPUTER_SYSTEM);
	struct cim_instance *b = instance_of(MSVM_COMPUTER_SYSTEM);
	static const uint64_t two[] = { 2, 3 };

	assert_true(cim_same_instance(a, b));
	assert_false(cim_same_instance(a, instance_of(MSVM_CONCRETE_JOB)));
	cim_set_text(a, PROPERTY_ELEMENT_NAME, "web1");
	assert_false(cim_same_instance(a, b));
	cim_set_text(b, PROPERTY_ELEMENT_NAME, "WEB1");
	assert_false(cim_same_instance(a, b));
	cim_set_text(b, PROPERTY_ELEMENT_NAME, "web1");
	cim_set_uint_array(a, PROPERTY_OPERATIONAL_STATUS, two, 2);
	cim_set_uint_array(b, PROPERTY_OPERATIONAL_STATUS, two, 1);
	assert_false(cim_same_instance(a, b));
	cim_set_uint_array(b, PROPERTY_OPERATIONAL_STATUS, two, 2);
	cim_set(a, PROPERTY_INSTALL_DATE, cim_time(5));
	cim_set(b, PROPERTY_INSTALL_DATE, cim_time(5));
	assert_true(cim_same_instance(a, b));
}

static void texts_are_copied(void **state)
{
	struct cim_instance *vm = instance_of(MSVM_COMPUTER_SYSTEM);
	char text[] = "web1";
	const char *texts[] = { text };

	cim_set_text(vm, PROPERTY_ELEMENT_NAME, text);
	cim_set_text_array(vm, PROPERTY_STATUS_DESCRIPTIONS, texts, 1);
	text[0] = 'X';

	assert_string_equal(cim_get_value(vm, PROPERTY_ELEMENT_NAME)->string.bytes, "web1");
	assert_string_equal(
		cim_get_value(vm, PROPERTY_STATUS_DESCRIPTIONS)->array.item[0].string.bytes,
		"web1");
}

static void arrays_have_the_type_of_their_property(void **state)
{
	struct cim_instance *vm = instance_of(MSVM_COMPUTER_SYSTEM);
	const struct cim_value *value;

	cim_set_uint_array(vm, PROPERTY_OPERATIONAL_STATUS, (uint64_t[]){ 2, 32775 }, 2);

	value = cim_get_value(vm, PROPERTY_OPERATIONAL_STATUS);
	assert_true(value->is_set && value->is_array);
	assert_int_equal(value->type, CIM_UINT16);
	assert_int_equal(value->array.count, 2);
	assert_int_equal(value->array.item[1].uint, 32775);
}

static void null_takes_a_value_away(void **state)
{
	struct cim_instance *service = instance_of(MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE);

	cim_set_text(service, PROPERTY_CAPTION, NULL);
	cim_set(service, PROPERTY_STARTED, (struct cim_value){ 0 });
	assert_false(cim_get_value(service, PROPERTY_CAPTION)->is_set);
	assert_false(cim_get_value(service, PROPERTY_STARTED)->is_set);
}

static void a_property_that_the_class_lacks_is_ignored(void **state)
{
	struct cim_instance *job = instance_of(MSVM_CONCRETE_JOB);

	cim_set(job, PROPERTY_STARTED, cim_boolean(true));
	cim_set_text(job, PROPERTY_DEVICE_ID, "x");
	cim_set_uint(job, PROPERTY_PROCESS_ID, 1);
	cim_set_uint_array(job, PROPERTY_DEDICATED, (uint64_t[]){ 1 }, 1);
	cim_set_text_array(job, PROPERTY_ROLES, (const char *[]){ "x" }, 1);
	assert_null(cim_get_value(job, PROPERTY_STARTED));
	assert_null(cim_get_value(job, PROPERTY_DEVICE_ID));
	assert_null(cim_get_value(job, PROPERTY_PROCESS_ID));
	assert_null(cim_get_value(job, PROPERTY_DEDICATED));
	assert_null(cim_get_value(job, PROPERTY_ROLES));
}

static void a_path_consists_of_namespace_class_and_keys(void **state)
{
	struct cim_instance *vm = instance_of(MSVM_COMPUTER_SYSTEM);

	cim_set_text(vm, PROPERTY_NAME, "A1");
	assert_string_equal(cim_path_to_text(arena, cim_instance_path(vm), NULL),
			    "root\\virtualization\\v2:Msvm_ComputerSystem."
			    "CreationClassName=\"Msvm_ComputerSystem\",Name=\"A1\"");
}

static void a_key_without_a_value_is_not_in_the_path(void **state)
{
	struct cim_instance *vm = instance_of(MSVM_COMPUTER_SYSTEM);

	assert_int_equal(cim_instance_path(vm)->key_count, 1);
	assert_null(cim_path_key(cim_instance_path(vm), "Name"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(an_instance_begins_with_the_initial_values_of_its_class),
		test(values_are_set_by_property),
		test(an_instance_stands_where_a_string_stands_for_one),
		test(instances_are_the_same_if_all_values_are),
		test(texts_are_copied),
		test(arrays_have_the_type_of_their_property),
		test(null_takes_a_value_away),
		test(a_property_that_the_class_lacks_is_ignored),
		test(a_path_consists_of_namespace_class_and_keys),
		test(a_key_without_a_value_is_not_in_the_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
