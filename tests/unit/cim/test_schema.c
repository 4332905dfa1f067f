/* SPDX-License-Identifier: MIT */
/* test_schema.c -- cim/schema */
#include "cim/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct cim_class *class_of(const char *name)
{
	const struct cim_class *class = cim_class_find(cim_namespaces[0], name);

	if (!class)
		fail_msg("no class %s", name);
	return class;
}

static const struct cim_property *property_of(const char *class_name, const char *name)
{
	const struct cim_property *property = cim_property_find(class_of(class_name), name);

	if (!property)
		fail_msg("%s has no %s", class_name, name);
	return property;
}

static void names_are_found_without_case(void **state)
{
	const struct cim_namespace *ns = cim_namespace_find("ROOT\\Virtualization\\V2");
	const struct cim_class *class = cim_class_find(ns, "msvm_KVPexchangecomponent");

	assert_ptr_equal(ns, cim_namespaces[0]);
	assert_string_equal(class->name, "Msvm_KvpExchangeComponent");
	assert_ptr_equal(class->ns, ns);
	assert_string_equal(cim_property_find(class, "guestexchangeitems")->name,
			    "GuestExchangeItems");
	assert_string_equal(cim_method_find(class, "RESET")->name, "Reset");
	assert_non_null(cim_qualifier_find(class->qualifiers, class->qualifier_count, "DYNAMIC"));
}

static void what_is_not_there_is_not_found(void **state)
{
	const struct cim_class *class = class_of("CIM_ManagedElement");

	assert_null(cim_namespace_find("root/virtualization/v"));
	assert_null(cim_namespace_find("root/virtualization/v2/"));
	assert_null(cim_namespace_find(""));
	assert_null(cim_class_find(cim_namespaces[0], "CIM_ManagedElemen"));
	assert_null(cim_class_find(cim_namespaces[0], ""));
	assert_null(cim_property_find(class, "GuestExchangeItems"));
	assert_null(cim_property_find(class, "Nothing"));
	assert_null(cim_method_find(class, "Reset"));
	assert_null(cim_qualifier_find(class->qualifiers, class->qualifier_count, "Dynamic"));
	assert_null(cim_qualifier_find(NULL, 0, "Dynamic"));
}

static void every_name_is_found_under_its_number(void **state)
{
	for (size_t i = 0; i < CIM_CLASS_COUNT; i++) {
		const struct cim_class *class = class_of(cim_class_names[i]);

		assert_int_equal(class->id, i);
		assert_ptr_equal(cim_class_by_id(cim_namespaces[0], class->id), class);
		for (size_t j = 0; j < CIM_PROPERTY_COUNT; j++) {
			const struct cim_property *property =
				cim_property_find(class, cim_property_names[j]);

			if (property)
				assert_int_equal(property->id, j);
		}
		for (size_t j = 0; j < class->property_count; j++)
			assert_ptr_equal(cim_property_find(class, class->properties[j].name),
					 &class->properties[j]);
	}
}

static void superclasses_stand_before_their_subclasses(void **state)
{
	const struct cim_namespace *ns = cim_namespaces[0];

	for (size_t i = 0; i < ns->class_count; i++) {
		bool seen = ns->classes[i]->superclass == NULL;

		for (size_t j = 0; j < i; j++)
			seen |= ns->classes[j] == ns->classes[i]->superclass;
		assert_true(seen);
	}
}

static void a_class_is_its_ancestors_too(void **state)
{
	const struct cim_class *component = class_of("Msvm_KvpExchangeComponent");

	assert_true(cim_class_is_a(component, component));
	assert_true(cim_class_is_a(component, class_of("CIM_LogicalDevice")));
	assert_true(cim_class_is_a(component, class_of("CIM_ManagedElement")));
	assert_false(cim_class_is_a(component, class_of("CIM_Service")));
	assert_false(cim_class_is_a(class_of("CIM_LogicalDevice"), component));
}

static void inherited_members_tell_where_they_come_from(void **state)
{
	const struct cim_property *caption = property_of("Msvm_KvpExchangeComponent", "Caption");
	const struct cim_property *name = property_of("CIM_System", "Name");
	const struct cim_property *items =
		property_of("Msvm_KvpExchangeComponent", "GuestExchangeItems");
	const struct cim_method *reset =
		cim_method_find(class_of("Msvm_KvpExchangeComponent"), "Reset");

	assert_string_equal(caption->origin, "CIM_ManagedElement");
	assert_true(caption->propagated);
	assert_true(caption->qualifiers[0].propagated);
	assert_string_equal(name->origin, "CIM_ManagedSystemElement");
	assert_false(name->propagated); /* overridden */
	assert_string_equal(items->origin, "Msvm_KvpExchangeComponent");
	assert_false(items->propagated);
	assert_string_equal(reset->origin, "CIM_LogicalDevice");
	assert_false(reset->propagated);
}

static void abstract_classes_and_indications_are_marked(void **state)
{
	assert_true(class_of("CIM_LogicalDevice")->is_abstract);
	assert_false(class_of("Msvm_KvpExchangeComponent")->is_abstract);
	assert_true(class_of("Msvm_Error")->is_indication);
	assert_false(class_of("Msvm_ConcreteJob")->is_association);
}

static void constant_strings_carry_their_escaped_form(void **state)
{
	const struct cim_value *name = &property_of("Msvm_KvpExchangeComponent", "Name")->initial;

	assert_non_null(name->string.escaped);
	assert_int_equal(name->string.escaped_length, strlen(name->string.escaped));
	assert_string_equal(name->string.escaped, name->string.bytes);
}

static void every_qualifier_in_use_is_declared(void **state)
{
	for (size_t i = 0; i < CIM_CLASS_COUNT; i++) {
		const struct cim_class *class = class_of(cim_class_names[i]);

		for (size_t j = 0; j < class->qualifier_count; j++) {
			const struct cim_qualifier *qualifier = &class->qualifiers[j];
			size_t k = 0;

			while (k < cim_qualifier_type_count &&
			       strcmp(cim_qualifier_types[k].name, qualifier->name) != 0)
				k++;
			assert_true(k < cim_qualifier_type_count);
			assert_int_equal(cim_qualifier_types[k].value.type, qualifier->value.type);
			assert_true(cim_qualifier_types[k].scope &
				    (CIM_SCOPE_CLASS | CIM_SCOPE_INDICATION));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_without_case),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(every_name_is_found_under_its_number),
		cmocka_unit_test(superclasses_stand_before_their_subclasses),
		cmocka_unit_test(a_class_is_its_ancestors_too),
		cmocka_unit_test(inherited_members_tell_where_they_come_from),
		cmocka_unit_test(abstract_classes_and_indications_are_marked),
		cmocka_unit_test(constant_strings_carry_their_escaped_form),
		cmocka_unit_test(every_qualifier_in_use_is_declared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
