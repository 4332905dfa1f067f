/* SPDX-License-Identifier: MIT */
/* fill.h -- for provider/: instances as a VM or a job was at some moment, for events of what has
 * changed. */
#pragma once
#include "provider/vm_walk.h"

vm_picture_fill computer_system_fill, kvp_exchange_component_fill,
	kvp_exchange_component_setting_data_fill;

void concrete_job_fill(const struct job *job, struct cim_instance *instance);
