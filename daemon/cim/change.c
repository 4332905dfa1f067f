/* SPDX-License-Identifier: MIT */
/* change.c -- changing, making and removing instances. */
#include "cim/operation.h"

#include "cim/resolve.h"
#include "cim/service.h"

static bool wrong_property(struct cim_operation *operation, enum cim_detail detail,
			   const char *property, const char *sentence)
{
	return cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER, detail,
			"the property '%s' %s", property, sentence);
}

static bool not_offered(struct cim_operation *operation, const struct cim_class *class,
			const char *verb)
{
	return cim_fail(&operation->error, CIM_STATUS_NOT_SUPPORTED, CIM_DETAIL_NONE,
			"instances of %s cannot be %s", class->name, verb);
}

/* What more it takes, the provider knows. */
static bool may_change(struct cim_operation *operation)
{
	return operation->principal.role >= ROLE_WRITE ||
	       cim_fail(&operation->error, CIM_STATUS_ACCESS_DENIED, CIM_DETAIL_NONE,
			"the role of user '%s' does not allow this", operation->principal.name);
}

/* --- Properties as they came --- */

/* Reads properties: each known, there once, of its type. */
static bool read_properties(struct cim_operation *operation, const struct cim_class *class,
			    const struct cim_argument *given, size_t count,
			    struct cim_property_change *properties)
{
	bool *seen = arena_array(operation->arena, bool, class->property_count);

	for (size_t i = 0; i < count; i++) {
		const struct cim_property *property = cim_property_find(class, given[i].name);

		if (!property)
			return cim_fail(&operation->error, CIM_STATUS_NO_SUCH_PROPERTY,
					CIM_DETAIL_PARAMETER_NAME,
					"the class %s has no property '%s'", class->name,
					given[i].name);
		if (seen[property - class->properties])
			return wrong_property(operation, CIM_DETAIL_PARAMETER_NAME, property->name,
					      "is there twice");
		seen[property - class->properties] = true;
		properties[i].property = property;
		if (!cim_resolve_property(operation->arena, class, property, &given[i].value,
					  &properties[i].value, &operation->error))
			return false;
	}
	return true;
}

/* --- Changing --- */

/* Clients send keys in the letter case that they like. */
static bool is_as_it_is(const struct cim_property_change *change, const struct cim_value *now)
{
	if (change->property->is_key && change->value.is_set && now->is_set)
		return cim_key_equal(&change->value, now);
	return cim_same_value(&change->value, now);
}

/* Keeps those properties that are to change. */
static bool keep_changes(struct cim_operation *operation, struct cim_property_change *changes,
			 size_t count)
{
	bool (*changes_itself)(enum cim_property_id id) = operation->provider->changes_itself;

	for (size_t i = 0; i < count; i++) {
		const struct cim_property *property = changes[i].property;

		if (is_as_it_is(&changes[i], cim_get_value(operation->instance, property->id)) ||
		    (changes_itself && changes_itself(property->id)))
			continue;
		if (property->is_key || !property->is_writable)
			return wrong_property(operation, CIM_DETAIL_PARAMETER_VALUE, property->name,
					      "cannot be changed");
		changes[operation->change_count++] = changes[i];
	}
	operation->changes = changes;
	return true;
}

/* Whether there is something to do. */
static bool prepare_changes(struct cim_operation *operation, const struct cim_object_path *path,
			    const struct cim_argument *properties, size_t count)
{
	struct cim_property_change *changes =
		arena_array(operation->arena, struct cim_property_change, count);

	if (!cim_locate(operation, path))
		return false;
	if (!operation->provider->modify)
		return not_offered(operation, operation->class, "changed");
	return may_change(operation) &&
	       read_properties(operation, operation->class, properties, count, changes) &&
	       keep_changes(operation, changes, count) && operation->change_count > 0;
}

void cim_modify(struct cim_operation *operation, const struct cim_object_path *path,
		const struct cim_argument *properties, size_t count)
{
	if (prepare_changes(operation, path, properties, count)) {
		operation->provider->modify(operation);
		return;
	}
	if (operation->error.status != CIM_STATUS_OK) {
		operation->change_count = 0;
		operation->instance = NULL;
	}
	cim_operation_finish(operation);
}

/* --- Making --- */

static bool check_required(struct cim_operation *operation)
{
	const struct cim_class *class = operation->class;

	for (size_t i = 0; i < class->property_count; i++) {
		const struct cim_property *property = &class->properties[i];
		const struct cim_qualifier *required = cim_qualifier_find(
			property->qualifiers, property->qualifier_count, "Required");

		if (required && required->value.boolean && !operation->instance->values[i].is_set)
			return wrong_property(operation, CIM_DETAIL_PARAMETER_MISSING,
					      property->name, "is missing");
	}
	return true;
}

static bool prepare_instance(struct cim_operation *operation, const char *ns,
			     const char *class_name, const struct cim_argument *given, size_t count)
{
	struct cim_property_change *properties =
		arena_array(operation->arena, struct cim_property_change, count);

	if (!cim_resolve_class(ns, class_name, &operation->class, &operation->error))
		return false;
	operation->provider = cim_service_provider(operation->service, operation->class->id);
	if (!operation->provider || !operation->provider->create)
		return not_offered(operation, operation->class, "made");
	if (!may_change(operation) ||
	    !read_properties(operation, operation->class, given, count, properties))
		return false;
	operation->instance = cim_instance_create(operation->arena, operation->class);
	for (size_t i = 0; i < count; i++)
		cim_set(operation->instance, properties[i].property->id, properties[i].value);
	return check_required(operation);
}

void cim_create(struct cim_operation *operation, const char *ns, const char *class_name,
		const struct cim_argument *properties, size_t count)
{
	if (prepare_instance(operation, ns, class_name, properties, count)) {
		operation->provider->create(operation);
		return;
	}
	operation->instance = NULL;
	cim_operation_finish(operation);
}

/* --- Removing --- */

static bool prepare_removal(struct cim_operation *operation, const struct cim_object_path *path)
{
	bool found = cim_locate(operation, path);

	operation->instance = NULL;
	return found &&
	       (operation->provider->delete ||
		not_offered(operation, operation->class, "removed")) &&
	       may_change(operation);
}

void cim_delete(struct cim_operation *operation, const struct cim_object_path *path)
{
	if (prepare_removal(operation, path))
		operation->provider->delete (operation);
	else
		cim_operation_finish(operation);
}
