/* SPDX-License-Identifier: MIT */
/* read_xml.h -- reading what class_xml.h writes, as clients and the store have it: namespaces,
 * paths, values and instances in the elements of CIM's DTD 2.x (DSP0201).
 *
 * Every scalar stays the text that it came as: what a class declares decides. What the DTD does not
 * allow is OKVP_INVALID. */
#pragma once
#include "cim/operation.h"
#include "xml/xml.h"

#define CIM_READ_PROPERTIES_MAX 256 /* of an instance */

bool cim_xml_is(const struct xml_element *element, const char *name);

/* Records that an element should not be where it is, and returns false. */
bool cim_xml_unexpected(struct okvp_error *err, const struct xml_element *element);

/* The one child that an element has. */
bool cim_xml_only_child(const struct xml_element *element, const struct xml_element **ret_child,
			struct okvp_error *err);

/* The second of two children, the first of which has this name. */
bool cim_xml_pair(const struct xml_element *element, const char *first,
		  const struct xml_element **ret_second, struct okvp_error *err);

/* An attribute that must be there. */
bool cim_xml_attribute(const struct xml_element *element, const char *name, const char **ret_value,
		       struct okvp_error *err);

/* --- Paths --- */

/* LOCALNAMESPACEPATH: "root/virtualization/v2". OKVP_TOO_LONG. */
bool cim_read_namespace(struct arena *arena, const struct xml_element *element, const char **ret_ns,
			struct okvp_error *err);

/* CLASSNAME, INSTANCENAME, and both in LOCAL...PATH or ...PATH; ns is the namespace of those that
 * say none. OKVP_LIMIT for too many keys; OKVP_NOT_FOUND for a value without a name that stands for
 * the only key of a class, if there is no such class or key; OKVP_WRONG_TYPE for a key that is a
 * class. */
bool cim_read_path(struct arena *arena, const struct xml_element *element, const char *ns,
		   struct cim_object_path *ret_path, bool *ret_is_class, struct okvp_error *err);

/* VALUE.REFERENCE, to an instance: to a class it is OKVP_WRONG_TYPE. */
bool cim_read_reference(struct arena *arena, const struct xml_element *element, const char *ns,
			struct cim_value *ret_value, struct okvp_error *err);

/* --- Values --- */

/* VALUE, VALUE.ARRAY, VALUE.REFERENCE or VALUE.REFARRAY: STRINGs and REFERENCEs. A NULL in an array
 * is OKVP_UNSUPPORTED. */
bool cim_read_value(struct arena *arena, const struct xml_element *element, const char *ns,
		    struct cim_value *ret_value, struct okvp_error *err);

/* The value in a PROPERTY..., PARAMVALUE and so on; NULL when it holds none. */
bool cim_read_held_value(struct arena *arena, const struct xml_element *holder, const char *ns,
			 struct cim_value *ret_value, struct okvp_error *err);

/* --- Instances --- */

struct cim_read_instance {
	const char *class_name;
	const struct cim_object_path *path; /* NULL: it came without */
	const struct cim_argument *properties;
	size_t count;
};

/* INSTANCE, or VALUE.NAMEDINSTANCE. OKVP_LIMIT for too many properties, OKVP_EXISTS for one that is
 * there twice. */
bool cim_read_instance(struct arena *arena, const struct xml_element *element, const char *ns,
		       struct cim_read_instance *ret_instance, struct okvp_error *err);

/* An instance of a class from the document that cim_instance_xml() wrote. */
bool cim_instance_from_xml(struct arena *arena, const struct cim_class *class, const char *text,
			   size_t length, struct cim_instance **ret_instance,
			   struct okvp_error *err);
