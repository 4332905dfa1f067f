/* SPDX-License-Identifier: MIT */
/* test_classes.c -- what the MOF files say of the classes that clients look at. The component has a
 * test of its own, and so have the associations. */
#include "cim/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "show.h"

#define V2      "root/virtualization/v2"
#define V1      "root/virtualization"
#define CLUSTER "root/HyperVCluster/v2"
#define INTEROP "root/interop"

static const char *const hyper_v[] = { V2, V1, CLUSTER };

static const struct cim_class *class_of(const char *ns, const char *name)
{
	const struct cim_class *class = cim_class_find(cim_namespace_find(ns), name);

	if (!class)
		fail_msg("no class %s in %s", name, ns);
	return class;
}

static const struct cim_property *property_of(const char *ns, const char *class_name,
					      const char *name)
{
	const struct cim_property *property = cim_property_find(class_of(ns, class_name), name);

	if (!property)
		fail_msg("%s has no %s in %s", class_name, name, ns);
	return property;
}

static const struct cim_method *method_of(const char *ns, const char *name)
{
	const struct cim_method *method =
		cim_method_find(class_of(ns, "Msvm_VirtualSystemManagementService"), name);

	if (!method)
		fail_msg("no method %s in %s", name, ns);
	return method;
}

static void the_namespaces_are_those_of_a_host(void **state)
{
	static const char *const names[] = {
		V2, V1, CLUSTER, INTEROP, "root", "root/HyperVCluster"
	};

	assert_int_equal(cim_namespace_count, count_of(names));
	for (size_t i = 0; i < count_of(names); i++)
		assert_string_equal(cim_namespaces[i]->name, names[i]);
}

static void keys_are_those_of_live_object_paths(void **state)
{
	static const struct {
		const char *ns, *class_name;
		const char *keys[7];
	} rows[] = {
		{ V2, "Msvm_ComputerSystem", { "CreationClassName", "Name" } },
		{ V2,
		  "Msvm_KvpExchangeComponent",
		  { "SystemCreationClassName", "SystemName", "CreationClassName", "DeviceID" } },
		{ V2, "Msvm_KvpExchangeComponentSettingData", { "InstanceID" } },
		{ V1, "Msvm_KvpExchangeComponentSettingData", { "InstanceID" } },
		{ V2, "Msvm_KvpExchangeDataItem", { "InstanceID" } },
		{ V1, "Msvm_KvpExchangeDataItem", { NULL } },
		{ V2,
		  "Msvm_VirtualSystemManagementService",
		  { "SystemCreationClassName", "SystemName", "CreationClassName", "Name" } },
		{ V2, "Msvm_ConcreteJob", { "InstanceID" } },
		{ V1, "Msvm_ConcreteJob", { "InstanceID" } },
		{ V2, "Msvm_Error", { NULL } },
		{ V2, "Msvm_VirtualSystemSettingData", { "InstanceID" } },
		{ V1, "Msvm_VirtualSystemSettingData", { "InstanceID" } },
		{ V2, "Msvm_VirtualSystemManagementCapabilities", { "InstanceID" } },
		{ V1, "Msvm_VirtualSystemManagementCapabilities", { "InstanceID" } },
		{ V2, "Msvm_VirtualSystemCapabilities", { "InstanceID" } },
		{ V2, "Msvm_SummaryInformation", { "InstanceID" } },
		{ V1, "Msvm_SummaryInformation", { NULL } },
		{ V2, "Msvm_GuestNetworkAdapterConfiguration", { "InstanceID" } },
		{ V2, "__NAMESPACE", { "Name" } },
		{ INTEROP,
		  "CIM_Namespace",
		  { "SystemCreationClassName", "SystemName", "ObjectManagerCreationClassName",
		    "ObjectManagerName", "CreationClassName", "Name" } },
		{ INTEROP,
		  "CIM_ObjectManager",
		  { "SystemCreationClassName", "SystemName", "CreationClassName", "Name" } },
		{ INTEROP, "Msvm_RegisteredProfile", { "InstanceID" } },
		{ INTEROP,
		  "CIM_IndicationFilter",
		  { "SystemCreationClassName", "SystemName", "CreationClassName", "Name" } },
		{ INTEROP,
		  "CIM_ListenerDestinationCIMXML",
		  { "SystemCreationClassName", "SystemName", "CreationClassName", "Name" } },
	};

	for (size_t i = 0; i < count_of(rows); i++) {
		const struct cim_class *class = class_of(rows[i].ns, rows[i].class_name);
		size_t keys = 0, count = 0;

		for (; rows[i].keys[count]; count++)
			assert_true(cim_property_find(class, rows[i].keys[count])->is_key);
		for (size_t j = 0; j < class->property_count; j++)
			keys += class->properties[j].is_key;
		assert_int_equal(keys, count);
	}
}

