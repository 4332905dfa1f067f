/* SPDX-License-Identifier: MIT */
/* emit_ids.c -- the header of constants. */
#include "mofc/emit.h"

static void emit_enum(struct text *out, const char *name, const struct constants *constants,
		      const char *last)
{
	text_printf(out, "\nenum %s {\n", name);
	for (size_t i = 0; i < constants->count; i++)
		text_printf(out, "\t%s,\n", constants->constant[i].constant);
	text_printf(out, "\t%s\n};\n", last);
}

void emit_ids(struct text *out, const struct schema *schema)
{
	text_puts(out, "/* Made by mofc from the MOF files: change those. */\n#pragma once\n");
	emit_enum(out, "cim_class_id", &schema->classes, "CIM_CLASS_COUNT");
	emit_enum(out, "cim_property_id", &schema->properties, "CIM_PROPERTY_COUNT");
}
