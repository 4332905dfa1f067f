/* SPDX-License-Identifier: MIT */
/* class_xml.h -- classes and qualifiers as elements of CIM's DTD 2.x (DSP0201): for Get-CimClass,
 * GetClass and their sisters.
 *
 * No empty-element tags, no comments, attributes in the order of the DTD: the strictest reader of
 * the field takes it. */
#pragma once
#include "base/text.h"
#include "cim/schema.h"

struct cim_class_xml_options {
	bool inherited;                /* elements of superclasses too, with PROPAGATED="true" */
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

/* Appends a property of an instance as <PROPERTY>, <PROPERTY.ARRAY> or <PROPERTY.REFERENCE>. host
 * is written into paths of references. */
void cim_property_xml(struct text *out, const struct cim_property *property,
		      const struct cim_value *value, bool class_origin, const char *host);

/* Appends the VALUE, VALUE.ARRAY or VALUE.REFERENCE of a set value. */
void cim_value_xml(struct text *out, const struct cim_value *value, const char *host);

/* Appends <INSTANCENAME CLASSNAME=> with KEYBINDINGs, and the forms with a namespace and a host
 * around it. */
void cim_instancename_xml(struct text *out, const struct cim_object_path *path);
void cim_localinstancepath_xml(struct text *out, const struct cim_object_path *path);
void cim_instancepath_xml(struct text *out, const struct cim_object_path *path, const char *host);
