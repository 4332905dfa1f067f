/* SPDX-License-Identifier: MIT */
/* export.c -- CIM > MESSAGE > SIMPLEEXPREQ > EXPMETHODCALL, and what comes back. */
#include "indication/export.h"

#include <string.h>

#include "cim/class_xml.h"
#include "openkvp/scoped.h"
#include "xml/xml.h"

/* Without these nobody would see that something is missing. */
static bool is_place(const struct cim_property *property)
{
	return property->id == PROPERTY_SEQUENCE_CONTEXT ||
	       property->id == PROPERTY_SEQUENCE_NUMBER;
}

static void write_indication(struct text *out, const struct cim_instance *indication,
			     const struct cim_query *query)
{
	const struct cim_class *class = indication->class;

	text_printf(out, "<INSTANCE CLASSNAME=\"%s\">", class->name);
	for (size_t i = 0; i < class->property_count; i++) {
		const struct cim_property *property = &class->properties[i];
		const struct cim_value *value = &indication->values[i];

		if (value->is_set &&
		    (!query || cim_query_selects(query, property) || is_place(property)))
			cim_property_xml(out, property, value, false, NULL);
	}
	text_literal(out, "</INSTANCE>");
}

void export_write(struct text *out, const char *id, const struct cim_instance *indication,
		  const struct cim_query *query)
{
	text_literal(out, "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n"
			  "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"");
	text_xml(out, id, strlen(id));
	text_literal(out, "\" PROTOCOLVERSION=\"1.0\"><SIMPLEEXPREQ>"
			  "<EXPMETHODCALL NAME=\"ExportIndication\">"
			  "<EXPPARAMVALUE NAME=\"NewIndication\">");
	write_indication(out, indication, query);
	text_literal(out, "</EXPPARAMVALUE></EXPMETHODCALL></SIMPLEEXPREQ></MESSAGE></CIM>");
}

bool export_is_taken(const char *answer, size_t length, struct okvp_error *err)
{
	static const char *const way[] = { "MESSAGE", "SIMPLEEXPRSP", "EXPMETHODRESPONSE",
					   "ERROR" };
	struct arena *arena scoped(arena_free) = arena_create();
	const struct xml_element *element;
	const char *code;

	if (!xml_parse(arena, answer, length, XML_AUTO, &element, NULL))
		return true;
	for (size_t i = 0; element && i < sizeof(way) / sizeof(*way); i++)
		element = xml_child(element, NULL, way[i]);
	if (!element)
		return true;
	code = xml_attribute(element, NULL, "CODE");
	return okvp_fail(err, OKVP_DENIED, "the listener answers with error %.20s",
			 code ? code : "");
}
