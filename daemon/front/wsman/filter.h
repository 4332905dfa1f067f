/* SPDX-License-Identifier: MIT */
/* filter.h -- what of a listing a client wants: filters of Enumerate and Subscribe. */
#pragma once
#include "cim/enumeration.h"
#include "front/wsman/call.h"

/* The Filter in Body, of which there may be one in either of two namespaces; NULL: none. */
bool wsman_filter_find(const struct wsman_call *call, const char *ns,
		       const struct xml_element **ret_filter, struct wsman_fault *fault);

/* Whether a filter has this dialect. */
bool wsman_filter_is(const struct xml_element *filter, const char *dialect);

/* Fills in the request from the filter of Enumerate: a query, selectors or an association. names
 * are of the properties that are wanted; none: all. */
bool wsman_filter_read(struct wsman_call *call, struct cim_enumeration_request *request,
		       const char *const **ret_names, size_t *ret_name_count,
		       struct wsman_fault *fault);
