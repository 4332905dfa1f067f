/* SPDX-License-Identifier: MIT */
/* vs_management_service.c -- Msvm_VirtualSystemManagementService: AddKvpItems and its sisters. */
#include "provider/provider_list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/memory.h"
#include "cim/operation.h"
#include "openkvp/scoped.h"
#include "provider/kvp_exchange_data_item.h"
#include "provider/service_methods.h"
#include "provider/vm_walk.h"

#define SERVICE_NAME "vmms"

/* A method's call between its beginning and its end; it lives in the operation's arena. */
struct kvp_call {
	struct cim_operation *operation;
	struct exchange_call exchange;
};

/* --- The one instance --- */

static void fill(struct host *host, struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_SYSTEM_NAME, host_name(host));
}

struct walk {
	struct host *host;
	bool done;
};

static void *walk_begin(void *context, const struct cim_class *class)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->host = context;
	return walk;
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	if (walk->done)
		return false;
	walk->done = true;
	fill(walk->host, instance);
	return true;
}

static void walk_end(void *context)
{
	free(context);
}

static bool find(void *context, const struct cim_object_path *path, struct cim_instance *instance)
{
	const char *name = cim_path_text_key(path, "Name");
	const char *system = cim_path_text_key(path, "SystemName");

	if ((name && strcasecmp(name, SERVICE_NAME) != 0) ||
	    (system && strcasecmp(system, host_name(context)) != 0))
		return false;
	fill(context, instance);
	return true;
}

void service_answer(struct cim_operation *operation, uint64_t code)
{
	operation->return_value = cim_uint(CIM_UINT32, code);
	cim_operation_finish(operation);
}

void service_refuse(struct cim_operation *operation, uint64_t code, const struct okvp_error *err)
{
	log_info(operation->peer, "%s refused: %s", operation->method->name, err->message);
	service_answer(operation, code);
}

/* --- AddKvpItems, ModifyKvpItems, RemoveKvpItems --- */

/* An argument error, found before the call was dispatched: its code, and no job. */
static void refuse(struct cim_operation *operation, const struct okvp_error *err)
{
	service_refuse(operation, job_error_from(err->status), err);
}

static const struct cim_object_path *job_path(struct cim_operation *operation,
					      const struct guid *id)
{
	struct cim_object_path *path = arena_new(operation->arena, struct cim_object_path);
	struct cim_key *key = arena_new(operation->arena, struct cim_key);
	char text[GUID_TEXT_SIZE];

	guid_to_text(id, text);
	key->name = "InstanceID";
	key->value = cim_string(arena_text(operation->arena, text, strlen(text)));
	path->ns = operation->class->ns->name;
	path->class_name = "Msvm_ConcreteJob";
	path->keys = key;
	path->key_count = 1;
	return path;
}

void service_answer_job(struct cim_operation *operation, const struct guid *job)
{
	*cim_output(operation, "Job") = cim_reference(job_path(operation, job));
	service_answer(operation, JOB_STARTED);
}

static void finished(struct exchange_call *exchange)
{
	struct kvp_call *call = exchange->context;
	struct cim_operation *operation = call->operation;

	vm_release(&exchange->vm);
	if (!exchange->has_job) {
		refuse(operation, &exchange->error);
		return;
	}
	service_answer_job(operation, &exchange->job);
}

static void fail_target(struct cim_operation *operation, const char *parameter, const char *name)
{
	struct host *host = cim_service_context(operation->service);
	struct okvp_error err;

	if (name && strcasecmp(name, host_name(host)) == 0) {
		okvp_fail(&err, OKVP_UNSUPPORTED, "%s is the host itself", parameter);
		refuse(operation, &err);
		return;
	}
	cim_fail(&operation->error, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE,
		 "%s: there is no virtual machine '%s'", parameter, name ? name : "");
	cim_operation_finish(operation);
}

struct vm *service_target(struct cim_operation *operation, const char *parameter)
{
	struct host *host = cim_service_context(operation->service);
	const struct cim_value *system = cim_input(operation, parameter);
	const char *name = NULL;
	struct vm *vm;

