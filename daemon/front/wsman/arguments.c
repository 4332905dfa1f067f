/* SPDX-License-Identifier: MIT */
/* arguments.c -- parameters of a method and properties of an instance, as they came. */
#include "front/wsman/arguments.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/names.h"
#include "front/wsman/reference_xml.h"

#define ARGUMENTS_MAX 256 /* the elements of an array count as one */

/* A datetime stands in an element of its own. */
static const struct xml_element *date_in(const struct xml_element *element)
{
	static const char *const names[] = { "Datetime", "Interval", "CIM_DateTime" };

	for (size_t i = 0; element->children && i < count_of(names); i++)
		if (xml_is(element->children, NS_CIM, names[i]))
			return element->children;
	return element;
}

static bool read_value(struct wsman_call *call, const struct xml_element *element,
		       struct cim_value *ret_value, struct wsman_fault *fault)
{
	const char *nil = xml_attribute(element, NULL, "nil");
	struct cim_object_path *path;

	*ret_value = (struct cim_value){ 0 };
	if (nil && (strcasecmp(nil, "true") == 0 || strcmp(nil, "1") == 0))
		return true;
	if (!wsman_is_reference(element)) {
		element = date_in(element);
		*ret_value = cim_string_of(element->text, element->text_length);
		return true;
	}
	path = arena_new(call->arena, struct cim_object_path);
	*ret_value = cim_reference(path);
	return wsman_reference_read(call->arena, element, call->resource.ns, path, fault);
}

/* The next element of this name, in whatever namespace. */
static const struct xml_element *next_named(const struct xml_element *element, const char *name)
{
	while (element && strcasecmp(element->name, name) != 0)
		element = element->next;
	return element;
}

/* Reads all elements of one name: one value, or an array. */
static bool read_argument(struct wsman_call *call, const struct xml_element *first,
			  struct cim_argument *argument, struct wsman_fault *fault)
{
	const struct xml_element *element;
	struct cim_value *items;
	size_t count = 0;

	argument->name = first->name;
	for (element = first; element; element = next_named(element->next, first->name))
		count++;
	if (count == 1)
		return read_value(call, first, &argument->value, fault);
	items = arena_array(call->arena, struct cim_value, count);
	argument->value = cim_array(CIM_STRING, items, count);
	for (element = first; element; element = next_named(element->next, first->name), items++) {
		if (!read_value(call, element, items, fault))
			return false;
		if (!items->is_set)
			return wsman_fail(fault, FAULT_PARAMETER_VALUE,
					  "the parameter '%s': an element is NULL", first->name);
		argument->value.type = items->type;
	}
	return true;
}

static bool was_read(const struct cim_argument *arguments, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(arguments[i].name, name) == 0)
			return true;
	return false;
}

bool wsman_arguments_read(struct wsman_call *call, const struct xml_element *parent,
			  const struct cim_argument **ret_arguments, size_t *ret_count,
			  struct wsman_fault *fault)
{
	struct cim_argument *arguments;
	size_t room = 0, count = 0;

	for (const struct xml_element *child = parent->children; child && room < ARGUMENTS_MAX;
	     child = child->next)
		room++;
	arguments = arena_array(call->arena, struct cim_argument, room);
	for (const struct xml_element *child = parent->children; child; child = child->next) {
		if (was_read(arguments, count, child->name))
			continue;
		if (count == ARGUMENTS_MAX)
			return wsman_fail(fault, FAULT_PARAMETER_NAME, "more than %d of them",
					  ARGUMENTS_MAX);
		if (!read_argument(call, child, &arguments[count++], fault))
			return false;
	}
	*ret_arguments = arguments;
	*ret_count = count;
	return true;
}
