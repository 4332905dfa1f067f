/* SPDX-License-Identifier: MIT */
/* reference_xml.c -- object paths as endpoint references. */
#include "front/wsman/reference_xml.h"

#include <string.h>
#include <strings.h>

#include "cim/operation.h"
#include "front/wsman/instance_xml.h"
#include "front/wsman/names.h"

/* --- Reading --- */

static bool find_key(const struct cim_key *keys, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(keys[i].name, name) == 0)
			return true;
	return false;
}

static bool read_value(struct arena *arena, const struct xml_element *selector, const char *ns,
		       struct cim_value *ret_value, struct wsman_fault *fault)
{
	struct cim_object_path *path;

	if (!wsman_is_reference(selector)) {
		*ret_value = cim_string(xml_trimmed(arena, selector));
		return true;
	}
	path = arena_new(arena, struct cim_object_path);
	*ret_value = cim_reference(path);
	return wsman_reference_read(arena, selector, ns, path, fault);
}

static size_t count_same(const struct xml_element *element)
{
	size_t count = 0;

	for (; element; element = xml_next_same(element))
		count++;
	return count;
}

bool wsman_selectors_read(struct arena *arena, const struct xml_element *set, const char *ns,
			  struct wsman_selectors *ret_selectors, struct wsman_fault *fault)
{
	size_t room = count_same(xml_child(set, NS_WSMAN, "Selector")), count = 0;
	struct cim_key *keys;

	/* One of them may be the namespace, which is no key. */
	if (room > CIM_PATH_KEYS_MAX + 1)
		return wsman_fail(fault, FAULT_SELECTOR_LIMIT, "%zu selectors, the most is %d",
				  room, CIM_PATH_KEYS_MAX);
	keys = arena_array(arena, struct cim_key, room);
	*ret_selectors = (struct wsman_selectors){ .keys = keys };
	for (const struct xml_element *selector = xml_child(set, NS_WSMAN, "Selector"); selector;
	     selector = xml_next_same(selector)) {
		const char *name = xml_attribute(selector, NULL, "Name");

		if (!name)
			return wsman_fail(fault, FAULT_SELECTORS, "a selector without a name");
		if (strcasecmp(name, SELECTOR_NAMESPACE) == 0) {
			ret_selectors->ns = xml_trimmed(arena, selector);
			continue;
		}
		if (find_key(keys, count, name))
			return wsman_fail(fault, FAULT_SELECTORS_DUPLICATE,
					  "the selector '%s' is there twice", name);
		keys[count].name = name;
		if (!read_value(arena, selector, ns, &keys[count].value, fault))
			return false;
		count++;
	}
	ret_selectors->count = count;
	return true;
}

/* What holds a reference's parts: the element itself, or an EndpointReference in it. */
static const struct xml_element *unwrap(const struct xml_element *element)
{
	const struct xml_element *inner = xml_child(element, NS_ADDRESSING, "EndpointReference");

	return inner ? inner : element;
}

/* ReferenceProperties is what old samples have. */
static const struct xml_element *parameters_of(const struct xml_element *element)
{
	const struct xml_element *parameters =
		xml_child(element, NS_ADDRESSING, "ReferenceParameters");

	return parameters ? parameters : xml_child(element, NS_ADDRESSING, "ReferenceProperties");
}

/* The class in xsi:type="p:CLASS_Type"; NULL: none. A client binds xsi to another namespace, so it
 * is found by its local name. */
static const char *type_of(struct arena *arena, const struct xml_element *element)
{
	const char *type = xml_attribute(element, NULL, "type");
	const char *colon = type ? strchr(type, ':') : NULL;
	size_t length;

	if (!type)
		return NULL;
	type = colon ? colon + 1 : type;
	length = strlen(type);
	if (length <= 5 || strcmp(type + length - 5, "_Type") != 0)
		return NULL;
	return arena_text(arena, type, length - 5);
}

bool wsman_is_reference(const struct xml_element *element)
{
	return parameters_of(unwrap(element)) != NULL ||
	       (element->children && xml_attribute(element, NULL, "type"));
}

