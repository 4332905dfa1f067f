/* SPDX-License-Identifier: MIT */
/* test_associations.c -- what the MOF files say of the associations: which there are, what they
 * link, and how many of each. */
#include "cim/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "show.h"

struct end {
	const char *role, *class_name;
	const char *qualifiers[4]; /* besides Key and Override */
};

struct association {
	const char *name, *superclass;
	struct end from, to;
	const char *others[4]; /* properties that are no ends */
};

/* Those with instances; the abstract ones above them are known by what they hand down. */
static const struct association associations[] = {
	{ .name = "Msvm_SystemDevice",
	  .superclass = "CIM_SystemDevice",
	  .from = { "GroupComponent", "CIM_System", { "Aggregate", "Min(1)", "Max(1)" } },
	  .to = { "PartComponent", "CIM_LogicalDevice", { "Weak" } } },
	{ .name = "Msvm_SystemComponent",
	  .superclass = "CIM_SystemComponent",
	  .from = { "GroupComponent", "CIM_System", { "Aggregate" } },
	  .to = { "PartComponent", "CIM_ManagedSystemElement", { NULL } } },
	{ .name = "Msvm_SettingsDefineState",
	  .superclass = "CIM_SettingsDefineState",
	  .from = { "ManagedElement", "CIM_ManagedElement", { NULL } },
	  .to = { "SettingData", "CIM_SettingData", { NULL } } },
	{ .name = "Msvm_ElementSettingData",
	  .superclass = "CIM_ElementSettingData",
	  .from = { "ManagedElement", "CIM_ManagedElement", { NULL } },
	  .to = { "SettingData", "CIM_SettingData", { NULL } },
	  .others = { "IsDefault", "IsCurrent", "IsNext" } },
	{ .name = "Msvm_VirtualSystemSettingDataComponent",
	  .superclass = "CIM_VirtualSystemSettingDataComponent",
	  .from = { "GroupComponent",
		    "CIM_VirtualSystemSettingData",
		    { "Aggregate", "Min(1)", "Max(1)" } },
	  .to = { "PartComponent", "CIM_ResourceAllocationSettingData", { NULL } } },
	{ .name = "Msvm_HostedService",
	  .superclass = "CIM_HostedService",
	  .from = { "Antecedent", "CIM_System", { "Min(1)", "Max(1)" } },
	  .to = { "Dependent", "CIM_Service", { "Weak" } } },
	{ .name = "Msvm_HostedDependency",
	  .superclass = "CIM_HostedDependency",
	  .from = { "Antecedent", "CIM_ManagedElement", { "Max(1)" } },
	  .to = { "Dependent", "CIM_ManagedElement", { NULL } } },
	{ .name = "Msvm_ServiceAffectsElement",
	  .superclass = "CIM_ServiceAffectsElement",
	  .from = { "AffectedElement", "CIM_ManagedElement", { NULL } },
	  .to = { "AffectingElement", "CIM_Service", { NULL } },
	  .others = { "ElementEffects", "OtherElementEffectsDescriptions" } },
	{ .name = "Msvm_AffectedJobElement",
	  .superclass = "CIM_AffectedJobElement",
	  .from = { "AffectedElement", "CIM_ManagedElement", { NULL } },
	  .to = { "AffectingElement", "Msvm_ConcreteJob", { NULL } },
	  .others = { "ElementEffects", "OtherElementEffectsDescriptions" } },
	{ .name = "Msvm_OwningJobElement",
	  .superclass = "CIM_OwningJobElement",
	  .from = { "OwningElement", "CIM_ManagedElement", { "Max(1)" } },
	  .to = { "OwnedElement", "Msvm_ConcreteJob", { NULL } } },
	{ .name = "Msvm_ElementCapabilities",
	  .superclass = "CIM_ElementCapabilities",
	  .from = { "ManagedElement", "CIM_ManagedElement", { "Min(1)" } },
	  .to = { "Capabilities", "CIM_Capabilities", { NULL } },
	  .others = { "Characteristics" } },
	{ .name = "Msvm_ElementConformsToProfile",
	  .superclass = "CIM_ElementConformsToProfile",
	  .from = { "ConformantStandard", "Msvm_RegisteredProfile", { NULL } },
	  .to = { "ManagedElement", "Msvm_ComputerSystem", { NULL } } },
	{ .name = "Msvm_CollectedVirtualSystems",
	  .superclass = "CIM_CollectedMSEs",
	  .from = { "Collection", "Msvm_VirtualSystemCollection", { "Aggregate" } },
	  .to = { "Member", "Msvm_ComputerSystem", { NULL } } },
	{ .name = "Msvm_CollectedCollections",
	  .superclass = "CIM_CollectedMSEs",
	  .from = { "Collection", "Msvm_ManagementCollection", { "Aggregate" } },
	  .to = { "Member", "CIM_ManagedSystemElement", { NULL } } },
	{ .name = "Msvm_MemberOfCollection",
	  .superclass = "CIM_MemberOfCollection",
	  .from = { "Collection", "CIM_Collection", { "Aggregate" } },
	  .to = { "Member", "CIM_ManagedElement", { NULL } } },
};

