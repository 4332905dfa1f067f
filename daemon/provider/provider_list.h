/* SPDX-License-Identifier: MIT */
/* provider_list.h -- for provider/: the providers, for their list. */
#pragma once
#include "cim/provider.h"

extern const struct cim_provider computer_system_provider;
extern const struct cim_provider concrete_job_provider;
extern const struct cim_provider kvp_exchange_component_provider;
extern const struct cim_provider kvp_exchange_component_setting_data_provider;
extern const struct cim_provider virtual_system_capabilities_provider;
extern const struct cim_provider virtual_system_management_capabilities_provider;
extern const struct cim_provider virtual_system_setting_data_provider;
extern const struct cim_provider vs_management_service_provider;

/* interop.c and indications.c */
extern const struct cim_provider indication_filter_provider;
extern const struct cim_provider indication_subscription_provider;
extern const struct cim_provider interop_namespace_provider;
extern const struct cim_provider listener_destination_provider;
extern const struct cim_provider object_manager_provider;

/* associations.c */
extern const struct cim_provider affected_job_element_provider;
extern const struct cim_provider element_capabilities_provider;
extern const struct cim_provider element_setting_data_provider;
extern const struct cim_provider hosted_dependency_provider;
extern const struct cim_provider hosted_service_provider;
extern const struct cim_provider owning_job_element_provider;
extern const struct cim_provider service_affects_element_provider;
extern const struct cim_provider settings_define_state_provider;
extern const struct cim_provider system_device_provider;
extern const struct cim_provider virtual_system_setting_data_component_provider;
