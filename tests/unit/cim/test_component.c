/* SPDX-License-Identifier: MIT */
/* test_component.c -- Msvm_KvpExchangeComponent: in root/virtualization exactly as Microsoft
 * documents it there, in the other namespaces with what they change. */
#include "cim/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "openkvp/scoped.h"
#include "show.h"

static const struct cim_class *component_in(const char *ns)
{
	return cim_class_by_id(cim_namespace_find(ns), MSVM_KVP_EXCHANGE_COMPONENT);
}

struct documented {
	const char *name, *type, *constant;
	bool is_writable;
	const char *qualifiers[4];
};

/* In the order of the documentation. DeviceID has a pattern there, which is no constant. */
static const struct documented seed[] = {
	{ "Caption", "string", "Key-Value Pair Exchange", false, { "MaxLen(64)" } },
	{ "Description", "string", "Microsoft Key-Value Pair Exchange Component", false, { NULL } },
	{ "ElementName", "string", "Key-Value pair Exchange", false, { NULL } },
	{ "Name", "string", "Key-Value Pair Exchange", false, { "MaxLen(1024)" } },
	{ "OperationalStatus",
	  "uint16[]",
	  NULL,
	  false,
	  { "ArrayType(Indexed)",
	    "ModelCorrespondence(CIM_ManagedSystemElement.StatusDescriptions)" } },
	{ "StatusDescriptions",
	  "string[]",
	  NULL,
	  false,
	  { "ArrayType(Indexed)",
	    "ModelCorrespondence(CIM_ManagedSystemElement.OperationalStatus)" } },
	{ "Status",
	  "string",
	  NULL,
	  false,
	  { "Deprecated(CIM_ManagedSystemElement.OperationalStatus)", "MaxLen(10)" } },
	{ "HealthState", "uint16", "5", false, { NULL } },
	{ "EnabledState",
	  "uint16",
	  NULL,
	  false,
	  { "ModelCorrespondence(CIM_EnabledLogicalElement.OtherEnabledState)" } },
	{ "RequestedState",
	  "uint16",
	  "12",
	  false,
	  { "ModelCorrespondence(CIM_EnabledLogicalElement.EnabledState)" } },
	{ "EnabledDefault", "uint16", "7", true, { NULL } },
	{ "TimeOfLastStateChange", "datetime", NULL, false, { NULL } },
	{ "SystemCreationClassName",
	  "string",
	  "Msvm_ComputerSystem",
	  false,
	  { "Key", "Propagated(CIM_System.CreationClassName)", "MaxLen(256)" } },
	{ "SystemName",
	  "string",
	  NULL,
	  false,
	  { "Key", "Propagated(CIM_System.Name)", "MaxLen(256)" } },
	{ "CreationClassName",
	  "string",
	  "Msvm_KvpExchangeComponent",
	  false,
	  { "Key", "MaxLen(256)" } },
	{ "PowerManagementSupported",
	  "boolean",
	  NULL,
	  false,
	  { "Deprecated(CIM_PowerManagementCapabilities)" } },
	{ "PowerManagementCapabilities",
	  "uint16[]",
	  NULL,
	  false,
	  { "Deprecated(CIM_PowerManagementCapabilities.PowerCapabilities)" } },
	{ "Availability",
	  "uint16",
	  NULL,
	  false,
	  { "Deprecated("
	    "CIM_AssociatedPowerManagementService.PowerState, "
	    "CIM_ManagedSystemElement.OperationalStatus, "
	    "CIM_EnabledLogicalElement.EnabledState)",
	    "MappingStrings("
	    "MIF.DMTF|Operational State|006.5, "
	    "MIB.IETF|HOST-RESOURCES-MIB.hrDeviceStatus, "
	    "MIF.DMTF|Host Device|001.5)",
	    "ModelCorrespondence(CIM_LogicalDevice.AdditionalAvailability)" } },
	{ "StatusInfo",
	  "uint16",
	  NULL,
	  false,
	  { "Deprecated(CIM_EnabledLogicalElement.EnabledState)",
	    "MappingStrings(MIF.DMTF|Operational State|006.4)" } },
	{ "LastErrorCode",
	  "uint32",
	  NULL,
	  false,
	  { "Deprecated(CIM_DeviceErrorData.LastErrorCode)" } },
	{ "ErrorDescription",
	  "string",
	  NULL,
	  false,
	  { "Deprecated(CIM_DeviceErrorData.ErrorDescription)" } },
	{ "ErrorCleared",
	  "boolean",
	  NULL,
	  false,
	  { "Deprecated(CIM_ManagedSystemElement.OperationalStatus)" } },
	{ "TotalPowerOnHours",
	  "uint64",
	  NULL,
	  false,
	  { "Deprecated(CIM_PoweredStatisticalData.TotalPowerOnHours)", "Units(Hours)",
	    "Counter" } },
	{ "IdentifyingDescriptions",
	  "string[]",
	  NULL,
	  false,
	  { "ArrayType(Indexed)", "ModelCorrespondence(CIM_LogicalDevice.OtherIdentifyingInfo)" } },
	{ "AdditionalAvailability",
	  "uint16[]",
	  "6",
	  false,
	  { "ModelCorrespondence(CIM_LogicalDevice.Availability)" } },
	{ "MaxQuiesceTime",
	  "uint64",
	  NULL,
	  false,
	  { "Deprecated(No value)", "Units(MilliSeconds)" } },
	{ "LocationIndicator",
	  "uint16",
	  "4",
	  true,
	  { "Experimental", "ModelCorrespondence("
			    "CIM_AlarmDevice.AlarmState, "
			    "CIM_AlarmDevice.AudioIndicatorIsDisabled, "
			    "CIM_AlarmDevice.VisualIndicatorIsDisabled, "
			    "CIM_AlarmDevice.MotionIndicatorIsDisabled)" } },
	{ "InstallDate",
	  "datetime",
	  NULL,
	  false,
	  { "MappingStrings(MIF.DMTF|ComponentID|001.5)" } },
	{ "OtherEnabledState",
	  "string",
	  NULL,
	  false,
	  { "ModelCorrespondence(CIM_EnabledLogicalElement.EnabledState)" } },
	{ "DeviceID", "string", NULL, false, { "Key", "MaxLen(64)" } },
	{ "OtherIdentifyingInfo",
	  "string[]",
	  NULL,
	  false,
	  { "MaxLen(256)", "ArrayType(Indexed)",
	    "ModelCorrespondence(CIM_LogicalDevice.IdentifyingDescriptions)" } },
	{ "PowerOnHours",
	  "uint64",
	  NULL,
	  false,
	  { "Deprecated(CIM_PoweredStatisticalData.PowerOnHours)", "Units(Hours)", "Counter" } },
	{ "GuestExchangeItems",
	  "string[]",
	  NULL,
	  false,
	  { "ArrayType(Indexed)", "HyperVEmbeddedInstance(Msvm_KvpExchangeDataItem)" } },
	{ "GuestIntrinsicExchangeItems",
	  "string[]",
	  NULL,
	  false,
	  { "ArrayType(Indexed)", "HyperVEmbeddedInstance(Msvm_KvpExchangeDataItem)" } },
};

