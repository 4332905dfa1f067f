/* SPDX-License-Identifier: MIT */
/* actions.c -- every Action that is answered. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/call.h"
#include "front/wsman/names.h"
#include "xml/xml.h"

enum resource_need { RESOURCE_REQUIRED, RESOURCE_OPTIONAL };

static const struct action {
	const char *uri;
	void (*handle)(struct wsman_call *call);
	void (*classes)(struct wsman_call *call); /* on classes instead of instances */
	enum role role;
	enum resource_need need;
} actions[] = {
	{ NS_TRANSFER "/Get", wsman_get, wsman_get_class, ROLE_READ, RESOURCE_REQUIRED },
	{ NS_TRANSFER "/Put", wsman_put, NULL, ROLE_WRITE, RESOURCE_REQUIRED },
	{ NS_ENUMERATION "/Enumerate", wsman_enumerate, wsman_enumerate_classes, ROLE_READ,
	  RESOURCE_REQUIRED },
	{ NS_ENUMERATION "/Pull", wsman_pull, wsman_pull, ROLE_READ, RESOURCE_REQUIRED },
	{ NS_ENUMERATION "/Release", wsman_release, wsman_release, ROLE_READ, RESOURCE_REQUIRED },
	{ NS_EVENTING "/Subscribe", wsman_subscribe, NULL, ROLE_READ, RESOURCE_REQUIRED },
	{ NS_EVENTING "/Renew", wsman_renew, NULL, ROLE_READ, RESOURCE_OPTIONAL },
	{ NS_EVENTING "/Unsubscribe", wsman_unsubscribe, NULL, ROLE_READ, RESOURCE_OPTIONAL },
};

/* What a method may do, its provider knows: it answers by a return value. */
static const struct action method_action = { NULL, wsman_invoke, NULL, ROLE_NONE,
					     RESOURCE_REQUIRED };

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
	if (call->resource.uri && strcasecmp(resource.class_name, call->resource.class_name) != 0) {
		wsman_fail(fault, FAULT_ACTION_MISMATCH, "the action is of another class: %s",
			   call->action);
		return NULL;
	}
	return &method_action;
}

static bool check_resource(const struct wsman_call *call, const struct action *action,
			   struct wsman_fault *fault)
{
	if (!call->resource.uri && action->need == RESOURCE_REQUIRED)
		return wsman_fail(fault, FAULT_RESOURCE_URI, "the header ResourceURI is missing");
	if (call->resource.target == WSMAN_CLASSES_WS_CIM)
		return wsman_fail(fault, FAULT_UNSUPPORTED, "classes are not written as schemas");
	if (call->resource.target == WSMAN_CLASSES && !action->classes)
		return wsman_fail(fault, FAULT_ACTION_MISMATCH, "classes are read only");
	return true;
}

static bool check_role(const struct wsman_call *call, const struct action *action,
		       struct wsman_fault *fault)
{
	if (call->message->principal.role >= action->role)
		return true;
	wsman_fail(fault, FAULT_ACCESS, "the role of user '%s' does not allow this",
		   call->message->principal.name);
	fault->status = CIM_STATUS_ACCESS_DENIED;
	return false;
}

/* What every request but Identify has in its header. */
static bool check_header(const struct wsman_call *call, struct wsman_fault *fault)
{
	return (call->action && call->message_id) ||
	       wsman_fail(fault, FAULT_HEADER_MISSING, "the header %s is missing",
			  call->action ? "MessageID" : "Action");
}

void wsman_act(struct wsman_call *call)
{
	const struct action *action = NULL;
	struct wsman_fault fault;

	if (check_header(call, &fault))
		action = find_action(call, &fault);
	if (!action || !check_resource(call, action, &fault) || !check_role(call, action, &fault))
		return wsman_refuse(call, &fault);
	if (call->resource.target == WSMAN_CLASSES)
		action->classes(call);
	else
		action->handle(call);
}
