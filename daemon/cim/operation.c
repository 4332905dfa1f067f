/* SPDX-License-Identifier: MIT */
/* operation.c -- finding and getting an instance. */
#include "cim/operation.h"

#include "base/text.h"
#include "cim/resolve.h"
#include "cim/service.h"
#include "openkvp/scoped.h"

/* --- Finding --- */

static void found(struct cim_operation *operation, struct cim_instance *instance,
		  const struct cim_object_path *path)
{
	operation->class = instance->class;
	operation->path = path;
	operation->provider = cim_service_provider(operation->service, instance->class->id);
	operation->instance = instance;
}

/* A path with all keys of its class. */
static bool look_up(struct cim_operation *operation, const struct cim_class *class,
		    const struct cim_object_path *path)
{
	struct cim_instance *instance =
		cim_service_find(operation->service, operation->arena, class, path);

	if (instance)
		found(operation, instance, path);
	return instance != NULL;
}

static bool not_found(struct cim_operation *operation, const struct cim_object_path *path)
{
	return cim_fail(&operation->error, CIM_STATUS_NOT_FOUND, CIM_DETAIL_NONE, "no instance %s",
			cim_path_to_text(operation->arena, path, NULL));
}

/* The one instance of a class and its subclasses; NULL: there is none, or there are more. */
static struct cim_instance *only_instance(struct cim_operation *operation,
					  const struct cim_class *ancestor)
{
	struct cim_instance *only = NULL;
	const struct cim_class *class;
	bool several = false;

	for (size_t at = 0;
	     !several && (class = cim_service_next(operation->service, ancestor, &at));) {
		const struct cim_provider *provider =
			cim_service_provider(operation->service, class->id);
		void *walk = provider->walk_begin(cim_service_context(operation->service), class);
		struct cim_instance *instance = cim_instance_create(operation->arena, class);

		while (!several && provider->walk_next(walk, instance)) {
			several = only != NULL;
			only = instance;
			instance = cim_instance_create(operation->arena, class);
		}
		provider->walk_end(walk);
	}
	return several ? NULL : only;
}

/* Names the keys that a path to an instance of the class would have, too. */
static bool keys_missing(struct cim_operation *operation, const struct cim_class *class,
			 const struct cim_object_path *given)
{
	scoped(text_done) struct text missing = { 0 };

	for (size_t i = 0; i < class->property_count; i++) {
		const struct cim_property *property = &class->properties[i];

		if (property->is_key && !cim_path_key(given, property->name))
			text_printf(&missing, "%s %s", missing.length > 0 ? "," : "",
				    property->name);
	}
	return cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_KEYS_MISSING,
			"%s: keys are missing:%s", cim_path_to_text(operation->arena, given, NULL),
			missing.bytes);
}

/* A path with some keys missing: good for a class with one instance. */
static bool look_up_only(struct cim_operation *operation, const struct cim_class *ancestor,
			 const struct cim_class *class, const struct cim_object_path *given)
{
	struct cim_instance *only = only_instance(operation, ancestor);
	const struct cim_object_path *asked, *path;

	if (!only)
		return keys_missing(operation, class, given);
	path = cim_instance_path(only);
	if (!cim_resolve_path(operation->arena, only->class, given, &asked, &operation->error))
		return false;
	for (size_t i = 0; i < asked->key_count; i++)
		if (!cim_key_equal(&asked->keys[i].value, cim_path_key(path, asked->keys[i].name)))
			return not_found(operation, given);
	found(operation, only, path);
	return true;
}

bool cim_locate(struct cim_operation *operation, const struct cim_object_path *given)
{
	const struct cim_class *ancestor, *class, *incomplete = NULL; /* one that has more keys */
	bool fits = false, misfits = false;
	struct cim_error misfit;

	if (!cim_resolve_class(given->ns, given->class_name, &ancestor, &operation->error))
		return false;
	for (size_t at = 0; (class = cim_service_next(operation->service, ancestor, &at));) {
		const struct cim_object_path *path;

		if (!cim_resolve_path(operation->arena, class, given, &path, &misfit)) {
			misfits = true;
			continue;
		}
		fits = true;
		if (path->key_count < cim_class_key_count(class))
			incomplete = class;
		else if (look_up(operation, class, path))
			return true;
	}
	if (incomplete)
		return look_up_only(operation, ancestor, incomplete, given);
	if (misfits && !fits) {
		operation->error = misfit;
		return false;
	}
	return not_found(operation, given);
}

bool cim_locate_again(struct cim_operation *operation)
{
	operation->instance = NULL;
	return look_up(operation, operation->class, operation->path) ||
	       not_found(operation, operation->path);
}

/* --- Getting --- */

static void get_refreshed(struct cim_operation *operation)
{
	cim_locate_again(operation);
	cim_operation_finish(operation);
}

void cim_get(struct cim_operation *operation, const struct cim_object_path *path)
{
	if (!cim_locate(operation, path) || !operation->provider->refresh ||
	    !operation->provider->refresh(operation, operation->path, get_refreshed))
		cim_operation_finish(operation);
}

/* --- Finishing --- */

/* What was changed is shown as it is now. */
void cim_operation_finish(struct cim_operation *operation)
{
	if (operation->change_count > 0 && operation->error.status == CIM_STATUS_OK)
		cim_locate_again(operation);
	operation->finished(operation);
}
