/* SPDX-License-Identifier: MIT */
/* invoke.c -- calling a method. */
#include "cim/operation.h"

#include <assert.h>
#include <strings.h>

#include "cim/resolve.h"
#include "cim/service.h"

static size_t find_parameter(const struct cim_method *method, const char *name)
{
	size_t i = 0;

	while (i < method->parameter_count && strcasecmp(method->parameters[i].name, name) != 0)
		i++;
	return i;
}

size_t cim_parameter_index(const struct cim_operation *operation, const char *name)
{
	size_t i = find_parameter(operation->method, name);

	assert(i < operation->method->parameter_count);
	return i;
}

/* --- Arguments --- */

static bool read_argument(struct cim_operation *operation, const struct cim_parameter *parameter,
			  const struct cim_value *given, struct cim_value *value)
{
	const struct cim_declaration declaration = {
		.kind = "parameter",
		.name = parameter->name,
		.type = parameter->type,
		.is_array = parameter->is_array,
		.reference_class = parameter->reference_class,
	};

	return cim_resolve_value(operation->arena, operation->class->ns, &declaration, given, value,
				 &operation->error);
}

static bool is_required(const struct cim_parameter *parameter)
{
	const struct cim_qualifier *required =
		cim_qualifier_find(parameter->qualifiers, parameter->qualifier_count, "Required");

	return parameter->is_in && ((parameter->type == CIM_REFERENCE && !parameter->is_array) ||
				    (required && required->value.boolean));
}

static bool read_arguments(struct cim_operation *operation, const struct cim_argument *arguments,
			   size_t count)
{
	const struct cim_method *method = operation->method;
	bool *given = arena_array(operation->arena, bool, method->parameter_count);

	for (size_t i = 0; i < count; i++) {
		size_t at = find_parameter(method, arguments[i].name);

		if (at == method->parameter_count || !method->parameters[at].is_in || given[at])
			return cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER,
					CIM_DETAIL_PARAMETER_NAME,
					"the method %s takes no parameter '%s'%s", method->name,
					arguments[i].name,
					at < method->parameter_count && given[at] ? " twice" : "");
		given[at] = true;
		if (!read_argument(operation, &method->parameters[at], &arguments[i].value,
				   &operation->input[at]))
			return false;
	}
	for (size_t at = 0; at < method->parameter_count; at++)
		if (is_required(&method->parameters[at]) && !operation->input[at].is_set)
			return cim_fail(&operation->error, CIM_STATUS_INVALID_PARAMETER,
					CIM_DETAIL_PARAMETER_MISSING,
					"the parameter '%s': is missing",
					method->parameters[at].name);
	return true;
}

/* --- Calling --- */

static const struct cim_method_entry *find_entry(const struct cim_provider *provider,
						 const struct cim_method *method)
{
	for (const struct cim_method_entry *e = provider->methods; e && e->name; e++)
		if (strcasecmp(e->name, method->name) == 0)
			return e;
	return NULL;
}

/* What is called; NULL: the call failed before. */
static const struct cim_method_entry *prepare(struct cim_operation *operation,
					      const struct cim_object_path *path, const char *name,
					      const struct cim_argument *arguments, size_t count)
{
	const struct cim_method_entry *entry;

	if (!cim_locate(operation, path))
		return NULL;
	operation->instance = NULL;
	operation->method = cim_method_find(operation->class, name);
	if (!operation->method) {
		cim_fail(&operation->error, CIM_STATUS_METHOD_NOT_FOUND, CIM_DETAIL_NONE,
			 "the class %s has no method '%s'", operation->class->name, name);
		return NULL;
	}
	entry = find_entry(operation->provider, operation->method);
	if (!entry) {
		cim_fail(&operation->error, CIM_STATUS_METHOD_NOT_AVAILABLE, CIM_DETAIL_NONE,
			 "the method %s is not offered", operation->method->name);
		return NULL;
	}
	operation->input =
		arena_array(operation->arena, struct cim_value, operation->method->parameter_count);
	operation->output =
		arena_array(operation->arena, struct cim_value, operation->method->parameter_count);
	return read_arguments(operation, arguments, count) ? entry : NULL;
}

void cim_invoke(struct cim_operation *operation, const struct cim_object_path *path,
		const char *method, const struct cim_argument *arguments, size_t count)
{
	const struct cim_method_entry *entry = prepare(operation, path, method, arguments, count);

	if (entry)
		entry->invoke(operation);
	else
		cim_operation_finish(operation);
}
