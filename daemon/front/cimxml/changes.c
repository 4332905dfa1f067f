/* SPDX-License-Identifier: MIT */
/* changes.c -- operations that make, change and remove an instance. */
#include <string.h>
#include <strings.h>

#include "cim/class_xml.h"
#include "front/cimxml/call.h"

/* The answer of all that have no result. */
static void finished(struct cim_operation *operation)
{
	struct cimxml_call *call = operation->binding;

	if (operation->error.status != CIM_STATUS_OK)
		cimxml_refuse_cim(call, &operation->error);
	else
		cimxml_done(call);
}

/* --- CreateInstance, DeleteInstance --- */

static void created(struct cim_operation *operation)
{
	struct cimxml_call *call = operation->binding;
	struct text out;

	if (operation->error.status != CIM_STATUS_OK)
		return cimxml_refuse_cim(call, &operation->error);
	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	cim_instancename_xml(&out, cim_instance_path(operation->instance));
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

void cimxml_create_instance(struct cimxml_call *call)
{
	const struct cim_read_instance *instance = &call->parameters.instance;

	call->operation.finished = created;
	cim_create(&call->operation, call->ns, instance->class_name, instance->properties,
		   instance->count);
}

void cimxml_delete_instance(struct cimxml_call *call)
{
	call->operation.finished = finished;
	cim_delete(&call->operation, parameter(call, PARAMETER_INSTANCE_NAME)->reference);
}

/* --- ModifyInstance --- */

/* The value for a property that is listed and did not come: what its class begins with. */
static struct cim_value initial_value(const struct cimxml_call *call, const char *name)
{
	const struct cim_property *property = NULL;
	const struct cim_class *class;
	struct cim_error error;

	if (cim_resolve_class(call->ns, call->parameters.instance.class_name, &class, &error))
		property = cim_property_find(class, name);
	return property ? property->initial : (struct cim_value){ 0 };
}

/* With a list only what is in it changes. */
static size_t read_changes(struct cimxml_call *call, const struct cim_argument **ret_changes)
{
	const struct cim_read_instance *instance = &call->parameters.instance;
	const struct cim_value *list = parameter(call, PARAMETER_PROPERTY_LIST);
	struct cim_argument *changes;

	*ret_changes = instance->properties;
	if (!list->is_set)
		return instance->count;
	*ret_changes = changes = arena_array(call->arena, struct cim_argument, list->array.count);
	for (size_t i = 0; i < list->array.count; i++) {
		const char *name = list->array.item[i].string.bytes;
		size_t at = 0;

		while (at < instance->count && strcasecmp(instance->properties[at].name, name) != 0)
			at++;
		if (at < instance->count)
			changes[i] = instance->properties[at];
		else
			changes[i] = (struct cim_argument){ name, initial_value(call, name) };
	}
	return list->array.count;
}

void cimxml_modify_instance(struct cimxml_call *call)
{
	const struct cim_read_instance *instance = &call->parameters.instance;
	const struct cim_argument *changes;
	size_t count = read_changes(call, &changes);

	call->operation.finished = finished;
	if (strcasecmp(instance->path->class_name, instance->class_name) != 0) {
		cim_fail(&call->operation.error, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_NONE,
			 "an instance of %s under a path to %s", instance->class_name,
			 instance->path->class_name);
		cim_operation_finish(&call->operation);
		return;
	}
	cim_modify(&call->operation, instance->path, changes, count);
}

/* --- SetProperty --- */

void cimxml_set_property(struct cimxml_call *call)
{
	const struct cim_argument change = {
		.name = text_of(call, PARAMETER_PROPERTY_NAME),
		.value = *parameter(call, PARAMETER_NEW_VALUE),
	};

	call->operation.finished = finished;
	cim_modify(&call->operation, parameter(call, PARAMETER_INSTANCE_NAME)->reference, &change,
		   1);
}
