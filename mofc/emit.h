/* SPDX-License-Identifier: MIT */
/* emit.h -- resolved namespaces as C: the header of constants, and the tables that
 * daemon/cim/schema.h declares. */
#pragma once
#include "base/text.h"
#include "mofc/constants.h"

struct schema {
	struct mof *mof;
	const struct namespace *namespaces;
	struct constants classes, properties;
};

/* "schema/ids.h" */
void emit_ids(struct text *out, const struct schema *schema);

/* "schema/tables.c" */
void emit_tables(struct text *out, const struct schema *schema);
