/* SPDX-License-Identifier: MIT */
/* resolve.c -- from what clients say to what classes declare. */
#include "cim/resolve.h"

#include <string.h>

#include "cim/operation.h"
#include "cim/scalar.h"
#include "openkvp/scoped.h"

bool cim_resolve_class(const char *ns, const char *class_name, const struct cim_class **ret_class,
		       struct cim_error *err)
{
	const struct cim_namespace *found = ns && *ns ? cim_namespace_find(ns) : cim_namespaces[0];

	if (!found)
		return cim_fail(err, CIM_STATUS_INVALID_NAMESPACE, CIM_DETAIL_NONE,
				"no namespace '%s'", ns);
	*ret_class = cim_class_find(found, class_name);
	if (!*ret_class)
		return cim_fail(err, CIM_STATUS_INVALID_CLASS, CIM_DETAIL_NONE,
				"no class '%s' in %s", class_name, found->name);
	return true;
}

static bool convert_text(struct arena *arena, enum cim_type type, const char *text, size_t length,
			 struct cim_value *ret_value, struct okvp_error *err)
{
	struct cim_object_path *path;

	if (type != CIM_REFERENCE)
		return cim_value_from_text(arena, type, text, length, ret_value, err);
	path = arena_new(arena, struct cim_object_path);
	*ret_value = cim_reference(path);
	return cim_path_from_text(arena, text, length, path, err);
}

bool cim_convert(struct arena *arena, enum cim_type type, const struct cim_value *given,
		 struct cim_value *ret_value, struct okvp_error *err)
{
	scoped(text_done) struct text text = { 0 };

	if (given->type == type) {
		*ret_value = *given;
		return true;
	}
	if (given->type == CIM_STRING)
		return convert_text(arena, type, given->string.bytes, given->string.length,
				    ret_value, err);
	if (given->type == CIM_REFERENCE || type == CIM_REFERENCE || type == CIM_STRING)
		return okvp_fail(err, OKVP_WRONG_TYPE, "a %s is no %s", cim_type_name(given->type),
				 cim_type_name(type));
	cim_scalar_write(&text, given);
	return cim_value_from_text(arena, type, text.bytes, text.length, ret_value, err);
}

static struct cim_value collapse_backslashes(struct arena *arena, const struct cim_string *string)
{
	char *bytes = arena_text(arena, string->bytes, string->length);
	size_t length = 0;

	if (!memmem(bytes, string->length, "\\\\", 2))
		return cim_string_of(bytes, string->length);
	for (size_t i = 0; i < string->length; i++) {
		bytes[length++] = string->bytes[i];
		if (string->bytes[i] == '\\' && i + 1 < string->length &&
		    string->bytes[i + 1] == '\\')
			i++;
	}
	bytes[length] = '\0';
	return cim_string_of(bytes, length);
}

static bool wrong_reference(struct cim_error *err, enum cim_detail detail, const char *sentence)
{
	return cim_fail(err, CIM_STATUS_INVALID_PARAMETER, detail, "%s", sentence);
}

bool cim_resolve_reference(struct arena *arena, const struct cim_namespace *ns,
			   const char *declared_class, const struct cim_object_path *given,
			   struct cim_value *ret_value, struct cim_error *err)
{
	const char *ns_name = given->ns && *given->ns ? given->ns : ns->name;
	const struct cim_class *class, *declared;
	const struct cim_object_path *path;
	struct cim_error cause;

	if (!cim_resolve_class(ns_name, given->class_name, &class, &cause))
		return wrong_reference(err, CIM_DETAIL_PARAMETER_VALUE, cause.message);
	declared = cim_class_find(class->ns, declared_class);
	if (!declared || !cim_class_is_a(class, declared))
		return wrong_reference(err, CIM_DETAIL_PARAMETER_TYPE,
				       "a reference to another class");
	if (!cim_resolve_path(arena, class, given, &path, &cause))
		return wrong_reference(err, CIM_DETAIL_PARAMETER_VALUE, cause.message);
	*ret_value = cim_reference(path);
	return true;
}

static bool wrong_key(struct cim_error *err, enum cim_detail detail,
		      const struct cim_property *property, const char *sentence)
{
	return cim_fail(err, CIM_STATUS_INVALID_PARAMETER, detail, "the key '%s': %s",
			property->name, sentence);
}

bool cim_resolve_key(struct arena *arena, const struct cim_class *class,
		     const struct cim_property *property, const struct cim_value *given,
		     struct cim_value *ret_value, struct cim_error *err)
{
	struct cim_error refusal;
	struct okvp_error cause;

