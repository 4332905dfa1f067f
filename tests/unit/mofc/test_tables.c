/* SPDX-License-Identifier: MIT */
/* test_tables.c -- tables of several namespaces, as the daemon sees them. */
#include "cim/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct cim_class *v1, *v2, *cluster; /* Test_Component in each */
static const struct cim_namespace *interop;       /* the bare one */

static int setup(void **state)
{
	v1 = cim_class_by_id(cim_namespace_find("root/virtualization"), TEST_COMPONENT);
	v2 = cim_class_by_id(cim_namespace_find("root/virtualization/v2"), TEST_COMPONENT);
	cluster = cim_class_by_id(cim_namespace_find("root\\hypervcluster\\v2"), TEST_COMPONENT);
	interop = cim_namespace_find("root/interop");
	return !v1 || !v2 || !cluster || !interop;
}

static void the_first_namespace_is_the_default(void **state)
{
	assert_int_equal(cim_namespace_count, 4);
	assert_string_equal(cim_namespaces[0]->name, "root/virtualization/v2");
}

static void a_class_is_another_in_each_namespace_with_one_number(void **state)
{
	assert_ptr_not_equal(v1, v2);
	assert_int_equal(v1->id, v2->id);
	assert_string_equal(v1->ns->name, "root/virtualization");
	assert_string_equal(cluster->ns->name, "root/HyperVCluster/v2");
	assert_ptr_equal(v1->superclass->ns, v1->ns);
}

static void what_a_superclass_loses_its_subclasses_lose(void **state)
{
	assert_non_null(cim_property_find(v2, "InstanceID"));
	assert_non_null(cim_property_find(cluster, "InstanceID"));
	assert_null(cim_property_find(v1, "InstanceID"));
	assert_null(cim_property_find(v1, "CommunicationStatus"));
	assert_null(cim_property_find(v1, "TransitioningToState"));
	assert_non_null(cim_method_find(v2, "Reset"));
	assert_null(cim_method_find(v1, "Reset"));
}

static void what_a_superclass_gains_its_subclasses_gain(void **state)
{
	const struct cim_property *indicator = cim_property_find(v1, "LocationIndicator");

	assert_int_equal(indicator->id, PROPERTY_LOCATION_INDICATOR);
	assert_int_equal(indicator->initial.uint, 4);
	assert_true(indicator->propagated);
	assert_null(cim_property_find(v2, "LocationIndicator"));
	assert_int_equal(v2->property_index[PROPERTY_LOCATION_INDICATOR], CIM_NO_PROPERTY);
}

static void a_member_that_takes_the_place_of_another_leaves_the_others(void **state)
{
	const struct cim_property *id = cim_property_find(v1, "DeviceID");

	assert_true(id->is_key);
	assert_non_null(cim_qualifier_find(id->qualifiers, id->qualifier_count, "MaxLen"));
	assert_non_null(cim_property_find(v1, "Availability"));
}

static void initial_values_are_those_of_the_namespace(void **state)
{
	assert_string_equal(cim_property_find(v2, "Description")->initial.string.bytes,
			    "Exchange Service");
	assert_string_equal(cim_property_find(v1, "Description")->initial.string.bytes,
			    "Exchange Component");
	assert_int_equal(cim_property_find(v2, "Availability")->initial.uint, 6);
	assert_false(cim_property_find(v1, "Availability")->initial.is_set);
	assert_string_equal(cim_property_find(v1, "Caption")->initial.string.bytes, "Exchange");
}

static void qualifiers_are_those_of_the_namespace(void **state)
{
	const struct cim_class *old = v1->superclass, *new = v2->superclass;

	assert_string_equal(cim_qualifier_find(old->qualifiers, old->qualifier_count, "Version")
				    ->value.string.bytes,
			    "2.8.0");
	assert_string_equal(cim_qualifier_find(new->qualifiers, new->qualifier_count, "Version")
				    ->value.string.bytes,
			    "2.22.0");
}

static void a_key_declared_anew_is_the_class_s_own(void **state)
{
	const struct cim_property *old =
		cim_property_find(cim_class_by_id(v1->ns, TEST_SETTING_DATA), "InstanceID");
	const struct cim_property *new =
		cim_property_find(cim_class_by_id(v2->ns, TEST_SETTING_DATA), "InstanceID");

	assert_true(old->is_key && new->is_key);
	assert_string_equal(old->origin, "Test_SettingData");
	assert_string_equal(new->origin, "Test_ManagedElement");
}

