/* SPDX-License-Identifier: MIT */
/* operations.c -- every intrinsic operation (DSP0200 section 5.3). One that is not here is not
 * supported, which is what makes clients fall back from it to another. */
#include <strings.h>

#include "base/memory.h"
#include "front/cimxml/call.h"

#define OF_CLASS    (P(LOCAL_ONLY) | P(INCLUDE_QUALIFIERS) | P(INCLUDE_CLASS_ORIGIN))
#define OF_INSTANCE (OF_CLASS | P(PROPERTY_LIST))
#define OF_OBJECT   (P(INCLUDE_QUALIFIERS) | P(INCLUDE_CLASS_ORIGIN) | P(PROPERTY_LIST))
#define REFERRING   (P(RESULT_CLASS) | P(ROLE))
#define ASSOCIATED  (P(ASSOC_CLASS) | P(RESULT_CLASS) | P(ROLE) | P(RESULT_ROLE))
#define OF_OPENED                                                            \
	(P(FILTER_QUERY_LANGUAGE) | P(FILTER_QUERY) | P(OPERATION_TIMEOUT) | \
	 P(CONTINUE_ON_ERROR) | P(MAX_OBJECT_COUNT))
#define OF_PULLED (P(ENUMERATION_CONTEXT) | P(MAX_OBJECT_COUNT))

