/* SPDX-License-Identifier: MIT */
/* fake.h -- a service of some VMs, for what talks to it by WS-Management. */
#pragma once
#include "base/text.h"
#include "cim/operation.h"

struct fake {
	struct cim_service *service;
	size_t vms;
	size_t walks_open;
	struct text seen;        /* what the last method got */
	bool disable_host_items; /* of every VM */
	bool hold;               /* the next refresh does not end by itself */
	struct cim_operation *held;
	void (*ready)(struct cim_operation *operation);
};

struct fake *fake_create(size_t vms);
void fake_free(struct fake **fake);
