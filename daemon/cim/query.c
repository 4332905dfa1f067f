/* SPDX-License-Identifier: MIT */
/* query.c -- WQL: binding a query to a class, and matching instances. */
#include "cim/query.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cim/like.h"
#include "cim/query_tree.h"
#include "openkvp/unicode.h"

void query_fail(struct query_parser *parser, enum okvp_status status, const char *sentence)
{
	okvp_fail(parser->err, status, "position %zu: %s", parser->start + 1, sentence);
}

bool cim_query_parse(struct arena *arena, const char *text, size_t length,
		     struct cim_query **ret_query, struct okvp_error *err)
{
	struct cim_query *query = arena_new(arena, struct cim_query);
	struct query_parser parser = { .arena = arena, .query = query, .err = err };

	query->arena = arena;
	if (length > CIM_QUERY_MAX)
		return okvp_fail(err, OKVP_LIMIT, "a query has at most %d bytes", CIM_QUERY_MAX);
	if (memchr(text, 0, length) || !okvp_utf8_valid(text, length))
		return okvp_fail(err, OKVP_INVALID, "a query is not valid UTF-8");
	if (!query_read(&parser, text, length))
		return false;
	*ret_query = query;
	return true;
}

const char *cim_query_class(const struct cim_query *query)
{
	return query->class_name;
}

bool cim_query_selects(const struct cim_query *query, const struct cim_property *property)
{
	for (const struct query_name *n = query->selected; n; n = n->next)
		if (strcasecmp(n->name, property->name) == 0)
			return true;
	return !query->selected;
}

/* --- Binding --- */

static const struct {
	const char *name;
	enum subject subject;
} system_properties[] = {
	{ "__CLASS", SUBJECT_CLASS },
	{ "__NAMESPACE", SUBJECT_NAMESPACE },
	{ "__PATH", SUBJECT_PATH },
	{ "__RELPATH", SUBJECT_PATH },
};

static enum subject subject_of(const char *name)
{
	for (size_t i = 0; i < count_of(system_properties); i++)
		if (strcasecmp(system_properties[i].name, name) == 0)
			return system_properties[i].subject;
	return SUBJECT_PROPERTY;
}

/* The type of what stands on the left, and where it comes from. */
static bool bind_subject(struct condition *condition, const struct cim_class *class,
			 enum cim_type *ret_type, bool *ret_is_array, struct okvp_error *err)
{
	const struct cim_property *property;

	condition->subject = subject_of(condition->name);
	*ret_is_array = false;
	*ret_type = condition->subject == SUBJECT_PATH ? CIM_REFERENCE : CIM_STRING;
	if (condition->subject != SUBJECT_PROPERTY)
		return true;
	property = cim_property_find(class, condition->name);
	if (!property)
		return okvp_fail(err, OKVP_NOT_FOUND, "the class %s has no property '%s'",
				 class->name, condition->name);
	condition->id = property->id;
	*ret_type = property->type;
	*ret_is_array = property->is_array;
	return true;
}

static bool convert_text(struct arena *arena, enum cim_type type, struct cim_value *literal)
{
	return literal->type == CIM_STRING &&
	       cim_value_from_text(arena, type, literal->string.bytes, literal->string.length,
				   literal, NULL);
}

static bool is_number(const struct cim_value *literal)
{
	return literal->type == CIM_UINT64 || literal->type == CIM_SINT64 ||
	       literal->type == CIM_REAL64;
}

static bool convert_to_path(struct arena *arena, struct cim_value *literal)
{
	struct cim_object_path *path = arena_new(arena, struct cim_object_path);

	if (literal->type != CIM_STRING ||
	    !cim_path_from_text(arena, literal->string.bytes, literal->string.length, path, NULL))
		return false;
	*literal = cim_reference(path);
	return true;
}

/* Makes a literal comparable with a property of a type. A number may be larger than the type: it
 * equals no value then. */
static bool convert(struct arena *arena, enum cim_type type, struct cim_value *literal)
{
	switch (type) {
	case CIM_STRING:
		return literal->type == CIM_STRING;
	case CIM_REFERENCE:
		return convert_to_path(arena, literal);
	case CIM_BOOLEAN:
		if (literal->type == CIM_UINT64 && literal->uint <= 1)
			*literal = cim_boolean(literal->uint);
		return literal->type == CIM_BOOLEAN || convert_text(arena, type, literal);
	case CIM_DATETIME:
		return convert_text(arena, type, literal);
	default:
		return is_number(literal) || convert_text(arena, CIM_SINT64, literal) ||
		       convert_text(arena, CIM_UINT64, literal) ||
		       convert_text(arena, CIM_REAL64, literal);
	}
}

/* Namespaces are compared with '/', whichever slash the query has. */
static void straighten(struct arena *arena, struct cim_value *literal)
{
	char *ns = arena_text(arena, literal->string.bytes, literal->string.length);

	literal->string.bytes = ns;
	for (; *ns; ns++)
		if (*ns == '\\')
			*ns = '/';
}

static bool bind_comparison(struct arena *arena, struct condition *condition,
			    const struct cim_class *class, struct okvp_error *err)
{
	enum cim_type type;
	bool is_array;

	if (!bind_subject(condition, class, &type, &is_array, err))
		return false;
	if (!condition->literal.is_set)
		return true;
	if (is_array)
		return okvp_fail(err, OKVP_WRONG_TYPE, "'%s' is an array: it cannot be compared",
				 condition->name);
	if (!convert(arena, type, &condition->literal))
		return okvp_fail(err, OKVP_WRONG_TYPE,
				 "'%s' is a %s: it cannot be compared with this literal",
				 condition->name, cim_type_name(type));
	if (condition->comparison > NOT_EQUAL && (type == CIM_BOOLEAN || type == CIM_REFERENCE))
		return okvp_fail(err, OKVP_WRONG_TYPE, "'%s' is a %s: it has no order",
				 condition->name, cim_type_name(type));
	if (condition->subject == SUBJECT_NAMESPACE)
		straighten(arena, &condition->literal);
	return true;
}

