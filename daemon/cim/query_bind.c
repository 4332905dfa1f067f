/* SPDX-License-Identifier: MIT */
/* query_bind.c -- WQL: binding a query to the class that it is for. */
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "cim/like.h"
#include "cim/query_tree.h"

struct binding {
	struct arena *arena;
	const struct cim_class *class;       /* of the instances that are compared */
	const struct cim_class *event_class; /* NULL: a query for instances */
	struct okvp_error *err;
};

/* --- Operands --- */

static const struct {
	const char *name;
	enum subject subject;
} system_properties[] = {
	{ "__CLASS", SUBJECT_CLASS },
	{ "__NAMESPACE", SUBJECT_NAMESPACE },
	{ "__PATH", SUBJECT_PATH },
	{ "__RELPATH", SUBJECT_RELATIVE_PATH },
};

static enum subject subject_of(const char *name)
{
	for (size_t i = 0; i < count_of(system_properties); i++)
		if (strcasecmp(system_properties[i].name, name) == 0)
			return system_properties[i].subject;
	return SUBJECT_PROPERTY;
}

/* Which of the instances of an event a name means, by what stands before its dot. */
static bool bind_place(const struct binding *binding, const char *name, size_t length,
		       enum place *ret_place)
{
	const char *text = arena_text(binding->arena, name, length);
	const struct cim_property *property = cim_property_find(binding->event_class, text);

	if (!property || !property->embedded_class)
		return okvp_fail(binding->err, OKVP_NOT_FOUND, "events of %s have no instance '%s'",
				 binding->event_class->name, text);
	*ret_place = property->id == PROPERTY_PREVIOUS_INSTANCE ? PLACE_PREVIOUS : PLACE_INSTANCE;
	return true;
}

/* In a query for events a property stands behind the name of its instance. */
static bool bind_event_operand(const struct binding *binding, struct operand *operand,
			       const char **ret_property)
{
	const char *dot = strchr(operand->name, '.');

	*ret_property = operand->name;
	if (!binding->event_class)
		return true;
	if (!dot)
		return okvp_fail(binding->err, OKVP_UNSUPPORTED,
				 "'%s': only properties of the instances of an event are compared",
				 operand->name);
	*ret_property = dot + 1;
	return bind_place(binding, operand->name, (size_t)(dot - operand->name), &operand->place);
}

static bool bind_operand(const struct binding *binding, struct operand *operand)
{
	const struct cim_property *property;
	const char *name;

	if (!bind_event_operand(binding, operand, &name))
		return false;
	operand->subject = subject_of(name);
	operand->type = operand->subject >= SUBJECT_PATH ? CIM_REFERENCE : CIM_STRING;
	if (operand->subject != SUBJECT_PROPERTY)
		return true;
	property = cim_property_find(binding->class, name);
	if (!property)
		return okvp_fail(binding->err, OKVP_NOT_FOUND, "the class %s has no property '%s'",
				 binding->class->name, name);
	operand->id = property->id;
	operand->type = property->type;
	operand->is_array = property->is_array;
	return true;
}

static bool check_scalar(const struct binding *binding, const struct operand *operand)
{
	return !operand->is_array ||
	       okvp_fail(binding->err, OKVP_WRONG_TYPE, "'%s' is an array: it cannot be compared",
			 operand->name);
}

static bool check_order(const struct binding *binding, const struct condition *condition)
{
	const struct operand *left = &condition->left;

	if (condition->comparison <= NOT_EQUAL ||
	    (left->type != CIM_BOOLEAN && left->type != CIM_REFERENCE))
		return true;
	return okvp_fail(binding->err, OKVP_WRONG_TYPE, "'%s' is a %s: it has no order", left->name,
			 cim_type_name(left->type));
}

/* --- Literals --- */

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

/* --- Conditions --- */

static bool bind_comparison(const struct binding *binding, struct condition *condition)
{
	struct operand *left = &condition->left;

	if (!bind_operand(binding, left))
		return false;
	if (!condition->literal.is_set)
		return true;
	if (!check_scalar(binding, left))
		return false;
	if (!convert(binding->arena, left->type, &condition->literal))
		return okvp_fail(binding->err, OKVP_WRONG_TYPE,
				 "'%s' is a %s: it cannot be compared with this literal",
				 left->name, cim_type_name(left->type));
	if (left->subject == SUBJECT_NAMESPACE)
		straighten(binding->arena, &condition->literal);
	return check_order(binding, condition);
}

static bool is_numeric(enum cim_type type)
{
	return cim_type_is_unsigned(type) || cim_type_is_signed(type) || type == CIM_REAL32 ||
	       type == CIM_REAL64;
}

static bool bind_relation(const struct binding *binding, struct condition *condition)
{
	struct operand *left = &condition->left, *right = &condition->right;

	if (!bind_operand(binding, left) || !bind_operand(binding, right) ||
	    !check_scalar(binding, left) || !check_scalar(binding, right))
		return false;
	if (left->type != right->type && !(is_numeric(left->type) && is_numeric(right->type)))
		return okvp_fail(binding->err, OKVP_WRONG_TYPE,
				 "'%s' is a %s and '%s' a %s: they cannot be compared", left->name,
				 cim_type_name(left->type), right->name,
				 cim_type_name(right->type));
	return check_order(binding, condition);
}

