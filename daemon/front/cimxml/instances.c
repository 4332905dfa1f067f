/* SPDX-License-Identifier: MIT */
/* instances.c -- operations on one instance. */
#include <string.h>

#include "cim/class_xml.h"
#include "front/cimxml/call.h"

static void got_instance(struct cim_operation *operation)
{
	struct cimxml_call *call = operation->binding;
	struct text out;

	if (operation->error.status != CIM_STATUS_OK)
		return cimxml_refuse_cim(call, &operation->error);
	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	cimxml_instance_write(&out, &call->selection, operation->instance, NULL, call->host);
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

void cimxml_get_instance(struct cimxml_call *call)
{
	call->operation.finished = got_instance;
	cim_get(&call->operation, parameter(call, PARAMETER_INSTANCE_NAME)->reference);
}

/* --- GetProperty, which DSP0200 has given up and wbemcli has not --- */

static void got_property(struct cim_operation *operation)
{
	struct cimxml_call *call = operation->binding;
	const char *name = text_of(call, PARAMETER_PROPERTY_NAME);
	const struct cim_property *property;
	const struct cim_value *value;
	struct text out;

	if (operation->error.status != CIM_STATUS_OK)
		return cimxml_refuse_cim(call, &operation->error);
	property = cim_property_find(operation->class, name);
	if (!property) {
		cim_fail(&operation->error, CIM_STATUS_NO_SUCH_PROPERTY, CIM_DETAIL_NONE,
			 "the class %s has no property '%s'", operation->class->name, name);
		return cimxml_refuse_cim(call, &operation->error);
	}
	value = cim_get_value(operation->instance, property->id);
	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	if (value->is_set)
		cim_value_xml(&out, value, call->host);
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

void cimxml_get_property(struct cimxml_call *call)
{
	call->operation.finished = got_property;
	cim_get(&call->operation, parameter(call, PARAMETER_INSTANCE_NAME)->reference);
}