static void constants_of_the_documentation_are_initial_values(void **state)
{
	static const struct {
		const char *ns, *class_name, *property, *value;
	} rows[] = {
		{ V2, "Msvm_ComputerSystem", "CreationClassName", "Msvm_ComputerSystem" },
		{ V2, "Msvm_ComputerSystem", "EnabledState", "2" },
		{ V1, "Msvm_ComputerSystem", "EnabledState", "5" },
		{ CLUSTER, "Msvm_ComputerSystem", "EnabledState", "5" },
		{ V2, "Msvm_ComputerSystem", "HealthState", "5" },
		{ V2, "Msvm_ComputerSystem", "RequestedState", "12" },
		{ V2, "Msvm_ComputerSystem", "ResetCapability", "1" },
		{ V2, "Msvm_ComputerSystem", "TransitioningToState", "" },
		{ V2, "Msvm_ConcreteJob", "JobRunTimes", "1" },
		{ V2, "Msvm_ConcreteJob", "OperationalStatus", "2" },
		{ V2, "Msvm_ConcreteJob", "StatusDescriptions", "OK" },
		{ V2, "Msvm_ElementSettingData", "IsCurrent", "0" },
		{ V2, "Msvm_Error", "ErrorSourceFormat", "0" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "AllocationUnits", "count" },
		{ V1, "Msvm_KvpExchangeComponentSettingData", "AllocationUnits",
		  "Integration Components" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "AutomaticAllocation", "true" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "AutomaticDeallocation", "true" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "Caption",
		  "Key-Value Pair Exchange" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "ConsumerVisibility", "3" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "EnabledState", "2" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "Limit", "1" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "OtherResourceType",
		  "Microsoft:Hyper-V:Key-Value Pair Exchange Component" },
		{ V1, "Msvm_KvpExchangeComponentSettingData", "OtherResourceType",
		  "Microsoft Key-Value Pair Exchange Component" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "ResourceType", "1" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "VirtualQuantityUnits", "count" },
		{ V2, "Msvm_KvpExchangeComponentSettingData", "Weight", "0" },
		{ V2, "Msvm_KvpExchangeDataItem", "Caption", "" },
		{ V2, "Msvm_ServiceAffectsElement", "ElementEffects", "5" },
		{ V1, "Msvm_ServiceAffectsElement", "ElementEffects", "" },
		{ V2, "Msvm_VirtualSystemCapabilities", "MaxElementNameLen", "100" },
		{ V2, "Msvm_VirtualSystemManagementService", "ElementName",
		  "Hyper-V Virtual System Management Service" },
		{ V1, "Msvm_VirtualSystemManagementService", "ElementName",
		  "Virtual System Management Service" },
		{ V2, "Msvm_VirtualSystemManagementService", "Name", "vmms" },
		{ V2, "Msvm_VirtualSystemManagementService", "OperationalStatus", "2" },
		{ V2, "Msvm_VirtualSystemManagementService", "Started", "true" },
		{ V2, "Msvm_VirtualSystemManagementService", "StatusDescriptions",
		  "The service is running normally" },
		{ V2, "Msvm_VirtualSystemSettingData", "Caption", "Virtual Machine Settings" },
		{ V1, "Msvm_VirtualSystemSettingData", "Caption", "Virtual Machine" },
		{ V1, "Msvm_VirtualSystemSettingData", "VirtualSystemType", "301" },
		{ INTEROP, "CIM_ListenerDestinationCIMXML", "Protocol", "2" },
	};

	for (size_t i = 0; i < count_of(rows); i++)
		assert_shown(
			&property_of(rows[i].ns, rows[i].class_name, rows[i].property)->initial,
			rows[i].value);
}

