/* SPDX-License-Identifier: MIT */
/* invoke.c -- methods of classes (DSP0227 section 9). */
#include <string.h>
#include <strings.h>

#include "front/wsman/arguments.h"
#include "front/wsman/call.h"
#include "front/wsman/instance_xml.h"
#include "front/wsman/names.h"

/* --- The answer --- */

static void invoked(struct wsman_call *call)
{
	const struct cim_operation *operation = &call->operation;
	const struct wsman_form form = wsman_form(call);
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
			wsman_value_write(&out, &form, method->parameters[i].name,
					  method->parameters[i].is_array, &operation->output[i]);
	wsman_value_write(&out, &form, "ReturnValue", false, &operation->return_value);
	text_printf(&out, "</p:%s_OUTPUT>", method->name);
	wsman_end(call, &out, FAULT_UNREPORTABLE_SUCCESS);
}

/* --- The call --- */

static bool read_input(struct wsman_call *call, const struct cim_argument **ret_arguments,
		       size_t *ret_count, struct wsman_fault *fault)
{
	const char *expected = arena_printf(call->arena, "%s_INPUT", call->method);

	*ret_count = 0;
	if (!call->body)
		return true;
	if (strcasecmp(call->body->name, expected) != 0)
		return wsman_fail(fault, FAULT_SCHEMA, "%s is expected in Body, not %s", expected,
				  call->body->name);
	return wsman_arguments_read(call, call->body, ret_arguments, ret_count, fault);
}

void wsman_invoke(struct wsman_call *call)
{
	const struct cim_object_path path = {
		.ns = call->resource.ns,
		.class_name = call->resource.class_name,
		.keys = call->selectors,
		.key_count = call->selector_count,
	};
	const struct cim_argument *arguments = NULL;
	struct wsman_fault fault;
	size_t count;

	if (!read_input(call, &arguments, &count, &fault))
		return wsman_refuse(call, &fault);
	wsman_expect(call, invoked);
	cim_invoke(&call->operation, &path, call->method, arguments, count);
	wsman_await(call);
}
