/* SPDX-License-Identifier: MIT */
/* elements.h -- what must be where in a message; what its DTD does not allow is FAULT_NOT_VALID. */
#pragma once
#include "front/cimxml/faults.h"
#include "xml/xml.h"

bool cimxml_is(const struct xml_element *element, const char *name);

/* Records that an element should not be where it is, and returns false. */
bool cimxml_unexpected(struct cimxml_fault *fault, const struct xml_element *element);

/* The one child that an element has. */
bool cimxml_only_child(const struct xml_element *element, const struct xml_element **ret_child,
		       struct cimxml_fault *fault);

/* The second of two children, the first of which has this name. */
bool cimxml_pair(const struct xml_element *element, const char *first,
		 const struct xml_element **ret_second, struct cimxml_fault *fault);

/* An attribute that must be there. */
bool cimxml_attribute(const struct xml_element *element, const char *name, const char **ret_value,
		      struct cimxml_fault *fault);
