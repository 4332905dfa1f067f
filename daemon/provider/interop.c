/* SPDX-License-Identifier: MIT */
/* interop.c -- CIM_ObjectManager and CIM_Namespace: how CIM-XML clients find out whom they talk to,
 * and which namespaces there are. */
#include <stdlib.h>

#include "base/memory.h"
#include "cim/operation.h"
#include "host/host.h"
#include "provider/provider_list.h"

#define OBJECT_MANAGER "openkvp"

enum { ENABLED = 2, STATUS_OK = 2, CLASS_TYPE_CIM = 2 };

struct walk {
	struct host *host;
	size_t at;
};

static void *walk_begin(void *context, const struct cim_class *class)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->host = context;
	return walk;
}

static void walk_end(void *walk)
{
	free(walk);
}

/* --- The server --- */

static void fill_manager(struct host *host, struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_SYSTEM_CREATION_CLASS_NAME, "CIM_ComputerSystem");
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, host_name(host));
	cim_set_text(instance, PROPERTY_CREATION_CLASS_NAME, instance->class->name);
	cim_set_text(instance, PROPERTY_NAME, OBJECT_MANAGER);
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, "openkvp");
	/* pywbem takes the version from behind this word. */
	cim_set_text(instance, PROPERTY_DESCRIPTION, "openkvp version " OPENKVP_VERSION);
	cim_set_uint(instance, PROPERTY_ENABLED_STATE, ENABLED);
	cim_set_uint_array(instance, PROPERTY_OPERATIONAL_STATUS, (uint64_t[]){ STATUS_OK }, 1);
	cim_set(instance, PROPERTY_STARTED, cim_boolean(true));
	cim_set(instance, PROPERTY_GATHER_STATISTICAL_DATA, cim_boolean(false));
}

static bool next_manager(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	if (walk->at++ > 0)
		return false;
	fill_manager(walk->host, instance);
	return true;
}

static bool find_manager(void *host, const struct cim_object_path *path,
			 struct cim_instance *instance)
{
	fill_manager(host, instance);
	return true;
}

const struct cim_provider object_manager_provider = {
	.class_id = CIM_OBJECT_MANAGER,
	.walk_begin = walk_begin,
	.walk_next = next_manager,
	.walk_end = walk_end,
	.find = find_manager,
};

/* --- Its namespaces --- */

static void fill_namespace(struct host *host, const struct cim_namespace *ns,
			   struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_SYSTEM_CREATION_CLASS_NAME, "CIM_ComputerSystem");
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, host_name(host));
	cim_set_text(instance, PROPERTY_OBJECT_MANAGER_CREATION_CLASS_NAME, "CIM_ObjectManager");
	cim_set_text(instance, PROPERTY_OBJECT_MANAGER_NAME, OBJECT_MANAGER);
	cim_set_text(instance, PROPERTY_CREATION_CLASS_NAME, instance->class->name);
	cim_set_text(instance, PROPERTY_NAME, ns->name);
	cim_set_text(instance, PROPERTY_ELEMENT_NAME, ns->name);
	cim_set_uint(instance, PROPERTY_CLASS_INFO, 0);
	cim_set_uint(instance, PROPERTY_CLASS_TYPE, CLASS_TYPE_CIM);
}

static bool next_namespace(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	if (walk->at == cim_namespace_count)
		return false;
	fill_namespace(walk->host, cim_namespaces[walk->at++], instance);
	return true;
}

static bool find_namespace(void *host, const struct cim_object_path *path,
			   struct cim_instance *instance)
{
	const char *name = cim_path_text_key(path, "Name");
	const struct cim_namespace *ns = name ? cim_namespace_find(name) : NULL;

	if (ns)
		fill_namespace(host, ns, instance);
	return ns;
}

/* All of them hold the classes that are compiled in. */
static void delete_namespace(struct cim_operation *operation)
{
	cim_fail(&operation->error, CIM_STATUS_NAMESPACE_NOT_EMPTY, CIM_DETAIL_NONE,
		 "the namespace '%s' holds classes", cim_path_text_key(operation->path, "Name"));
	cim_operation_finish(operation);
}

const struct cim_provider interop_namespace_provider = {
	.class_id = CIM_NAMESPACE,
	.walk_begin = walk_begin,
	.walk_next = next_namespace,
	.walk_end = walk_end,
	.find = find_namespace,
	.delete = delete_namespace,
};
