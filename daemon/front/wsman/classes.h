/* SPDX-License-Identifier: MIT */
/* classes.h -- the classes themselves, as elements of CIM-XML: what Get-CimClass asks for; inside
 * wsman/. */
#pragma once
#include "cim/class_xml.h"
#include "front/wsman/call.h"

/* What of a class the options of a call ask for. */
struct cim_class_xml_options wsman_class_options(const struct wsman_call *call);

/* The classes that selectors name: those derived from ClassName, or, if that is empty, all of the
 * namespace. */
bool wsman_classes_find(struct wsman_call *call, const struct cim_class *const **ret_classes,
			size_t *ret_count, struct wsman_fault *fault);
