/* SPDX-License-Identifier: MIT */
/* paths.c -- reading namespaces and paths. */
#include "front/cimxml/paths.h"

#include <string.h>

#include "base/memory.h"
#include "cim/operation.h"

#define NAMESPACE_MAX 255 /* bytes; ours are shorter */

/* What is read, and for whom. */
struct reader {
	struct arena *arena;
	const char *ns;
	struct cimxml_fault *fault;
};

/* --- Namespaces --- */

bool cimxml_read_namespace(struct arena *arena, const struct xml_element *element,
			   const char **ret_ns, struct cimxml_fault *fault)
{
	const char *ns = NULL, *name;

	if (!cimxml_is(element, "LOCALNAMESPACEPATH"))
		return cimxml_unexpected(fault, element);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		if (!cimxml_is(child, "NAMESPACE"))
			return cimxml_unexpected(fault, child);
		if (!cimxml_attribute(child, "NAME", &name, fault))
			return false;
		if (strlen(name) + (ns ? strlen(ns) : 0) > NAMESPACE_MAX)
			return cimxml_fail_cim(fault, CIM_STATUS_INVALID_NAMESPACE,
					       "the name of a namespace has at most %d bytes",
					       NAMESPACE_MAX);
		ns = ns ? arena_printf(arena, "%s/%s", ns, name) : name;
	}
	*ret_ns = ns;
	return ns || cimxml_fail(fault, FAULT_NOT_VALID, "LOCALNAMESPACEPATH is empty");
}

/* NAMESPACEPATH: a host, which is whoever the client thinks that we are, and the rest. */
static bool read_full_namespace(struct reader *in, const struct xml_element *element,
				const char **ret_ns)
{
	const struct xml_element *local;

	return cimxml_pair(element, "HOST", &local, in->fault) &&
	       cimxml_read_namespace(in->arena, local, ret_ns, in->fault);
}

/* --- Paths --- */

static bool read_path(struct reader *in, const struct xml_element *element,
		      struct cim_object_path *ret_path, bool *ret_is_class);

static bool read_reference(struct reader *in, const struct xml_element *element,
			   struct cim_value *ret_value)
{
	struct cim_object_path *path = arena_new(in->arena, struct cim_object_path);
	const struct xml_element *child;
	bool is_class;

	*ret_value = cim_reference(path);
	if (!cimxml_only_child(element, &child, in->fault) ||
	    !read_path(in, child, path, &is_class))
		return false;
	return !is_class ||
	       cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
			       "a reference names the class %s, not an instance", path->class_name);
}

static bool read_key_value(struct reader *in, const struct xml_element *element,
			   struct cim_value *ret_value)
{
	if (cimxml_is(element, "VALUE.REFERENCE"))
		return read_reference(in, element, ret_value);
	if (!cimxml_is(element, "KEYVALUE") || element->children)
		return cimxml_unexpected(in->fault, element);
	*ret_value = cim_string_of(element->text, element->text_length);
	return true;
}

static bool read_key(struct reader *in, const struct xml_element *element, struct cim_key *key)
{
	const struct xml_element *value;

	if (!cimxml_is(element, "KEYBINDING"))
		return cimxml_unexpected(in->fault, element);
	return cimxml_attribute(element, "NAME", &key->name, in->fault) &&
	       cimxml_only_child(element, &value, in->fault) &&
	       read_key_value(in, value, &key->value);
}

/* The name of the only key of a class; NULL: it has another number of keys. */
static const char *only_key(const char *ns, const char *class_name)
{
	const struct cim_class *class;
	const char *name = NULL;
	struct cim_error error;

	if (!cim_resolve_class(ns, class_name, &class, &error))
		return NULL;
	for (size_t i = 0; i < class->property_count; i++) {
		if (class->properties[i].is_key && name)
			return NULL;
		if (class->properties[i].is_key)
			name = class->properties[i].name;
	}
	return name;
}

