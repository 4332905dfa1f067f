/* SPDX-License-Identifier: MIT */
/* transfer.c -- WS-Transfer: Get and Put (DSP0226 section 7). */
#include <string.h>
#include <strings.h>

#include "front/wsman/arguments.h"
#include "front/wsman/call.h"
#include "front/wsman/names.h"

static struct cim_object_path path_of(const struct wsman_call *call)
{
	return (struct cim_object_path){
		.ns = call->resource.ns,
		.class_name = call->resource.class_name,
		.keys = call->selectors,
		.key_count = call->selector_count,
	};
}

static void answer_instance(struct wsman_call *call, const char *action,
			    enum wsman_fault_id too_large)
{
	const struct wsman_form form = wsman_form(call);
	struct text out;

	wsman_begin(call, action, &out);
	wsman_instance_write(&out, &form, call->operation.instance, NULL);
	wsman_end(call, &out, too_large);
}

/* --- Get --- */

static void got(struct wsman_call *call)
{
	if (call->operation.error.status != CIM_STATUS_OK)
		return wsman_refuse_cim(call, &call->operation.error);
	answer_instance(call, NS_TRANSFER "/GetResponse", FAULT_ENVELOPE_SIZE);
}

void wsman_get(struct wsman_call *call)
{
	const struct cim_object_path path = path_of(call);

	wsman_expect(call, got);
	cim_get(&call->operation, &path);
	wsman_await(call);
}

/* --- Put --- */

/* What is wrong with the instance in the body has faults of its own. */
static enum wsman_fault_id put_fault(const struct wsman_fault *fault)
{
	switch (fault->id) {
	case FAULT_PARAMETER:
		return FAULT_REPRESENTATION_MISSING;
	case FAULT_PARAMETER_NAME:
	case FAULT_PARAMETER_TYPE:
	case FAULT_PARAMETER_VALUE:
		return FAULT_REPRESENTATION_VALUES;
	default:
		/* The class can do this, or no instance of it can. */
		return fault->status == CIM_STATUS_NOT_SUPPORTED ? FAULT_ACTION : fault->id;
	}
}

static void refuse_put(struct wsman_call *call, struct wsman_fault *fault)
{
	fault->id = put_fault(fault);
	wsman_refuse(call, fault);
}

static void put(struct wsman_call *call)
{
	struct wsman_fault fault;

	if (call->operation.error.status != CIM_STATUS_OK) {
		wsman_fail_cim(&fault, &call->operation.error);
		return refuse_put(call, &fault);
	}
	answer_instance(call, NS_TRANSFER "/PutResponse", FAULT_UNREPORTABLE_SUCCESS);
}

/* A class's elements are in its resource URI as a namespace, of either family. */
static bool check_element(struct wsman_call *call, struct wsman_fault *fault)
{
	const struct xml_element *element = call->body;
	struct wsman_resource resource;

	if (!element)
		return wsman_fail(fault, FAULT_REPRESENTATION_MISSING, "Body is empty");
	if (strcasecmp(element->name, call->resource.class_name) != 0 ||
	    !wsman_resource_read(call->arena, element->ns, &resource) ||
	    strcasecmp(resource.class_name, call->resource.class_name) != 0)
		return wsman_fail(fault, FAULT_REPRESENTATION_NAMESPACE,
				  "%s in Body is no instance of %s", element->name,
				  call->resource.class_name);
	return true;
}

void wsman_put(struct wsman_call *call)
{
	const struct cim_object_path path = path_of(call);
	const struct cim_argument *properties;
	struct wsman_fault fault;
	size_t count;

	if (!check_element(call, &fault) ||
	    !wsman_arguments_read(call, call->body, &properties, &count, &fault))
		return refuse_put(call, &fault);
	wsman_expect(call, put);
	cim_modify(&call->operation, &path, properties, count);
	wsman_await(call);
}
