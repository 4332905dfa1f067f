/* SPDX-License-Identifier: MIT */
/* qualifier.h -- what qualifiers are worth: their types, and how subclasses get them. */
#pragma once
#include "mofc/mof.h"

/* The value of what stands behind a "=" or a qualifier. what names its owner in a report. */
struct cim_value initial_value(struct mof *mof, const struct initial *initial, enum cim_type type,
			       bool is_array, const char *what);

/* Gives the declared qualifier types their values; call it first. */
void qualifier_types_resolve(struct mof *mof);

/* Gives the qualifiers of one element, to which one of the scopes applies, type, value and flavor.
 */
void qualifiers_resolve(struct mof *mof, struct qualifier *qualifiers, unsigned int scope);

/* The qualifiers of an element that overrides another (own), or is just inherited (NULL): its own,
 * then those that it gets from its superclass. */
struct qualifier *qualifiers_inherit(struct mof *mof, struct qualifier *own,
				     const struct qualifier *inherited);

const struct qualifier *qualifier_find(const struct qualifier *qualifiers, const char *name);

/* The class whose instances an element holds as text; NULL: none is named. */
const char *qualifier_embedded_class(const struct qualifier *qualifiers);

/* Whether a boolean qualifier is there and TRUE. */
bool qualifier_flag(const struct qualifier *qualifiers, const char *name);
