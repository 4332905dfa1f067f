/* SPDX-License-Identifier: MIT */
/* class_xml.h -- classes, qualifiers, values and paths as elements of CIM's DTD 2.x (DSP0201): for
 * Get-CimClass, GetClass and their sisters.
 *
 * No empty-element tags, no comments, attributes in the order of the DTD: the strictest reader of
 * the field takes it. */
#pragma once
#include "base/text.h"
#include "cim/instance.h"

struct cim_class_xml_options {
	bool inherited;                /* what superclasses declare too, with PROPAGATED="true" */
	bool qualifiers;               /* QUALIFIER children */
	bool class_origin;             /* CLASSORIGIN attributes */
	bool derivation;               /* DERIVATION="Parent,Grandparent", as WMI has it */
	const char *const *properties; /* only these, without case; NULL: all */
	size_t property_count;
};

/* Appends <CLASS NAME= SUPERCLASS=> ... </CLASS>. */
void cim_class_xml(struct text *out, const struct cim_class *class,
		   const struct cim_class_xml_options *options);

/* Appends <QUALIFIER.DECLARATION ...>, with all seven scopes spelt out. */
void cim_qualifier_xml(struct text *out, const struct cim_qualifier_type *type);

/* Appends a property of an instance as <PROPERTY>, <PROPERTY.ARRAY> or <PROPERTY.REFERENCE>. Paths
 * of references name the host; NULL: they are local ones. */
void cim_property_xml(struct text *out, const struct cim_property *property,
		      const struct cim_value *value, bool class_origin, const char *host);

/* Appends <INSTANCE> with the properties that are not NULL; its references are local. */
void cim_instance_xml(struct text *out, const struct cim_instance *instance);

/* Appends the VALUE, VALUE.ARRAY, VALUE.REFERENCE or VALUE.REFARRAY of a set value. */
void cim_value_xml(struct text *out, const struct cim_value *value, const char *host);

/* Appends <LOCALNAMESPACEPATH>, or <NAMESPACEPATH> with a host. */
void cim_localnamespacepath_xml(struct text *out, const char *ns);
void cim_namespacepath_xml(struct text *out, const char *ns, const char *host);

/* Appends <INSTANCENAME CLASSNAME=> with KEYBINDINGs, and the forms with a namespace and a host
 * around it. The path says its namespace; the names in it are those of the schema. */
void cim_instancename_xml(struct text *out, const struct cim_object_path *path);
void cim_localinstancepath_xml(struct text *out, const struct cim_object_path *path);
void cim_instancepath_xml(struct text *out, const struct cim_object_path *path, const char *host);
