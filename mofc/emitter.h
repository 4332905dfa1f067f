/* SPDX-License-Identifier: MIT */
/* emitter.h -- what the tables are written with. Arrays that are equal are written once: most
 * members of a class, and what they hold, are those of its superclass. */
#pragma once
#include "base/map.h"
#include "mofc/emit.h"

struct emitter {
	struct text *out;
	const struct schema *schema;
	struct arena *arena;
	struct map arrays; /* from how an array is declared and filled to its name */
	unsigned int array_count;
};

/* A name for an array with these elements, written before if it is new. Empties elements. */
const char *emitter_array(struct emitter *emitter, const char *type, const char *kind,
			  struct text *elements);

/* Appends an initialiser of a struct cim_value; its arrays are written before. */
void emitter_value(struct emitter *emitter, struct text *out, const struct cim_value *value);

/* "CIM_UINT16" */
const char *emitter_type(enum cim_type type);
