/* SPDX-License-Identifier: MIT */
/* paths.h -- namespaces and paths as clients write them (DSP0201). Values of keys stay the text
 * that they came as: what a class declares decides. */
#pragma once
#include "cim/object_path.h"
#include "front/cimxml/elements.h"

/* LOCALNAMESPACEPATH: "root/virtualization/v2". */
bool cimxml_read_namespace(struct arena *arena, const struct xml_element *element,
			   const char **ret_ns, struct cimxml_fault *fault);

/* CLASSNAME, INSTANCENAME, and both in LOCAL...PATH or ...PATH; ns is the namespace of those that
 * say none. */
bool cimxml_read_path(struct arena *arena, const struct xml_element *element, const char *ns,
		      struct cim_object_path *ret_path, bool *ret_is_class,
		      struct cimxml_fault *fault);

/* VALUE.REFERENCE, to an instance: to a class it is CIM_STATUS_INVALID_PARAMETER. */
bool cimxml_read_reference(struct arena *arena, const struct xml_element *element, const char *ns,
			   struct cim_value *ret_value, struct cimxml_fault *fault);
