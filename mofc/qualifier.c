/* SPDX-License-Identifier: MIT */
/* qualifier.c -- qualifier types and values (DSP0004 sections 5.1.2.2 and 5.6). */
#include "mofc/qualifier.h"

#include <string.h>
#include <strings.h>

static bool fits(enum literal_kind kind, enum cim_type type)
{
	switch (kind) {
	case LITERAL_BOOLEAN:
		return type == CIM_BOOLEAN;
	case LITERAL_INTEGER:
		return cim_type_is_unsigned(type) || cim_type_is_signed(type);
	case LITERAL_REAL:
		return type == CIM_REAL32 || type == CIM_REAL64;
	case LITERAL_CHAR:
		return type == CIM_CHAR16;
	case LITERAL_STRING:
		return type == CIM_STRING || type == CIM_DATETIME;
	case LITERAL_NULL:
		break;
	}
	return false;
}

static struct cim_value literal_value(struct mof *mof, const struct literal *literal,
				      struct where where, enum cim_type type, const char *what)
{
	struct cim_value value = { .type = type };
	struct okvp_error err;

	if (literal->kind == LITERAL_NULL)
		return value;
	if (!fits(literal->kind, type))
		report(where, "%s: '%s' is no %s", what, literal->text, cim_type_name(type));
	if (!cim_value_from_text(mof->arena, type, literal->text, strlen(literal->text), &value,
				 &err))
		report(where, "%s: %s", what, err.message);
	return value;
}

struct cim_value initial_value(struct mof *mof, const struct initial *initial, enum cim_type type,
			       bool is_array, const char *what)
{
	struct cim_value value = { .type = type, .is_array = is_array };
	struct cim_value *items;
	size_t count = 0;

	if (!initial->is_array && initial->literals->kind == LITERAL_NULL)
		return value;
	if (initial->is_array != is_array)
		report(initial->where, "%s is %s: its value %s", what,
		       is_array ? "an array" : "no array",
		       is_array ? "stands in { }" : "is a single one");
	if (!is_array)
		return literal_value(mof, initial->literals, initial->where, type, what);

	for (const struct literal *at = initial->literals; at; at = at->next)
		count++;
	items = arena_array(mof->arena, struct cim_value, count);
	count = 0;
	for (const struct literal *at = initial->literals; at; at = at->next) {
		if (at->kind == LITERAL_NULL)
			report(initial->where, "%s: an array holds no NULL", what);
		items[count++] = literal_value(mof, at, initial->where, type, what);
	}
	return cim_array(type, items, count);
}

static const struct qualifier_type *find_type(const struct mof *mof, const char *name)
{
	for (const struct qualifier_type *at = mof->qualifier_types; at; at = at->next) {
		if (strcasecmp(at->name, name) == 0)
			return at;
	}
	return NULL;
}

static void check_flavor(struct where where, const char *name, unsigned int flavor)
{
	if ((flavor & FLAVOR_ENABLE_OVERRIDE && flavor & FLAVOR_DISABLE_OVERRIDE) ||
	    (flavor & FLAVOR_TO_SUBCLASS && flavor & FLAVOR_RESTRICTED))
		report(where, "%s has two flavors that exclude each other", name);
}

void qualifier_types_resolve(struct mof *mof)
{
	for (struct qualifier_type *type = mof->qualifier_types; type; type = type->next) {
		const struct qualifier_type *first = find_type(mof, type->name);

		if (first != type)
			report(type->where, "qualifier %s is declared already, in %s:%d",
			       type->name, first->where.file, first->where.line);
		check_flavor(type->where, type->name, type->flavor);
		type->value = (struct cim_value){ .type = type->type, .is_array = type->is_array };
		if (type->initial)
			type->value = initial_value(mof, type->initial, type->type, type->is_array,
						    type->name);
	}
}

/* Without a value a boolean qualifier is TRUE; of all others one must be said. */
static struct cim_value value_of(struct mof *mof, const struct qualifier *qualifier)
{
	const struct qualifier_type *type = qualifier->type;

