/* SPDX-License-Identifier: MIT */
/* actions.c -- every Action that is answered. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/call.h"
#include "front/wsman/names.h"
#include "xml/xml.h"

static const struct action {
	const char *uri;
	void (*handle)(struct wsman_call *call);
	enum role role;
} actions[] = {
	{ NS_TRANSFER "/Get", wsman_get, ROLE_READ },
	{ NS_ENUMERATION "/Enumerate", wsman_enumerate, ROLE_READ },
	{ NS_ENUMERATION "/Pull", wsman_pull, ROLE_READ },
	{ NS_ENUMERATION "/Release", wsman_release, ROLE_READ },
};

/* What a method may do, its provider knows: it answers by a return value. */
static const struct action method_action = { NULL, wsman_invoke, ROLE_NONE };

/* The method of an Action like URI-OF-CLASS/METHOD, in either family; NULL: it is none. */
static const char *method_of(struct wsman_call *call, struct wsman_resource *ret_resource)
{
	const char *slash = strrchr(call->action, '/');
	const char *uri;

	if (!slash || slash[1] == '\0')
		return NULL;
	uri = arena_text(call->arena, call->action, (size_t)(slash - call->action));
	return wsman_resource_read(call->arena, uri, ret_resource) ? slash + 1 : NULL;
}

static const struct action *find_action(struct wsman_call *call, struct wsman_fault *fault)
{
	struct wsman_resource resource;

	for (size_t i = 0; i < count_of(actions); i++)
		if (strcmp(actions[i].uri, call->action) == 0)
			return &actions[i];
	call->method = method_of(call, &resource);
	if (!call->method) {
		wsman_fail(fault, FAULT_ACTION, "no such action: %s", call->action);
		return NULL;
	}
	if (strcasecmp(resource.class_name, call->resource.class_name) != 0) {
		wsman_fail(fault, FAULT_ACTION_MISMATCH, "the action is of another class: %s",
			   call->action);
		return NULL;
	}
	return &method_action;
}

/* What every request but Identify has in its header. */
static bool check_header(const struct wsman_call *call, struct wsman_fault *fault)
{
	if (!call->action || !call->message_id)
		return wsman_fail(fault, FAULT_HEADER_MISSING, "the header %s is missing",
				  call->action ? "MessageID" : "Action");
	if (!call->resource.uri)
		return wsman_fail(fault, FAULT_RESOURCE_URI, "the header ResourceURI is missing");
	return true;
}

void wsman_act(struct wsman_call *call)
{
	const struct action *action;
	struct wsman_fault fault;

	if (!check_header(call, &fault))
		return wsman_refuse(call, &fault);
	action = find_action(call, &fault);
	if (!action)
		return wsman_refuse(call, &fault);
	if (call->message->principal.role < action->role) {
		wsman_fail(&fault, FAULT_ACCESS, "the role of user '%s' does not allow this",
			   call->message->principal.name);
		fault.status = CIM_STATUS_ACCESS_DENIED;
		return wsman_refuse(call, &fault);
	}
	action->handle(call);
}
