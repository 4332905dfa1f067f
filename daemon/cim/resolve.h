/* SPDX-License-Identifier: MIT */
/* resolve.h -- values and keys as clients give them, turned into what a class declares; inside
 * cim/. */
#pragma once
#include "cim/object_path.h"
#include "cim/status.h"

/* Makes a set scalar one of the type: reads texts, changes the width of numbers, reads a path from
 * a text. OKVP_WRONG_TYPE, or OKVP_INVALID for a malformed path. */
bool cim_convert(struct arena *arena, enum cim_type type, const struct cim_value *given,
		 struct cim_value *ret_value, struct okvp_error *err);

/* The value of a key of a property of a class: converted, a string with doubled backslashes
 * collapsed, as clients double them when they paste a path, a reference resolved. */
bool cim_resolve_key(struct arena *arena, const struct cim_class *class,
		     const struct cim_property *property, const struct cim_value *given,
		     struct cim_value *ret_value, struct cim_error *err);

/* The path with the keys that the class declares, in its spelling and types. Those that are missing
 * stay missing. CIM_DETAIL_KEY_... */
bool cim_resolve_path(struct arena *arena, const struct cim_class *class,
		      const struct cim_object_path *given, const struct cim_object_path **ret_path,
		      struct cim_error *err);

/* The path that a reference holds, resolved likewise: its class must be the declared one or derived
 * from it; without a namespace it is in ns. CIM_STATUS_INVALID_PARAMETER: the detail is
 * CIM_DETAIL_PARAMETER_TYPE for another class, CIM_DETAIL_PARAMETER_VALUE for all else. */
bool cim_resolve_reference(struct arena *arena, const struct cim_namespace *ns,
			   const char *declared_class, const struct cim_object_path *given,
			   struct cim_value *ret_value, struct cim_error *err);

/* What a parameter or a property is declared as. */
struct cim_declaration {
	const char *kind, *name; /* "parameter", for messages */
	enum cim_type type;
	bool is_array;
	const char *reference_class;
};

/* A value as a binding read it, turned into one of the declared type. An array may come as a single
 * element; NULL stays NULL. Some keys of a reference may be missing: the provider knows which ones
 * it needs. CIM_STATUS_TYPE_MISMATCH, or CIM_STATUS_INVALID_PARAMETER for a reference to another
 * class or a malformed one; CIM_DETAIL_PARAMETER_TYPE or _VALUE. */
bool cim_resolve_value(struct arena *arena, const struct cim_namespace *ns,
		       const struct cim_declaration *declaration, const struct cim_value *given,
		       struct cim_value *ret_value, struct cim_error *err);

/* Likewise for the value of a property. */
bool cim_resolve_property(struct arena *arena, const struct cim_class *class,
			  const struct cim_property *property, const struct cim_value *given,
			  struct cim_value *ret_value, struct cim_error *err);

/* How many keys an instance of the class has. */
size_t cim_class_key_count(const struct cim_class *class);
