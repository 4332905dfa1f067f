/* SPDX-License-Identifier: MIT */
/* schema.c -- look-up in the generated tables.
 *
 * Names of classes and properties are found by binary search in a sorted list of all names (seven
 * to nine comparisons), whose place is the number by which a namespace and a class find theirs at
 * once. Methods and qualifiers are few for each owner: they are searched in order. */
#include "cim/schema.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool cim_namespace_same(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char x = *a == '\\' ? '/' : *a, y = *b == '\\' ? '/' : *b;

		if (strncasecmp(&x, &y, 1) != 0)
			return false;
	}
	return *a == *b;
}

const struct cim_namespace *cim_namespace_find(const char *name)
{
	for (size_t i = 0; i < cim_namespace_count; i++) {
		if (cim_namespace_same(cim_namespaces[i]->name, name))
			return cim_namespaces[i];
	}
	return NULL;
}

static int compare_name(const void *name, const void *element)
{
	return strcasecmp(name, *(const char *const *)element);
}

/* The place of a name in a sorted list; -1: it is not there. */
static int place_of(const char *name, const char *const *names, size_t count)
{
	const char *const *found = bsearch(name, names, count, sizeof(*names), compare_name);

	return found ? (int)(found - names) : -1;
}

const struct cim_class *cim_class_find(const struct cim_namespace *ns, const char *name)
{
	int id = place_of(name, cim_class_names, CIM_CLASS_COUNT);

	return id < 0 ? NULL : cim_class_by_id(ns, (enum cim_class_id)id);
}

const struct cim_class *cim_class_by_id(const struct cim_namespace *ns, enum cim_class_id id)
{
	return ns->by_id[id].name ? &ns->by_id[id] : NULL;
}

const struct cim_property *cim_property_find(const struct cim_class *class, const char *name)
{
	int id = place_of(name, cim_property_names, CIM_PROPERTY_COUNT);

	if (id < 0 || class->property_index[id] == CIM_NO_PROPERTY)
		return NULL;
	return &class->properties[class->property_index[id]];
}

bool cim_property_id_find(const char *name, enum cim_property_id *ret_id)
{
	int id = place_of(name, cim_property_names, CIM_PROPERTY_COUNT);

	*ret_id = (enum cim_property_id)id;
	return id >= 0;
}

const struct cim_method *cim_method_find(const struct cim_class *class, const char *name)
{
	for (size_t i = 0; i < class->method_count; i++) {
		if (strcasecmp(class->methods[i].name, name) == 0)
			return &class->methods[i];
	}
	return NULL;
}

const struct cim_qualifier *cim_qualifier_find(const struct cim_qualifier *qualifiers, size_t count,
					       const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(qualifiers[i].name, name) == 0)
			return &qualifiers[i];
	}
	return NULL;
}

bool cim_class_is_a(const struct cim_class *class, const struct cim_class *ancestor)
{
	while (class && class->id != ancestor->id)
		class = class->superclass;
	return class != NULL;
}

const struct cim_class *const *cim_class_descendants(const struct cim_class *class)
{
	return class->ns->classes + class->place + 1;
}

const struct cim_class *cim_subclass_next(const struct cim_namespace *ns,
					  const struct cim_class *class, const struct cim_class *at)
{
	size_t end = class ? class->place + 1 + class->descendant_count : ns->class_count;
	size_t next = 0;

	if (at)
		next = at->place + 1 + at->descendant_count;
	else if (class)
		next = class->place + 1;
	return next < end ? ns->classes[next] : NULL;
}