/* The documentation tells these in other ways. */
static bool is_shown_otherwise(const struct cim_qualifier *qualifier)
{
	return strcmp(qualifier->name, "ValueMap") == 0 || strcmp(qualifier->name, "Values") == 0 ||
	       strcmp(qualifier->name, "Write") == 0;
}

static bool has_qualifier(const struct cim_property *property, const char *expected)
{
	for (size_t i = 0; i < property->qualifier_count; i++) {
		scoped(text_done) struct text text = { 0 };

		show_qualifier(&text, &property->qualifiers[i]);
		if (strcmp(text.bytes, expected) == 0)
			return true;
	}
	return false;
}

static void assert_qualifiers(const struct cim_property *property, const char *const expected[4])
{
	size_t shown = 0, count = 0;

	for (; count < 4 && expected[count]; count++) {
		if (!has_qualifier(property, expected[count]))
			fail_msg("%s lacks %s", property->name, expected[count]);
	}
	for (size_t i = 0; i < property->qualifier_count; i++)
		shown += !is_shown_otherwise(&property->qualifiers[i]);
	if (shown != count)
		fail_msg("%s has %zu qualifiers instead of %zu", property->name, shown, count);
}

static void assert_documented(const struct cim_property *property, const struct documented *row,
			      const char *constant)
{
	scoped(text_done) struct text type = { 0 };

	text_printf(&type, "%s%s", cim_type_name(property->type), property->is_array ? "[]" : "");
	assert_string_equal(property->name, row->name);
	assert_string_equal(type.bytes, row->type);
	assert_shown(&property->initial, constant ? constant : "");
	assert_int_equal(property->is_writable, row->is_writable);
	assert_int_equal(property->is_key,
			 row->qualifiers[0] && strcmp(row->qualifiers[0], "Key") == 0);
	assert_qualifiers(property, row->qualifiers);
}

