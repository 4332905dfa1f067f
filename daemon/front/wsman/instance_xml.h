/* SPDX-License-Identifier: MIT */
/* instance_xml.h -- instances and values as XML (WS-CIM, DSP0230, as WinRM writes it). */
#pragma once
#include "cim/instance.h"
#include "cim/query.h"
#include "front/wsman/resource.h"

/* Appends a set scalar (no REFERENCE) as text; a DATETIME in DMTF's form. */
void wsman_scalar_write(struct text *out, const struct cim_value *value);

/* Appends the elements of a property or parameter: p:NAME, repeated for an array. A NULL has
 * xsi:nil. p, xsi and cim are declared further out. */
void wsman_value_write(struct text *out, enum wsman_family family, const char *name,
		       const struct cim_value *value);

/* Appends an instance with the properties that a query selects (NULL: all). */
void wsman_instance_write(struct text *out, enum wsman_family family,
			  const struct cim_instance *instance, const struct cim_query *query);
