/* SPDX-License-Identifier: MIT */
/* providers.c -- every class this service answers for: one line each. */
#include "provider/providers.h"

#include <stddef.h>

#include "provider/provider_list.h"

/* clang-format off */
const struct cim_provider *const providers[] = {
	&computer_system_provider,
	&concrete_job_provider,
	&kvp_exchange_component_provider,
	&kvp_exchange_component_setting_data_provider,
	&virtual_system_capabilities_provider,
	&virtual_system_management_capabilities_provider,
	&virtual_system_setting_data_provider,
	&vs_management_service_provider,
	&cim_namespace_provider,

	&indication_filter_provider,
	&indication_subscription_provider,
	&interop_namespace_provider,
	&listener_destination_provider,
	&object_manager_provider,

	&affected_job_element_provider,
	&element_capabilities_provider,
	&element_setting_data_provider,
	&hosted_dependency_provider,
	&hosted_service_provider,
	&owning_job_element_provider,
	&service_affects_element_provider,
	&settings_define_state_provider,
	&system_device_provider,
	&virtual_system_setting_data_component_provider,
	NULL,
};
/* clang-format on */
