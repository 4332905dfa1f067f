/* SPDX-License-Identifier: MIT */
/* test_resolve.c -- cim/resolve */
#include "cim/resolve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static struct cim_error err;

static const struct cim_class *class_of(enum cim_class_id id)
{
	return cim_class_by_id(cim_namespaces[0], id);
}

static const struct cim_object_path *resolve(struct world *world, enum cim_class_id id,
					     const char *text)
{
	const struct cim_object_path *path;

	if (!cim_resolve_path(world->arena, class_of(id), world_path(world, text), &path, &err))
		fail_msg("%s: %s", text, err.message);
	return path;
}

static void assert_misfit_of(struct world *world, enum cim_class_id id, const char *text,
			     enum cim_detail detail, const char *sentence)
{
	const struct cim_object_path *path;

	assert_false(
		cim_resolve_path(world->arena, class_of(id), world_path(world, text), &path, &err));
	assert_int_equal(err.status, CIM_STATUS_INVALID_PARAMETER);
	assert_int_equal(err.detail, detail);
	assert_string_equal(err.message, sentence);
}

static void assert_misfit(struct world *world, const char *text, enum cim_detail detail,
			  const char *sentence)
{
	assert_misfit_of(world, MSVM_COMPUTER_SYSTEM, text, detail, sentence);
}

static void a_class_is_found_in_its_namespace(void **state)
{
	const struct cim_class *class;

	assert_true(
		cim_resolve_class("root\\VIRTUALIZATION/v2", "msvm_computersystem", &class, &err));
	assert_ptr_equal(class, class_of(MSVM_COMPUTER_SYSTEM));
	assert_true(cim_resolve_class(NULL, "Msvm_Error", &class, &err));
	assert_true(cim_resolve_class("", "Msvm_Error", &class, &err));
	assert_ptr_equal(class, class_of(MSVM_ERROR));
}

static void an_unknown_namespace_or_class_is_told(void **state)
{
	const struct cim_class *class;

	assert_false(cim_resolve_class("root/other", "Msvm_Error", &class, &err));
	assert_int_equal(err.status, CIM_STATUS_INVALID_NAMESPACE);
	assert_string_equal(err.message, "no namespace 'root/other'");
	assert_false(cim_resolve_class("", "Msvm_Nothing", &class, &err));
	assert_int_equal(err.status, CIM_STATUS_INVALID_CLASS);
	assert_string_equal(err.message, "no class 'Msvm_Nothing' in root/virtualization/v2");
}

static void keys_get_the_spelling_of_the_class(void **state)
{
	const struct cim_object_path *path =
		resolve(*state, MSVM_COMPUTER_SYSTEM, "cim_system.NAME='a1',creationclassname='X'");

	assert_string_equal(path->ns, "root/virtualization/v2");
	assert_string_equal(path->class_name, "Msvm_ComputerSystem");
	assert_int_equal(path->key_count, 2);
	assert_string_equal(path->keys[0].name, "Name");
	assert_string_equal(path->keys[1].name, "CreationClassName");
	assert_string_equal(cim_path_text_key(path, "Name"), "a1");
}

static void doubled_backslashes_become_single_ones(void **state)
{
	const struct cim_object_path *path =
		resolve(*state, MSVM_CONCRETE_JOB, "C.InstanceID='Microsoft:A\\\\\\\\B\\\\C\\\\'");

	assert_string_equal(cim_path_text_key(path, "InstanceID"), "Microsoft:A\\B\\C\\");
}

static void missing_keys_stay_missing(void **state)
{
	assert_int_equal(resolve(*state, MSVM_COMPUTER_SYSTEM, "C")->key_count, 0);
	assert_int_equal(resolve(*state, MSVM_COMPUTER_SYSTEM, "C.Name='x'")->key_count, 1);
	assert_int_equal(cim_class_key_count(class_of(MSVM_COMPUTER_SYSTEM)), 2);
	assert_int_equal(cim_class_key_count(class_of(CIM_MANAGED_ELEMENT)), 0);
}

static void keys_that_do_not_fit_are_told(void **state)
{
	assert_misfit(*state, "C.Colour='x'", CIM_DETAIL_KEY_UNEXPECTED,
		      "the class Msvm_ComputerSystem has no key 'Colour'");
	assert_misfit(*state, "C.ElementName='x'", CIM_DETAIL_KEY_UNEXPECTED,
		      "the class Msvm_ComputerSystem has no key 'ElementName'");
	assert_misfit(*state, "C.Name='x',name='x'", CIM_DETAIL_KEY_DUPLICATE,
		      "the key 'Name' is there twice");
	assert_misfit(*state, "C.Name=5", CIM_DETAIL_KEY_TYPE,
		      "the key 'Name': a uint64 is no string");
}

