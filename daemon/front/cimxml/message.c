/* SPDX-License-Identifier: MIT */
/* message.c -- CIM > MESSAGE > SIMPLEREQ > IMETHODCALL or METHODCALL (DSP0201 section 5.2.6). */
#include <stdlib.h>
#include <string.h>

#include "front/cimxml/call.h"

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

static bool only_child(const struct xml_element *element, const struct xml_element **ret_child,
		       struct cimxml_fault *fault)
{
	struct okvp_error err;

	return cim_xml_only_child(element, ret_child, &err) || cimxml_fail_reading(fault, &err);
}

static bool read_namespace(struct cimxml_call *call, struct cimxml_fault *fault)
{
	struct okvp_error err;

	return cim_read_namespace(call->arena, call->element, &call->ns, &err) ||
	       cimxml_fail_reading(fault, &err);
}

static bool read_target(struct cimxml_call *call, struct cimxml_fault *fault)
{
	struct okvp_error err;

	if (!cim_xml_is(call->element, "LOCALINSTANCEPATH") &&
	    !cim_xml_is(call->element, "LOCALCLASSPATH"))
		return cimxml_fail(fault, FAULT_NOT_VALID,
				   "METHODCALL must begin with LOCALINSTANCEPATH or "
				   "LOCALCLASSPATH");
	if (!cim_read_path(call->arena, call->element, "", &call->target, &call->on_class, &err))
		return cimxml_fail_reading(fault, &err);
	call->ns = call->target.ns;
	return true;
}

static bool read_call(struct cimxml_call *call, const struct xml_element *element,
		      struct cimxml_fault *fault)
{
	call->is_method = cim_xml_is(element, "METHODCALL");
	call->name = xml_attribute(element, NULL, "NAME");
	call->element = element->children;
	if (!call->is_method && !cim_xml_is(element, "IMETHODCALL"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s is not expected in SIMPLEREQ",
				   element->name);
	if (!call->name || !call->element)
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s %s", element->name,
				   call->name ? "is empty" : "has no NAME");
	return call->is_method ? read_target(call, fault) : read_namespace(call, fault);
}

static bool read_request(struct cimxml_call *call, const struct xml_element *message,
			 struct cimxml_fault *fault)
{
	const struct xml_element *request, *child;

	if (!only_child(message, &request, fault))
		return false;
	if (cim_xml_is(request, "MULTIREQ"))
		return cimxml_fail(fault, FAULT_MULTIPLE_REQUESTS,
				   "several requests in a message are not offered");
	if (!cim_xml_is(request, "SIMPLEREQ"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s is not expected in MESSAGE",
				   request->name);
	child = request->children;
	while (child && cim_xml_is(child, "CORRELATOR"))
		child = child->next;
	if (!child || child->next)
		return cimxml_fail(fault, FAULT_NOT_VALID, "SIMPLEREQ must hold one call");
	return read_call(call, child, fault);
}

bool cimxml_read_message(struct cimxml_call *call, const struct xml_element *root,
			 struct cimxml_fault *fault)
{
	const struct xml_element *message;

	if (!cim_xml_is(root, "CIM"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "CIM is expected, not %s", root->name);
	if (!check_version(root, "CIMVERSION", 2, FAULT_CIM_VERSION, fault) ||
	    !check_version(root, "DTDVERSION", 2, FAULT_DTD_VERSION, fault) ||
	    !only_child(root, &message, fault))
		return false;
	if (!cim_xml_is(message, "MESSAGE"))
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s is not expected in CIM",
				   message->name);
	if (!check_version(message, "PROTOCOLVERSION", 1, FAULT_PROTOCOL_VERSION, fault))
		return false;
	call->id = xml_attribute(message, NULL, "ID");
	if (!call->id)
		return cimxml_fail(fault, FAULT_NOT_VALID, "MESSAGE has no ID");
	return read_request(call, message, fault);
}