static const struct cimxml_operation operations[] = {
	{
		.name = "GetInstance",
		.handle = cimxml_get_instance,
		.signature = { .takes = P(INSTANCE_NAME) | OF_INSTANCE, .needs = P(INSTANCE_NAME) },
		.form = FORM_INSTANCE,
	},
	{
		.name = "EnumerateInstances",
		.handle = cimxml_list,
		.signature = { .takes = P(CLASS_NAME) | P(DEEP_INHERITANCE) | OF_INSTANCE,
			       .needs = P(CLASS_NAME),
			       .preset = P(DEEP_INHERITANCE) },
		.form = FORM_NAMED_INSTANCE,
	},
	{
		.name = "EnumerateInstanceNames",
		.handle = cimxml_list,
		.signature = { .takes = P(CLASS_NAME), .needs = P(CLASS_NAME) },
		.form = FORM_INSTANCE_NAME,
	},
	{
		.name = "ExecQuery",
		.handle = cimxml_list,
		.signature = { .takes = P(QUERY_LANGUAGE) | P(QUERY),
			       .needs = P(QUERY_LANGUAGE) | P(QUERY) },
		.form = FORM_OBJECT_WITH_PATH,
	},
	{
		.name = "GetProperty",
		.handle = cimxml_get_property,
		.signature = { .takes = P(INSTANCE_NAME) | P(PROPERTY_NAME),
			       .needs = P(INSTANCE_NAME) | P(PROPERTY_NAME) },
	},

	/* --- Changes. Whether the user may, is seen when it is known of what. --- */
	{
		.name = "CreateInstance",
		.handle = cimxml_create_instance,
		.signature = { .takes = P(NEW_INSTANCE), .needs = P(NEW_INSTANCE) },
	},
	{
		.name = "ModifyInstance",
		.handle = cimxml_modify_instance,
		.signature = { .takes = P(MODIFIED_INSTANCE) | P(INCLUDE_QUALIFIERS) |
					P(PROPERTY_LIST),
			       .needs = P(MODIFIED_INSTANCE) },
	},
	{
		.name = "DeleteInstance",
		.handle = cimxml_delete_instance,
		.signature = { .takes = P(INSTANCE_NAME), .needs = P(INSTANCE_NAME) },
	},
	{
		.name = "SetProperty",
		.handle = cimxml_set_property,
		.signature = { .takes = P(INSTANCE_NAME) | P(PROPERTY_NAME) | P(NEW_VALUE),
			       .needs = P(INSTANCE_NAME) | P(PROPERTY_NAME) },
	},

	/* --- Associations --- */
	{
		.name = "Associators",
		.handle = cimxml_list,
		.signature = { .takes = P(OBJECT_NAME) | ASSOCIATED | OF_OBJECT,
			       .needs = P(OBJECT_NAME) },
		.form = FORM_OBJECT_WITH_PATH,
	},
	{
		.name = "AssociatorNames",
		.handle = cimxml_list,
		.signature = { .takes = P(OBJECT_NAME) | ASSOCIATED, .needs = P(OBJECT_NAME) },
		.form = FORM_OBJECT_PATH,
	},
	{
		.name = "References",
		.handle = cimxml_list,
		.signature = { .takes = P(OBJECT_NAME) | REFERRING | OF_OBJECT,
			       .needs = P(OBJECT_NAME) },
		.form = FORM_OBJECT_WITH_PATH,
		.associations = true,
	},
	{
		.name = "ReferenceNames",
		.handle = cimxml_list,
		.signature = { .takes = P(OBJECT_NAME) | REFERRING, .needs = P(OBJECT_NAME) },
		.form = FORM_OBJECT_PATH,
		.associations = true,
	},

	/* --- Classes and qualifiers --- */
	{
		.name = "GetClass",
		.handle = cimxml_get_class,
		.signature = { .takes = P(CLASS_NAME) | OF_INSTANCE,
			       .needs = P(CLASS_NAME),
			       .preset = P(LOCAL_ONLY) | P(INCLUDE_QUALIFIERS) },
	},
	{
		.name = "EnumerateClasses",
		.handle = cimxml_list_classes,
		.signature = { .takes = P(CLASS_NAME) | P(DEEP_INHERITANCE) | OF_CLASS,
			       .preset = P(LOCAL_ONLY) | P(INCLUDE_QUALIFIERS) },
	},
	{
		.name = "EnumerateClassNames",
		.handle = cimxml_list_class_names,
		.signature = { .takes = P(CLASS_NAME) | P(DEEP_INHERITANCE) },
	},
	{
		.name = "GetQualifier",
		.handle = cimxml_get_qualifier,
		.signature = { .takes = P(QUALIFIER_NAME), .needs = P(QUALIFIER_NAME) },
	},
	{
		.name = "EnumerateQualifiers",
		.handle = cimxml_list_qualifiers,
	},
	{
		.name = "CreateClass",
		.handle = cimxml_change_schema,
		.signature = { .takes = P(NEW_CLASS), .needs = P(NEW_CLASS) },
	},
	{
		.name = "ModifyClass",
		.handle = cimxml_change_schema,
		.signature = { .takes = P(MODIFIED_CLASS), .needs = P(MODIFIED_CLASS) },
	},
	{
		.name = "DeleteClass",
		.handle = cimxml_change_schema,
		.signature = { .takes = P(CLASS_NAME), .needs = P(CLASS_NAME) },
	},
	{
		.name = "SetQualifier",
		.handle = cimxml_change_schema,
		.signature = { .takes = P(QUALIFIER_DECLARATION),
			       .needs = P(QUALIFIER_DECLARATION) },
	},
	{
		.name = "DeleteQualifier",
		.handle = cimxml_change_schema,
		.signature = { .takes = P(QUALIFIER_NAME), .needs = P(QUALIFIER_NAME) },
	},

	/* --- Pulled listings --- */
	{
		.name = "OpenEnumerateInstances",
		.handle = cimxml_open,
		.signature = { .takes = P(CLASS_NAME) | P(DEEP_INHERITANCE) |
					P(INCLUDE_CLASS_ORIGIN) | P(PROPERTY_LIST) | OF_OPENED,
			       .needs = P(CLASS_NAME),
			       .preset = P(DEEP_INHERITANCE) },
		.form = FORM_INSTANCE_WITH_PATH,
	},
	{
		.name = "OpenEnumerateInstancePaths",
		.handle = cimxml_open,
		.signature = { .takes = P(CLASS_NAME) | OF_OPENED, .needs = P(CLASS_NAME) },
		.form = FORM_INSTANCE_PATH,
	},
	{
		.name = "OpenAssociatorInstances",
		.handle = cimxml_open,
		.signature = { .takes = P(INSTANCE_NAME) | ASSOCIATED | P(INCLUDE_CLASS_ORIGIN) |
					P(PROPERTY_LIST) | OF_OPENED,
			       .needs = P(INSTANCE_NAME) },
		.form = FORM_INSTANCE_WITH_PATH,
	},
	{
		.name = "OpenAssociatorInstancePaths",
		.handle = cimxml_open,
		.signature = { .takes = P(INSTANCE_NAME) | ASSOCIATED | OF_OPENED,
			       .needs = P(INSTANCE_NAME) },
		.form = FORM_INSTANCE_PATH,
	},
	{
		.name = "OpenReferenceInstances",
		.handle = cimxml_open,
		.signature = { .takes = P(INSTANCE_NAME) | REFERRING | P(INCLUDE_CLASS_ORIGIN) |
					P(PROPERTY_LIST) | OF_OPENED,
			       .needs = P(INSTANCE_NAME) },
		.form = FORM_INSTANCE_WITH_PATH,
		.associations = true,
	},
	{
		.name = "OpenReferenceInstancePaths",
		.handle = cimxml_open,
		.signature = { .takes = P(INSTANCE_NAME) | REFERRING | OF_OPENED,
			       .needs = P(INSTANCE_NAME) },
		.form = FORM_INSTANCE_PATH,
		.associations = true,
	},
	{
		.name = "OpenQueryInstances",
		.handle = cimxml_open,
		.signature = { .takes = P(RETURN_QUERY_RESULT_CLASS) | OF_OPENED,
			       .needs = P(FILTER_QUERY_LANGUAGE) | P(FILTER_QUERY) },
		.form = FORM_INSTANCE,
	},
	{
		.name = "PullInstancesWithPath",
		.handle = cimxml_pull,
		.signature = { .takes = OF_PULLED, .needs = OF_PULLED },
		.form = FORM_INSTANCE_WITH_PATH,
	},
	{
		.name = "PullInstancePaths",
		.handle = cimxml_pull,
		.signature = { .takes = OF_PULLED, .needs = OF_PULLED },
		.form = FORM_INSTANCE_PATH,
	},
	{
		.name = "PullInstances",
		.handle = cimxml_pull,
		.signature = { .takes = OF_PULLED, .needs = OF_PULLED },
		.form = FORM_INSTANCE,
	},
	{
		.name = "CloseEnumeration",
		.handle = cimxml_close_enumeration,
		.signature = { .takes = P(ENUMERATION_CONTEXT), .needs = P(ENUMERATION_CONTEXT) },
	},
};

