/* SPDX-License-Identifier: MIT */
/* listing.h -- which instances an operation asks for. */
#pragma once
#include "front/cimxml/call.h"

/* Opens what the parameters of a call name: the instances of a class, those that are associated
 * with an instance, or a query's. */
bool cimxml_listing_open(struct cimxml_call *call, struct cim_enumeration **ret_enumeration,
			 struct cim_error *err);

/* Appends the instance at which a listing stands, and goes on. False: it is at its end. */
bool cimxml_listing_write(struct text *out, const struct cimxml_selection *selection,
			  struct cim_enumeration *enumeration, const char *host);
