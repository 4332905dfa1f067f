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

static void assert_found_under_their_numbers(const struct cim_class *class)
{
	for (size_t i = 0; i < CIM_PROPERTY_COUNT; i++) {
		const struct cim_property *property =
			cim_property_find(class, cim_property_names[i]);

		if (property)
			assert_int_equal(property->id, i);
	}
	for (size_t i = 0; i < class->property_count; i++)
		assert_ptr_equal(cim_property_find(class, class->properties[i].name),
				 &class->properties[i]);
}

static void every_name_is_found_under_its_number(void **state)
{
	for (size_t i = 0; i < cim_namespace_count; i++) {
		const struct cim_namespace *ns = cim_namespaces[i];
		size_t found = 0;

		for (size_t j = 0; j < CIM_CLASS_COUNT; j++) {
			const struct cim_class *class = cim_class_find(ns, cim_class_names[j]);

			if (!class)
				continue;
			found++;
			assert_int_equal(class->id, j);
			assert_ptr_equal(class->ns, ns);
			assert_ptr_equal(cim_class_by_id(ns, class->id), class);
			assert_found_under_their_numbers(class);
		}
		assert_int_equal(found, ns->class_count);
	}
}

static void every_class_is_in_some_namespace(void **state)
{
	for (size_t i = 0; i < CIM_CLASS_COUNT; i++) {
		bool is_there = false;

		for (size_t j = 0; j < cim_namespace_count; j++)
			is_there |=
				cim_class_by_id(cim_namespaces[j], (enum cim_class_id)i) != NULL;
		assert_true(is_there);
	}
}

static void a_class_is_followed_by_its_descendants_and_no_others(void **state)
{
	for (size_t i = 0; i < cim_namespace_count; i++) {
		const struct cim_namespace *ns = cim_namespaces[i];

		for (size_t j = 0; j < ns->class_count; j++) {
			const struct cim_class *class = ns->classes[j];

			assert_int_equal(class->place, j);
			for (size_t k = 0; k < ns->class_count; k++)
				assert_int_equal(cim_class_is_a(ns->classes[k], class),
						 k >= j && k - j <= class->descendant_count);
		}
	}
}

static void descendants_are_those_at_any_depth(void **state)
{
	const struct cim_class *element = class_of("CIM_EnabledLogicalElement");
	const struct cim_class *const *descendants = cim_class_descendants(element);
	bool has_component = false;

	for (size_t i = 0; i < element->descendant_count; i++)
		has_component |= descendants[i] == class_of("Msvm_KvpExchangeComponent");
	assert_true(has_component);
}

static size_t count_subclasses(const struct cim_namespace *ns, const struct cim_class *class)
{
	const struct cim_class *at = NULL;
	size_t count = 0;

	while ((at = cim_subclass_next(ns, class, at))) {
		assert_ptr_equal(at->superclass, class);
		count++;
	}
	return count;
}

static void every_class_is_a_direct_subclass_once(void **state)
{
	for (size_t i = 0; i < cim_namespace_count; i++) {
		const struct cim_namespace *ns = cim_namespaces[i];
		size_t count = count_subclasses(ns, NULL);

		for (size_t j = 0; j < ns->class_count; j++)
			count += count_subclasses(ns, ns->classes[j]);
		assert_int_equal(count, ns->class_count);
	}
}

static void associations_are_listed_apart(void **state)
{
	for (size_t i = 0; i < cim_namespace_count; i++) {
		const struct cim_namespace *ns = cim_namespaces[i];
		size_t count = 0;

		for (size_t j = 0; j < ns->class_count; j++)
			count += ns->classes[j]->is_association;
		assert_int_equal(count, ns->association_count);
		for (size_t j = 0; j < ns->association_count; j++)
			assert_true(ns->associations[j]->is_association);
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

static void abstract_classes_associations_and_indications_are_marked(void **state)
{
	assert_true(class_of("CIM_LogicalDevice")->is_abstract);
	assert_false(class_of("Msvm_KvpExchangeComponent")->is_abstract);
	assert_true(class_of("Msvm_Error")->is_indication);
	assert_false(class_of("Msvm_ConcreteJob")->is_association);
	assert_true(class_of("Msvm_SystemDevice")->is_association);
}

static void constant_strings_carry_their_escaped_form(void **state)
{
	const struct cim_value *name = &property_of("Msvm_KvpExchangeComponent", "Name")->initial;

	assert_non_null(name->string.escaped);
	assert_int_equal(name->string.escaped_length, strlen(name->string.escaped));
	assert_string_equal(name->string.escaped, name->string.bytes);
}

static const struct cim_qualifier_type *declaration_of(const struct cim_qualifier *qualifier)
{
	for (size_t i = 0; i < cim_qualifier_type_count; i++) {
		if (strcmp(cim_qualifier_types[i].name, qualifier->name) == 0)
			return &cim_qualifier_types[i];
	}
	fail_msg("%s is not declared", qualifier->name);
	return NULL;
}

static void assert_declared(const struct cim_qualifier *qualifiers, size_t count,
			    unsigned int scope)
{
	for (size_t i = 0; i < count; i++) {
		const struct cim_qualifier_type *type = declaration_of(&qualifiers[i]);

		assert_int_equal(type->value.type, qualifiers[i].value.type);
		assert_int_equal(type->value.is_array, qualifiers[i].value.is_array);
		assert_true(type->scope & scope);
	}
}

static void every_qualifier_in_use_is_declared(void **state)
{
	const unsigned int scope = CIM_SCOPE_CLASS | CIM_SCOPE_ASSOCIATION | CIM_SCOPE_INDICATION;

	for (size_t i = 0; i < cim_namespace_count; i++) {
		for (size_t j = 0; j < cim_namespaces[i]->class_count; j++) {
			const struct cim_class *class = cim_namespaces[i]->classes[j];

			assert_declared(class->qualifiers, class->qualifier_count, scope);
			for (size_t k = 0; k < class->property_count; k++)
				assert_declared(class->properties[k].qualifiers,
						class->properties[k].qualifier_count,
						CIM_SCOPE_PROPERTY | CIM_SCOPE_REFERENCE);
			for (size_t k = 0; k < class->method_count; k++)
				assert_declared(class->methods[k].qualifiers,
						class->methods[k].qualifier_count,
						CIM_SCOPE_METHOD);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_without_case),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(every_name_is_found_under_its_number),
		cmocka_unit_test(every_class_is_in_some_namespace),
		cmocka_unit_test(a_class_is_followed_by_its_descendants_and_no_others),
		cmocka_unit_test(descendants_are_those_at_any_depth),
		cmocka_unit_test(every_class_is_a_direct_subclass_once),
		cmocka_unit_test(associations_are_listed_apart),
		cmocka_unit_test(a_class_is_its_ancestors_too),
		cmocka_unit_test(inherited_members_tell_where_they_come_from),
		cmocka_unit_test(abstract_classes_associations_and_indications_are_marked),
		cmocka_unit_test(constant_strings_carry_their_escaped_form),
		cmocka_unit_test(every_qualifier_in_use_is_declared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
