/* SPDX-License-Identifier: MIT */
/* parameters.c -- reading the parameters of intrinsic operations. */
#include "front/cimxml/parameters.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"

struct reading {
	struct arena *arena;
	const char *ns;
	struct cimxml_parameters *parameters;
	struct cimxml_fault *fault;
};

static const struct {
	const char *name;
	enum cimxml_kind kind;
} table[] = {
#define X(name, text, kind) [PARAMETER_##name] = { text, kind },
	PARAMETER_LIST(X)
#undef X
};

/* The parameter of a name; PARAMETER_COUNT: there is none. */
static enum cimxml_parameter find(const char *name)
{
	enum cimxml_parameter parameter = 0;

	while (parameter < PARAMETER_COUNT && strcasecmp(table[parameter].name, name) != 0)
		parameter++;
	return parameter;
}

/* What could not be read, in the words of this binding. */
static bool done(struct reading *in, bool ok, const struct okvp_error *cause)
{
	return ok || cimxml_fail_reading(in->fault, cause);
}

static bool wrong_element(struct reading *in, const struct xml_element *element,
			  const char *expected)
{
	return cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
			       "%s is expected instead of %s", expected, element->name);
}

/* --- A function for each kind --- */

static bool read_scalar(struct reading *in, const struct xml_element *element, enum cim_type type,
			struct cim_value *value)
{
	struct okvp_error cause;

	if (!cim_xml_is(element, "VALUE"))
		return wrong_element(in, element, "VALUE");
	return cim_value_from_text(in->arena, type, element->text, element->text_length, value,
				   &cause) ||
	       cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER, "%s", cause.message);
}

static bool read_flag(struct reading *in, const struct xml_element *element,
		      struct cim_value *value)
{
	return read_scalar(in, element, CIM_BOOLEAN, value);
}

static bool read_count(struct reading *in, const struct xml_element *element,
		       struct cim_value *value)
{
	return read_scalar(in, element, CIM_UINT32, value);
}

static bool read_text(struct reading *in, const struct xml_element *element,
		      struct cim_value *value)
{
	return read_scalar(in, element, CIM_STRING, value);
}

static bool read_texts(struct reading *in, const struct xml_element *element,
		       struct cim_value *value)
{
	struct okvp_error err;

	if (!cim_xml_is(element, "VALUE.ARRAY"))
		return wrong_element(in, element, "VALUE.ARRAY");
	return done(in, cim_read_value(in->arena, element, in->ns, value, &err), &err);
}

static bool read_any_value(struct reading *in, const struct xml_element *element,
			   struct cim_value *value)
{
	struct okvp_error err;

	return done(in, cim_read_value(in->arena, element, in->ns, value, &err), &err);
}

static bool read_name(struct reading *in, const struct xml_element *element,
		      struct cim_value *value)
{
	struct cim_object_path *path = arena_new(in->arena, struct cim_object_path);
	struct okvp_error err;
	bool is_class;

	if (!cim_read_path(in->arena, element, in->ns, path, &is_class, &err))
		return cimxml_fail_reading(in->fault, &err);
	*value = is_class ? cim_string(path->class_name) : cim_reference(path);
	return true;
}

static bool read_class(struct reading *in, const struct xml_element *element,
		       struct cim_value *value)
{
	return cim_xml_is(element, "CLASSNAME") ? read_name(in, element, value)
						: wrong_element(in, element, "CLASSNAME");
}

static bool read_instance_name(struct reading *in, const struct xml_element *element,
			       struct cim_value *value)
{
	return cim_xml_is(element, "INSTANCENAME") ? read_name(in, element, value)
						   : wrong_element(in, element, "INSTANCENAME");
}

static bool read_object_name(struct reading *in, const struct xml_element *element,
			     struct cim_value *value)
{
	return cim_xml_is(element, "CLASSNAME") ? read_name(in, element, value)
						: read_instance_name(in, element, value);
}

