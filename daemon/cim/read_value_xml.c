/* SPDX-License-Identifier: MIT */
/* read_value_xml.c -- reading values and instances. */
#include "cim/read_xml.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cim/resolve.h"
#include "openkvp/scoped.h"

/* What is read, and for whom. */
struct reader {
	struct arena *arena;
	const char *ns;
	struct okvp_error *err;
};

/* --- Values --- */

/* An element as the text that it was, but for white space between elements. */
static void write_back(struct text *out, const struct xml_element *element)
{
	text_printf(out, "<%s", element->name);
	for (const struct xml_attribute *a = element->attributes; a; a = a->next) {
		text_printf(out, " %s=\"", a->name);
		text_xml(out, a->value, strlen(a->value));
		text_putc(out, '"');
	}
	text_putc(out, '>');
	if (!element->children)
		text_xml(out, element->text, element->text_length);
	for (const struct xml_element *child = element->children; child; child = child->next)
		write_back(out, child);
	text_printf(out, "</%s>", element->name);
}

/* Who types an embedded instance on wbemcli's command line without escaping it sends an element
 * where its text should be. */
static bool read_text(struct reader *in, const struct xml_element *element,
		      struct cim_value *ret_value)
{
	scoped(text_done) struct text text = { 0 };

	if (!element->children) {
		*ret_value = cim_string_of(element->text, element->text_length);
		return true;
	}
	if (!cim_xml_is(element->children, "INSTANCE") || element->children->next)
		return cim_xml_unexpected(in->err, element->children);
	write_back(&text, element->children);
	*ret_value = cim_string_of(arena_text(in->arena, text.bytes, text.length), text.length);
	return true;
}

static bool read_reference(struct reader *in, const struct xml_element *element,
			   struct cim_value *ret_value)
{
	return cim_read_reference(in->arena, element, in->ns, ret_value, in->err);
}

static bool read_array(struct reader *in, const struct xml_element *element, enum cim_type type,
		       const char *item_element,
		       bool (*read)(struct reader *in, const struct xml_element *element,
				    struct cim_value *ret_value),
		       struct cim_value *ret_value)
{
	struct cim_value *items;
	size_t count = 0;

	for (const struct xml_element *child = element->children; child; child = child->next)
		count++;
	items = arena_array(in->arena, struct cim_value, count);
	*ret_value = cim_array(type, items, count);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		if (cim_xml_is(child, "VALUE.NULL"))
			return okvp_fail(in->err, OKVP_UNSUPPORTED,
					 "NULL is not expected in an array");
		if (!cim_xml_is(child, item_element))
			return cim_xml_unexpected(in->err, child);
		if (!read(in, child, items++))
			return false;
	}
	return true;
}

static bool read_value(struct reader *in, const struct xml_element *element,
		       struct cim_value *ret_value)
{
	if (cim_xml_is(element, "VALUE"))
		return read_text(in, element, ret_value);
	if (cim_xml_is(element, "VALUE.ARRAY"))
		return read_array(in, element, CIM_STRING, "VALUE", read_text, ret_value);
	if (cim_xml_is(element, "VALUE.REFERENCE"))
		return read_reference(in, element, ret_value);
	if (cim_xml_is(element, "VALUE.REFARRAY"))
		return read_array(in, element, CIM_REFERENCE, "VALUE.REFERENCE", read_reference,
				  ret_value);
	return cim_xml_unexpected(in->err, element);
}

bool cim_read_value(struct arena *arena, const struct xml_element *element, const char *ns,
		    struct cim_value *ret_value, struct okvp_error *err)
{
	struct reader in = { arena, ns, err };

	return read_value(&in, element, ret_value);
}

bool cim_read_held_value(struct arena *arena, const struct xml_element *holder, const char *ns,
			 struct cim_value *ret_value, struct okvp_error *err)
{
	struct reader in = { arena, ns, err };
	const struct xml_element *child = holder->children;

	*ret_value = (struct cim_value){ 0 };
	while (child && cim_xml_is(child, "QUALIFIER"))
		child = child->next;
	if (!child)
		return true;
	if (child->next)
		return cim_xml_unexpected(err, child->next);
	return read_value(&in, child, ret_value);
}

