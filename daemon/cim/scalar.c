/* SPDX-License-Identifier: MIT */
/* scalar.c -- scalars as text. */
#include "cim/scalar.h"

#include <assert.h>

#include "cim/embedded.h"
#include "openkvp/unicode.h"

/* A lone surrogate becomes three bytes that are no UTF-8: text_xml() knows what to do with them. */
static void write_character(struct text *out, uint64_t unit)
{
	char utf8[4];

	text_add(out, utf8, okvp_utf8_encode((uint32_t)unit, utf8));
}

static void write_datetime(struct text *out, const struct cim_datetime *datetime)
{
	char dmtf[CIM_DATETIME_SIZE];

	cim_datetime_to_dmtf(datetime, dmtf);
	text_puts(out, dmtf);
}

void cim_scalar_write(struct text *out, const struct cim_value *value)
{
	assert(value->is_set && !value->is_array && value->type != CIM_REFERENCE);
	switch (value->type) {
	case CIM_BOOLEAN:
		text_puts(out, value->boolean ? "TRUE" : "FALSE");
		break;
	case CIM_REAL32:
	case CIM_REAL64:
		text_printf(out, "%.*g", value->type == CIM_REAL32 ? 9 : 17, value->real);
		break;
	case CIM_CHAR16:
		write_character(out, value->uint);
		break;
	case CIM_STRING:
		text_add(out, value->string.bytes, value->string.length);
		break;
	case CIM_DATETIME:
		write_datetime(out, &value->datetime);
		break;
	case CIM_INSTANCE:
		cim_embedded_write(out, value->instance);
		break;
	default:
		if (cim_type_is_signed(value->type))
			text_i64(out, value->sint);
		else
			text_u64(out, value->uint);
	}
}
