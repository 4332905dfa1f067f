/* SPDX-License-Identifier: MIT */
/* class_xml.c -- classes and declarations of qualifiers as elements of DSP0201. */
#include "cim/class_xml.h"

#include <strings.h>

/* --- Qualifiers --- */

static void add_attribute(struct text *out, const char *name, bool value)
{
	text_printf(out, " %s=\"%s\"", name, value ? "true" : "false");
}

static void write_qualifier(struct text *out, const struct cim_qualifier *qualifier)
{
	text_printf(out, "<QUALIFIER NAME=\"%s\" TYPE=\"%s\"", qualifier->name,
		    cim_type_name(qualifier->value.type));
	if (qualifier->propagated)
		add_attribute(out, "PROPAGATED", true);
	add_attribute(out, "OVERRIDABLE", qualifier->overridable);
	add_attribute(out, "TOSUBCLASS", qualifier->to_subclass);
	if (qualifier->translatable)
		add_attribute(out, "TRANSLATABLE", true);
	text_literal(out, ">");
	if (qualifier->value.is_set)
		cim_value_xml(out, &qualifier->value, NULL);
	text_literal(out, "</QUALIFIER>");
}

/* Without inherited elements those that come from a superclass are left out on what is declared
 * here too. */
static void write_qualifiers(struct text *out, const struct cim_qualifier *qualifiers, size_t count,
			     const struct cim_class_xml_options *options)
{
	if (!options->qualifiers)
		return;
	for (size_t i = 0; i < count; i++)
		if (options->inherited || !qualifiers[i].propagated)
			write_qualifier(out, &qualifiers[i]);
}

void cim_qualifier_xml(struct text *out, const struct cim_qualifier_type *type)
{
	text_printf(out, "<QUALIFIER.DECLARATION NAME=\"%s\" TYPE=\"%s\"", type->name,
		    cim_type_name(type->value.type));
	add_attribute(out, "ISARRAY", type->value.is_array);
	add_attribute(out, "OVERRIDABLE", type->overridable);
	add_attribute(out, "TOSUBCLASS", type->to_subclass);
	add_attribute(out, "TOINSTANCE", false);
	add_attribute(out, "TRANSLATABLE", type->translatable);
	text_literal(out, "><SCOPE");
	add_attribute(out, "CLASS", type->scope & CIM_SCOPE_CLASS);
	add_attribute(out, "ASSOCIATION", type->scope & CIM_SCOPE_ASSOCIATION);
	add_attribute(out, "REFERENCE", type->scope & CIM_SCOPE_REFERENCE);
	add_attribute(out, "PROPERTY", type->scope & CIM_SCOPE_PROPERTY);
	add_attribute(out, "METHOD", type->scope & CIM_SCOPE_METHOD);
	add_attribute(out, "PARAMETER", type->scope & CIM_SCOPE_PARAMETER);
	add_attribute(out, "INDICATION", type->scope & CIM_SCOPE_INDICATION);
	text_literal(out, "></SCOPE>");
	if (type->value.is_set)
		cim_value_xml(out, &type->value, NULL);
	text_literal(out, "</QUALIFIER.DECLARATION>");
}

/* --- Members --- */

/* NAME and TYPE or REFERENCECLASS, of a property or parameter. */
static void add_declaration(struct text *out, const char *element, const char *name,
			    enum cim_type type, const char *reference_class)
{
	text_printf(out, "<%s NAME=\"%s\"", element, name);
	if (type == CIM_REFERENCE)
		text_printf(out, " REFERENCECLASS=\"%s\"", reference_class);
	else
		text_printf(out, " TYPE=\"%s\"", cim_type_name(type));
}

static void add_origin(struct text *out, const char *origin, bool propagated,
		       const struct cim_class_xml_options *options)
{
	if (options->class_origin)
		text_printf(out, " CLASSORIGIN=\"%s\"", origin);
	if (propagated)
		text_literal(out, " PROPAGATED=\"true\"");
}

static void write_property(struct text *out, const struct cim_property *property,
			   const struct cim_class_xml_options *options)
{
	const char *element = property->is_array ? "PROPERTY.ARRAY" : "PROPERTY";

	if (property->type == CIM_REFERENCE)
		element = "PROPERTY.REFERENCE";
	add_declaration(out, element, property->name, property->type, property->reference_class);
	add_origin(out, property->origin, property->propagated, options);
	text_literal(out, ">");
	write_qualifiers(out, property->qualifiers, property->qualifier_count, options);
	if (property->initial.is_set)
		cim_value_xml(out, &property->initial, NULL);
	text_printf(out, "</%s>", element);
}

static void write_parameter(struct text *out, const struct cim_parameter *parameter,
			    const struct cim_class_xml_options *options)
{
	static const char *const elements[2][2] = {
		{ "PARAMETER", "PARAMETER.ARRAY" },
		{ "PARAMETER.REFERENCE", "PARAMETER.REFARRAY" },
	};
	const char *element = elements[parameter->type == CIM_REFERENCE][parameter->is_array];

	add_declaration(out, element, parameter->name, parameter->type, parameter->reference_class);
	text_literal(out, ">");
	write_qualifiers(out, parameter->qualifiers, parameter->qualifier_count, options);
	text_printf(out, "</%s>", element);
}

static void write_method(struct text *out, const struct cim_method *method,
			 const struct cim_class_xml_options *options)
{
	text_printf(out, "<METHOD NAME=\"%s\" TYPE=\"%s\"", method->name,
		    cim_type_name(method->type));
	add_origin(out, method->origin, method->propagated, options);
	text_literal(out, ">");
	write_qualifiers(out, method->qualifiers, method->qualifier_count, options);
	for (size_t i = 0; i < method->parameter_count; i++)
		write_parameter(out, &method->parameters[i], options);
	text_literal(out, "</METHOD>");
}

/* --- Classes --- */

static bool is_listed(const struct cim_class_xml_options *options, const char *property)
{
	for (size_t i = 0; i < options->property_count; i++)
		if (strcasecmp(options->properties[i], property) == 0)
			return true;
	return !options->properties;
}

static void add_derivation(struct text *out, const struct cim_class *superclass)
{
	text_literal(out, " DERIVATION=\"");
	for (; superclass; superclass = superclass->superclass)
		text_printf(out, superclass->superclass ? "%s," : "%s", superclass->name);
	text_literal(out, "\"");
}

void cim_class_xml(struct text *out, const struct cim_class *class,
		   const struct cim_class_xml_options *options)
{
	text_printf(out, "<CLASS NAME=\"%s\"", class->name);
	if (class->superclass)
		text_printf(out, " SUPERCLASS=\"%s\"", class->superclass->name);
	if (class->superclass && options->derivation)
		add_derivation(out, class->superclass);
	text_literal(out, ">");
	write_qualifiers(out, class->qualifiers, class->qualifier_count, options);
	for (size_t i = 0; i < class->property_count; i++) {
		const struct cim_property *property = &class->properties[i];

		if ((options->inherited || !property->propagated) &&
		    is_listed(options, property->name))
			write_property(out, property, options);
	}
	for (size_t i = 0; i < class->method_count; i++)
		if (options->inherited || !class->methods[i].propagated)
			write_method(out, &class->methods[i], options);
	text_literal(out, "</CLASS>");
}