static void classes_are_only_where_they_are_declared(void **state)
{
	assert_null(cim_class_find(v1->ns, "Test_Planned"));
	assert_non_null(cim_class_find(v2->ns, "Test_Planned"));
	assert_null(cim_class_find(v2->ns, "Test_OnlyHere"));
	assert_non_null(cim_class_find(v1->ns, "Test_OnlyHere"));
	assert_non_null(cim_class_by_id(cluster->ns, TEST_ONLY_HERE));
	assert_true(cim_class_is_a(v1, cim_class_by_id(v2->ns, TEST_DEVICE)));
}

static void a_bare_namespace_has_what_is_named_for_it_and_what_that_needs(void **state)
{
	static const char *const names[] = {
		"Test_SettingData", "Test_Link",           /* named */
		"Test_Holder",      "Test_BigHolder",      /* named */
		"Test_Component",   "Test_Device",         /* referred to; its superclass */
		"Test_Item",        "Test_ManagedElement", /* embedded; its superclass */
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_non_null(cim_class_find(interop, names[i]));
	assert_int_equal(interop->class_count, sizeof(names) / sizeof(*names));
}

static void a_class_is_followed_by_those_derived_from_it(void **state)
{
	const struct cim_class *device = v2->superclass;
	const struct cim_class *const *descendants = cim_class_descendants(device);

	assert_ptr_equal(device->ns->classes[device->place], device);
	assert_int_equal(device->descendant_count, 2);
	assert_ptr_equal(descendants[0], v2);
	assert_string_equal(descendants[1]->name, "Test_Planned");
	assert_int_equal(v2->descendant_count, 0);
}

static void direct_subclasses_are_walked_without_theirs(void **state)
{
	const struct cim_class *root = cim_class_by_id(v2->ns, TEST_MANAGED_ELEMENT);
	const struct cim_class *at = NULL;
	static const char *const names[] = { "Test_SettingData", "Test_Device", "Test_Item" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		at = cim_subclass_next(v2->ns, root, at);
		assert_string_equal(at->name, names[i]);
	}
	assert_null(cim_subclass_next(v2->ns, root, at));
	assert_null(cim_subclass_next(v2->ns, v2, NULL));
}

static void classes_without_a_superclass_are_walked_too(void **state)
{
	const struct cim_class *at = NULL;
	size_t count = 0;

	while ((at = cim_subclass_next(interop, NULL, at))) {
		assert_null(at->superclass);
		count++;
	}
	assert_int_equal(count, 3); /* Test_ManagedElement, Test_Link, Test_Holder */
}

static void associations_have_a_list_of_their_own(void **state)
{
	assert_int_equal(v2->ns->association_count, 0);
	assert_int_equal(interop->association_count, 1);
	assert_string_equal(interop->associations[0]->name, "Test_Link");
	assert_string_equal(cim_property_find(interop->associations[0], "Holder")->reference_class,
			    "Test_Holder");
}

static void strings_tell_whose_instances_they_hold(void **state)
{
	const struct cim_class *holder = cim_class_find(interop, "Test_BigHolder");
	const struct cim_parameter *taken = cim_method_find(holder, "Take")->parameters;

	assert_null(cim_property_find(holder, "Name")->embedded_class);
	assert_string_equal(cim_property_find(holder, "Item")->embedded_class, "Test_Item");
	assert_string_equal(cim_property_find(holder, "Anything")->embedded_class, "");
	assert_string_equal(taken[0].embedded_class, "Test_Item");
	assert_null(taken[1].embedded_class);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_namespace_is_the_default),
		cmocka_unit_test(a_class_is_another_in_each_namespace_with_one_number),
		cmocka_unit_test(what_a_superclass_loses_its_subclasses_lose),
		cmocka_unit_test(what_a_superclass_gains_its_subclasses_gain),
		cmocka_unit_test(a_member_that_takes_the_place_of_another_leaves_the_others),
		cmocka_unit_test(initial_values_are_those_of_the_namespace),
		cmocka_unit_test(qualifiers_are_those_of_the_namespace),
		cmocka_unit_test(a_key_declared_anew_is_the_class_s_own),
		cmocka_unit_test(classes_are_only_where_they_are_declared),
		cmocka_unit_test(a_bare_namespace_has_what_is_named_for_it_and_what_that_needs),
		cmocka_unit_test(a_class_is_followed_by_those_derived_from_it),
		cmocka_unit_test(direct_subclasses_are_walked_without_theirs),
		cmocka_unit_test(classes_without_a_superclass_are_walked_too),
		cmocka_unit_test(associations_have_a_list_of_their_own),
		cmocka_unit_test(strings_tell_whose_instances_they_hold),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
