/* SPDX-License-Identifier: MIT */
/* values.c -- reading values and instances. */
#include "front/cimxml/values.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "front/cimxml/paths.h"
#include "openkvp/scoped.h"

/* What is read, and for whom. */
struct reader {
	struct arena *arena;
	const char *ns;
	struct cimxml_fault *fault;
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
	if (!cimxml_is(element->children, "INSTANCE") || element->children->next)
		return cimxml_unexpected(in->fault, element->children);
	write_back(&text, element->children);
	*ret_value = cim_string_of(arena_text(in->arena, text.bytes, text.length), text.length);
	return true;
}

static bool read_reference(struct reader *in, const struct xml_element *element,
			   struct cim_value *ret_value)
{
	return cimxml_read_reference(in->arena, element, in->ns, ret_value, in->fault);
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
		if (cimxml_is(child, "VALUE.NULL"))
			return cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
					       "NULL is not expected in an array");
		if (!cimxml_is(child, item_element))
			return cimxml_unexpected(in->fault, child);
		if (!read(in, child, items++))
			return false;
	}
	return true;
}

static bool read_value(struct reader *in, const struct xml_element *element,
		       struct cim_value *ret_value)
{
	if (cimxml_is(element, "VALUE"))
		return read_text(in, element, ret_value);
	if (cimxml_is(element, "VALUE.ARRAY"))
		return read_array(in, element, CIM_STRING, "VALUE", read_text, ret_value);
	if (cimxml_is(element, "VALUE.REFERENCE"))
		return read_reference(in, element, ret_value);
	if (cimxml_is(element, "VALUE.REFARRAY"))
		return read_array(in, element, CIM_REFERENCE, "VALUE.REFERENCE", read_reference,
				  ret_value);
	return cimxml_unexpected(in->fault, element);
}

bool cimxml_read_value(struct arena *arena, const struct xml_element *element, const char *ns,
		       struct cim_value *ret_value, struct cimxml_fault *fault)
{
	struct reader in = { arena, ns, fault };

	return read_value(&in, element, ret_value);
}

bool cimxml_read_held(struct arena *arena, const struct xml_element *holder, const char *ns,
		      struct cim_value *ret_value, struct cimxml_fault *fault)
{
	struct reader in = { arena, ns, fault };
	const struct xml_element *child = holder->children;

	*ret_value = (struct cim_value){ 0 };
	while (child && cimxml_is(child, "QUALIFIER"))
		child = child->next;
	if (!child)
		return true;
	if (child->next)
		return cimxml_unexpected(fault, child->next);
	return read_value(&in, child, ret_value);
}

/* --- Instances --- */

static bool is_property(const struct xml_element *element)
{
	return cimxml_is(element, "PROPERTY") || cimxml_is(element, "PROPERTY.ARRAY") ||
	       cimxml_is(element, "PROPERTY.REFERENCE");
}

static bool count_properties(const struct xml_element *element, size_t *ret_count,
			     struct cimxml_fault *fault)
{
	*ret_count = 0;
	for (const struct xml_element *child = element->children; child; child = child->next) {
		if (is_property(child))
			(*ret_count)++;
		else if (!cimxml_is(child, "QUALIFIER"))
			return cimxml_unexpected(fault, child);
	}
	return *ret_count <= CIMXML_PROPERTIES_MAX ||
	       cimxml_fail_cim(fault, CIM_STATUS_INVALID_PARAMETER,
			       "an instance with %zu properties; %d is the most", *ret_count,
			       CIMXML_PROPERTIES_MAX);
}

static bool was_read(const struct cim_argument *properties, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(properties[i].name, name) == 0)
			return true;
	return false;
}

static bool read_properties(struct reader *in, const struct xml_element *element,
			    struct cimxml_instance *instance)
{
	struct cim_argument *properties;
	size_t count;

	if (!cimxml_is(element, "INSTANCE"))
		return cimxml_unexpected(in->fault, element);
	if (!cimxml_attribute(element, "CLASSNAME", &instance->class_name, in->fault) ||
	    !count_properties(element, &count, in->fault))
		return false;
	instance->properties = properties = arena_array(in->arena, struct cim_argument, count);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		struct cim_argument *property = &properties[instance->count];

		if (!is_property(child))
			continue;
		if (!cimxml_attribute(child, "NAME", &property->name, in->fault) ||
		    !cimxml_read_held(in->arena, child, in->ns, &property->value, in->fault))
			return false;
		if (was_read(properties, instance->count, property->name))
			return cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
					       "the property '%s' is there twice", property->name);
		instance->count++;
	}
	return true;
}

bool cimxml_read_instance(struct arena *arena, const struct xml_element *element, const char *ns,
			  struct cimxml_instance *ret_instance, struct cimxml_fault *fault)
{
	struct reader in = { arena, ns, fault };
	struct cim_object_path *path;
	const struct xml_element *inner;
	bool is_class;

	*ret_instance = (struct cimxml_instance){ 0 };
	if (!cimxml_is(element, "VALUE.NAMEDINSTANCE"))
		return read_properties(&in, element, ret_instance);
	path = arena_new(arena, struct cim_object_path);
	ret_instance->path = path;
	return cimxml_pair(element, "INSTANCENAME", &inner, fault) &&
	       cimxml_read_path(arena, element->children, ns, path, &is_class, fault) &&
	       read_properties(&in, inner, ret_instance);
}