static bool bind_like(struct condition *condition, const struct cim_class *class,
		      struct okvp_error *err)
{
	enum cim_type type;
	bool is_array;

	if (!bind_subject(condition, class, &type, &is_array, err))
		return false;
	if (type != CIM_STRING || is_array)
		return okvp_fail(err, OKVP_WRONG_TYPE, "'%s' is no string: LIKE needs one",
				 condition->name);
	if (!cim_like_valid(condition->literal.string.bytes, condition->literal.string.length))
		return okvp_fail(err, OKVP_INVALID, "a [ in the pattern of LIKE is not closed");
	return true;
}

static bool bind_isa(struct condition *condition, const struct cim_class *class,
		     struct okvp_error *err)
{
	if (strcasecmp(condition->name, "__THIS") != 0)
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "ISA needs __THIS in a query for instances, not '%s'",
				 condition->name);
	condition->ancestor = cim_class_find(class->ns, condition->literal.string.bytes);
	if (!condition->ancestor)
		return okvp_fail(err, OKVP_NOT_FOUND, "no class '%s'",
				 condition->literal.string.bytes);
	return true;
}

static bool bind_condition(struct arena *arena, struct condition *condition,
			   const struct cim_class *class, struct okvp_error *err)
{
	enum cim_type type;
	bool is_array;

	switch (condition->kind) {
	case CONDITION_COMPARE:
		return bind_comparison(arena, condition, class, err);
	case CONDITION_LIKE:
		return bind_like(condition, class, err);
	case CONDITION_IS_NULL:
		return bind_subject(condition, class, &type, &is_array, err);
	case CONDITION_ISA:
		return bind_isa(condition, class, err);
	default:
		for (struct condition *child = condition->first; child; child = child->next)
			if (!bind_condition(arena, child, class, err))
				return false;
		return true;
	}
}

bool cim_query_bind(struct cim_query *query, const struct cim_class *class, struct okvp_error *err)
{
	for (const struct query_name *n = query->selected; n; n = n->next)
		if (subject_of(n->name) == SUBJECT_PROPERTY && !cim_property_find(class, n->name))
			return okvp_fail(err, OKVP_NOT_FOUND, "the class %s has no property '%s'",
					 class->name, n->name);
	return !query->where || bind_condition(query->arena, query->where, class, err);
}

/* --- Matching --- */

static struct cim_value subject_value(const struct condition *condition,
				      const struct cim_instance *instance)
{
	const struct cim_value *value;

	switch (condition->subject) {
	case SUBJECT_CLASS:
		return cim_string(instance->class->name);
	case SUBJECT_NAMESPACE:
		return cim_string(instance->class->ns->name);
	case SUBJECT_PATH:
		return cim_reference(cim_instance_path(instance));
	default:
		value = cim_get_value(instance, condition->id);
		return value ? *value : (struct cim_value){ 0 };
	}
}

static bool holds(enum comparison comparison, int order)
{
	switch (comparison) {
	case EQUAL:
		return order == 0;
	case NOT_EQUAL:
		return order != 0;
	case LESS:
		return order < 0;
	case GREATER:
		return order > 0;
	case LESS_OR_EQUAL:
		return order <= 0;
	default:
		return order >= 0;
	}
}

static bool matches_comparison(const struct condition *condition,
			       const struct cim_instance *instance)
{
	struct cim_value value = subject_value(condition, instance);
	int order;

	if (!condition->literal.is_set)
		return (condition->comparison == EQUAL && !value.is_set) ||
		       (condition->comparison == NOT_EQUAL && value.is_set);
	if (!value.is_set)
		return false;
	if (value.type == CIM_REFERENCE)
		order = !cim_path_equal(value.reference, condition->literal.reference);
	else if (!cim_value_compare(&value, &condition->literal, &order))
		return false;
	return holds(condition->comparison, order);
}

static bool matches_like(const struct condition *condition, const struct cim_instance *instance)
{
	struct cim_value value = subject_value(condition, instance);
	const struct cim_string *pattern = &condition->literal.string;

	return value.is_set &&
	       cim_like(pattern->bytes, pattern->length, value.string.bytes, value.string.length);
}

static bool matches(const struct condition *condition, const struct cim_instance *instance)
{
	const struct condition *child = condition->first;

	switch (condition->kind) {
	case CONDITION_ALL:
		while (child && matches(child, instance))
			child = child->next;
		return !child;
	case CONDITION_ANY:
		while (child && !matches(child, instance))
			child = child->next;
		return child;
	case CONDITION_NOT:
		return !matches(child, instance);
	case CONDITION_COMPARE:
		return matches_comparison(condition, instance);
	case CONDITION_LIKE:
		return matches_like(condition, instance);
	case CONDITION_IS_NULL:
		return !subject_value(condition, instance).is_set;
	default:
		return cim_class_is_a(instance->class, condition->ancestor);
	}
}

bool cim_query_matches(const struct cim_query *query, const struct cim_instance *instance)
{
	return !query->where || matches(query->where, instance);
}
