/* SPDX-License-Identifier: MIT */
/* test_association.c -- cim/association: the associations of the class model */
#include "cim/association.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "openkvp/scoped.h"
#include "tests/unit/arena_fixture.h"

static struct cim_error err;

static const char *ask(const char *ns, const char *class_name,
		       const struct cim_association_filter *filter, bool references)
{
	const struct cim_class *source = cim_class_find(cim_namespace_find(ns), class_name);
	const struct cim_class *const *classes;
	scoped(text_done) struct text names = { 0 };
	size_t count;

	if (!cim_class_associators(arena, source, filter, references, &classes, &count, &err))
		return err.message;
	for (size_t i = 0; i < count; i++)
		text_printf(&names, "%s ", classes[i]->name);
	return arena_text(arena, names.bytes ? names.bytes : "", names.length);
}

static const char *associators(const char *class_name, struct cim_association_filter filter)
{
	return ask("root/virtualization/v2", class_name, &filter, false);
}

static const char *references(const char *class_name, struct cim_association_filter filter)
{
	return ask("root/virtualization/v2", class_name, &filter, true);
}

static void the_classes_at_the_other_ends_are_found(void **state)
{
	assert_string_equal(associators("Msvm_KvpExchangeComponent",
					(struct cim_association_filter){
						.association_class = "CIM_SystemDevice" }),
			    "CIM_System ");
	assert_string_equal(
		associators("Msvm_ComputerSystem",
			    (struct cim_association_filter){ .result_class = "CIM_LogicalDevice" }),
		"CIM_LogicalDevice ");
	assert_string_equal(associators("Msvm_ConcreteJob",
					(struct cim_association_filter){
						.association_class = "Msvm_OwningJobElement",
						.role = "OwnedElement" }),
			    "CIM_ManagedElement ");
}

static void the_associations_of_a_class_are_found(void **state)
{
	assert_string_equal(references("Msvm_KvpExchangeComponent",
				       (struct cim_association_filter){
					       .role = "partcomponent",
					       .result_class = "CIM_SystemComponent" }),
			    "CIM_SystemComponent CIM_SystemDevice Msvm_SystemDevice "
			    "Msvm_SystemComponent ");
	assert_string_equal(references("Msvm_ConcreteJob",
				       (struct cim_association_filter){ .role = "OwnedElement" }),
			    "CIM_OwningJobElement Msvm_OwningJobElement ");
}

static void roles_and_qualifiers_filter_classes(void **state)
{
	assert_string_equal(associators("Msvm_ComputerSystem",
					(struct cim_association_filter){ .association_class =
										 "CIM_SystemDevice",
									 .role = "PartComponent" }),
			    "");
	assert_string_equal(associators("Msvm_ComputerSystem",
					(struct cim_association_filter){
						.association_class = "CIM_SystemDevice",
						.result_role = "PARTCOMPONENT" }),
			    "CIM_LogicalDevice ");
	assert_string_equal(
		references("Msvm_ComputerSystem",
			   (struct cim_association_filter){ .result_class = "CIM_SystemDevice",
							    .required_qualifier = "Abstract" }),
		"CIM_SystemDevice ");
	assert_string_equal(associators("Msvm_ComputerSystem",
					(struct cim_association_filter){
						.association_class = "CIM_SystemDevice",
						.required_association_qualifier = "Provider",
						.required_qualifier = "Abstract" }),
			    "CIM_LogicalDevice ");
}

static void a_class_that_no_association_links_has_none(void **state)
{
	assert_string_equal(associators("Msvm_Error", (struct cim_association_filter){ 0 }), "");
	assert_string_equal(references("Msvm_Error", (struct cim_association_filter){ 0 }), "");
}

static void a_namespace_has_its_own_associations(void **state)
{
	const struct cim_association_filter any = { 0 };

	assert_string_equal(ask("root/interop", "CIM_IndicationFilter", &any, true),
			    "CIM_AbstractIndicationSubscription CIM_IndicationSubscription ");
	assert_string_equal(ask("root/interop", "CIM_IndicationFilter", &any, false),
			    "CIM_ListenerDestination ");
	assert_string_equal(ask("root", "__NAMESPACE", &any, true), "");
}

static void classes_of_a_filter_must_exist(void **state)
{
	assert_string_equal(associators("Msvm_ComputerSystem",
					(struct cim_association_filter){ .result_class = "No" }),
			    "no class 'No' in root/virtualization/v2");
	assert_int_equal(err.status, CIM_STATUS_INVALID_CLASS);
	assert_string_equal(
		associators("Msvm_ComputerSystem",
			    (struct cim_association_filter){ .association_class = "No" }),
		"no class 'No' in root/virtualization/v2");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		test(the_classes_at_the_other_ends_are_found),
		test(the_associations_of_a_class_are_found),
		test(roles_and_qualifiers_filter_classes),
		test(a_class_that_no_association_links_has_none),
		test(a_namespace_has_its_own_associations),
		test(classes_of_a_filter_must_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
