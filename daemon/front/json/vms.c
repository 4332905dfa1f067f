/* SPDX-License-Identifier: MIT */
/* vms.c -- /v1/vms: define, look at, change and undefine virtual machines. */
#include "front/json/request.h"

#include "base/memory.h"
#include "front/json/read.h"
#include "front/json/write.h"
#include "openkvp/scoped.h"

bool api_list_vms(struct api_request *request, struct text *body, struct okvp_error *err)
{
	scoped(vm_list_release) struct vm_list *list = vm_registry_list(host_vms(request->host));

	text_literal(body, "{\"vms\":[");
	for (size_t i = 0; i < list->count; i++) {
		scoped(snapshot_release) struct snapshot *snapshot = vm_snapshot(list->vm[i]);

		if (!snapshot)
			continue;
		if (body->bytes[body->length - 1] == '}')
			text_putc(body, ',');
		api_write_vm(body, list->vm[i], snapshot);
	}
	text_literal(body, "]}");
	return true;
}

bool api_get_vm(struct api_request *request, struct text *body, struct okvp_error *err)
{
	const struct snapshot *snapshot = api_snapshot(request, err);

	if (!snapshot)
		return false;
	api_write_vm(body, request->vm, snapshot);
	return true;
}

/* A change to a VM on its way; lives in the request's arena. */
struct change {
	struct api_request *request;
	struct exchange_vm_call call;
	bool exchange_enabled, host_items, allow_secrets; /* what the call's pointers lead to */
};

static void submit(struct api_request *request, struct change *change,
		   void (*finished)(struct exchange_vm_call *call))
{
	change->request = request;
	change->call.principal = request->http->principal;
	change->call.finished = finished;
	change->call.context = change;
	exchange_change_vm(host_exchange(request->host), &change->call);
}

static void defined(struct exchange_vm_call *call)
{
	struct change *change = call->context;
	struct api_request *request = change->request;

	if (call->error.status != OKVP_OK ||
	    !api_take_vm(request, vm_registry_find_id(host_vms(request->host), &call->id),
			 call->name, &call->error))
		api_fail(request, &call->error, NULL, NULL);
	else
		api_answer(request, call->existed ? 200 : 201, api_get_vm);
}

static bool read_definition(struct api_request *request, struct change *change,
			    struct okvp_error *err)
{
	json_t *id = NULL, *name = NULL, *channel = NULL;
	const char *id_text;
	const struct api_member members[] = {
		{ "id", &id, API_STRING, API_OPTIONAL },
		{ "name", &name, API_STRING, API_NEEDED },
		{ "channel", &channel, API_STRING, API_OPTIONAL },
	};

	if (!api_read_body(request->http, members, count_of(members), err) ||
	    !api_read_text(id, "id", &id_text, err) ||
	    !api_read_text(name, "name", &change->call.name, err) ||
	    !api_read_text(channel, "channel", &change->call.channel, err))
		return false;
	if (id_text && !guid_from_text(id_text, &change->call.id))
		return okvp_fail(err, OKVP_INVALID, "'%s' is not a GUID", id_text);
	return true;
}

void api_define_vm(struct api_request *request)
{
	struct change *change = arena_new(request->arena, struct change);
	struct okvp_error error;

	change->call.verb = VM_DEFINE;
	if (!read_definition(request, change, &error))
		api_fail(request, &error, NULL, NULL);
	else
		submit(request, change, defined);
}

static void changed(struct exchange_vm_call *call)
{
	struct change *change = call->context;

	if (call->error.status != OKVP_OK)
		api_fail(change->request, &call->error, NULL, NULL);
	else
		api_answer(change->request, 200, api_get_vm);
}

static bool read_change(struct api_request *request, struct change *change, struct okvp_error *err)
{
	json_t *name = NULL, *channel = NULL, *exchange_enabled = NULL, *host_items = NULL;
	json_t *allow_secrets = NULL;
	const struct api_member members[] = {
		{ "name", &name, API_STRING, API_OPTIONAL },
		{ "channel", &channel, API_STRING, API_OPTIONAL },
		{ "exchange_enabled", &exchange_enabled, API_BOOLEAN, API_OPTIONAL },
		{ "host_items", &host_items, API_BOOLEAN, API_OPTIONAL },
		{ "allow_secrets", &allow_secrets, API_BOOLEAN, API_OPTIONAL },
	};

	if (!api_read_body(request->http, members, count_of(members), err) ||
	    !api_read_text(name, "name", &change->call.name, err) ||
	    !api_read_text(channel, "channel", &change->call.channel, err))
		return false;
	if (!name && !channel && !exchange_enabled && !host_items && !allow_secrets)
		return okvp_fail(err, OKVP_INVALID, "nothing to change");
	change->exchange_enabled = json_is_true(exchange_enabled);
	change->host_items = json_is_true(host_items);
	change->call.exchange_enabled = exchange_enabled ? &change->exchange_enabled : NULL;
	change->call.host_items = host_items ? &change->host_items : NULL;
	change->allow_secrets = json_is_true(allow_secrets);
	change->call.allow_secrets = allow_secrets ? &change->allow_secrets : NULL;
	return true;
}

void api_change_vm(struct api_request *request)
{
	struct change *change = arena_new(request->arena, struct change);
	struct okvp_error error;

	change->call.verb = VM_SET;
	change->call.id = *vm_id(request->vm);
	if (!read_change(request, change, &error))
		api_fail(request, &error, NULL, NULL);
	else
		submit(request, change, changed);
}

static void undefined(struct exchange_vm_call *call)
{
	struct change *change = call->context;
	struct okvp_error error = call->error;
	struct text nothing = { 0 };

	if (error.status == OKVP_BUSY)
		okvp_fail(&error, OKVP_BUSY, "%s; items=1 (openkvp: --items) removes them with it",
			  call->error.message);
	if (error.status != OKVP_OK)
		api_fail(change->request, &error, NULL, NULL);
	else
		api_answer_body(change->request, 204, &nothing);
}

void api_undefine_vm(struct api_request *request)
{
	struct change *change = arena_new(request->arena, struct change);
	uint64_t with_items;
	struct okvp_error error;

	change->call.verb = VM_UNDEFINE;
	change->call.id = *vm_id(request->vm);
	if (!api_query_number(request, "items", 1, &with_items, &error)) {
		api_fail(request, &error, NULL, NULL);
		return;
	}
	change->call.with_items = with_items;
	submit(request, change, undefined);
}