static bool bind_like(const struct binding *binding, struct condition *condition)
{
	struct operand *left = &condition->left;

	if (!bind_operand(binding, left))
		return false;
	if ((left->type != CIM_STRING && left->type != CIM_REFERENCE) || left->is_array)
		return okvp_fail(binding->err, OKVP_WRONG_TYPE, "'%s' is no string: LIKE needs one",
				 left->name);
	if (!cim_like_valid(condition->literal.string.bytes, condition->literal.string.length))
		return okvp_fail(binding->err, OKVP_INVALID,
				 "a [ in the pattern of LIKE is not closed");
	return true;
}

/* ISA is for whole instances: __THIS, or in a query for events TargetInstance and its sisters. */
static bool bind_isa(const struct binding *binding, struct condition *condition)
{
	struct operand *left = &condition->left;

	if (!binding->event_class && strcasecmp(left->name, "__THIS") != 0)
		return okvp_fail(binding->err, OKVP_UNSUPPORTED,
				 "ISA needs __THIS in a query for instances, not '%s'", left->name);
	if (binding->event_class &&
	    !bind_place(binding, left->name, strlen(left->name), &left->place))
		return false;
	condition->ancestor = cim_class_find(binding->class->ns, condition->literal.string.bytes);
	if (!condition->ancestor)
		return okvp_fail(binding->err, OKVP_NOT_FOUND, "no class '%s'",
				 condition->literal.string.bytes);
	return true;
}

static bool bind_condition(const struct binding *binding, struct condition *condition)
{
	switch (condition->kind) {
	case CONDITION_COMPARE:
		return bind_comparison(binding, condition);
	case CONDITION_RELATE:
		return bind_relation(binding, condition);
	case CONDITION_LIKE:
		return bind_like(binding, condition);
	case CONDITION_IS_NULL:
		return bind_operand(binding, &condition->left);
	case CONDITION_ISA:
		return bind_isa(binding, condition);
	default:
		for (struct condition *child = condition->first; child; child = child->next)
			if (!bind_condition(binding, child))
				return false;
		return true;
	}
}

/* --- Queries --- */

static bool is_event(const struct cim_class *class, enum cim_class_id id)
{
	const struct cim_class *ancestor = cim_class_by_id(class->ns, id);

	return ancestor && cim_class_is_a(class, ancestor);
}

static bool check_selected(const struct cim_query *query, const struct cim_class *class,
			   struct okvp_error *err)
{
	for (const struct query_name *n = query->selected; n; n = n->next) {
		size_t length = class->is_indication ? strcspn(n->name, ".") : strlen(n->name);
		const char *name = arena_text(query->arena, n->name, length);

		if (subject_of(name) == SUBJECT_PROPERTY && !cim_property_find(class, name))
			return okvp_fail(err, OKVP_NOT_FOUND, "the class %s has no property '%s'",
					 class->name, name);
	}
	return true;
}

bool cim_query_bind(struct cim_query *query, const struct cim_class *class, struct okvp_error *err)
{
	const struct binding binding = { query->arena, class, NULL, err };

	if (query->associations)
		return okvp_fail(err, OKVP_UNSUPPORTED, "a SELECT is needed here");
	if (class->is_indication || query->has_within)
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "a query for events: one for instances is needed here");
	return check_selected(query, class, err) &&
	       (!query->where || bind_condition(&binding, query->where));
}

static bool is_target(const char *name, size_t length)
{
	static const char *const names[] = { "TargetInstance", "SourceInstance" };

	for (size_t i = 0; i < count_of(names); i++)
		if (strlen(names[i]) == length && strncasecmp(names[i], name, length) == 0)
			return true;
	return false;
}

/* The name of the class that a condition restricts the instance of an event to; NULL: it does not.
 */
static const char *target_name(const struct condition *condition)
{
	const char *name = condition->left.name;
	const char *dot = name ? strchr(name, '.') : NULL;

	if (condition->kind == CONDITION_ISA && is_target(name, strlen(name)))
		return condition->literal.string.bytes;
	if (condition->kind == CONDITION_COMPARE && condition->comparison == EQUAL && dot &&
	    is_target(name, (size_t)(dot - name)) && subject_of(dot + 1) == SUBJECT_CLASS &&
	    condition->literal.type == CIM_STRING)
		return condition->literal.string.bytes;
	if (condition->kind != CONDITION_ALL)
		return NULL;
	for (const struct condition *child = condition->first; child; child = child->next) {
		name = target_name(child);
		if (name)
			return name;
	}
	return NULL;
}

bool cim_query_bind_events(struct cim_query *query, const struct cim_class *event_class,
			   struct okvp_error *err)
{
	const char *target = query->where ? target_name(query->where) : NULL;
	struct binding binding = { query->arena, NULL, event_class, err };

	if (query->associations || (!is_event(event_class, WMI_INSTANCE_OPERATION_EVENT) &&
				    !is_event(event_class, CIM_INST_INDICATION)))
		return okvp_fail(err, OKVP_UNSUPPORTED,
				 "a query for __InstanceModificationEvent or one of its sisters "
				 "is needed here");
	if (!target)
		return okvp_fail(err, OKVP_INVALID,
				 "a query for events must say of which class: "
				 "WHERE TargetInstance ISA 'class'");
	binding.class = cim_class_find(event_class->ns, target);
	if (!binding.class)
		return okvp_fail(err, OKVP_NOT_FOUND, "no class '%s'", target);
	query->target = binding.class;
	return check_selected(query, event_class, err) && bind_condition(&binding, query->where);
}
