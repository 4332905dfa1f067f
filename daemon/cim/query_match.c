/* SPDX-License-Identifier: MIT */
/* query_match.c -- WQL: whether an instance, or an event, is one that a query asks for. */
#include <string.h>

#include "cim/like.h"
#include "cim/query_tree.h"
#include "openkvp/scoped.h"

/* The instances at hand, by enum place; NULL: there is none. */
typedef const struct cim_instance *const instances[PLACE_COUNT];

static struct cim_value value_of(const struct operand *operand, instances at)
{
	const struct cim_instance *instance = at[operand->place];
	const struct cim_value *value;

	if (!instance)
		return (struct cim_value){ 0 };
	switch (operand->subject) {
	case SUBJECT_CLASS:
		return cim_string(instance->class->name);
	case SUBJECT_NAMESPACE:
		return cim_string(instance->class->ns->name);
	case SUBJECT_PATH:
	case SUBJECT_RELATIVE_PATH:
		return cim_reference(cim_instance_path(instance));
	default:
		value = cim_get_value(instance, operand->id);
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

static bool compare(enum comparison comparison, const struct cim_value *a,
		    const struct cim_value *b)
{
	int order;

	if (a->type == CIM_REFERENCE)
		order = !cim_path_equal(a->reference, b->reference);
	else if (!cim_value_compare(a, b, &order))
		return false;
	return holds(comparison, order);
}

static bool matches_comparison(const struct condition *condition, instances at)
{
	struct cim_value value = value_of(&condition->left, at);

	if (!condition->literal.is_set)
		return (condition->comparison == EQUAL && !value.is_set) ||
		       (condition->comparison == NOT_EQUAL && value.is_set);
	return value.is_set && compare(condition->comparison, &value, &condition->literal);
}

static bool matches_relation(const struct condition *condition, instances at)
{
	struct cim_value left = value_of(&condition->left, at);
	struct cim_value right = value_of(&condition->right, at);

	return left.is_set && right.is_set && compare(condition->comparison, &left, &right);
}

/* A path is compared with a pattern as WMI writes it, but without a host. */
static bool path_is_like(const struct operand *operand, const struct cim_object_path *path,
			 const struct cim_string *pattern)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct cim_object_path shown = *path;
	const char *text;

	if (operand->subject == SUBJECT_RELATIVE_PATH)
		shown.ns = NULL;
	text = cim_path_to_text(arena, &shown, NULL);
	return cim_like(pattern->bytes, pattern->length, text, strlen(text));
}

static bool matches_like(const struct condition *condition, instances at)
{
	struct cim_value value = value_of(&condition->left, at);
	const struct cim_string *pattern = &condition->literal.string;

	if (value.is_set && value.type == CIM_REFERENCE)
		return path_is_like(&condition->left, value.reference, pattern);
	return value.is_set &&
	       cim_like(pattern->bytes, pattern->length, value.string.bytes, value.string.length);
}

static bool matches_isa(const struct condition *condition, instances at)
{
	const struct cim_instance *instance = at[condition->left.place];

	return instance && cim_class_is_a(instance->class, condition->ancestor);
}

static bool matches(const struct condition *condition, instances at)
{
	const struct condition *child = condition->first;

	switch (condition->kind) {
	case CONDITION_ALL:
		while (child && matches(child, at))
			child = child->next;
		return !child;
	case CONDITION_ANY:
		while (child && !matches(child, at))
			child = child->next;
		return child;
	case CONDITION_NOT:
		return !matches(child, at);
	case CONDITION_COMPARE:
		return matches_comparison(condition, at);
	case CONDITION_RELATE:
		return matches_relation(condition, at);
	case CONDITION_LIKE:
		return matches_like(condition, at);
	case CONDITION_IS_NULL:
		return !value_of(&condition->left, at).is_set;
	default:
		return matches_isa(condition, at);
	}
}

bool cim_query_matches(const struct cim_query *query, const struct cim_instance *instance)
{
	instances at = { [PLACE_INSTANCE] = instance };

	return !query->where || matches(query->where, at);
}

bool cim_query_matches_event(const struct cim_query *query, const struct cim_instance *target,
			     const struct cim_instance *previous)
{
	instances at = { [PLACE_INSTANCE] = target, [PLACE_PREVIOUS] = previous };

	return !query->where || matches(query->where, at);
}
