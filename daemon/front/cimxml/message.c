/* SPDX-License-Identifier: MIT */
/* message.c -- CIM > MESSAGE > SIMPLEREQ > IMETHODCALL or METHODCALL (DSP0201 section 5.2.6). */
#include <stdlib.h>
#include <string.h>

#include "front/cimxml/call.h"
#include "front/cimxml/paths.h"

/* Whether a version like "2.0" has this major number. */
static bool is_version(const char *text, unsigned long major)
{
	char *end;

	return *text >= '0' && *text <= '9' && strtoul(text, &end, 10) == major &&
	       (*end == '\0' || *end == '.');
}

static bool check_version(const struct xml_element *element, const char *attribute,
			  unsigned long major, enum cimxml_fault_id id, struct cimxml_fault *fault)
{
	const char *version = xml_attribute(element, NULL, attribute);

	if (!version)
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s has no %s", element->name,
				   attribute);
	return is_version(version, major) ||
	       cimxml_fail(fault, id, "%s is %s, %lu.x is expected", attribute, version, major);
}

static bool read_call(struct cimxml_call *call, const struct xml_element *element,
		      struct cimxml_fault *fault)
{
	call->is_method = cimxml_is(element, "METHODCALL");
	call->name = xml_attribute(element, NULL, "NAME");
	call->element = element->children;
	if (!call->is_method && !cimxml_is(element, "IMETHODCALL"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s is not expected in SIMPLEREQ",
				   element->name);
	if (!call->name || !call->element)
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s %s", element->name,
				   call->name ? "is empty" : "has no NAME");
	if (!call->is_method)
		return cimxml_read_namespace(call->arena, call->element, &call->ns, fault);
	if (!cimxml_is(call->element, "LOCALINSTANCEPATH") &&
	    !cimxml_is(call->element, "LOCALCLASSPATH"))
		return cimxml_fail(fault, FAULT_NOT_VALID,
				   "METHODCALL must begin with LOCALINSTANCEPATH or "
				   "LOCALCLASSPATH");
	if (!cimxml_read_path(call->arena, call->element, "", &call->target, &call->on_class,
			      fault))
		return false;
	call->ns = call->target.ns;
	return true;
}

static bool read_request(struct cimxml_call *call, const struct xml_element *message,
			 struct cimxml_fault *fault)
{
	const struct xml_element *request, *child;

	if (!cimxml_only_child(message, &request, fault))
		return false;
	if (cimxml_is(request, "MULTIREQ"))
		return cimxml_fail(fault, FAULT_MULTIPLE_REQUESTS,
				   "several requests in a message are not offered");
	if (!cimxml_is(request, "SIMPLEREQ"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s is not expected in MESSAGE",
				   request->name);
	child = request->children;
	while (child && cimxml_is(child, "CORRELATOR"))
		child = child->next;
	if (!child || child->next)
		return cimxml_fail(fault, FAULT_NOT_VALID, "SIMPLEREQ must hold one call");
	return read_call(call, child, fault);
}

bool cimxml_read_message(struct cimxml_call *call, const struct xml_element *root,
			 struct cimxml_fault *fault)
{
	const struct xml_element *message;

	if (!cimxml_is(root, "CIM"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "CIM is expected, not %s", root->name);
	if (!check_version(root, "CIMVERSION", 2, FAULT_CIM_VERSION, fault) ||
	    !check_version(root, "DTDVERSION", 2, FAULT_DTD_VERSION, fault) ||
	    !cimxml_only_child(root, &message, fault))
		return false;
	if (!cimxml_is(message, "MESSAGE"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s is not expected in CIM",
				   message->name);
	if (!check_version(message, "PROTOCOLVERSION", 1, FAULT_PROTOCOL_VERSION, fault))
		return false;
	call->id = xml_attribute(message, NULL, "ID");
	if (!call->id)
		return cimxml_fail(fault, FAULT_NOT_VALID, "MESSAGE has no ID");
	return read_request(call, message, fault);
}