	if (!given->is_set || given->is_array || property->is_array)
		return cim_fail(err, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEY_TYPE,
				"the key '%s' must have one value", property->name);
	if (!cim_convert(arena, property->type, given, ret_value, &cause))
		return wrong_key(err,
				 cause.status == OKVP_WRONG_TYPE ? CIM_DETAIL_KEY_TYPE
								 : CIM_DETAIL_KEY_VALUE,
				 property, cause.message);
	if (property->type == CIM_STRING)
		*ret_value = collapse_backslashes(arena, &ret_value->string);
	if (property->type == CIM_REFERENCE &&
	    !cim_resolve_reference(arena, class->ns, property->reference_class,
				   ret_value->reference, ret_value, &refusal))
		return wrong_key(err,
				 refusal.detail == CIM_DETAIL_PARAMETER_TYPE ? CIM_DETAIL_KEY_TYPE
									     : CIM_DETAIL_KEY_VALUE,
				 property, refusal.message);
	return true;
}

static bool has_key(const struct cim_object_path *path, const struct cim_property *property)
{
	for (size_t i = 0; i < path->key_count; i++)
		if (path->keys[i].name == property->name)
			return true;
	return false;
}

bool cim_resolve_path(struct arena *arena, const struct cim_class *class,
		      const struct cim_object_path *given, const struct cim_object_path **ret_path,
		      struct cim_error *err)
{
	struct cim_object_path *path = arena_new(arena, struct cim_object_path);
	struct cim_key *key = arena_array(arena, struct cim_key, cim_class_key_count(class));

	path->ns = class->ns->name;
	path->class_name = class->name;
	path->keys = key;
	for (size_t i = 0; i < given->key_count; i++, key++) {
		const struct cim_property *property = cim_property_find(class, given->keys[i].name);

		if (!property || !property->is_key)
			return cim_fail(err, CIM_STATUS_INVALID_PARAMETER,
					CIM_DETAIL_KEY_UNEXPECTED, "the class %s has no key '%s'",
					class->name, given->keys[i].name);
		if (has_key(path, property))
			return cim_fail(err, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEY_DUPLICATE,
					"the key '%s' is there twice", property->name);
		key->name = property->name;
		if (!cim_resolve_key(arena, class, property, &given->keys[i].value, &key->value,
				     err))
			return false;
		path->key_count++;
	}
	*ret_path = path;
	return true;
}

size_t cim_class_key_count(const struct cim_class *class)
{
	size_t count = 0;

	for (size_t i = 0; i < class->property_count; i++)
		count += class->properties[i].is_key;
	return count;
}

/* --- Values of parameters and properties --- */

static bool wrong_value(struct cim_error *err, enum cim_status status, enum cim_detail detail,
			const struct cim_declaration *declaration, const char *sentence)
{
	return cim_fail(err, status, detail, "the %s '%s': %s", declaration->kind,
			declaration->name, sentence);
}

static bool resolve_scalar(struct arena *arena, const struct cim_namespace *ns,
			   const struct cim_declaration *declaration, const struct cim_value *given,
			   struct cim_value *ret_value, struct cim_error *err)
{
	struct cim_error refusal;
	struct okvp_error cause;

	if (!cim_convert(arena, declaration->type, given, ret_value, &cause)) {
		if (cause.status == OKVP_WRONG_TYPE)
			return wrong_value(err, CIM_STATUS_TYPE_MISMATCH, CIM_DETAIL_PARAMETER_TYPE,
					   declaration, cause.message);
		return wrong_value(err, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
				   declaration, cause.message);
	}
	return declaration->type != CIM_REFERENCE ||
	       cim_resolve_reference(arena, ns, declaration->reference_class, ret_value->reference,
				     ret_value, &refusal) ||
	       wrong_value(err, refusal.status, refusal.detail, declaration, refusal.message);
}

bool cim_resolve_value(struct arena *arena, const struct cim_namespace *ns,
		       const struct cim_declaration *declaration, const struct cim_value *given,
		       struct cim_value *ret_value, struct cim_error *err)
{
	const struct cim_value *items = given->is_array ? given->array.item : given;
	size_t count = given->is_array ? given->array.count : 1;
	struct cim_value *copies;

	*ret_value = (struct cim_value){ 0 };
	if (!given->is_set)
		return true;
	if (!declaration->is_array && given->is_array)
		return wrong_value(err, CIM_STATUS_TYPE_MISMATCH, CIM_DETAIL_PARAMETER_TYPE,
				   declaration, "more than one value");
	if (!declaration->is_array)
		return resolve_scalar(arena, ns, declaration, given, ret_value, err);
	copies = arena_array(arena, struct cim_value, count);
	for (size_t i = 0; i < count; i++)
		if (!resolve_scalar(arena, ns, declaration, &items[i], &copies[i], err))
			return false;
	*ret_value = cim_array(declaration->type, copies, count);
	return true;
}

bool cim_resolve_property(struct arena *arena, const struct cim_class *class,
			  const struct cim_property *property, const struct cim_value *given,
			  struct cim_value *ret_value, struct cim_error *err)
{
	const struct cim_declaration declaration = {
		.kind = "property",
		.name = property->name,
		.type = property->type,
		.is_array = property->is_array,
		.reference_class = property->reference_class,
	};

	return cim_resolve_value(arena, class->ns, &declaration, given, ret_value, err);
}
