/* SPDX-License-Identifier: MIT */
/* guest_service_settings.c -- ModifyGuestServiceSettings: switches the exchange with a VM on and
 * off, and the host's own items.
 *
 * Clients send the whole text of Msvm_KvpExchangeComponentSettingData back; but for EnabledState
 * and DisableHostKVPItems it is passed over. Several settings are changed one after another: the
 * first that cannot be ends the call. */
#include "provider/service_methods.h"

#include <strings.h>

#include "cim/embedded.h"
#include "openkvp/scoped.h"
#include "provider/vm_walk.h"

#define CLASS        "Msvm_KvpExchangeComponentSettingData"
#define SETTINGS_MAX 128 /* of one call */

enum { ENABLED = 2, DISABLED = 3 }; /* EnabledState */

enum answer {
	ANSWER_DONE = 0,
	ANSWER_NOT_SUPPORTED = 1,
	ANSWER_FAILED = 2,
	ANSWER_INVALID_PARAMETER = 4,
};

struct change {
	struct guid vm;
	bool has_enabled, enabled, has_host_items, host_items;
};

/* A call on its way; it lives in the operation's arena. */
struct call {
	struct cim_operation *operation;
	struct change *change;
	struct cim_value *result;
	size_t count, at;
	struct exchange_vm_call exchange;
};

/* --- Reading --- */

/* The value of a property that is set, as its type; false where it is not, or after a failure. */
static bool read_value(struct arena *arena, const struct cim_embedded *embedded, const char *name,
		       enum cim_type type, struct cim_value *ret_value, struct okvp_error *err)
{
	const struct cim_embedded_property *property = cim_embedded_find(embedded, name);

	*ret_value = (struct cim_value){ 0 };
	if (!property ||
	    cim_value_from_text(arena, type, property->text, property->length, ret_value, err))
		return true;
	return okvp_fail_in(err, "%s", name);
}

static bool read_change(struct arena *arena, const struct cim_embedded *embedded,
			struct change *ret_change, struct okvp_error *err)
{
	struct cim_value id, enabled, disabled;

	if (!read_value(arena, embedded, "InstanceID", CIM_STRING, &id, err) ||
	    !read_value(arena, embedded, "EnabledState", CIM_UINT16, &enabled, err) ||
	    !read_value(arena, embedded, "DisableHostKVPItems", CIM_BOOLEAN, &disabled, err))
		return false;
	if (!id.is_set || !vm_of_component_id(id.string.bytes, &ret_change->vm))
		return okvp_fail(err, OKVP_INVALID, "InstanceID names no exchange of a VM");
	if (enabled.is_set && enabled.uint != ENABLED && enabled.uint != DISABLED)
		return okvp_fail(err, OKVP_INVALID, "EnabledState can be %d or %d", ENABLED,
				 DISABLED);
	ret_change->has_enabled = enabled.is_set;
	ret_change->enabled = enabled.is_set && enabled.uint == ENABLED;
	ret_change->has_host_items = disabled.is_set;
	ret_change->host_items = disabled.is_set && !disabled.boolean;
	return true;
}

static bool read_setting(struct arena *arena, const struct cim_value *text,
			 struct change *ret_change, struct okvp_error *err)
{
	struct cim_embedded embedded;

	if (!text->is_set)
		return okvp_fail(err, OKVP_INVALID, "it is NULL");
	if (!cim_embedded_read(arena, text->string.bytes, text->string.length, &embedded, err))
		return false;
	if (strcasecmp(embedded.class_name, CLASS) != 0)
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "only an instance of " CLASS " can be changed");
	return read_change(arena, &embedded, ret_change, err);
}

static bool read_settings(struct call *call, struct okvp_error *err)
{
	struct arena *arena = call->operation->arena;
	const struct cim_value *settings = cim_input(call->operation, "GuestServiceSettings");

	call->count = settings->is_set ? settings->array.count : 0;
	if (call->count == 0 || call->count > SETTINGS_MAX)
		return okvp_fail(err, OKVP_INVALID,
				 "GuestServiceSettings has %zu elements, not 1 "
				 "to %d",
				 call->count, SETTINGS_MAX);
	call->change = arena_array(arena, struct change, call->count);
	call->result = arena_array(arena, struct cim_value, call->count);
	for (size_t i = 0; i < call->count; i++)
		if (!read_setting(arena, &settings->array.item[i], &call->change[i], err))
			return okvp_fail_in(err, "GuestServiceSettings[%zu]", i);
	return true;
}

/* --- Changing --- */

static uint64_t code_of(enum okvp_status status)
{
	switch (status) {
	case OKVP_DENIED:
		return JOB_ACCESS_DENIED;
	case OKVP_UNSUPPORTED:
		return ANSWER_NOT_SUPPORTED;
	case OKVP_INVALID:
	case OKVP_INVALID_TEXT:
	case OKVP_WRONG_TYPE:
	case OKVP_TOO_LONG:
	case OKVP_LIMIT:
	case OKVP_NOT_FOUND:
		return ANSWER_INVALID_PARAMETER;
	default:
		return ANSWER_FAILED;
	}
}

static struct cim_value reference_to(struct cim_operation *operation, const struct guid *vm)
{
	struct cim_object_path *path = arena_new(operation->arena, struct cim_object_path);
	struct cim_key *key = arena_new(operation->arena, struct cim_key);

	*key = (struct cim_key){ "InstanceID",
				 cim_string(vm_component_id_of(operation->arena, vm)) };
	*path = (struct cim_object_path){ operation->class->ns->name, CLASS, key, 1 };
	return cim_reference(path);
}

static void change_next(struct call *call);

static void changed(struct exchange_vm_call *exchange)
{
	struct call *call = exchange->context;

	if (exchange->error.status != OKVP_OK) {
		service_refuse(call->operation, code_of(exchange->error.status), &exchange->error);
		return;
	}
	call->result[call->at] = reference_to(call->operation, &call->change[call->at].vm);
	call->at++;
	change_next(call);
}

static void change_next(struct call *call)
{
	struct cim_operation *operation = call->operation;
	struct host *host = cim_service_context(operation->service);
	struct change *change = &call->change[call->at];

	if (call->at == call->count) {
		*cim_output(operation, "ResultingGuestServiceSettings") =
			cim_array(CIM_REFERENCE, call->result, call->count);
		service_answer(operation, ANSWER_DONE);
		return;
	}
	call->exchange = (struct exchange_vm_call){
		.verb = VM_SET,
		.id = change->vm,
		.exchange_enabled = change->has_enabled ? &change->enabled : NULL,
		.host_items = change->has_host_items ? &change->host_items : NULL,
		.principal = operation->principal,
		.finished = changed,
		.context = call,
	};
	exchange_change_vm(host_exchange(host), &call->exchange);
}

void service_modify_guest_service_settings(struct cim_operation *operation)
{
	struct call *call = arena_new(operation->arena, struct call);
	struct okvp_error err;

	call->operation = operation;
	if (read_settings(call, &err))
		change_next(call);
	else
		service_refuse(operation, code_of(err.status), &err);
}
