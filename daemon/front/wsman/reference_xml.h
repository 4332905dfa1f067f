/* SPDX-License-Identifier: MIT */
/* reference_xml.h -- object paths as endpoint references. */
#pragma once
#include "cim/object_path.h"
#include "front/wsman/faults.h"
#include "front/wsman/resource.h"
#include "xml/xml.h"

struct wsman_selectors {
	const char *ns; /* of the selector __cimnamespace; NULL: not there */
	const struct cim_key *keys;
	size_t count;
};

/* Reads a SelectorSet: values are texts (trimmed) or endpoint references. ns is the namespace of
 * references that say none. */
bool wsman_selectors_read(struct arena *arena, const struct xml_element *set, const char *ns,
			  struct wsman_selectors *ret_selectors, struct wsman_fault *fault);

/* Whether an element holds a reference in one of the shapes that clients use: Address and
 * ReferenceParameters, the two in an EndpointReference, or an instance with its keys. */
bool wsman_is_reference(const struct xml_element *element);

/* Reads such an element. */
bool wsman_reference_read(struct arena *arena, const struct xml_element *element, const char *ns,
			  struct cim_object_path *ret_path, struct wsman_fault *fault);

/* Appends Address and ReferenceParameters. */
void wsman_reference_write(struct text *out, enum wsman_family family,
			   const struct cim_object_path *path);
