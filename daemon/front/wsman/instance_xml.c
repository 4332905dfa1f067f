/* SPDX-License-Identifier: MIT */
/* instance_xml.c -- instances and values as XML (WS-CIM, DSP0230, as WinRM writes it). */
#include "front/wsman/instance_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* --- Elements --- */

/* Where elements go. Embedded instances have a prefix of their own: p1, and p2 inside those. */
struct writer {
	struct text *out;
	const struct wsman_form *form;
	unsigned int depth;
	char opening[16], closing[16]; /* "<p:", "</p:" */
	size_t prefix_length;          /* of "p" */
};

static struct writer writer_at(struct text *out, const struct wsman_form *form, unsigned int depth)
{
	struct writer w = {
		.out = out,
		.form = form,
		.depth = depth,
		.opening = "<p:",
		.closing = "</p:",
		.prefix_length = 1,
	};

	if (depth > 0) {
		snprintf(w.opening, sizeof(w.opening), "<p%u:", depth);
		snprintf(w.closing, sizeof(w.closing), "</p%u:", depth);
		w.prefix_length = strlen(w.opening) - 2;
	}
	return w;
}

static void write_opening(const struct writer *w, const char *name, size_t length)
{
	text_add(w->out, w->opening, w->prefix_length + 2);
	text_add(w->out, name, length);
}

static void write_closing(const struct writer *w, const char *name, size_t length)
{
	text_add(w->out, w->closing, w->prefix_length + 3);
	text_add(w->out, name, length);
	text_literal(w->out, ">");
}

/* The attributes that say of which class an element is. */
static void write_type(const struct writer *w, const struct cim_class *class)
{
	text_literal(w->out, " xmlns:");
	text_add(w->out, w->opening + 1, w->prefix_length);
	text_literal(w->out, "=\"");
	wsman_resource_write(w->out, w->form->family, class->ns->name, class->name);
	text_literal(w->out, "\" xmlns:xsi=\"" NS_XSI "\" xmlns:cim=\"" NS_CIM "\" xsi:type=\"");
	text_add(w->out, w->opening + 1, w->prefix_length + 1);
	text_puts(w->out, class->name);
	text_literal(w->out, "_Type\"");
}

static void write_properties(const struct writer *w, const struct cim_instance *instance,
			     const struct wsman_projection *projection);

/* The attributes and children of a property that is an instance. */
static void write_embedded(const struct writer *w, const struct cim_instance *instance)
{
	const struct writer inner = writer_at(w->out, w->form, w->depth + 1);

	write_type(&inner, instance->class);
	text_literal(w->out, ">");
	write_properties(&inner, instance, NULL);
}

static void write_element(const struct writer *w, const char *name, size_t length,
			  const struct cim_value *value)
{
	struct text *out = w->out;

	text_reserve(out, 2 * length + 16);
	write_opening(w, name, length);
	if (value->type != CIM_INSTANCE)
		text_literal(out, ">");
	switch (value->type) {
	case CIM_INSTANCE:
		write_embedded(w, value->instance);
		break;
	case CIM_REFERENCE:
		wsman_reference_write(out, w->form->family, value->reference);
		break;
	case CIM_DATETIME:
		write_datetime(out, &value->datetime);
		break;
	default:
		wsman_scalar_write(out, value);
	}
	write_closing(w, name, length);
}

static void write_null(const struct writer *w, const char *name, size_t length, bool is_array)
{
	write_opening(w, name, length);
	text_literal(w->out, " xsi:nil=\"true\"");
	if (is_array && w->form->precise_arrays)
		text_literal(w->out,
			     " msftwinrm:IsNullArray=\"true\" xmlns:msftwinrm=\"" NS_WINRM "\"");
	text_literal(w->out, "/>");
}

static void write_value(const struct writer *w, const char *name, bool is_array,
			const struct cim_value *value)
{
	size_t length = strlen(name);

	if (!value->is_set) {
		write_null(w, name, length, is_array);
		return;
	}
	if (!value->is_array) {
		write_element(w, name, length, value);
		return;
	}
	for (size_t i = 0; i < value->array.count; i++)
		write_element(w, name, length, &value->array.item[i]);
}

/* --- Projection --- */

static bool is_named(const struct wsman_projection *projection, const char *name)
{
	for (size_t i = 0; i < projection->name_count; i++)
		if (strcasecmp(projection->names[i], name) == 0)
			return true;
	return projection->name_count == 0;
}

static bool is_wanted(const struct wsman_projection *projection,
		      const struct cim_property *property)
{
	if (!projection)
		return true;
	return (!projection->query || cim_query_selects(projection->query, property)) &&
	       is_named(projection, property->name);
}

static void write_properties(const struct writer *w, const struct cim_instance *instance,
			     const struct wsman_projection *projection)
{
	for (size_t i = 0; i < instance->class->property_count; i++) {
		const struct cim_property *property = &instance->class->properties[i];

		if (is_wanted(projection, property))
			write_value(w, property->name, property->is_array, &instance->values[i]);
	}
}

/* --- For the callers --- */

void wsman_value_write(struct text *out, const struct wsman_form *form, const char *name,
		       bool is_array, const struct cim_value *value)
{
	const struct writer writer = writer_at(out, form, 0);

	write_value(&writer, name, is_array, value);
}

void wsman_instance_write(struct text *out, const struct wsman_form *form,
			  const struct cim_instance *instance,
			  const struct wsman_projection *projection)
{
	const struct writer writer = writer_at(out, form, 0);
	const char *name = instance->class->name;
	size_t length = strlen(name);

	write_opening(&writer, name, length);
	write_type(&writer, instance->class);
	text_literal(out, ">");
	write_properties(&writer, instance, projection);
	write_closing(&writer, name, length);
}