/* An instance: of its properties those count that are keys. */
static bool read_instance(struct arena *arena, const struct xml_element *element, const char *ns,
			  struct cim_object_path *ret_path, struct wsman_fault *fault)
{
	const char *class_name = type_of(arena, element);
	const struct cim_class *class;
	struct cim_error error;
	struct cim_key *keys;
	size_t count = 0;

	if (!class_name)
		return wsman_fail(fault, FAULT_PARAMETER_VALUE, "%s is no reference",
				  element->name);
	if (!cim_resolve_class(ns, class_name, &class, &error))
		return wsman_fail(fault, FAULT_PARAMETER_VALUE, "the reference %s: %s",
				  element->name, error.message);
	keys = arena_array(arena, struct cim_key, class->property_count);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		const struct cim_property *property = cim_property_find(class, child->name);

		if (!property || !property->is_key || find_key(keys, count, child->name))
			continue;
		keys[count].name = child->name;
		keys[count++].value = cim_string(xml_trimmed(arena, child));
	}
	*ret_path = (struct cim_object_path){
		.ns = ns, .class_name = class_name, .keys = keys, .key_count = count
	};
	return true;
}

/* The namespace is said by a selector or by the URI, or else by whoever refers. */
static const char *namespace_of(const struct wsman_selectors *selectors,
				const struct wsman_resource *resource, const char *ns)
{
	if (selectors->ns)
		return selectors->ns;
	return *resource->ns ? resource->ns : ns;
}

bool wsman_reference_read(struct arena *arena, const struct xml_element *element, const char *ns,
			  struct cim_object_path *ret_path, struct wsman_fault *fault)
{
	const struct xml_element *parameters = parameters_of(unwrap(element)), *uri, *set;
	struct wsman_selectors selectors = { 0 };
	struct wsman_resource resource;

	if (!parameters)
		return read_instance(arena, element, ns, ret_path, fault);
	uri = xml_child(parameters, NS_WSMAN, "ResourceURI");
	set = xml_child(parameters, NS_WSMAN, "SelectorSet");
	if (!uri || !wsman_resource_read(arena, xml_trimmed(arena, uri), &resource))
		return wsman_fail(fault, FAULT_PARAMETER_VALUE,
				  "the reference %s names no resource", element->name);
	if (set && !wsman_selectors_read(arena, set, ns, &selectors, fault))
		return false;
	*ret_path = (struct cim_object_path){
		.ns = namespace_of(&selectors, &resource, ns),
		.class_name = resource.class_name,
		.keys = selectors.keys,
		.key_count = selectors.count,
	};
	return true;
}

/* --- Writing --- */

static void write_selector(struct text *out, const char *name, size_t length)
{
	text_literal(out, "<w:Selector Name=\"");
	text_add(out, name, length);
	text_literal(out, "\">");
}

void wsman_reference_write(struct text *out, enum wsman_family family,
			   const struct cim_object_path *path)
{
	const char *ns = path->ns && *path->ns ? path->ns : cim_namespaces[0]->name;

	text_literal(out, "<a:Address>" ANONYMOUS_ROLE "</a:Address><a:ReferenceParameters>"
			  "<w:ResourceURI>");
	wsman_resource_write(out, family, ns, path->class_name);
	text_literal(out, "</w:ResourceURI><w:SelectorSet>");
	if (family == WSMAN_DMTF) {
		write_selector(out, SELECTOR_NAMESPACE, strlen(SELECTOR_NAMESPACE));
		text_xml(out, ns, strlen(ns));
		text_literal(out, "</w:Selector>");
	}
	for (size_t i = 0; i < path->key_count; i++) {
		const struct cim_key *key = &path->keys[i];

		write_selector(out, key->name, strlen(key->name));
		if (key->value.type == CIM_REFERENCE) {
			text_literal(out, "<a:EndpointReference>");
			wsman_reference_write(out, family, key->value.reference);
			text_literal(out, "</a:EndpointReference>");
		} else {
			wsman_scalar_write(out, &key->value);
		}
		text_literal(out, "</w:Selector>");
	}
	text_literal(out, "</w:SelectorSet></a:ReferenceParameters>");
}
