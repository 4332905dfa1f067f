/* SPDX-License-Identifier: MIT */
/* instance_xml.c -- instances and values as XML (WS-CIM, DSP0230, as WinRM writes it). */
#include "front/wsman/instance_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "front/wsman/names.h"
#include "front/wsman/reference_xml.h"

/* The shortest text that reads back as the same number. */
static void write_real(struct text *out, const struct cim_value *value)
{
	int digits = value->type == CIM_REAL32 ? 6 : 15;
	char text[40];

	do
		snprintf(text, sizeof(text), "%.*g", digits++, value->real);
	while (digits <= 17 &&
	       (value->type == CIM_REAL32 ? (double)strtof(text, NULL) != (double)(float)value->real
					  : strtod(text, NULL) != value->real));
	text_puts(out, text);
}

static void write_string(struct text *out, const struct cim_string *string)
{
	if (string->escaped)
		text_add(out, string->escaped, string->escaped_length);
	else
		text_xml(out, string->bytes, string->length);
}

void wsman_scalar_write(struct text *out, const struct cim_value *value)
{
	char datetime[CIM_DATETIME_SIZE];

	switch (value->type) {
	case CIM_BOOLEAN:
		text_puts(out, value->boolean ? "true" : "false");
		break;
	case CIM_REAL32:
	case CIM_REAL64:
		write_real(out, value);
		break;
	case CIM_STRING:
		write_string(out, &value->string);
		break;
	case CIM_DATETIME:
		cim_datetime_to_dmtf(&value->datetime, datetime);
		text_puts(out, datetime);
		break;
	default:
		if (cim_type_is_signed(value->type))
			text_i64(out, value->sint);
		else
			text_u64(out, value->uint);
	}
}

static void write_datetime(struct text *out, const struct cim_datetime *datetime)
{
	const char *name = datetime->is_interval ? "Interval" : "Datetime";
	char text[CIM_ISO_SIZE];

	cim_datetime_to_iso(datetime, text);
	text_printf(out, "<cim:%s>%s</cim:%s>", name, text, name);
}

static void write_element(struct text *out, enum wsman_family family, const char *name,
			  size_t length, const struct cim_value *value)
{
	text_reserve(out, 2 * length + 16);
	text_literal(out, "<p:");
	text_add(out, name, length);
	text_literal(out, ">");
	if (value->type == CIM_REFERENCE)
		wsman_reference_write(out, family, value->reference);
	else if (value->type == CIM_DATETIME)
		write_datetime(out, &value->datetime);
	else
		wsman_scalar_write(out, value);
	text_literal(out, "</p:");
	text_add(out, name, length);
	text_literal(out, ">");
}

void wsman_value_write(struct text *out, enum wsman_family family, const char *name,
		       const struct cim_value *value)
{
	size_t length = strlen(name);

	if (!value->is_set) {
		text_literal(out, "<p:");
		text_add(out, name, length);
		text_literal(out, " xsi:nil=\"true\"/>");
		return;
	}
	if (!value->is_array) {
		write_element(out, family, name, length, value);
		return;
	}
	for (size_t i = 0; i < value->array.count; i++)
		write_element(out, family, name, length, &value->array.item[i]);
}

void wsman_instance_write(struct text *out, enum wsman_family family,
			  const struct cim_instance *instance, const struct cim_query *query)
{
	const struct cim_class *class = instance->class;

	text_literal(out, "<p:");
	text_puts(out, class->name);
	text_literal(out, " xmlns:p=\"");
	wsman_resource_write(out, family, class->ns->name, class->name);
	text_literal(out, "\" xmlns:xsi=\"" NS_XSI "\" xmlns:cim=\"" NS_CIM "\" xsi:type=\"p:");
	text_puts(out, class->name);
	text_literal(out, "_Type\">");
	for (size_t i = 0; i < class->property_count; i++)
		if (!query || cim_query_selects(query, &class->properties[i]))
			wsman_value_write(out, family, class->properties[i].name,
					  &instance->values[i]);
	text_literal(out, "</p:");
	text_puts(out, class->name);
	text_literal(out, ">");
}
