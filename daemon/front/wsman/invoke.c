/* SPDX-License-Identifier: MIT */
/* invoke.c -- methods of classes (DSP0227 section 9). */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/call.h"
#include "front/wsman/instance_xml.h"
#include "front/wsman/names.h"
#include "front/wsman/reference_xml.h"

#define ARGUMENTS_MAX 64 /* parameters of a method; the elements of an array count as one */

/* --- The answer --- */

static void invoked(struct cim_operation *operation)
{
	struct wsman_call *call = operation->binding;
	const struct cim_method *method = operation->method;
	struct text out;

	if (operation->error.status != CIM_STATUS_OK)
		return wsman_refuse_cim(call, &operation->error);
	wsman_begin(call, arena_printf(call->arena, "%sResponse", call->action), &out);
	text_printf(&out, "<p:%s_OUTPUT xmlns:p=\"", method->name);
	/* As the client wrote it: it looks for its own URI here. */
	text_xml(&out, call->resource.uri, strlen(call->resource.uri));
	text_literal(&out, "\" xmlns:xsi=\"" NS_XSI "\" xmlns:cim=\"" NS_CIM "\">");
	for (size_t i = 0; i < method->parameter_count; i++)
		if (method->parameters[i].is_out && operation->output[i].is_set)
			wsman_value_write(&out, call->resource.family, method->parameters[i].name,
					  &operation->output[i]);
	wsman_value_write(&out, call->resource.family, "ReturnValue", &operation->return_value);
	text_printf(&out, "</p:%s_OUTPUT>", method->name);
	wsman_end(call, &out, FAULT_UNREPORTABLE_SUCCESS);
}

/* --- The arguments --- */

static bool read_value(struct wsman_call *call, const struct xml_element *element,
		       struct cim_value *ret_value, struct wsman_fault *fault)
{
	const char *nil = xml_attribute(element, NULL, "nil");
	struct cim_object_path *path;

	*ret_value = (struct cim_value){ 0 };
	if (nil && (strcasecmp(nil, "true") == 0 || strcmp(nil, "1") == 0))
		return true;
	if (!wsman_is_reference(element)) {
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

/* Reads the children of METHOD_INPUT, in whatever namespaces they are. */
static bool read_arguments(struct wsman_call *call, struct cim_argument *arguments,
			   size_t *ret_count, struct wsman_fault *fault)
{
	const char *expected = arena_printf(call->arena, "%s_INPUT", call->method);

	*ret_count = 0;
	if (!call->body)
		return true;
	if (strcasecmp(call->body->name, expected) != 0)
		return wsman_fail(fault, FAULT_SCHEMA, "%s is expected in Body, not %s", expected,
				  call->body->name);
	for (const struct xml_element *child = call->body->children; child; child = child->next) {
		if (was_read(arguments, *ret_count, child->name))
			continue;
		if (*ret_count == ARGUMENTS_MAX)
			return wsman_fail(fault, FAULT_PARAMETER_NAME, "more than %d parameters",
					  ARGUMENTS_MAX);
		if (!read_argument(call, child, &arguments[(*ret_count)++], fault))
			return false;
	}
	return true;
}

void wsman_invoke(struct wsman_call *call)
{
	const struct cim_object_path path = {
		.ns = call->resource.ns,
		.class_name = call->resource.class_name,
		.keys = call->selectors,
		.key_count = call->selector_count,
	};
	struct cim_argument arguments[ARGUMENTS_MAX];
	struct wsman_fault fault;
	size_t count;

	if (!read_arguments(call, arguments, &count, &fault))
		return wsman_refuse(call, &fault);
	call->operation.finished = invoked;
	cim_invoke(&call->operation, &path, call->method, arguments, count);
}