/* A value alone stands for the only key of its class. */
static bool read_bare_key(struct reader *in, const struct xml_element *element,
			  const char *class_name, struct cim_key *key)
{
	if (!cimxml_is(element, "KEYVALUE") && !cimxml_is(element, "VALUE.REFERENCE"))
		return cimxml_unexpected(in->fault, element);
	key->name = only_key(in->ns, class_name);
	if (!key->name)
		return cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
				       "a path to the class '%s' must name its keys", class_name);
	if (element->next)
		return cimxml_unexpected(in->fault, element->next);
	return read_key_value(in, element, &key->value);
}

static bool read_instance_name(struct reader *in, const struct xml_element *element,
			       struct cim_object_path *path)
{
	struct cim_key keys[CIM_PATH_KEYS_MAX];
	size_t count = 0;

	if (!cimxml_attribute(element, "CLASSNAME", &path->class_name, in->fault))
		return false;
	path->ns = in->ns;
	if (element->children && !cimxml_is(element->children, "KEYBINDING")) {
		if (!read_bare_key(in, element->children, path->class_name, &keys[count++]))
			return false;
	} else {
		for (const struct xml_element *child = element->children; child;
		     child = child->next) {
			if (count == CIM_PATH_KEYS_MAX)
				return cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
						       "a path has at most %d keys",
						       CIM_PATH_KEYS_MAX);
			if (!read_key(in, child, &keys[count++]))
				return false;
		}
	}
	path->keys = memcpy(arena_array(in->arena, struct cim_key, count), keys,
			    count * sizeof(keys[0]));
	path->key_count = count;
	return true;
}

static bool read_class_name(struct reader *in, const struct xml_element *element,
			    struct cim_object_path *path)
{
	path->ns = in->ns;
	return cimxml_attribute(element, "NAME", &path->class_name, in->fault);
}

/* Every element that is a path: the namespace in front of a name, if there is one, and the name. */
static const struct path_element {
	const char *name, *ns, *inner;
	bool is_class;
} path_elements[] = {
	{ "INSTANCENAME", NULL, NULL, false },
	{ "LOCALINSTANCEPATH", "LOCALNAMESPACEPATH", "INSTANCENAME", false },
	{ "INSTANCEPATH", "NAMESPACEPATH", "INSTANCENAME", false },
	{ "CLASSNAME", NULL, NULL, true },
	{ "LOCALCLASSPATH", "LOCALNAMESPACEPATH", "CLASSNAME", true },
	{ "CLASSPATH", "NAMESPACEPATH", "CLASSNAME", true },
};

static const struct path_element *find_path_element(const char *name)
{
	for (size_t i = 0; i < count_of(path_elements); i++)
		if (strcmp(path_elements[i].name, name) == 0)
			return &path_elements[i];
	return NULL;
}

static bool read_path(struct reader *in, const struct xml_element *element,
		      struct cim_object_path *ret_path, bool *ret_is_class)
{
	const struct path_element *kind = find_path_element(element->name);
	struct reader inside = *in;
	const struct xml_element *inner = element;

	if (!kind)
		return cimxml_unexpected(in->fault, element);
	if (kind->ns) {
		const struct xml_element *ns = element->children;

		if (!cimxml_pair(element, kind->ns, &inner, in->fault))
			return false;
		if (!cimxml_is(inner, kind->inner))
			return cimxml_unexpected(in->fault, inner);
		if (cimxml_is(ns, "NAMESPACEPATH")
			    ? !read_full_namespace(in, ns, &inside.ns)
			    : !cimxml_read_namespace(in->arena, ns, &inside.ns, in->fault))
			return false;
	}
	*ret_is_class = kind->is_class;
	*ret_path = (struct cim_object_path){ 0 };
	return kind->is_class ? read_class_name(&inside, inner, ret_path)
			      : read_instance_name(&inside, inner, ret_path);
}

bool cimxml_read_path(struct arena *arena, const struct xml_element *element, const char *ns,
		      struct cim_object_path *ret_path, bool *ret_is_class,
		      struct cimxml_fault *fault)
{
	struct reader in = { arena, ns, fault };

	return read_path(&in, element, ret_path, ret_is_class);
}

bool cimxml_read_reference(struct arena *arena, const struct xml_element *element, const char *ns,
			   struct cim_value *ret_value, struct cimxml_fault *fault)
{
	struct reader in = { arena, ns, fault };

	return read_reference(&in, element, ret_value);
}
