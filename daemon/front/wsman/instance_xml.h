/* SPDX-License-Identifier: MIT */
/* instance_xml.h -- instances and values as XML (WS-CIM, DSP0230, as WinRM writes it). */
#pragma once
#include "cim/instance.h"
#include "cim/query.h"
#include "front/wsman/resource.h"

/* How the client wants it. */
struct wsman_form {
	enum wsman_family family;
	bool precise_arrays; /* tells an array that is NULL from an empty one */
};

/* Which properties it wants: those that the query selects, and of those the ones that are named.
 * NULL, 0: all. */
struct wsman_projection {
	const struct cim_query *query;
	const char *const *names;
	size_t name_count;
};

/* Appends a set scalar (no REFERENCE, no INSTANCE) as text; a DATETIME in DMTF's form. */
void wsman_scalar_write(struct text *out, const struct cim_value *value);

/* Appends the elements of a property or parameter: p:NAME, repeated for an array. A NULL has
 * xsi:nil. p, xsi and cim are declared further out. */
void wsman_value_write(struct text *out, const struct wsman_form *form, const char *name,
		       bool is_array, const struct cim_value *value);

/* Appends an instance. projection NULL: all of it. */
void wsman_instance_write(struct text *out, const struct wsman_form *form,
			  const struct cim_instance *instance,
			  const struct wsman_projection *projection);