/* --- Instances --- */

static bool is_property(const struct xml_element *element)
{
	return cim_xml_is(element, "PROPERTY") || cim_xml_is(element, "PROPERTY.ARRAY") ||
	       cim_xml_is(element, "PROPERTY.REFERENCE");
}

static bool count_properties(const struct xml_element *element, size_t *ret_count,
			     struct okvp_error *err)
{
	*ret_count = 0;
	for (const struct xml_element *child = element->children; child; child = child->next) {
		if (is_property(child))
			(*ret_count)++;
		else if (!cim_xml_is(child, "QUALIFIER"))
			return cim_xml_unexpected(err, child);
	}
	return *ret_count <= CIM_READ_PROPERTIES_MAX ||
	       okvp_fail(err, OKVP_LIMIT, "an instance with %zu properties; %d is the most",
			 *ret_count, CIM_READ_PROPERTIES_MAX);
}

static bool was_read(const struct cim_argument *properties, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(properties[i].name, name) == 0)
			return true;
	return false;
}

static bool read_properties(struct reader *in, const struct xml_element *element,
			    struct cim_read_instance *instance)
{
	struct cim_argument *properties;
	size_t count;

	if (!cim_xml_is(element, "INSTANCE"))
		return cim_xml_unexpected(in->err, element);
	if (!cim_xml_attribute(element, "CLASSNAME", &instance->class_name, in->err) ||
	    !count_properties(element, &count, in->err))
		return false;
	instance->properties = properties = arena_array(in->arena, struct cim_argument, count);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		struct cim_argument *property = &properties[instance->count];

		if (!is_property(child))
			continue;
		if (!cim_xml_attribute(child, "NAME", &property->name, in->err) ||
		    !cim_read_held_value(in->arena, child, in->ns, &property->value, in->err))
			return false;
		if (was_read(properties, instance->count, property->name))
			return okvp_fail(in->err, OKVP_EXISTS, "the property '%s' is there twice",
					 property->name);
		instance->count++;
	}
	return true;
}

bool cim_read_instance(struct arena *arena, const struct xml_element *element, const char *ns,
		       struct cim_read_instance *ret_instance, struct okvp_error *err)
{
	struct reader in = { arena, ns, err };
	struct cim_object_path *path;
	const struct xml_element *inner;
	bool is_class;

	*ret_instance = (struct cim_read_instance){ 0 };
	if (!cim_xml_is(element, "VALUE.NAMEDINSTANCE"))
		return read_properties(&in, element, ret_instance);
	path = arena_new(arena, struct cim_object_path);
	ret_instance->path = path;
	return cim_xml_pair(element, "INSTANCENAME", &inner, err) &&
	       cim_read_path(arena, element->children, ns, path, &is_class, err) &&
	       read_properties(&in, inner, ret_instance);
}

/* Puts the properties of an instance in their places. */
static bool fill(struct cim_instance *instance, const struct cim_read_instance *read,
		 struct okvp_error *err)
{
	for (size_t i = 0; i < read->count; i++) {
		const struct cim_property *property =
			cim_property_find(instance->class, read->properties[i].name);
		struct cim_value value;
		struct cim_error cause;

		if (!property)
			continue; /* of another version of the class */
		if (!cim_resolve_property(instance->arena, instance->class, property,
					  &read->properties[i].value, &value, &cause))
			return okvp_fail(err, OKVP_INVALID, "%s", cause.message);
		cim_set(instance, property->id, value);
	}
	return true;
}

bool cim_instance_from_xml(struct arena *arena, const struct cim_class *class, const char *text,
			   size_t length, struct cim_instance **ret_instance,
			   struct okvp_error *err)
{
	struct cim_read_instance read;
	const struct xml_element *root;

	if (!xml_parse(arena, text, length, XML_UTF8, &root, err) ||
	    !cim_read_instance(arena, root, class->ns->name, &read, err))
		return false;
	*ret_instance = cim_instance_create(arena, class);
	return fill(*ret_instance, &read, err);
}
