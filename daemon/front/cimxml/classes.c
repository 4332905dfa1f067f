/* SPDX-License-Identifier: MIT */
/* classes.c -- operations on classes and qualifiers. They are compiled in: nobody changes them. */
#include <string.h>
#include <strings.h>

#include "cim/class_xml.h"
#include "front/cimxml/call.h"

struct cim_class_xml_options cimxml_class_options(struct cimxml_call *call)
{
	const struct cim_value *list = parameter(call, PARAMETER_PROPERTY_LIST);
	struct cim_class_xml_options options = {
		.inherited = !flag(call, PARAMETER_LOCAL_ONLY),
		.qualifiers = flag(call, PARAMETER_INCLUDE_QUALIFIERS),
		.class_origin = flag(call, PARAMETER_INCLUDE_CLASS_ORIGIN),
	};
	const char **names;

	if (!list->is_set)
		return options;
	options.property_count = list->array.count;
	options.properties = names = arena_array(call->arena, const char *, list->array.count + 1);
	for (size_t i = 0; i < list->array.count; i++)
		names[i] = list->array.item[i].string.bytes;
	return options;
}

void cimxml_get_class(struct cimxml_call *call)
{
	const struct cim_class_xml_options options = cimxml_class_options(call);
	const struct cim_class *class;
	struct cim_error error;
	struct text out;

	if (!cim_resolve_class(call->ns, text_of(call, PARAMETER_CLASS_NAME), &class, &error)) {
		/* Of all operations this one does not say that it is an invalid class. */
		error.status = CIM_STATUS_NOT_FOUND;
		return cimxml_refuse_cim(call, &error);
	}
	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	cim_class_xml(&out, class, &options);
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

/* --- Listings --- */

static void write_name(struct cimxml_call *call, struct text *out, const struct cim_class *class)
{
	text_literal(out, "<CLASSNAME NAME=\"");
	text_puts(out, class->name);
	text_literal(out, "\"></CLASSNAME>");
}

static void write_class(struct cimxml_call *call, struct text *out, const struct cim_class *class)
{
	const struct cim_class_xml_options options = cimxml_class_options(call);

	cim_class_xml(out, class, &options);
}

/* Writes the subclasses of a class, or of none: those without a superclass. */
static void write_all(struct cimxml_call *call, struct text *out, const struct cim_class *class,
		      void (*write)(struct cimxml_call *call, struct text *out,
				    const struct cim_class *class))
{
	const struct cim_namespace *ns = cim_namespace_find(call->ns);
	const struct cim_class *const *all = class ? cim_class_descendants(class) : ns->classes;
	size_t count = class ? class->descendant_count : ns->class_count;

	if (flag(call, PARAMETER_DEEP_INHERITANCE)) {
		for (size_t i = 0; i < count; i++)
			write(call, out, all[i]);
		return;
	}
	for (const struct cim_class *at = NULL; (at = cim_subclass_next(ns, class, at));)
		write(call, out, at);
}

static void list(struct cimxml_call *call, void (*write)(struct cimxml_call *call, struct text *out,
							 const struct cim_class *class))
{
	const char *name = text_of(call, PARAMETER_CLASS_NAME);
	const struct cim_class *class = NULL;
	struct cim_error error;
	struct text out;

	if (name && !cim_resolve_class(call->ns, name, &class, &error))
		return cimxml_refuse_cim(call, &error);
	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	write_all(call, &out, class, write);
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

void cimxml_list_classes(struct cimxml_call *call)
{
	list(call, write_class);
}

void cimxml_list_class_names(struct cimxml_call *call)
{
	list(call, write_name);
}

/* --- Qualifiers --- */

static const struct cim_qualifier_type *find_qualifier(const char *name)
{
	for (size_t i = 0; i < cim_qualifier_type_count; i++)
		if (strcasecmp(cim_qualifier_types[i].name, name) == 0)
			return &cim_qualifier_types[i];
	return NULL;
}

void cimxml_get_qualifier(struct cimxml_call *call)
{
	const char *name = text_of(call, PARAMETER_QUALIFIER_NAME);
	const struct cim_qualifier_type *type = find_qualifier(name);
	struct cim_error error;
	struct text out;

	if (!type) {
		cim_fail(&error, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE, "no qualifier '%s'", name);
		return cimxml_refuse_cim(call, &error);
	}
	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	cim_qualifier_xml(&out, type);
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

void cimxml_list_qualifiers(struct cimxml_call *call)
{
	struct text out;

	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	for (size_t i = 0; i < cim_qualifier_type_count; i++)
		cim_qualifier_xml(&out, &cim_qualifier_types[i]);
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

/* --- Changes --- */

void cimxml_change_schema(struct cimxml_call *call)
{
	struct cim_error error;

	cim_fail(&error, CIM_STATUS_NOT_SUPPORTED, CIM_DETAIL_NONE,
		 "classes and qualifiers cannot be changed");
	cimxml_refuse_cim(call, &error);
}