static void in_the_older_namespace_it_is_as_documented_no_more_and_no_less(void **state)
{
	const struct cim_class *component = component_in("root/virtualization");

	assert_int_equal(component->property_count, count_of(seed));
	for (size_t i = 0; i < count_of(seed); i++) {
		const struct cim_property *property = cim_property_find(component, seed[i].name);

		if (!property)
			fail_msg("no %s", seed[i].name);
		assert_documented(property, &seed[i], seed[i].constant);
	}
}

/* What the newer namespaces say otherwise. */
static const struct {
	const char *name, *constant;
} changed[] = {
	{ "Description", "Microsoft Key-Value Pair Exchange Service" },
	{ "Availability", "6" },
};

static const char *newer_constant(const struct documented *row)
{
	for (size_t i = 0; i < count_of(changed); i++) {
		if (strcmp(changed[i].name, row->name) == 0)
			return changed[i].constant;
	}
	return row->constant;
}

static void assert_newer(const struct cim_class *component)
{
	static const char *const added[] = {
		"InstanceID",           "CommunicationStatus", "DetailedStatus",
		"OperatingStatus",      "PrimaryStatus",       "AvailableRequestedStates",
		"TransitioningToState",
	};

	for (size_t i = 0; i < count_of(seed); i++) {
		const struct cim_property *property = cim_property_find(component, seed[i].name);

		if (strcmp(seed[i].name, "LocationIndicator") == 0)
			assert_null(property);
		else
			assert_documented(property, &seed[i], newer_constant(&seed[i]));
	}
	for (size_t i = 0; i < count_of(added); i++) {
		assert_false(cim_property_find(component, added[i])->initial.is_set);
		assert_false(cim_property_find(component, added[i])->is_key);
	}
	assert_int_equal(component->property_count, count_of(seed) - 1 + count_of(added));
}

static void in_v2_it_has_what_v2_adds_and_no_more(void **state)
{
	assert_newer(component_in("root/virtualization/v2"));
}

static void in_the_cluster_s_namespace_it_is_as_in_v2(void **state)
{
	assert_newer(component_in("root/HyperVCluster/v2"));
}

static void it_has_the_eight_methods_of_a_device_everywhere(void **state)
{
	static const char *const names[] = {
		"EnableDevice", "OnlineDevice",      "QuiesceDevice",  "RequestStateChange",
		"Reset",        "RestoreProperties", "SaveProperties", "SetPowerState",
	};
	static const char *const namespaces[] = { "root/virtualization", "root/virtualization/v2",
						  "root/HyperVCluster/v2" };

	for (size_t i = 0; i < count_of(namespaces); i++) {
		const struct cim_class *component = component_in(namespaces[i]);

		assert_int_equal(component->method_count, count_of(names));
		for (size_t j = 0; j < count_of(names); j++)
			assert_non_null(cim_method_find(component, names[j]));
	}
}

static void the_class_itself_has_its_documented_qualifiers(void **state)
{
	static const char *const expected[] = {
		"Dynamic",
		"Provider(VmmsWmiInstanceAndMethodProvider)",
		"AMENDMENT",
	};
	const struct cim_class *component = component_in("root/virtualization");
	size_t own = 0;

	assert_string_equal(component->superclass->name, "CIM_LogicalDevice");
	for (size_t i = 0; i < component->qualifier_count; i++) {
		scoped(text_done) struct text text = { 0 };

		if (component->qualifiers[i].propagated)
			continue;
		show_qualifier(&text, &component->qualifiers[i]);
		assert_true(own < count_of(expected));
		assert_string_equal(text.bytes, expected[own++]);
	}
	assert_int_equal(own, count_of(expected));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_older_namespace_it_is_as_documented_no_more_and_no_less),
		cmocka_unit_test(in_v2_it_has_what_v2_adds_and_no_more),
		cmocka_unit_test(in_the_cluster_s_namespace_it_is_as_in_v2),
		cmocka_unit_test(it_has_the_eight_methods_of_a_device_everywhere),
		cmocka_unit_test(the_class_itself_has_its_documented_qualifiers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