static const struct association of_v2_alone = {
	.name = "Msvm_ParentChildSettingData",
	.superclass = "CIM_Dependency",
	.from = { "Antecedent", "Msvm_VirtualSystemSettingData", { NULL } },
	.to = { "Dependent", "Msvm_VirtualSystemSettingData", { NULL } },
};

static const struct association of_the_cluster_alone = {
	.name = "Msvm_ComponentCS",
	.superclass = "CIM_ComponentCS",
	.from = { "GroupComponent", "Msvm_ComputerSystem", { "Aggregate" } },
	.to = { "PartComponent", "Msvm_ComputerSystem", { NULL } },
};

static const struct association subscription = {
	.name = "CIM_IndicationSubscription",
	.superclass = "CIM_AbstractIndicationSubscription",
	.from = { "Filter", "CIM_IndicationFilter", { NULL } },
	.to = { "Handler", "CIM_ListenerDestination", { NULL } },
};

static bool is_expected(const struct end *end, const char *qualifier)
{
	if (strcmp(qualifier, "Key") == 0 || strncmp(qualifier, "Override", 8) == 0)
		return true;
	for (size_t i = 0; i < count_of(end->qualifiers) && end->qualifiers[i]; i++) {
		if (strcmp(end->qualifiers[i], qualifier) == 0)
			return true;
	}
	return false;
}

static void assert_end(const struct cim_class *class, const struct end *end)
{
	const struct cim_property *property = cim_property_find(class, end->role);
	size_t expected = 0, found = 0;

	if (!property)
		fail_msg("%s has no %s", class->name, end->role);
	assert_int_equal(property->type, CIM_REFERENCE);
	assert_string_equal(property->reference_class, end->class_name);
	assert_non_null(cim_class_find(class->ns, property->reference_class));
	assert_true(property->is_key);
	while (expected < count_of(end->qualifiers) && end->qualifiers[expected])
		expected++;
	for (size_t i = 0; i < property->qualifier_count; i++) {
		const struct cim_qualifier *qualifier = &property->qualifiers[i];
		scoped(text_done) struct text text = { 0 };

		show_qualifier(&text, qualifier);
		if (!is_expected(end, text.bytes))
			fail_msg("%s of %s has %s", end->role, class->name, text.bytes);
		found += strcmp(qualifier->name, "Key") != 0 &&
			 strcmp(qualifier->name, "Override") != 0;
	}
	if (found != expected)
		fail_msg("%s of %s has %zu qualifiers, not %zu", end->role, class->name, found,
			 expected);
}

