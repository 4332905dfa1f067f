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

static bool wrong(struct cim_operation *operation, enum cim_status status, enum cim_detail detail,
		  const struct cim_parameter *parameter, const char *sentence)
{
	return cim_fail(&operation->error, status, detail, "the parameter '%s': %s",
			parameter->name, sentence);
}

/* Some keys of a reference may be missing: the provider knows which ones it needs. */
static bool resolve_reference(struct cim_operation *operation,
			      const struct cim_parameter *parameter, struct cim_value *value)
{
	struct cim_error cause;

	return cim_resolve_reference(operation->arena, operation->class->ns,
				     parameter->reference_class, value->reference, value, &cause) ||
	       wrong(operation, cause.status, cause.detail, parameter, cause.message);
}

static bool read_scalar(struct cim_operation *operation, const struct cim_parameter *parameter,
			const struct cim_value *given, struct cim_value *value)
{
	struct okvp_error cause;

	if (!cim_convert(operation->arena, parameter->type, given, value, &cause)) {
		if (cause.status == OKVP_WRONG_TYPE)
			return wrong(operation, CIM_STATUS_TYPE_MISMATCH, CIM_DETAIL_PARAMETER_TYPE,
				     parameter, cause.message);
		return wrong(operation, CIM_STATUS_INVALID_PARAMETER, CIM_DETAIL_PARAMETER_VALUE,
			     parameter, cause.message);
	}
	return parameter->type != CIM_REFERENCE || resolve_reference(operation, parameter, value);
}

static bool read_array(struct cim_operation *operation, const struct cim_parameter *parameter,
		       const struct cim_value *given, size_t count, struct cim_value *value)
{
	struct cim_value *items = arena_array(operation->arena, struct cim_value, count);

	for (size_t i = 0; i < count; i++)
		if (!read_scalar(operation, parameter, &given[i], &items[i]))
			return false;
	*value = cim_array(parameter->type, items, count);
	return true;
}

static bool read_argument(struct cim_operation *operation, const struct cim_parameter *parameter,
			  const struct cim_value *given, struct cim_value *value)
{
	if (!given->is_set)
		return true;
	if (parameter->is_array && given->is_array)
		return read_array(operation, parameter, given->array.item, given->array.count,
				  value);
	if (parameter->is_array)
		return read_array(operation, parameter, given, 1, value);
	if (given->is_array)
		return wrong(operation, CIM_STATUS_TYPE_MISMATCH, CIM_DETAIL_PARAMETER_TYPE,
			     parameter, "more than one value");
	return read_scalar(operation, parameter, given, value);
}

static bool is_required(const struct cim_parameter *parameter)
{
	const struct cim_qualifier *required =
		cim_qualifier_find(parameter->qualifiers, parameter->qualifier_count, "Required");

	return parameter->is_in &&
	       (parameter->type == CIM_REFERENCE || (required && required->value.boolean));
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
			return wrong(operation, CIM_STATUS_INVALID_PARAMETER,
				     CIM_DETAIL_PARAMETER_MISSING, &method->parameters[at],
				     "is missing");
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
