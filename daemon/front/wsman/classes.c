/* SPDX-License-Identifier: MIT */
/* classes.c -- the classes themselves, as elements of CIM-XML. */
#include "front/wsman/classes.h"

#include <string.h>
#include <strings.h>

#include "front/wsman/names.h"

/* Clients of Windows name their origin classes without asking for it. */
#define WINDOWS_CLIENT "Microsoft WinRM Client"

struct cim_class_xml_options wsman_class_options(const struct wsman_call *call)
{
	const char *agent = call->message->user_agent;
	bool is_windows = agent && strcasecmp(agent, WINDOWS_CLIENT) == 0;

	return (struct cim_class_xml_options){
		.inherited = wsman_option(call, "IncludeInheritedElements", false),
		.qualifiers = wsman_option(call, "IncludeQualifiers", false),
		.class_origin = wsman_option(call, "IncludeClassOrigin", is_windows),
		.derivation = wsman_option(call, "IncludeInheritanceHierarchy", false),
	};
}

static bool read_class_name(const struct wsman_call *call, const char **ret_name,
			    struct wsman_fault *fault)
{
	*ret_name = NULL;
	for (size_t i = 0; i < call->selector_count; i++) {
		const struct cim_key *selector = &call->selectors[i];

		if (strcasecmp(selector->name, SELECTOR_CLASS) != 0)
			return wsman_fail(fault, FAULT_SELECTORS_UNEXPECTED,
					  "a class has no selector '%s'", selector->name);
		if (selector->value.type != CIM_STRING)
			return wsman_fail(fault, FAULT_SELECTORS_TYPE,
					  "the selector " SELECTOR_CLASS " is a name");
		*ret_name = selector->value.string.bytes;
	}
	return true;
}

static bool find_class(struct wsman_call *call, const char *name,
		       const struct cim_class **ret_class, struct wsman_fault *fault)
{
	struct cim_error error;

	return cim_resolve_class(call->resource.ns, name, ret_class, &error) ||
	       wsman_fail_cim(fault, &error);
}

static bool find_namespace(struct wsman_call *call, const struct cim_namespace **ret_ns,
			   struct wsman_fault *fault)
{
	const char *name = *call->resource.ns ? call->resource.ns : cim_namespaces[0]->name;
	struct cim_error error;

	*ret_ns = cim_namespace_find(name);
	if (*ret_ns)
		return true;
	cim_fail(&error, CIM_STATUS_INVALID_NAMESPACE, CIM_DETAIL_NONE, "no namespace '%s'", name);
	return wsman_fail_cim(fault, &error);
}

bool wsman_classes_find(struct wsman_call *call, const struct cim_class *const **ret_classes,
			size_t *ret_count, struct wsman_fault *fault)
{
	const struct cim_namespace *ns;
	const struct cim_class *class;
	const char *name;

	if (!read_class_name(call, &name, fault))
		return false;
	if (name && *name) {
		if (!find_class(call, name, &class, fault))
			return false;
		*ret_classes = cim_class_descendants(class);
		*ret_count = class->descendant_count;
		return true;
	}
	if (!find_namespace(call, &ns, fault))
		return false;
	*ret_classes = ns->classes;
	*ret_count = ns->class_count;
	return true;
}

void wsman_get_class(struct wsman_call *call)
{
	const struct cim_class_xml_options options = wsman_class_options(call);
	const struct cim_class *class;
	struct wsman_fault fault;
	const char *name;
	struct text out;

	if (!read_class_name(call, &name, &fault))
		return wsman_refuse(call, &fault);
	if (!name || !*name) {
		wsman_fail(&fault, FAULT_SELECTORS_MISSING,
			   "the selector " SELECTOR_CLASS " is missing");
		return wsman_refuse(call, &fault);
	}
	if (!find_class(call, name, &class, &fault))
		return wsman_refuse(call, &fault);
	wsman_begin(call, NS_TRANSFER "/GetResponse", &out);
	cim_class_xml(&out, class, &options);
	wsman_end(call, &out, FAULT_ENVELOPE_SIZE);
}
