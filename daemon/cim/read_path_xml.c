/* SPDX-License-Identifier: MIT */
/* read_path_xml.c -- reading namespaces and paths, and what must be where in a document. */
#include "cim/read_xml.h"

#include <string.h>

#include "base/memory.h"

#define NAMESPACE_MAX 255 /* bytes; ours are shorter */

/* What is read, and for whom. */
struct reader {
	struct arena *arena;
	const char *ns;
	struct okvp_error *err;
};

/* --- What must be where --- */

bool cim_xml_is(const struct xml_element *element, const char *name)
{
	return strcmp(element->name, name) == 0;
}

bool cim_xml_unexpected(struct okvp_error *err, const struct xml_element *element)
{
	return okvp_fail(err, OKVP_INVALID, "%s is not expected in %s", element->name,
			 element->parent ? element->parent->name : "a message");
}

bool cim_xml_only_child(const struct xml_element *element, const struct xml_element **ret_child,
			struct okvp_error *err)
{
	*ret_child = element->children;
	if (!element->children)
		return okvp_fail(err, OKVP_INVALID, "%s is empty", element->name);
	return !element->children->next || cim_xml_unexpected(err, element->children->next);
}

bool cim_xml_pair(const struct xml_element *element, const char *first,
		  const struct xml_element **ret_second, struct okvp_error *err)
{
	const struct xml_element *child = element->children;

	if (!child || !cim_xml_is(child, first))
		return okvp_fail(err, OKVP_INVALID, "%s must begin with %s", element->name, first);
	*ret_second = child->next;
	if (!child->next)
		return okvp_fail(err, OKVP_INVALID, "%s holds nothing but %s", element->name,
				 first);
	return !child->next->next || cim_xml_unexpected(err, child->next->next);
}

bool cim_xml_attribute(const struct xml_element *element, const char *name, const char **ret_value,
		       struct okvp_error *err)
{
	*ret_value = xml_attribute(element, NULL, name);
	return *ret_value || okvp_fail(err, OKVP_INVALID, "%s has no %s", element->name, name);
}

/* --- Namespaces --- */

bool cim_read_namespace(struct arena *arena, const struct xml_element *element, const char **ret_ns,
			struct okvp_error *err)
{
	const char *ns = NULL, *name;

	if (!cim_xml_is(element, "LOCALNAMESPACEPATH"))
		return cim_xml_unexpected(err, element);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		if (!cim_xml_is(child, "NAMESPACE"))
			return cim_xml_unexpected(err, child);
		if (!cim_xml_attribute(child, "NAME", &name, err))
			return false;
		if (strlen(name) + (ns ? strlen(ns) : 0) > NAMESPACE_MAX)
			return okvp_fail(err, OKVP_TOO_LONG,
					 "the name of a namespace has at most %d bytes",
					 NAMESPACE_MAX);
		ns = ns ? arena_printf(arena, "%s/%s", ns, name) : name;
	}
	*ret_ns = ns;
	return ns || okvp_fail(err, OKVP_INVALID, "LOCALNAMESPACEPATH is empty");
}

/* NAMESPACEPATH: a host, which is whoever the client thinks that we are, and the rest. */
static bool read_full_namespace(struct reader *in, const struct xml_element *element,
				const char **ret_ns)
{
	const struct xml_element *local;

	return cim_xml_pair(element, "HOST", &local, in->err) &&
	       cim_read_namespace(in->arena, local, ret_ns, in->err);
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
	if (!cim_xml_only_child(element, &child, in->err) || !read_path(in, child, path, &is_class))
		return false;
	return !is_class ||
	       okvp_fail(in->err, OKVP_WRONG_TYPE,
			 "a reference names the class %s, not an instance", path->class_name);
}

static bool read_key_value(struct reader *in, const struct xml_element *element,
			   struct cim_value *ret_value)
{
	if (cim_xml_is(element, "VALUE.REFERENCE"))
		return read_reference(in, element, ret_value);
	if (!cim_xml_is(element, "KEYVALUE") || element->children)
		return cim_xml_unexpected(in->err, element);
	*ret_value = cim_string_of(element->text, element->text_length);
	return true;
}

static bool read_key(struct reader *in, const struct xml_element *element, struct cim_key *key)
{
	const struct xml_element *value;

	if (!cim_xml_is(element, "KEYBINDING"))
		return cim_xml_unexpected(in->err, element);
	return cim_xml_attribute(element, "NAME", &key->name, in->err) &&
	       cim_xml_only_child(element, &value, in->err) &&
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
	if (!cim_xml_is(element, "KEYVALUE") && !cim_xml_is(element, "VALUE.REFERENCE"))
		return cim_xml_unexpected(in->err, element);
	key->name = only_key(in->ns, class_name);
	if (!key->name)
		return okvp_fail(in->err, OKVP_NOT_FOUND,
				 "a path to the class '%s' must name its keys", class_name);
	if (element->next)
		return cim_xml_unexpected(in->err, element->next);
	return read_key_value(in, element, &key->value);
}

static bool read_instance_name(struct reader *in, const struct xml_element *element,
			       struct cim_object_path *path)
{
	struct cim_key keys[CIM_PATH_KEYS_MAX];
	size_t count = 0;

	if (!cim_xml_attribute(element, "CLASSNAME", &path->class_name, in->err))
		return false;
	path->ns = in->ns;
	if (element->children && !cim_xml_is(element->children, "KEYBINDING")) {
		if (!read_bare_key(in, element->children, path->class_name, &keys[count++]))
			return false;
	} else {
		for (const struct xml_element *child = element->children; child;
		     child = child->next) {
			if (count == CIM_PATH_KEYS_MAX)
				return okvp_fail(in->err, OKVP_LIMIT, "a path has at most %d keys",
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
	return cim_xml_attribute(element, "NAME", &path->class_name, in->err);
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
		return cim_xml_unexpected(in->err, element);
	if (kind->ns) {
		const struct xml_element *ns = element->children;

		if (!cim_xml_pair(element, kind->ns, &inner, in->err))
			return false;
		if (!cim_xml_is(inner, kind->inner))
			return cim_xml_unexpected(in->err, inner);
		if (cim_xml_is(ns, "NAMESPACEPATH")
			    ? !read_full_namespace(in, ns, &inside.ns)
			    : !cim_read_namespace(in->arena, ns, &inside.ns, in->err))
			return false;
	}
	*ret_is_class = kind->is_class;
	*ret_path = (struct cim_object_path){ 0 };
	return kind->is_class ? read_class_name(&inside, inner, ret_path)
			      : read_instance_name(&inside, inner, ret_path);
}

bool cim_read_path(struct arena *arena, const struct xml_element *element, const char *ns,
		   struct cim_object_path *ret_path, bool *ret_is_class, struct okvp_error *err)
{
	struct reader in = { arena, ns, err };

	return read_path(&in, element, ret_path, ret_is_class);
}

bool cim_read_reference(struct arena *arena, const struct xml_element *element, const char *ns,
			struct cim_value *ret_value, struct okvp_error *err)
{
	struct reader in = { arena, ns, err };

	return read_reference(&in, element, ret_value);
}
