/* SPDX-License-Identifier: MIT */
/* provider_list.h -- for provider/: the providers, for their list. */
#pragma once
#include "cim/provider.h"

extern const struct cim_provider computer_system_provider;
extern const struct cim_provider concrete_job_provider;
extern const struct cim_provider kvp_exchange_component_provider;
extern const struct cim_provider kvp_exchange_component_setting_data_provider;
extern const struct cim_provider vs_management_service_provider;
