/* SPDX-License-Identifier: MIT */
/* fake_parts.h -- for fake*.c. */
#pragma once
#include "fake.h"

#define FAKE_NAME_SIZE 48

/* The name of a VM. */
const char *fake_name(size_t vm, char out[static FAKE_NAME_SIZE]);

/* A walk over some of the VMs. */
struct fake_walk {
	struct fake *fake;
	size_t at, end;
};

void *fake_walk_over(struct fake *fake, size_t first, size_t end);
void *fake_walk_vms(void *fake, const struct cim_class *class);
void *fake_walk_one(void *fake, const struct cim_class *class);
void fake_walk_end(void *walk);

/* The settings of each VM's exchange, one of which can be changed; and what leads from a VM to its
 * exchange. */
extern const struct cim_provider fake_setting_data, fake_system_device;