static void a_key_needs_one_value(void **state)
{
	struct world *world = *state;
	const struct cim_class *class = class_of(MSVM_COMPUTER_SYSTEM);
	const struct cim_property *name = cim_property_find(class, "Name");
	struct cim_value null = { 0 }, array = cim_array(CIM_STRING, NULL, 0), value;

	assert_false(cim_resolve_key(world->arena, class, name, &null, &value, &err));
	assert_int_equal(err.detail, CIM_DETAIL_KEY_TYPE);
	assert_false(cim_resolve_key(world->arena, class, name, &array, &value, &err));
	assert_int_equal(err.detail, CIM_DETAIL_KEY_TYPE);
}

static void a_key_that_is_a_reference_is_resolved_too(void **state)
{
	const struct cim_object_path *path, *end;

	path = resolve(*state, MSVM_SYSTEM_DEVICE,
		       "C.groupcomponent='msvm_computersystem.name=\"a\\\\\\\\b\"',"
		       "PartComponent='root\\\\virtualization:Msvm_KvpExchangeComponent=@'");
	end = cim_path_key(path, "GroupComponent")->reference;
	assert_string_equal(end->ns, "root/virtualization/v2");
	assert_string_equal(end->class_name, "Msvm_ComputerSystem");
	assert_string_equal(end->keys[0].name, "Name");
	assert_string_equal(cim_path_text_key(end, "Name"), "a\\b");
	end = cim_path_key(path, "PartComponent")->reference;
	assert_string_equal(end->ns, "root/virtualization");
	assert_int_equal(end->key_count, 0);
}

static void a_reference_must_fit_its_declaration(void **state)
{
	assert_misfit_of(*state, MSVM_SYSTEM_DEVICE, "C.GroupComponent='Msvm_Nothing=@'",
			 CIM_DETAIL_KEY_VALUE,
			 "the key 'GroupComponent': no class 'Msvm_Nothing' in "
			 "root/virtualization/v2");
	assert_misfit_of(*state, MSVM_SYSTEM_DEVICE, "C.GroupComponent='Msvm_ConcreteJob=@'",
			 CIM_DETAIL_KEY_TYPE,
			 "the key 'GroupComponent': a reference to another class");
	assert_misfit_of(*state, MSVM_SYSTEM_DEVICE, "C.GroupComponent='CIM_System.Colour=1'",
			 CIM_DETAIL_KEY_VALUE,
			 "the key 'GroupComponent': the class CIM_System has no key 'Colour'");
	assert_misfit_of(*state, MSVM_SYSTEM_DEVICE, "C.GroupComponent='a b'", CIM_DETAIL_KEY_VALUE,
			 "the key 'GroupComponent': an object path has something behind its end");
}

/* --- Values --- */

static void assert_converted(struct world *world, enum cim_type type, struct cim_value given,
			     uint64_t expected)
{
	struct cim_value value;

	assert_true(cim_convert(world->arena, type, &given, &value, NULL));
	assert_int_equal(value.type, type);
	assert_int_equal(value.uint, expected);
}

static void assert_not_converted(struct world *world, enum cim_type type, struct cim_value given,
				 enum okvp_status status)
{
	struct okvp_error cause;
	struct cim_value value;

	assert_false(cim_convert(world->arena, type, &given, &value, &cause));
	assert_int_equal(cause.status, status);
}

static void texts_and_numbers_become_the_type_that_is_declared(void **state)
{
	assert_converted(*state, CIM_UINT16, cim_uint(CIM_UINT16, 7), 7);
	assert_converted(*state, CIM_UINT16, cim_string(" 7 "), 7);
	assert_converted(*state, CIM_UINT16, cim_uint(CIM_UINT64, 65535), 65535);
	assert_converted(*state, CIM_BOOLEAN, cim_string("TRUE"), 1);
	assert_not_converted(*state, CIM_UINT16, cim_uint(CIM_UINT64, 65536), OKVP_WRONG_TYPE);
	assert_not_converted(*state, CIM_UINT16, cim_string("x"), OKVP_WRONG_TYPE);
	assert_not_converted(*state, CIM_STRING, cim_boolean(true), OKVP_WRONG_TYPE);
	assert_not_converted(*state, CIM_REFERENCE, cim_boolean(true), OKVP_WRONG_TYPE);
}

static void a_text_becomes_a_reference(void **state)
{
	struct world *world = *state;
	struct cim_value text = cim_string("root/v2:C.K='x'"), value;

	assert_true(cim_convert(world->arena, CIM_REFERENCE, &text, &value, NULL));
	assert_string_equal(value.reference->class_name, "C");
	assert_not_converted(world, CIM_REFERENCE, cim_string("C.K"), OKVP_INVALID);
	assert_not_converted(world, CIM_STRING, value, OKVP_WRONG_TYPE);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_class_is_found_in_its_namespace),
		test(an_unknown_namespace_or_class_is_told),
		test(keys_get_the_spelling_of_the_class),
		test(doubled_backslashes_become_single_ones),
		test(missing_keys_stay_missing),
		test(keys_that_do_not_fit_are_told),
		test(a_key_needs_one_value),
		test(a_key_that_is_a_reference_is_resolved_too),
		test(a_reference_must_fit_its_declaration),
		test(texts_and_numbers_become_the_type_that_is_declared),
		test(a_text_becomes_a_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
