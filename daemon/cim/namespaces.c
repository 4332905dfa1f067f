/* SPDX-License-Identifier: MIT */
/* namespaces.c -- __NAMESPACE: how WMI's clients find out which namespaces there are. */
#include "cim/provider.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

struct walk {
	size_t at;
};

/* The name of a namespace in the one right above it; NULL: it is not below. */
static const char *name_below(const struct cim_namespace *ns, const struct cim_namespace *above)
{
	size_t length = strlen(above->name);
	const char *name = ns->name + length;

	if (strncasecmp(ns->name, above->name, length) != 0 || *name != '/' ||
	    strchr(name + 1, '/'))
		return NULL;
	return name + 1;
}

static void *walk_begin(void *context, const struct cim_class *class)
{
	return xcalloc(1, sizeof(struct walk));
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	while (walk->at < cim_namespace_count) {
		const char *name = name_below(cim_namespaces[walk->at++], instance->class->ns);

		if (!name)
			continue;
		cim_set_text(instance, PROPERTY_NAME, name);
		return true;
	}
	return false;
}

static void walk_end(void *context)
{
	free(context);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	const char *wanted = cim_path_text_key(path, "Name");

	for (size_t i = 0; i < cim_namespace_count; i++) {
		const char *name = name_below(cim_namespaces[i], instance->class->ns);

		if (!name || strcasecmp(name, wanted) != 0)
			continue;
		cim_set_text(instance, PROPERTY_NAME, name);
		return true;
	}
	return false;
}

const struct cim_provider cim_namespace_provider = {
	.class_id = WMI_NAMESPACE,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = walk_end,
	.find = find,
};
