/* SPDX-License-Identifier: MIT */
/* world.h -- a small world for the tests of cim/: some VMs, one service, some jobs. */
#pragma once
#include "cim/operation.h"

struct world {
	struct arena *arena;
	struct cim_service *service;
	size_t vm_count, job_count, service_count;
	size_t walks_open, references_read; /* associations that walks have given */
	bool other_name_after_refresh, gone_after_refresh;

	/* Changes: to the properties of a VM that can be changed, EnabledDefault and Roles; jobs
	 * are made and removed. */
	uint64_t vm_enabled_default; /* of all VMs */
	int modified, created, deleted;
	bool refuses_changes;

	/* The one operation at a time. */
	struct cim_operation operation;
	int finished; /* how often */
	int refreshed, invoked;
	bool refresh_waits, is_fresh;
	void (*ready)(struct cim_operation *operation);
};

/* For cmocka's setup and teardown: *state is the struct world. */
int world_set_up(void **state);
int world_tear_down(void **state);

#define WORLD_GUID_SIZE 37

/* The name of a VM. */
const char *world_guid(size_t vm, char out[static WORLD_GUID_SIZE]);

/* Msvm_SystemDevice and Msvm_SystemComponent link each VM with its exchange,
 * Msvm_ServiceAffectsElement with the service, Msvm_HostedDependency with the first VM, which hosts
 * the others. */
extern const struct cim_provider *const world_associations[];

/* A path from its text. */
const struct cim_object_path *world_path(struct world *world, const char *text);

/* Fresh, with world->finished at 0. */
struct cim_operation *world_operation(struct world *world);
