/* SPDX-License-Identifier: MIT */
/* elements.c -- what must be where in a message. */
#include "front/cimxml/elements.h"

#include <string.h>

bool cimxml_is(const struct xml_element *element, const char *name)
{
	return strcmp(element->name, name) == 0;
}

bool cimxml_unexpected(struct cimxml_fault *fault, const struct xml_element *element)
{
	return cimxml_fail(fault, FAULT_NOT_VALID, "%s is not expected in %s", element->name,
			   element->parent ? element->parent->name : "a message");
}

bool cimxml_only_child(const struct xml_element *element, const struct xml_element **ret_child,
		       struct cimxml_fault *fault)
{
	*ret_child = element->children;
	if (!element->children)
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s is empty", element->name);
	return !element->children->next || cimxml_unexpected(fault, element->children->next);
}

bool cimxml_pair(const struct xml_element *element, const char *first,
		 const struct xml_element **ret_second, struct cimxml_fault *fault)
{
	const struct xml_element *child = element->children;

	if (!child || !cimxml_is(child, first))
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s must begin with %s", element->name,
				   first);
	*ret_second = child->next;
	if (!child->next)
		return cimxml_fail(fault, FAULT_NOT_VALID, "%s holds nothing but %s", element->name,
				   first);
	return !child->next->next || cimxml_unexpected(fault, child->next->next);
}

bool cimxml_attribute(const struct xml_element *element, const char *name, const char **ret_value,
		      struct cimxml_fault *fault)
{
	*ret_value = xml_attribute(element, NULL, name);
	return *ret_value ||
	       cimxml_fail(fault, FAULT_NOT_VALID, "%s has no %s", element->name, name);
}
