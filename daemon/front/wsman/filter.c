/* SPDX-License-Identifier: MIT */
/* filter.c -- WQL, selectors (DSP0226 section 8.3) and associations (DSP0227 section 17). */
#include "front/wsman/filter.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/wsman/names.h"
#include "front/wsman/reference_xml.h"

#define NAMES_MAX 256 /* of properties */

bool wsman_filter_find(const struct wsman_call *call, const char *ns,
		       const struct xml_element **ret_filter, struct wsman_fault *fault)
{
	const struct xml_element *filter = xml_child(call->body, NS_WSMAN, "Filter");
	const struct xml_element *standard = xml_child(call->body, ns, "Filter");

	if (filter && standard)
		return wsman_fail(fault, FAULT_FILTER, "there are two filters");
	*ret_filter = filter ? filter : standard;
	return true;
}

bool wsman_filter_is(const struct xml_element *filter, const char *dialect)
{
	const char *said = xml_attribute(filter, NULL, "Dialect");

	return said && strcasecmp(said, dialect) == 0;
}

/* What a filter of one dialect is read into. */
struct reading {
	struct wsman_call *call;
	struct cim_enumeration_request *request;
	const char **names;
	size_t name_count;
	struct wsman_fault *fault;
};

static bool read_query(struct reading *r, const struct xml_element *filter)
{
	r->request->query = xml_trimmed(r->call->arena, filter);
	r->request->query_length = strlen(r->request->query);
	return true;
}

static bool read_selectors(struct reading *r, const struct xml_element *filter)
{
	const struct xml_element *set = xml_child(filter, NS_WSMAN, "SelectorSet");
	struct wsman_selectors selectors;

	if (!set)
		return wsman_fail(r->fault, FAULT_FILTER, "the filter holds no SelectorSet");
	if (!wsman_selectors_read(r->call->arena, set, r->call->resource.ns, &selectors, r->fault))
		return false;
	r->request->selectors = selectors.keys;
	r->request->selector_count = selectors.count;
	return true;
}

/* --- Associations --- */

static bool read_object(struct reading *r, const struct xml_element *element)
{
	struct cim_object_path *path = arena_new(r->call->arena, struct cim_object_path);

	if (r->request->source)
		return wsman_fail(r->fault, FAULT_FILTER, "there are two objects");
	r->request->source = path;
	if (wsman_is_reference(element) &&
	    wsman_reference_read(r->call->arena, element, r->call->resource.ns, path, r->fault))
		return true;
	return wsman_fail(r->fault, FAULT_FILTER, "Object is no reference to an instance");
}

static bool read_name(struct reading *r, const struct xml_element *element, const char **name)
{
	const char *text = xml_trimmed(r->call->arena, element);

	if (*name)
		return wsman_fail(r->fault, FAULT_FILTER, "%s is there twice", element->name);
	if (*text)
		*name = text;
	return true;
}

static bool read_property(struct reading *r, const struct xml_element *element)
{
	if (r->name_count == NAMES_MAX)
		return wsman_fail(r->fault, FAULT_FILTER, "more than %d properties", NAMES_MAX);
	if (!r->names)
		r->names = arena_array(r->call->arena, const char *, NAMES_MAX);
	r->names[r->name_count++] = xml_trimmed(r->call->arena, element);
	return true;
}

static bool read_association_word(struct reading *r, const struct xml_element *element)
{
	struct cim_enumeration_request *request = r->request;
	const struct {
		const char *element;
		const char **name;
		bool associators_only;
	} names[] = {
		{ "AssociationClassName", &request->association_class, true },
		{ "ResultClassName", &request->result_class, false },
		{ "Role", &request->role, false },
		{ "ResultRole", &request->result_role, true },
	};

	if (xml_is(element, NS_CIM_BINDING, "Object"))
		return read_object(r, element);
	if (xml_is(element, NS_CIM_BINDING, "IncludeResultProperty"))
		return read_property(r, element);
	for (size_t i = 0; i < count_of(names); i++)
		if (xml_is(element, NS_CIM_BINDING, names[i].element) &&
		    !(names[i].associators_only && request->associations))
			return read_name(r, element, names[i].name);
	return wsman_fail(r->fault, FAULT_FILTER, "%s does not belong into this filter",
			  element->name);
}

static bool read_association(struct reading *r, const struct xml_element *filter)
{
	const struct xml_element *kind = filter->children;

	r->request->associations = kind && xml_is(kind, NS_CIM_BINDING, "AssociationInstances");
	if (!r->request->associations &&
	    (!kind || !xml_is(kind, NS_CIM_BINDING, "AssociatedInstances")))
		return wsman_fail(r->fault, FAULT_FILTER,
				  "AssociatedInstances or AssociationInstances is expected");
	for (const struct xml_element *child = kind->children; child; child = child->next)
		if (!read_association_word(r, child))
			return false;
	if (!r->request->source)
		return wsman_fail(r->fault, FAULT_FILTER, "the filter names no Object");
	return true;
}

/* --- All of them --- */

static const struct dialect {
	const char *uri;
	bool (*read)(struct reading *r, const struct xml_element *filter);
} dialects[] = {
	{ DIALECT_WQL, read_query },
	{ DIALECT_SELECTOR, read_selectors },
	{ DIALECT_ASSOCIATION, read_association },
};

bool wsman_filter_read(struct wsman_call *call, struct cim_enumeration_request *request,
		       const char *const **ret_names, size_t *ret_name_count,
		       struct wsman_fault *fault)
{
	struct reading reading = { .call = call, .request = request, .fault = fault };
	const struct xml_element *filter;
	const char *dialect;

	*ret_name_count = 0;
	if (!wsman_filter_find(call, NS_ENUMERATION, &filter, fault))
		return false;
	if (!filter)
		return true;
	for (size_t i = 0; i < count_of(dialects); i++) {
		if (!wsman_filter_is(filter, dialects[i].uri))
			continue;
		if (!dialects[i].read(&reading, filter))
			return false;
		*ret_names = reading.names;
		*ret_name_count = reading.name_count;
		return true;
	}
	dialect = xml_attribute(filter, NULL, "Dialect");
	return wsman_fail(fault, FAULT_DIALECT, "no such filter dialect: %s",
			  dialect ? dialect : "XPath");
}
