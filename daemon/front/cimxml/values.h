/* SPDX-License-Identifier: MIT */
/* values.h -- values and instances as clients write them (DSP0201). Every scalar stays the text
 * that it came as: what a class declares decides. */
#pragma once
#include "cim/operation.h"
#include "front/cimxml/elements.h"

#define CIMXML_PROPERTIES_MAX 256 /* of an instance that is read */

/* VALUE, VALUE.ARRAY, VALUE.REFERENCE or VALUE.REFARRAY: STRINGs and REFERENCEs. A NULL in an array
 * is CIM_STATUS_INVALID_PARAMETER. */
bool cimxml_read_value(struct arena *arena, const struct xml_element *element, const char *ns,
		       struct cim_value *ret_value, struct cimxml_fault *fault);

/* The value in a PROPERTY..., PARAMVALUE and so on; NULL when it holds none. */
bool cimxml_read_held(struct arena *arena, const struct xml_element *holder, const char *ns,
		      struct cim_value *ret_value, struct cimxml_fault *fault);

struct cimxml_instance {
	const char *class_name;
	const struct cim_object_path *path; /* NULL: it came without */
	const struct cim_argument *properties;
	size_t count;
};

/* INSTANCE, or VALUE.NAMEDINSTANCE. */
bool cimxml_read_instance(struct arena *arena, const struct xml_element *element, const char *ns,
			  struct cimxml_instance *ret_instance, struct cimxml_fault *fault);