	if (qualifier->initial)
		return initial_value(mof, qualifier->initial, type->type, type->is_array,
				     qualifier->name);
	if (type->type != CIM_BOOLEAN || type->is_array)
		report(qualifier->where, "qualifier %s needs a value", qualifier->name);
	return cim_boolean(true);
}

void qualifiers_resolve(struct mof *mof, struct qualifier *qualifiers, unsigned int scope)
{
	for (struct qualifier *at = qualifiers; at; at = at->next) {
		unsigned int flavor;

		at->type = find_type(mof, at->name);
		if (!at->type)
			report(at->where, "unknown qualifier %s", at->name);
		if (qualifier_find(qualifiers, at->name) != at)
			report(at->where, "qualifier %s stands here twice", at->name);
		if (!(at->type->scope & scope))
			report(at->where, "qualifier %s does not belong here", at->name);
		check_flavor(at->where, at->name, at->flavor);

		flavor = at->flavor;
		if (!(flavor & (FLAVOR_ENABLE_OVERRIDE | FLAVOR_DISABLE_OVERRIDE)))
			flavor |= at->type->flavor &
				  (FLAVOR_ENABLE_OVERRIDE | FLAVOR_DISABLE_OVERRIDE);
		if (!(flavor & (FLAVOR_TO_SUBCLASS | FLAVOR_RESTRICTED)))
			flavor |= at->type->flavor & (FLAVOR_TO_SUBCLASS | FLAVOR_RESTRICTED);
		flavor |= at->type->flavor & FLAVOR_TRANSLATABLE;
		at->overridable = !(flavor & FLAVOR_DISABLE_OVERRIDE);
		at->to_subclass = !(flavor & FLAVOR_RESTRICTED);
		at->translatable = flavor & FLAVOR_TRANSLATABLE;
		at->name = at->type->name;
		at->value = value_of(mof, at);
	}
}

static bool same_scalar(const struct cim_value *a, const struct cim_value *b)
{
	int order;

	if (!a->is_set || !b->is_set)
		return a->is_set == b->is_set;
	return cim_value_compare(a, b, &order) && order == 0;
}

static bool same_value(const struct cim_value *a, const struct cim_value *b)
{
	if (!a->is_array || !a->is_set || !b->is_set)
		return same_scalar(a, b);
	if (a->array.count != b->array.count)
		return false;
	for (size_t i = 0; i < a->array.count; i++) {
		if (!same_scalar(&a->array.item[i], &b->array.item[i]))
			return false;
	}
	return true;
}

struct qualifier *qualifiers_inherit(struct mof *mof, struct qualifier *own,
				     const struct qualifier *inherited)
{
	for (; inherited; inherited = inherited->next) {
		const struct qualifier *again = qualifier_find(own, inherited->name);
		struct qualifier *copy;

		if (again && inherited->to_subclass && !inherited->overridable &&
		    !same_value(&again->value, &inherited->value))
			report(again->where, "qualifier %s cannot be overridden", again->name);
		if (again || !inherited->to_subclass)
			continue;
		copy = arena_new(mof->arena, struct qualifier);
		*copy = *inherited;
		copy->propagated = true;
		copy->next = NULL;
		append(own, copy);
	}
	return own;
}

const struct qualifier *qualifier_find(const struct qualifier *qualifiers, const char *name)
{
	for (; qualifiers; qualifiers = qualifiers->next) {
		if (strcasecmp(qualifiers->name, name) == 0)
			return qualifiers;
	}
	return NULL;
}

const char *qualifier_embedded_class(const struct qualifier *qualifiers)
{
	static const char *const names[] = { "EmbeddedInstance", "HyperVEmbeddedInstance" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct qualifier *qualifier = qualifier_find(qualifiers, names[i]);

		if (qualifier && qualifier->initial)
			return qualifier->initial->literals->text;
	}
	return NULL;
}

bool qualifier_flag(const struct qualifier *qualifiers, const char *name)
{
	const struct qualifier *qualifier = qualifier_find(qualifiers, name);

	return qualifier && qualifier->value.is_set && qualifier->value.type == CIM_BOOLEAN &&
	       qualifier->value.boolean;
}