static void assert_association(const struct cim_namespace *ns, const struct association *row)
{
	const struct cim_class *class = cim_class_find(ns, row->name);
	size_t others = 0;

	if (!class)
		fail_msg("no %s in %s", row->name, ns->name);
	assert_true(class->is_association);
	assert_false(class->is_abstract);
	assert_string_equal(class->superclass->name, row->superclass);
	assert_true(class->superclass->is_abstract);
	assert_end(class, &row->from);
	assert_end(class, &row->to);
	for (; others < count_of(row->others) && row->others[others]; others++)
		assert_false(cim_property_find(class, row->others[others])->is_key);
}

static void the_associations_of_v2_are_as_documented(void **state)
{
	const struct cim_namespace *ns = cim_namespaces[0];
	size_t concrete = 0;

	for (size_t i = 0; i < count_of(associations); i++) {
		const struct association *row = &associations[i];
		const struct cim_class *class;
		size_t others = 0;

		assert_association(ns, row);
		class = cim_class_find(ns, row->name);
		while (others < count_of(row->others) && row->others[others])
			others++;
		assert_int_equal(class->property_count, 2 + others);
	}
	assert_association(ns, &of_v2_alone);
	for (size_t i = 0; i < ns->association_count; i++)
		concrete += !ns->associations[i]->is_abstract;
	assert_int_equal(concrete, count_of(associations) + 1);
}

static void the_cluster_s_namespace_has_the_same_ones_but_for_two(void **state)
{
	const struct cim_namespace *ns = cim_namespace_find("root/HyperVCluster/v2");

	for (size_t i = 0; i < count_of(associations); i++)
		assert_association(ns, &associations[i]);
	assert_association(ns, &of_the_cluster_alone);
	assert_null(cim_class_find(ns, of_v2_alone.name));
	assert_null(cim_class_find(cim_namespaces[0], of_the_cluster_alone.name));
}

static void the_older_namespace_says_more_of_settings_and_less_of_capabilities(void **state)
{
	const struct cim_namespace *ns = cim_namespace_find("root/virtualization");
	const struct cim_class *settings = cim_class_by_id(ns, MSVM_ELEMENT_SETTING_DATA);
	const struct cim_class *capabilities = cim_class_by_id(ns, MSVM_ELEMENT_CAPABILITIES);

	assert_shown(&cim_property_find(settings, "IsMinimum")->initial, "0");
	assert_shown(&cim_property_find(settings, "IsMaximum")->initial, "0");
	assert_int_equal(capabilities->property_count, 2);
	assert_null(cim_class_by_id(ns, MSVM_ELEMENT_CONFORMS_TO_PROFILE));
	assert_non_null(cim_class_by_id(ns, MSVM_SYSTEM_DEVICE));
}

static void a_subscription_links_a_filter_and_a_listener(void **state)
{
	const struct cim_namespace *ns = cim_namespace_find("root/interop");

	assert_association(ns, &subscription);
	assert_int_equal(ns->association_count, 2);
}

static void the_ends_of_any_association_are_two_keys(void **state)
{
	for (size_t i = 0; i < cim_namespace_count; i++) {
		const struct cim_namespace *ns = cim_namespaces[i];

		for (size_t j = 0; j < ns->association_count; j++) {
			const struct cim_class *class = ns->associations[j];
			size_t ends = 0;

			for (size_t k = 0; k < class->property_count; k++) {
				const struct cim_property *property = &class->properties[k];

				assert_int_equal(property->is_key, property->type == CIM_REFERENCE);
				ends += property->is_key;
			}
			assert_int_equal(ends, 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_associations_of_v2_are_as_documented),
		cmocka_unit_test(the_cluster_s_namespace_has_the_same_ones_but_for_two),
		cmocka_unit_test(
			the_older_namespace_says_more_of_settings_and_less_of_capabilities),
		cmocka_unit_test(a_subscription_links_a_filter_and_a_listener),
		cmocka_unit_test(the_ends_of_any_association_are_two_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
