/* SPDX-License-Identifier: MIT */
/* providers.c -- every class this service answers for: one line each. */
#include "provider/providers.h"

#include <stddef.h>

#include "provider/provider_list.h"

const struct cim_provider *const providers[] = {
	&computer_system_provider,        &concrete_job_provider,
	&kvp_exchange_component_provider, &kvp_exchange_component_setting_data_provider,
	&vs_management_service_provider,  NULL,
};
