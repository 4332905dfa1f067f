/* SPDX-License-Identifier: MIT */
/* embedded.h -- an instance as text, in the form of CIM's DTD 2.0, as WMI's GetText(1) gives it:
 *
 *	<INSTANCE CLASSNAME="C"><PROPERTY NAME="A" TYPE="string"><VALUE>v</VALUE></PROPERTY>...
 *
 * Properties stand in alphabetical order; inherited ones have PROPAGATED="true"; NULL has no VALUE,
 * and a key that is NULL is left out.
 */
#pragma once
#include "base/text.h"
#include "cim/instance.h"

/* Appends an instance, of a class without references. */
void cim_embedded_write(struct text *out, const struct cim_instance *instance);

#define CIM_EMBEDDED_PROPERTIES_MAX 256

/* One property of an embedded instance as it came. */
struct cim_embedded_property {
	const char *name;
	bool is_set;
	const char *text; /* of its VALUE */
	size_t length;
};

/* One that is an array. */
struct cim_embedded_array {
	const char *name;
	bool is_set;
	const struct cim_string *item; /* bytes NULL: the element is NULL */
	size_t count;
};

struct cim_embedded {
	const char *class_name;
	const struct cim_embedded_property *properties;
	size_t count;
	const struct cim_embedded_array *arrays;
	size_t array_count;
};

/* Reads a text: an XML declaration, white space, other attributes and qualifiers are passed over.
 * OKVP_INVALID when it is no INSTANCE or has a property twice (nobody can tell which was meant),
 * OKVP_LIMIT as xml_parse(). */
bool cim_embedded_read(struct arena *arena, const char *text, size_t length,
		       struct cim_embedded *ret_embedded, struct okvp_error *err);

/* A property by name, without case; NULL: none, or NULL. */
const struct cim_embedded_property *cim_embedded_find(const struct cim_embedded *embedded,
						      const char *name);

/* The same of arrays. */
const struct cim_embedded_array *cim_embedded_find_array(const struct cim_embedded *embedded,
							 const char *name);
