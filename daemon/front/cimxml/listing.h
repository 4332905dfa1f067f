/* SPDX-License-Identifier: MIT */
/* listing.h -- which instances an operation asks for. */
#pragma once
#include "front/cimxml/call.h"

/* Opens what the parameters of a call name: the instances of a class, those that are associated
 * with an instance, or a query's. opened() finds it in operation->enumeration. */
void cimxml_listing_open(struct cimxml_call *call, void (*opened)(struct cim_operation *operation));

/* Appends the instance at which a listing stands, and goes on. False: it is at its end. */
bool cimxml_listing_write(struct text *out, const struct cimxml_selection *selection,
			  struct cim_enumeration *enumeration, const char *host);

/* --- Where the answer is classes (related_classes.c) --- */

void cimxml_list_related_classes(struct cimxml_call *call);

/* What a query asks for if that is classes; NULL: it is something else. */
const struct cim_query_associations *cimxml_query_for_classes(struct cimxml_call *call);
void cimxml_list_queried_classes(struct cimxml_call *call, const struct cim_query_associations *of);