static void the_older_namespace_lacks_what_came_later(void **state)
{
	static const struct {
		const char *class_name, *property;
	} rows[] = {
		{ "CIM_ManagedElement", "InstanceID" },
		{ "Msvm_ComputerSystem", "CommunicationStatus" },
		{ "Msvm_ComputerSystem", "InstanceID" },
		{ "Msvm_ComputerSystem", "ReplicationState" },
		{ "Msvm_ConcreteJob", "JobType" },
		{ "Msvm_ConcreteJob", "PrimaryStatus" },
		{ "Msvm_ElementCapabilities", "Characteristics" },
		{ "Msvm_KvpExchangeComponentSettingData", "AddressOnParent" },
		{ "Msvm_KvpExchangeComponentSettingData", "DisableHostKVPItems" },
		{ "Msvm_KvpExchangeComponentSettingData", "VirtualQuantityUnits" },
		{ "Msvm_KvpExchangeDataItem", "InstanceID" },
		{ "Msvm_VirtualSystemManagementService", "AvailableRequestedStates" },
		{ "Msvm_VirtualSystemManagementService", "TransitioningToState" },
		{ "Msvm_VirtualSystemSettingData", "VirtualSystemIdentifier" },
	};

	for (size_t i = 0; i < count_of(rows); i++) {
		property_of(V2, rows[i].class_name, rows[i].property);
		assert_null(cim_property_find(class_of(V1, rows[i].class_name), rows[i].property));
	}
}

static void classes_are_in_the_namespaces_that_have_them(void **state)
{
	static const char *const all = "all", *const newer = "newer", *const interop = INTEROP;
	const struct {
		const char *class_name, *where;
	} rows[] = {
		{ "Msvm_ConcreteJob", all },
		{ "Msvm_KvpExchangeDataItem", all },
		{ "Msvm_SummaryInformation", all },
		{ "Msvm_SystemDevice", all },
		{ "Msvm_VirtualSystemManagementCapabilities", all },
		{ "Msvm_VirtualSystemSettingData", all },
		{ "__InstanceModificationEvent", all },
		{ "Msvm_ElementConformsToProfile", newer },
		{ "Msvm_GuestNetworkAdapterConfiguration", newer },
		{ "Msvm_SummaryInformationBase", newer },
		{ "Msvm_VirtualSystemCapabilities", newer },
		{ "CIM_IndicationFilter", interop },
		{ "CIM_IndicationSubscription", interop },
		{ "CIM_ListenerDestinationCIMXML", interop },
		{ "CIM_Namespace", interop },
		{ "CIM_ObjectManager", interop },
	};

	for (size_t i = 0; i < count_of(rows); i++) {
		for (size_t j = 0; j < cim_namespace_count; j++) {
			const char *ns = cim_namespaces[j]->name;
			bool is_hyper_v = strcmp(ns, V2) == 0 || strcmp(ns, CLUSTER) == 0;
			bool is_there = strcmp(ns, rows[i].where) == 0;

			if (rows[i].where == all)
				is_there = is_hyper_v || strcmp(ns, V1) == 0;
			else if (rows[i].where == newer)
				is_there = is_hyper_v;
			if (is_there != !!cim_class_find(cim_namespaces[j], rows[i].class_name))
				fail_msg("%s in %s", rows[i].class_name, ns);
		}
	}
}

