/* SPDX-License-Identifier: MIT */
/* related_classes.c -- Associators, References and their sisters of a class: a walk over the class
 * model; and queries for classes. */
#include <string.h>

#include "cim/association.h"
#include "cim/class_xml.h"
#include "front/cimxml/listing.h"

static void write_class(struct cimxml_call *call, struct text *out, const struct cim_class *class)
{
	struct cim_class_xml_options options = cimxml_class_options(call);
	bool whole = call->row->form == FORM_OBJECT_WITH_PATH;

	text_puts(out, whole ? "<VALUE.OBJECTWITHPATH>" : "<OBJECTPATH>");
	text_literal(out, "<CLASSPATH>");
	cim_namespacepath_xml(out, class->ns->name, call->host);
	text_printf(out, "<CLASSNAME NAME=\"%s\"></CLASSNAME></CLASSPATH>", class->name);
	if (whole)
		cim_class_xml(out, class, &options);
	text_puts(out, whole ? "</VALUE.OBJECTWITHPATH>" : "</OBJECTPATH>");
}

static void answer(struct cimxml_call *call, const struct cim_class *const *classes, size_t count)
{
	struct text out;

	cimxml_begin(call, &out);
	text_literal(&out, "<IRETURNVALUE>");
	for (size_t i = 0; i < count; i++)
		write_class(call, &out, classes[i]);
	text_literal(&out, "</IRETURNVALUE>");
	cimxml_end(call, &out);
}

void cimxml_list_related_classes(struct cimxml_call *call)
{
	const struct cim_association_filter filter = {
		.association_class = text_of(call, PARAMETER_ASSOC_CLASS),
		.result_class = text_of(call, PARAMETER_RESULT_CLASS),
		.role = text_of(call, PARAMETER_ROLE),
		.result_role = text_of(call, PARAMETER_RESULT_ROLE),
	};
	const struct cim_class *const *classes;
	const struct cim_class *source;
	struct cim_error error = { 0 };
	size_t count;

	if (cim_resolve_class(call->ns, text_of(call, PARAMETER_OBJECT_NAME), &source, &error) &&
	    cim_class_associators(call->arena, source, &filter, call->row->associations, &classes,
				  &count, &error))
		answer(call, classes, count);
	else
		cimxml_refuse_cim(call, &error);
}

const struct cim_query_associations *cimxml_query_for_classes(struct cimxml_call *call)
{
	const struct cim_value *text = parameter(call, PARAMETER_QUERY);
	const struct cim_query_associations *of;
	struct cim_query *query;
	struct okvp_error err;

	if (!text->is_set || !cim_query_is_wql(text_of(call, PARAMETER_QUERY_LANGUAGE)) ||
	    !cim_query_parse(call->arena, text->string.bytes, text->string.length, &query, &err))
		return NULL;
	of = cim_query_associations(query);
	return of && (of->classes || of->schema) ? of : NULL;
}

void cimxml_list_queried_classes(struct cimxml_call *call, const struct cim_query_associations *of)
{
	const struct cim_class *const *classes;
	struct cim_error error = { 0 };
	size_t count;

	if (cim_associated_classes(call->cimxml->settings.service, call->arena, call->ns, of,
				   &classes, &count, &error))
		answer(call, classes, count);
	else
		cimxml_refuse_cim(call, &error);
}
