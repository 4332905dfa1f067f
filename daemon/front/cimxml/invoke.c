/* SPDX-License-Identifier: MIT */
/* invoke.c -- methods of classes: METHODCALL. */
#include <string.h>

#include "cim/class_xml.h"
#include "front/cimxml/call.h"

#define ARGUMENTS_MAX 64

/* --- The answer. A NULL is left out: wbemcli stumbles over a parameter without a value. --- */

static void write_output(struct text *out, const struct cim_parameter *parameter,
			 const struct cim_value *value, const char *host)
{
	text_literal(out, "<PARAMVALUE NAME=\"");
	text_puts(out, parameter->name);
	text_literal(out, "\" PARAMTYPE=\"");
	text_puts(out, cim_type_name(parameter->type));
	text_literal(out, "\">");
	cim_value_xml(out, value, host);
	text_literal(out, "</PARAMVALUE>");
}

static void invoked(struct cim_operation *operation)
{
	struct cimxml_call *call = operation->binding;
	const struct cim_method *method = operation->method;
	struct text out;

	if (operation->error.status != CIM_STATUS_OK)
		return cimxml_refuse_cim(call, &operation->error);
	cimxml_begin(call, &out);
	if (operation->return_value.is_set) {
		text_literal(&out, "<RETURNVALUE PARAMTYPE=\"");
		text_puts(&out, cim_type_name(method->type));
		text_literal(&out, "\">");
		cim_value_xml(&out, &operation->return_value, call->host);
		text_literal(&out, "</RETURNVALUE>");
	}
	for (size_t i = 0; i < method->parameter_count; i++)
		if (method->parameters[i].is_out && operation->output[i].is_set)
			write_output(&out, &method->parameters[i], &operation->output[i],
				     call->host);
	cimxml_end(call, &out);
}

/* --- The arguments --- */

static bool read_argument(struct cimxml_call *call, const struct xml_element *element,
			  struct cim_argument *argument, struct cimxml_fault *fault)
{
	struct okvp_error err;

	argument->name = xml_attribute(element, NULL, "NAME");
	if (!cim_xml_is(element, "PARAMVALUE") || !argument->name)
		return cimxml_fail(fault, FAULT_NOT_VALID,
				   "a PARAMVALUE with a NAME is expected behind the target");
	return cim_read_held_value(call->arena, element, call->ns, &argument->value, &err) ||
	       cimxml_fail_reading(fault, &err);
}

static bool read_arguments(struct cimxml_call *call, struct cim_argument *arguments,
			   size_t *ret_count, struct cimxml_fault *fault)
{
	*ret_count = 0;
	for (const struct xml_element *element = call->element->next; element;
	     element = element->next) {
		if (*ret_count == ARGUMENTS_MAX)
			return cimxml_fail_cim(fault, CIM_STATUS_INVALID_PARAMETER,
					       "more than %d parameters", ARGUMENTS_MAX);
		if (!read_argument(call, element, &arguments[(*ret_count)++], fault))
			return false;
	}
	return true;
}

/* --- The target --- */

/* None of the methods of this service is static: each needs an instance. */
static void refuse_class(struct cimxml_call *call)
{
	const char *class_name = call->target.class_name;
	const struct cim_class *class;
	struct cim_error error;

	if (!cim_resolve_class(call->ns, class_name, &class, &error))
		return cimxml_refuse_cim(call, &error);
	if (cim_method_find(class, call->name))
		cim_fail(&error, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_NONE,
			 "the method %s is called on an instance, not on the class %s", call->name,
			 class->name);
	else
		cim_fail(&error, CIM_STATUS_METHOD_NOT_FOUND, CIM_DETAIL_NONE,
			 "the class %s has no method '%s'", class->name, call->name);
	cimxml_refuse_cim(call, &error);
}

void cimxml_invoke(struct cimxml_call *call)
{
	struct cim_argument arguments[ARGUMENTS_MAX];
	struct cimxml_fault fault;
	size_t count;

	if (!read_arguments(call, arguments, &count, &fault))
		return cimxml_refuse(call, &fault);
	if (call->on_class)
		return refuse_class(call);
	call->operation.finished = invoked;
	cim_invoke(&call->operation, &call->target, call->name, arguments, count);
}