static void every_namespace_can_list_those_below_it(void **state)
{
	for (size_t i = 0; i < cim_namespace_count; i++)
		assert_non_null(cim_class_by_id(cim_namespaces[i], WMI_NAMESPACE));
	assert_int_equal(cim_namespace_find("root")->class_count, 2); /* and its superclass */
}

static void a_job_stays_for_five_minutes(void **state)
{
	char text[CIM_DATETIME_SIZE];

	for (size_t i = 0; i < count_of(hyper_v); i++) {
		const struct cim_value *stay =
			&property_of(hyper_v[i], "Msvm_ConcreteJob", "TimeBeforeRemoval")->initial;

		assert_true(stay->is_set);
		cim_datetime_to_dmtf(&stay->datetime, text);
		assert_string_equal(text, "00000000000500.000000:000");
	}
}

/* --- Methods --- */

static const struct cim_qualifier *qualifier_of(const struct cim_method *method, const char *name)
{
	return cim_qualifier_find(method->qualifiers, method->qualifier_count, name);
}

static void assert_kvp_method(const struct cim_method *method)
{
	const struct cim_parameter *in = method->parameters;

	assert_int_equal(method->type, CIM_UINT32);
	assert_int_equal(method->parameter_count, 3);

	assert_string_equal(in[0].name, "TargetSystem");
	assert_int_equal(in[0].type, CIM_REFERENCE);
	assert_string_equal(in[0].reference_class, "CIM_ComputerSystem");
	assert_true(in[0].is_in && !in[0].is_out && !in[0].is_array);

	assert_string_equal(in[1].name, "DataItems");
	assert_int_equal(in[1].type, CIM_STRING);
	assert_true(in[1].is_in && !in[1].is_out && in[1].is_array);

	assert_string_equal(in[2].name, "Job");
	assert_int_equal(in[2].type, CIM_REFERENCE);
	assert_string_equal(in[2].reference_class, "CIM_ConcreteJob");
	assert_true(!in[2].is_in && in[2].is_out && !in[2].is_array);

	assert_shown(&qualifier_of(method, "ValueMap")->value,
		     "0, 4096, 32768, 32769, 32770, 32771, 32772, 32773, 32774, 32775, 32776, "
		     "32777, 32778");
	assert_shown(&qualifier_of(method, "Values")->value,
		     "Completed with No Error, Method Parameters Checked - Job Started, Failed, "
		     "Access Denied, Not Supported, Status is unknown, Timeout, Invalid parameter, "
		     "System is in use, Invalid state for this operation, Incorrect data type, "
		     "System is not available, Out of memory");
}

static void the_kvp_methods_are_as_documented_in_every_namespace(void **state)
{
	static const char *const names[] = { "AddKvpItems", "ModifyKvpItems", "RemoveKvpItems" };

	for (size_t i = 0; i < count_of(hyper_v); i++) {
		for (size_t j = 0; j < count_of(names); j++)
			assert_kvp_method(method_of(hyper_v[i], names[j]));
	}
}

static void assert_parameter(const struct cim_method *method, size_t at, const char *name,
			     bool is_in, const char *class_name)
{
	const struct cim_parameter *parameter = &method->parameters[at];
	const char *class =
		parameter->reference_class ? parameter->reference_class : parameter->embedded_class;

	assert_true(at < method->parameter_count);
	assert_string_equal(parameter->name, name);
	assert_int_equal(parameter->is_in, is_in);
	assert_int_equal(parameter->is_out, !is_in);
	assert_string_equal(class ? class : "", class_name);
}