static const struct cimxml_operation *find(const char *name)
{
	for (size_t i = 0; i < count_of(operations); i++)
		if (strcasecmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}

static bool prepare(struct cimxml_call *call, struct cimxml_fault *fault)
{
	const struct principal *principal = &call->message->principal;

	if (!cim_namespace_find(call->ns))
		return cimxml_fail_cim(fault, CIM_STATUS_INVALID_NAMESPACE, "no namespace '%s'",
				       call->ns);
	call->row = find(call->name);
	if (!call->row)
		return cimxml_fail_cim(fault, CIM_STATUS_NOT_SUPPORTED, "no operation '%s'",
				       call->name);
	if (!cimxml_read_parameters(call->arena, call->element, call->ns, &call->row->signature,
				    &call->parameters, fault))
		return false;
	if (principal->role < ROLE_READ)
		return cimxml_fail_cim(fault, CIM_STATUS_ACCESS_DENIED,
				       "the role of user '%s' does not allow this",
				       principal->name);
	cimxml_select(&call->selection, call->row->form, &call->parameters);
	return true;
}

void cimxml_operate(struct cimxml_call *call)
{
	struct cimxml_fault fault;

	if (prepare(call, &fault))
		call->row->handle(call);
	else
		cimxml_refuse(call, &fault);
}
