/* SPDX-License-Identifier: MIT */
/* write.c -- instances as the operations return them. */
#include "front/cimxml/write.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cim/class_xml.h"

static const struct {
	const char *element; /* around it; NULL: nothing */
	enum { WITHOUT_PATH, WITH_NAME, WITH_PATH } path;
	bool instance;
} forms[] = {
	[FORM_INSTANCE] = { NULL, WITHOUT_PATH, true },
	[FORM_NAMED_INSTANCE] = { "VALUE.NAMEDINSTANCE", WITH_NAME, true },
	[FORM_INSTANCE_NAME] = { NULL, WITH_NAME, false },
	[FORM_OBJECT_WITH_PATH] = { "VALUE.OBJECTWITHPATH", WITH_PATH, true },
	[FORM_OBJECT_PATH] = { "OBJECTPATH", WITH_PATH, false },
	[FORM_INSTANCE_WITH_PATH] = { "VALUE.INSTANCEWITHPATH", WITH_PATH, true },
	[FORM_INSTANCE_PATH] = { NULL, WITH_PATH, false },
};

/* --- Which properties --- */

static void add_to_list(struct cimxml_selection *selection, const char *name)
{
	enum cim_property_id id;

	if (cim_property_id_find(name, &id))
		selection->listed[id] = true;
}

void cimxml_select(struct cimxml_selection *selection, enum cimxml_form form,
		   const struct cimxml_parameters *parameters)
{
	const struct cim_value *list = &parameters->value[PARAMETER_PROPERTY_LIST];

	*selection = (struct cimxml_selection){ .form = form };
	selection->class_origin = parameters->value[PARAMETER_INCLUDE_CLASS_ORIGIN].boolean;
	selection->has_list = list->is_set;
	for (size_t i = 0; list->is_set && i < list->array.count; i++)
		add_to_list(selection, list->array.item[i].string.bytes);
}

static bool is_selected(const struct cimxml_selection *selection,
			const struct cim_property *property, const struct cim_query *query)
{
	if (selection->has_list && !selection->listed[property->id])
		return false;
	if (selection->shallow &&
	    selection->shallow->property_index[property->id] == CIM_NO_PROPERTY)
		return false;
	return !query || cim_query_selects(query, property);
}

/* --- In which elements --- */

static void write_instance(struct text *out, const struct cimxml_selection *selection,
			   const struct cim_instance *instance, const struct cim_query *query,
			   const char *host)
{
	const struct cim_class *class = instance->class;

	text_literal(out, "<INSTANCE CLASSNAME=\"");
	text_puts(out, class->name);
	text_literal(out, "\">");
	for (size_t i = 0; i < class->property_count; i++)
		if (is_selected(selection, &class->properties[i], query))
			cim_property_xml(out, &class->properties[i], &instance->values[i],
					 selection->class_origin, host);
	text_literal(out, "</INSTANCE>");
}

void cimxml_instance_write(struct text *out, const struct cimxml_selection *selection,
			   const struct cim_instance *instance, const struct cim_query *query,
			   const char *host)
{
	const char *element = forms[selection->form].element;

	if (element)
		text_concat(out, "<", element, ">");
	if (forms[selection->form].path == WITH_NAME)
		cim_instancename_xml(out, cim_instance_path(instance));
	else if (forms[selection->form].path == WITH_PATH)
		cim_instancepath_xml(out, cim_instance_path(instance), host);
	if (forms[selection->form].instance)
		write_instance(out, selection, instance, query, host);
	if (element)
		text_concat(out, "</", element, ">");
}
