/* SPDX-License-Identifier: MIT */
/* transfer.c -- WS-Transfer: Get. */
#include "front/wsman/call.h"
#include "front/wsman/instance_xml.h"
#include "front/wsman/names.h"

static void got(struct cim_operation *operation)
{
	struct wsman_call *call = operation->binding;
	struct text out;

	if (operation->error.status != CIM_STATUS_OK)
		return wsman_refuse_cim(call, &operation->error);
	wsman_begin(call, NS_TRANSFER "/GetResponse", &out);
	wsman_instance_write(&out, call->resource.family, operation->instance, NULL);
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}

void wsman_get(struct wsman_call *call)
{
	const struct cim_object_path path = {
		.ns = call->resource.ns,
		.class_name = call->resource.class_name,
		.keys = call->selectors,
		.key_count = call->selector_count,
	};

	call->operation.finished = got;
	cim_get(&call->operation, &path);
}