static void the_other_calls_around_the_exchange_are_declared(void **state)
{
	const struct cim_method *error = method_of(V2, "FormatError");
	const struct cim_method *settings = method_of(V2, "ModifyGuestServiceSettings");
	const struct cim_method *network = method_of(V2, "SetGuestNetworkAdapterConfiguration");

	assert_parameter(error, 0, "Errors", true, "");
	assert_parameter(error, 1, "ErrorMessage", false, "");

	assert_parameter(settings, 0, "GuestServiceSettings", true, "");
	assert_parameter(settings, 1, "ResultingGuestServiceSettings", false, "CIM_SettingData");
	assert_parameter(settings, 2, "Job", false, "CIM_ConcreteJob");
	assert_true(settings->parameters[0].is_array && settings->parameters[1].is_array);
	assert_shown(&qualifier_of(settings, "ValueMap")->value,
		     "0, 1, 2, 3, 4, 5, 6, .., 4096, 4097..32767, 32768..65535");

	assert_parameter(network, 0, "ComputerSystem", true, "CIM_ComputerSystem");
	assert_parameter(network, 1, "NetworkConfiguration", true, "");
	assert_parameter(network, 2, "Job", false, "CIM_ConcreteJob");
}

static void a_summary_is_an_embedded_instance_of_the_namespace_s_own_class(void **state)
{
	assert_parameter(method_of(V2, "GetSummaryInformation"), 2, "SummaryInformation", false,
			 "Msvm_SummaryInformationBase");
	assert_parameter(method_of(V1, "GetSummaryInformation"), 2, "SummaryInformation", false,
			 "Msvm_SummaryInformation");
	assert_parameter(method_of(V2, "GetSummaryInformation"), 0, "SettingData", true,
			 "CIM_VirtualSystemSettingData");
}

static void the_older_service_has_no_newer_calls(void **state)
{
	const struct cim_class *service = class_of(V1, "Msvm_VirtualSystemManagementService");

	assert_null(cim_method_find(service, "DefineSystem"));
	assert_null(cim_method_find(service, "ModifyGuestServiceSettings"));
	assert_null(cim_method_find(service, "SetGuestNetworkAdapterConfiguration"));
	assert_non_null(cim_method_find(service, "FormatError"));
}

/* --- Events --- */

static void events_hold_instances_of_any_class(void **state)
{
	static const struct {
		const char *class_name;
		const char *instances[3];
	} rows[] = {
		{ "__InstanceCreationEvent", { "TargetInstance" } },
		{ "__InstanceDeletionEvent", { "TargetInstance" } },
		{ "__InstanceModificationEvent", { "TargetInstance", "PreviousInstance" } },
		{ "CIM_InstCreation", { "SourceInstance" } },
		{ "CIM_InstDeletion", { "SourceInstance" } },
		{ "CIM_InstModification", { "SourceInstance", "PreviousInstance" } },
	};

	for (size_t i = 0; i < count_of(rows); i++) {
		const struct cim_class *class = class_of(V2, rows[i].class_name);

		assert_true(class->is_indication);
		assert_false(class->is_abstract);
		for (size_t j = 0; rows[i].instances[j]; j++)
			assert_string_equal(
				cim_property_find(class, rows[i].instances[j])->embedded_class, "");
	}
	assert_null(cim_property_find(class_of(V2, "__InstanceCreationEvent"), "PreviousInstance"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_namespaces_are_those_of_a_host),
		cmocka_unit_test(keys_are_those_of_live_object_paths),
		cmocka_unit_test(constants_of_the_documentation_are_initial_values),
		cmocka_unit_test(the_older_namespace_lacks_what_came_later),
		cmocka_unit_test(classes_are_in_the_namespaces_that_have_them),
		cmocka_unit_test(every_namespace_can_list_those_below_it),
		cmocka_unit_test(a_job_stays_for_five_minutes),
		cmocka_unit_test(the_kvp_methods_are_as_documented_in_every_namespace),
		cmocka_unit_test(the_other_calls_around_the_exchange_are_declared),
		cmocka_unit_test(a_summary_is_an_embedded_instance_of_the_namespace_s_own_class),
		cmocka_unit_test(the_older_service_has_no_newer_calls),
		cmocka_unit_test(events_hold_instances_of_any_class),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
