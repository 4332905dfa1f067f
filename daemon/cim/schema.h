/* SPDX-License-Identifier: MIT */
/* schema.h -- look-up in the class tables that mofc makes from the files in schema/: one for each
 * (namespace, class), with everything inherited in it. Names are found without case. */
#pragma once
#include "cim/value.h"
#include "schema/ids.h" /* generated: enum cim_class_id, enum cim_property_id */

struct cim_qualifier {
	const char *name;
	struct cim_value value; /* its type also when NULL */
	bool propagated;        /* from a superclass */
	bool overridable, to_subclass, translatable;
};

/* What a qualifier may be used on; SCOPE elements of CIM-XML. */
enum cim_scope {
	CIM_SCOPE_CLASS = 1,
	CIM_SCOPE_ASSOCIATION = 2,
	CIM_SCOPE_INDICATION = 4,
	CIM_SCOPE_PROPERTY = 8,
	CIM_SCOPE_REFERENCE = 16,
	CIM_SCOPE_METHOD = 32,
	CIM_SCOPE_PARAMETER = 64,
};

/* The declaration of a qualifier, the same in every namespace. */
struct cim_qualifier_type {
	const char *name;
	struct cim_value value; /* where it is not used; its type and is_array also when NULL */
	unsigned int scope;     /* enum cim_scope */
	bool overridable, to_subclass, translatable;
};

struct cim_parameter {
	const char *name;
	enum cim_type type;
	bool is_array, is_in, is_out;
	const char *reference_class; /* of a REFERENCE */
	const char *embedded_class;  /* as of a property */
	const struct cim_qualifier *qualifiers;
	size_t qualifier_count;
};

struct cim_method {
	const char *name;
	enum cim_type type; /* of the return value */
	const struct cim_parameter *parameters;
	size_t parameter_count;
	const char *origin;
	bool propagated, is_static;
	const struct cim_qualifier *qualifiers;
	size_t qualifier_count;
};

struct cim_property {
	const char *name;
	enum cim_property_id id;
	enum cim_type type;
	bool is_array, is_key, is_writable;
	const char *reference_class;
	const char *embedded_class; /* of a STRING that stands for an instance: its class, or "" for
				     * any; NULL: it is just a string */
	const char *origin;         /* the class that declares it first */
	bool propagated;            /* neither declared nor overridden in this class */
	struct cim_value initial;
	const struct cim_qualifier *qualifiers;
	size_t qualifier_count;
};

#define CIM_NO_PROPERTY 0xFFFF

struct cim_class {
	const char *name;
	enum cim_class_id id; /* the same in every namespace */
	const struct cim_namespace *ns;
	const struct cim_class *superclass; /* NULL: none */
	size_t place;                       /* in the list of its namespace */
	size_t descendant_count;            /* so many behind it in the list are derived from it */
	bool is_abstract, is_association, is_indication;
	const struct cim_qualifier *qualifiers;
	size_t qualifier_count;
	const struct cim_property *properties; /* those of the superclass first */
	size_t property_count;
	const struct cim_method *methods;
	size_t method_count;
	const uint16_t *property_index; /* by enum cim_property_id; CIM_NO_PROPERTY: it has none */
};

struct cim_namespace {
	const char *name;              /* "root/virtualization/v2" */
	const struct cim_class *by_id; /* by enum cim_class_id; no name: it has none */
	/* Each class is followed by all that are derived from it, at any depth. */
	const struct cim_class *const *classes;
	size_t class_count;
	const struct cim_class *const *associations; /* those of them, abstract ones too */
	size_t association_count;
};

/* Generated. The first is the default: root/virtualization/v2. */
extern const struct cim_namespace *const cim_namespaces[];
extern const size_t cim_namespace_count;

/* By enum cim_class_id and enum cim_property_id, which are numbered in the order of the names. */
extern const char *const cim_class_names[CIM_CLASS_COUNT];
extern const char *const cim_property_names[CIM_PROPERTY_COUNT];

extern const struct cim_qualifier_type cim_qualifier_types[];
extern const size_t cim_qualifier_type_count;

/* Whether two names are of the same namespace, known or not: '/' and '\' are the same in them. */
bool cim_namespace_same(const char *a, const char *b);

/* NULL: none. */
const struct cim_namespace *cim_namespace_find(const char *name);
const struct cim_class *cim_class_find(const struct cim_namespace *ns, const char *name);
const struct cim_class *cim_class_by_id(const struct cim_namespace *ns, enum cim_class_id id);
const struct cim_property *cim_property_find(const struct cim_class *class, const char *name);
bool cim_property_id_find(const char *name, enum cim_property_id *ret_id); /* in any class */
const struct cim_method *cim_method_find(const struct cim_class *class, const char *name);
const struct cim_qualifier *cim_qualifier_find(const struct cim_qualifier *qualifiers, size_t count,
					       const char *name);

/* Whether a class is another one or is derived from it. */
bool cim_class_is_a(const struct cim_class *class, const struct cim_class *ancestor);

/* The classes derived from a class, at any depth: class->descendant_count of them. */
const struct cim_class *const *cim_class_descendants(const struct cim_class *class);

/* The direct subclass of a class that follows at, which is one too, or NULL for the first; NULL:
 * there are no more. Without a class: those of the namespace that have no superclass. */
const struct cim_class *cim_subclass_next(const struct cim_namespace *ns,
					  const struct cim_class *class,
					  const struct cim_class *at);
