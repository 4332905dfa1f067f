/* SPDX-License-Identifier: MIT */
/* provider_world.h -- for tests of provider/: all providers over a host on a store in memory, with
 * a VM that has one item, color=blue, and so one job. */
#pragma once
#include "../host/host_fixture.h"
#include "cim/enumeration.h"

#define V1 "root/virtualization"
#define V2 "root/virtualization/v2"
#define CL "root/HyperVCluster/v2"

struct world {
	struct fixture *host;
	struct cim_service *service;
	struct arena *arena;
	struct vm *vm;
	char job[GUID_TEXT_SIZE];
};

/* For cmocka's setup and teardown: *state is the struct world. */
int open_world_without_items(void **state);
int open_world(void **state);
int close_world(void **state);

/* Paths of this world's instances, in which <HOST>, <VM> and <JOB> stand for their names. */
#define KVP         "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"
#define HOST_SYSTEM "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"<HOST>\""
#define VM_SYSTEM   "Msvm_ComputerSystem.CreationClassName=\"Msvm_ComputerSystem\",Name=\"<VM>\""
#define SERVICE                                                                    \
	"Msvm_VirtualSystemManagementService."                                     \
	"CreationClassName=\"Msvm_VirtualSystemManagementService\",Name=\"vmms\"," \
	"SystemCreationClassName=\"Msvm_ComputerSystem\",SystemName=\"<HOST>\""
#define COMPONENT                                                                                 \
	"Msvm_KvpExchangeComponent.CreationClassName=\"Msvm_KvpExchangeComponent\","              \
	"DeviceID=\"Microsoft:<VM>\\\\" KVP "\",SystemCreationClassName=\"Msvm_ComputerSystem\"," \
	"SystemName=\"<VM>\""
#define COMPONENT_SETTINGS \
	"Msvm_KvpExchangeComponentSettingData.InstanceID=\"Microsoft:<VM>\\\\" KVP "\""
#define VM_SETTINGS "Msvm_VirtualSystemSettingData.InstanceID=\"Microsoft:<VM>\""
#define JOB         "Msvm_ConcreteJob.InstanceID=\"<JOB>\""
#define SERVICE_CAPABILITIES                                   \
	"Msvm_VirtualSystemManagementCapabilities.InstanceID=" \
	"\"Microsoft:VirtualSystemManagementCapabilities\""
#define VM_CAPABILITIES \
	"Msvm_VirtualSystemCapabilities.InstanceID=\"Microsoft:VirtualSystemCapabilities\""

/* A text with the names in their places; and the path that it is, in a namespace. */
const char *expand(struct world *world, const char *pattern);
const struct cim_object_path *path_of(struct world *world, const char *ns, const char *pattern);

struct cim_enumeration *open_listing(struct world *world,
				     const struct cim_enumeration_request *request);

/* The paths of all results, one for each line, without namespaces. Closes the listing. */
const char *read_all(struct world *world, struct cim_enumeration *listing);

/* Those of a query, which is a pattern. */
const char *query(struct world *world, const char *ns, const char *pattern);

/* An operation of a user, finished by wait_for(). */
struct cim_operation *begin(struct world *world, const struct principal *user);
void wait_for(struct world *world, struct cim_operation *operation);

const struct cim_instance *get(struct world *world, const char *ns, const char *pattern);

/* Whether a property is set; its text, which is set, and its number or the first of them. */
bool is_set(const struct cim_instance *instance, enum cim_property_id id);
const char *text_of(const struct cim_instance *instance, enum cim_property_id id);
uint64_t number_of(const struct cim_instance *instance, enum cim_property_id id);