static bool read_instance_element(struct reading *in, const struct xml_element *element,
				  const char *expected, struct cim_value *value)
{
	struct okvp_error err;

	if (!cim_xml_is(element, expected))
		return wrong_element(in, element, expected);
	value->is_set = true;
	return done(in,
		    cim_read_instance(in->arena, element, in->ns, &in->parameters->instance, &err),
		    &err);
}

static bool read_instance(struct reading *in, const struct xml_element *element,
			  struct cim_value *value)
{
	return read_instance_element(in, element, "INSTANCE", value);
}

static bool read_named_instance(struct reading *in, const struct xml_element *element,
				struct cim_value *value)
{
	return read_instance_element(in, element, "VALUE.NAMEDINSTANCE", value);
}

static bool leave_unread(struct reading *in, const struct xml_element *element,
			 struct cim_value *value)
{
	value->is_set = true;
	return true;
}

static bool (*const readers[])(struct reading *in, const struct xml_element *element,
			       struct cim_value *value) = {
	[KIND_FLAG] = read_flag,
	[KIND_COUNT] = read_count,
	[KIND_TEXT] = read_text,
	[KIND_TEXTS] = read_texts,
	[KIND_ANY_VALUE] = read_any_value,
	[KIND_CLASS] = read_class,
	[KIND_INSTANCE_NAME] = read_instance_name,
	[KIND_OBJECT_NAME] = read_object_name,
	[KIND_INSTANCE] = read_instance,
	[KIND_NAMED_INSTANCE] = read_named_instance,
	[KIND_UNREAD] = leave_unread,
};

/* --- All of them --- */

/* Puts the name of the parameter in front of what is wrong with it. */
static bool fail_in(struct cimxml_fault *fault, const char *name)
{
	struct cimxml_fault inner = *fault;

	if (inner.id != FAULT_CIM)
		return false;
	return cimxml_fail_cim(fault, inner.error.status, "the parameter '%s': %.900s", name,
			       inner.error.message);
}

static bool read_one(struct reading *in, const struct xml_element *element,
		     cimxml_parameter_set takes, cimxml_parameter_set *given)
{
	const char *name = xml_attribute(element, NULL, "NAME");
	enum cimxml_parameter parameter;
	const struct xml_element *child;
	struct okvp_error err;

	if (!cim_xml_is(element, "IPARAMVALUE") || !name)
		return cimxml_fail(in->fault, FAULT_NOT_VALID,
				   "an IPARAMVALUE with a NAME is "
				   "expected behind the namespace");
	parameter = find(name);
	if (parameter == PARAMETER_COUNT || !(takes >> parameter & 1))
		return cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
				       "the operation takes no parameter '%s'", name);
	if (*given >> parameter & 1)
		return cimxml_fail_cim(in->fault, CIM_STATUS_INVALID_PARAMETER,
				       "the parameter '%s' is there twice", name);
	*given |= UINT32_C(1) << parameter;
	if (!element->children) /* NULL: as if nothing had been said */
		return true;
	return (done(in, cim_xml_only_child(element, &child, &err), &err) &&
		readers[table[parameter].kind](in, child, &in->parameters->value[parameter])) ||
	       fail_in(in->fault, table[parameter].name);
}

bool cimxml_read_parameters(struct arena *arena, const struct xml_element *behind, const char *ns,
			    const struct cimxml_signature *signature,
			    struct cimxml_parameters *ret_parameters, struct cimxml_fault *fault)
{
	struct reading in = { arena, ns, ret_parameters, fault };
	cimxml_parameter_set given = 0;

	*ret_parameters = (struct cimxml_parameters){ 0 };
	for (enum cimxml_parameter i = 0; i < PARAMETER_COUNT; i++)
		if (signature->preset >> i & 1)
			ret_parameters->value[i] = cim_boolean(true);
	for (const struct xml_element *element = behind->next; element; element = element->next)
		if (!read_one(&in, element, signature->takes, &given))
			return false;
	for (enum cimxml_parameter i = 0; i < PARAMETER_COUNT; i++)
		if (signature->needs >> i & 1 && !ret_parameters->value[i].is_set)
			return cimxml_fail_cim(fault, CIM_STATUS_INVALID_PARAMETER,
					       "the parameter '%s' is missing", table[i].name);
	return true;
}