	if (strcasecmp(system->reference->class_name, "Msvm_ComputerSystem") != 0 &&
	    strcasecmp(system->reference->class_name, "CIM_ComputerSystem") != 0) {
		cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER,
			 CIM_DETAIL_PARAMETER_VALUE,
			 "%s names a %s; an Msvm_ComputerSystem is needed", parameter,
			 system->reference->class_name);
		cim_operation_finish(operation);
		return NULL;
	}
	name = cim_path_text_key(system->reference, "Name");
	vm = vm_by_guid(host, name);
	if (!vm)
		fail_target(operation, parameter, name);
	return vm;
}

static bool read_items(struct cim_operation *operation, enum exchange_verb verb,
		       struct exchange_call *call, struct okvp_error *err)
{
	const struct cim_value *items = cim_input(operation, "DataItems");
	struct exchange_change *changes;

	call->count = items->is_set ? items->array.count : 0;
	if (call->count > EXCHANGE_BATCH_MAX)
		return okvp_fail(err, OKVP_LIMIT, "DataItems has %zu items; %d is the most",
				 call->count, EXCHANGE_BATCH_MAX);
	changes = arena_array(operation->arena, struct exchange_change, call->count);
	for (size_t i = 0; i < call->count; i++) {
		const struct cim_value *text = &items->array.item[i];

		if (!text->is_set)
			return okvp_fail(err, OKVP_INVALID, "DataItems[%zu] is NULL", i);
		if (!kvp_read_item(operation->arena, &text->string, &changes[i], err))
			return okvp_fail_in(err, "DataItems[%zu]", i);
		changes[i].verb = verb;
	}
	call->changes = changes;
	return true;
}

static void change_items(struct cim_operation *operation, enum exchange_verb verb,
			 enum job_kind kind)
{
	struct host *host = cim_service_context(operation->service);
	struct kvp_call *call = arena_new(operation->arena, struct kvp_call);
	struct vm *vm = service_target(operation, "TargetSystem");
	struct okvp_error err;

	if (!vm)
		return;
	call->operation = operation;
	call->exchange.vm = vm;
	call->exchange.kind = kind;
	call->exchange.principal = operation->principal;
	call->exchange.finished = finished;
	call->exchange.context = call;
	if (!read_items(operation, verb, &call->exchange, &err)) {
		vm_release(&vm);
		refuse(operation, &err);
		return;
	}
	exchange_submit(host_exchange(host), &call->exchange);
}

static void add_kvp_items(struct cim_operation *operation)
{
	change_items(operation, EXCHANGE_ADD, JOB_ADD);
}

static void modify_kvp_items(struct cim_operation *operation)
{
	change_items(operation, EXCHANGE_MODIFY, JOB_MODIFY);
}

static void remove_kvp_items(struct cim_operation *operation)
{
	change_items(operation, EXCHANGE_REMOVE, JOB_REMOVE);
}

static const struct cim_method_entry methods[] = {
	{ .name = "AddKvpItems", .invoke = add_kvp_items },
	{ .name = "FormatError", .invoke = service_format_error },
	{ .name = "GetSummaryInformation", .invoke = service_get_summary_information },
	{ .name = "ModifyGuestServiceSettings", .invoke = service_modify_guest_service_settings },
	{ .name = "ModifyKvpItems", .invoke = modify_kvp_items },
	{ .name = "RemoveKvpItems", .invoke = remove_kvp_items },
	{ .name = "SetGuestNetworkAdapterConfiguration",
	  .invoke = service_set_guest_network_adapter_configuration },
	{ 0 },
};

const struct cim_provider vs_management_service_provider = {
	.class_id = MSVM_VIRTUAL_SYSTEM_MANAGEMENT_SERVICE,
	.walk_begin = walk_begin,
	.walk_next = walk_next,
	.walk_end = walk_end,
	.find = find,
	.methods = methods,
};
