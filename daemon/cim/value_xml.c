/* SPDX-License-Identifier: MIT */
/* value_xml.c -- values, properties of instances and paths as elements of DSP0201. */
#include <string.h>

#include "cim/class_xml.h"
#include "cim/scalar.h"
#include "openkvp/scoped.h"

/* --- Values --- */

static void write_string(struct text *out, const struct cim_string *string)
{
	if (string->escaped)
		text_add(out, string->escaped, string->escaped_length);
	else
		text_xml(out, string->bytes, string->length);
}

/* What may hold any character. */
static void write_escaped(struct text *out, const struct cim_value *value)
{
	scoped(text_done) struct text scalar = { 0 };

	cim_scalar_write(&scalar, value);
	text_xml(out, scalar.bytes, scalar.length);
}

static void write_scalar(struct text *out, const struct cim_value *value)
{
	switch (value->type) {
	case CIM_STRING:
		write_string(out, &value->string);
		break;
	case CIM_CHAR16:
	case CIM_INSTANCE:
		write_escaped(out, value);
		break;
	default: /* digits and letters */
		cim_scalar_write(out, value);
	}
}

static void write_reference(struct text *out, const struct cim_object_path *path, const char *host)
{
	text_literal(out, "<VALUE.REFERENCE>");
	if (host)
		cim_instancepath_xml(out, path, host);
	else
		cim_localinstancepath_xml(out, path);
	text_literal(out, "</VALUE.REFERENCE>");
}

static void write_one(struct text *out, const struct cim_value *value, const char *host)
{
	if (value->type == CIM_REFERENCE) {
		write_reference(out, value->reference, host);
		return;
	}
	text_literal(out, "<VALUE>");
	write_scalar(out, value);
	text_literal(out, "</VALUE>");
}

void cim_value_xml(struct text *out, const struct cim_value *value, const char *host)
{
	bool references = value->type == CIM_REFERENCE;

	if (!value->is_array) {
		write_one(out, value, host);
		return;
	}
	text_puts(out, references ? "<VALUE.REFARRAY>" : "<VALUE.ARRAY>");
	for (size_t i = 0; i < value->array.count; i++)
		write_one(out, &value->array.item[i], host);
	text_puts(out, references ? "</VALUE.REFARRAY>" : "</VALUE.ARRAY>");
}

/* --- Properties. A listing has ten thousand times forty of them: what is constant is copied by
 * text_literal(). --- */

static void open_property(struct text *out, const struct cim_property *property)
{
	if (property->type == CIM_REFERENCE) {
		text_literal(out, "<PROPERTY.REFERENCE NAME=\"");
		text_puts(out, property->name);
		text_literal(out, "\" REFERENCECLASS=\"");
		text_puts(out, property->reference_class);
		return;
	}
	if (property->is_array)
		text_literal(out, "<PROPERTY.ARRAY NAME=\"");
	else
		text_literal(out, "<PROPERTY NAME=\"");
	text_puts(out, property->name);
	text_literal(out, "\" TYPE=\"");
	text_puts(out, cim_type_name(property->type));
}

static void close_property(struct text *out, const struct cim_property *property)
{
	if (property->type == CIM_REFERENCE)
		text_literal(out, "</PROPERTY.REFERENCE>");
	else if (property->is_array)
		text_literal(out, "</PROPERTY.ARRAY>");
	else
		text_literal(out, "</PROPERTY>");
}

/* Arrays do without EmbeddedObject: wbemcli knows it on PROPERTY alone. */
void cim_property_xml(struct text *out, const struct cim_property *property,
		      const struct cim_value *value, bool class_origin, const char *host)
{
	open_property(out, property);
	if (class_origin)
		text_concat(out, "\" CLASSORIGIN=\"", property->origin);
	if (property->embedded_class && !property->is_array)
		text_concat(out, "\" EmbeddedObject=\"",
			    *property->embedded_class ? "instance" : "object");
	text_literal(out, "\">");
	if (value->is_set)
		cim_value_xml(out, value, host);
	close_property(out, property);
}

/* --- Paths --- */

static const char *value_type(const struct cim_value *key)
{
	if (key->type == CIM_BOOLEAN)
		return "boolean";
	return key->type == CIM_STRING || key->type == CIM_DATETIME || key->type == CIM_CHAR16
		       ? "string"
		       : "numeric";
}

void cim_instancename_xml(struct text *out, const struct cim_object_path *path)
{
	text_literal(out, "<INSTANCENAME CLASSNAME=\"");
	text_puts(out, path->class_name);
	text_literal(out, "\">");
	for (size_t i = 0; i < path->key_count; i++) {
		const struct cim_value *value = &path->keys[i].value;

		text_literal(out, "<KEYBINDING NAME=\"");
		text_puts(out, path->keys[i].name);
		if (value->type == CIM_REFERENCE) {
			text_literal(out, "\">");
			write_reference(out, value->reference, NULL);
		} else {
			text_literal(out, "\"><KEYVALUE VALUETYPE=\"");
			text_puts(out, value_type(value));
			text_literal(out, "\" TYPE=\"");
			text_puts(out, cim_type_name(value->type));
			text_literal(out, "\">");
			write_scalar(out, value);
			text_literal(out, "</KEYVALUE>");
		}
		text_literal(out, "</KEYBINDING>");
	}
	text_literal(out, "</INSTANCENAME>");
}

void cim_localnamespacepath_xml(struct text *out, const char *ns)
{
	text_literal(out, "<LOCALNAMESPACEPATH>");
	while (*ns) {
		size_t length = strcspn(ns, "/\\");

		text_literal(out, "<NAMESPACE NAME=\"");
		text_xml(out, ns, length);
		text_literal(out, "\"></NAMESPACE>");
		ns += length + (ns[length] != '\0');
	}
	text_literal(out, "</LOCALNAMESPACEPATH>");
}

void cim_namespacepath_xml(struct text *out, const char *ns, const char *host)
{
	text_literal(out, "<NAMESPACEPATH><HOST>");
	text_xml(out, host, strlen(host));
	text_literal(out, "</HOST>");
	cim_localnamespacepath_xml(out, ns);
	text_literal(out, "</NAMESPACEPATH>");
}

void cim_localinstancepath_xml(struct text *out, const struct cim_object_path *path)
{
	text_literal(out, "<LOCALINSTANCEPATH>");
	cim_localnamespacepath_xml(out, path->ns);
	cim_instancename_xml(out, path);
	text_literal(out, "</LOCALINSTANCEPATH>");
}

void cim_instancepath_xml(struct text *out, const struct cim_object_path *path, const char *host)
{
	text_literal(out, "<INSTANCEPATH>");
	cim_namespacepath_xml(out, path->ns, host);
	cim_instancename_xml(out, path);
	text_literal(out, "</INSTANCEPATH>");
}

void cim_instance_xml(struct text *out, const struct cim_instance *instance)
{
	const struct cim_class *class = instance->class;

	text_concat(out, "<INSTANCE CLASSNAME=\"", class->name, "\">");
	for (size_t i = 0; i < class->property_count; i++)
		if (instance->values[i].is_set)
			cim_property_xml(out, &class->properties[i], &instance->values[i], false,
					 NULL);
	text_literal(out, "</INSTANCE>");
}
