/* SPDX-License-Identifier: MIT */
/* embedded.c -- embedded instances as text: the elements of DSP0201 that CIM's DTD 2.0 has too. */
#include "cim/embedded.h"

#include <assert.h>
#include <strings.h>

#include "cim/class_xml.h"
#include "xml/xml.h"

/* --- Writing --- */

static void write_property(struct text *out, const struct cim_property *property,
			   const struct cim_value *value)
{
	const char *element = property->is_array ? "PROPERTY.ARRAY" : "PROPERTY";

	assert(property->type != CIM_REFERENCE);
	text_literal(out, "<");
	text_puts(out, element);
	text_literal(out, " NAME=\"");
	text_puts(out, property->name);
	if (property->propagated)
		text_literal(out, "\" PROPAGATED=\"true");
	text_literal(out, "\" TYPE=\"");
	text_puts(out, cim_type_name(property->type));
	text_literal(out, "\">");
	if (value->is_set)
		cim_value_xml(out, value, NULL);
	text_literal(out, "</");
	text_puts(out, element);
	text_literal(out, ">");
}

/* The ids of properties are numbered in the order of their names. A key that is NULL stands for
 * nothing, and Hyper-V leaves it out: so the data items of the exchange have no InstanceID. */
void cim_embedded_write(struct text *out, const struct cim_instance *instance)
{
	const struct cim_class *class = instance->class;

	text_literal(out, "<INSTANCE CLASSNAME=\"");
	text_puts(out, class->name);
	text_literal(out, "\">");
	for (size_t id = 0; id < CIM_PROPERTY_COUNT; id++) {
		size_t index = class->property_index[id];

		if (index != CIM_NO_PROPERTY &&
		    (instance->values[index].is_set || !class->properties[index].is_key))
			write_property(out, &class->properties[index], &instance->values[index]);
	}
	text_literal(out, "</INSTANCE>");
}

/* --- Reading --- */

static bool read_property(const struct xml_element *element, struct cim_embedded_property *property,
			  struct okvp_error *err)
{
	const struct xml_element *value = xml_child(element, NULL, "VALUE");

	property->name = xml_attribute(element, NULL, "NAME");
	if (!property->name)
		return okvp_fail(err, OKVP_INVALID, "a PROPERTY has no NAME");
	if (!value)
		return true;
	if (xml_next_same(value))
		return okvp_fail(err, OKVP_INVALID, "the PROPERTY '%s' has more than one VALUE",
				 property->name);
	if (value->children)
		return okvp_fail(err, OKVP_INVALID,
				 "the PROPERTY '%s' has elements inside its VALUE", property->name);
	property->is_set = true;
	property->text = value->text;
	property->length = value->text_length;
	return true;
}

static bool read_array(struct arena *arena, const struct xml_element *element,
		       struct cim_embedded_array *array, struct okvp_error *err)
{
	const struct xml_element *value = xml_child(element, NULL, "VALUE.ARRAY");
	struct cim_string *item;
	size_t count = 0;

	array->name = xml_attribute(element, NULL, "NAME");
	if (!array->name)
		return okvp_fail(err, OKVP_INVALID, "a PROPERTY.ARRAY has no NAME");
	if (!value)
		return true;
	for (const struct xml_element *child = value->children; child; child = child->next)
		count++;
	array->is_set = true;
	array->item = item = arena_array(arena, struct cim_string, count);
	for (const struct xml_element *child = value->children; child; child = child->next) {
		if (xml_is(child, NULL, "VALUE") && !child->children)
			*item = (struct cim_string){ .bytes = child->text,
						     .length = child->text_length };
		else if (!xml_is(child, NULL, "VALUE.NULL"))
			return okvp_fail(err, OKVP_INVALID,
					 "the PROPERTY.ARRAY '%s' has something else than values",
					 array->name);
		item++;
		array->count++;
	}
	return true;
}

static bool is_known(const struct cim_embedded *embedded, const char *name)
{
	for (size_t i = 0; i < embedded->count; i++)
		if (strcasecmp(embedded->properties[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < embedded->array_count; i++)
		if (strcasecmp(embedded->arrays[i].name, name) == 0)
			return true;
	return false;
}

static bool check_new(const struct cim_embedded *embedded, const char *name, struct okvp_error *err)
{
	return !is_known(embedded, name) ||
	       okvp_fail(err, OKVP_INVALID, "the PROPERTY '%s' is there twice", name);
}

static size_t count_children(const struct xml_element *root, const char *name)
{
	size_t count = 0;

	for (const struct xml_element *child = root->children; child; child = child->next)
		count += xml_is(child, NULL, name);
	return count;
}

static bool read_instance(struct arena *arena, const struct xml_element *root,
			  struct cim_embedded *embedded, struct okvp_error *err)
{
	size_t count = count_children(root, "PROPERTY"),
	       array_count = count_children(root, "PROPERTY.ARRAY");
	struct cim_embedded_property *property;
	struct cim_embedded_array *array;

	embedded->class_name = xml_attribute(root, NULL, "CLASSNAME");
	if (!xml_is(root, NULL, "INSTANCE") || !embedded->class_name)
		return okvp_fail(err, OKVP_INVALID, "no INSTANCE with a CLASSNAME");
	if (count + array_count > CIM_EMBEDDED_PROPERTIES_MAX)
		return okvp_fail(err, OKVP_LIMIT, "more than %d properties",
				 CIM_EMBEDDED_PROPERTIES_MAX);
	embedded->properties = property = arena_array(arena, struct cim_embedded_property, count);
	embedded->arrays = array = arena_array(arena, struct cim_embedded_array, array_count);
	for (const struct xml_element *child = root->children; child; child = child->next) {
		if (xml_is(child, NULL, "PROPERTY")) {
			if (!read_property(child, property, err) ||
			    !check_new(embedded, property->name, err))
				return false;
			property++;
			embedded->count++;
		} else if (xml_is(child, NULL, "PROPERTY.ARRAY")) {
			if (!read_array(arena, child, array, err) ||
			    !check_new(embedded, array->name, err))
				return false;
			array++;
			embedded->array_count++;
		}
	}
	return true;
}

bool cim_embedded_read(struct arena *arena, const char *text, size_t length,
		       struct cim_embedded *ret_embedded, struct okvp_error *err)
{
	struct cim_embedded embedded = { 0 };
	const struct xml_element *root;

	if (!xml_parse(arena, text, length, XML_UTF8, &root, err) ||
	    !read_instance(arena, root, &embedded, err))
		return false;
	*ret_embedded = embedded;
	return true;
}

const struct cim_embedded_property *cim_embedded_find(const struct cim_embedded *embedded,
						      const char *name)
{
	for (size_t i = 0; i < embedded->count; i++)
		if (strcasecmp(embedded->properties[i].name, name) == 0)
			return embedded->properties[i].is_set ? &embedded->properties[i] : NULL;
	return NULL;
}

const struct cim_embedded_array *cim_embedded_find_array(const struct cim_embedded *embedded,
							 const char *name)
{
	for (size_t i = 0; i < embedded->array_count; i++)
		if (strcasecmp(embedded->arrays[i].name, name) == 0)
			return embedded->arrays[i].is_set ? &embedded->arrays[i] : NULL;
	return NULL;
}
