/* SPDX-License-Identifier: MIT */
/* capabilities.c -- Msvm_VirtualSystemManagementCapabilities and Msvm_VirtualSystemCapabilities:
 * what the service can do, and what can be done with a VM. One instance each, all of it constant.
 */
#include "provider/provider_list.h"

#include <stdlib.h>

#include "base/memory.h"

struct walk {
	bool done;
};

static void *walk_begin(void *context, const struct cim_class *class)
{
	return xcalloc(1, sizeof(struct walk));
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;
	bool is_first = !walk->done;

	walk->done = true;
	return is_first;
}

static void walk_end(void *context)
{
	free(context);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	return true;
}

#define CAPABILITIES(name, id)             \
	const struct cim_provider name = { \
		.class_id = id,            \
		.walk_begin = walk_begin,  \
		.walk_next = walk_next,    \
		.walk_end = walk_end,      \
		.find = find,              \
	}

CAPABILITIES(virtual_system_management_capabilities_provider,
	     MSVM_VIRTUAL_SYSTEM_MANAGEMENT_CAPABILITIES);
CAPABILITIES(virtual_system_capabilities_provider, MSVM_VIRTUAL_SYSTEM_CAPABILITIES);
