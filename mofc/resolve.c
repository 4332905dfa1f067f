/* SPDX-License-Identifier: MIT */
/* resolve.c -- inheritance (DSP0004 section 5.1.2): what a class declares and what it gets from its
 * superclass become one list; and whether they go together. */
#include <strings.h>

#include "mofc/namespace.h"
#include "mofc/qualifier.h"

static bool is_derived(const struct namespace *ns, const char *name, const char *ancestor)
{
	while (name && strcasecmp(name, ancestor) != 0) {
		const struct class *class = namespace_find(ns, name);

		name = class ? class->superclass : NULL;
	}
	return name != NULL;
}

static void check_reference(const struct namespace *ns, const struct member *member)
{
	if (member->type == CIM_REFERENCE && !namespace_find(ns, member->reference_class))
		report(member->where, "%s refers to an unknown class %s", member->name,
		       member->reference_class);
}

static void check_embedded(const struct namespace *ns, const struct member *member)
{
	const char *class = qualifier_embedded_class(member->qualifiers);

	if (class && !namespace_find(ns, class))
		report(member->where, "%s holds instances of an unknown class %s", member->name,
		       class);
	if ((class || qualifier_flag(member->qualifiers, "EmbeddedObject")) &&
	    member->type != CIM_STRING)
		report(member->where, "%s is no string: it can hold no instance", member->name);
}

/* Values names what ValueMap lists. */
static void check_values(const struct member *member)
{
	const struct qualifier *map = qualifier_find(member->qualifiers, "ValueMap");
	const struct qualifier *values = qualifier_find(member->qualifiers, "Values");

	if (map && values && map->value.is_array && values->value.is_array &&
	    map->value.array.count != values->value.array.count)
		report(values->where, "%s has %zu in ValueMap and %zu in Values", member->name,
		       map->value.array.count, values->value.array.count);
}

/* An inherited member, as it is in a subclass that says nothing of it. */
static struct member *inherit_member(struct mof *mof, const struct member *member)
{
	struct member *copy = arena_new(mof->arena, struct member);

	*copy = *member;
	copy->propagated = true;
	copy->qualifiers = qualifiers_inherit(mof, NULL, member->qualifiers);
	copy->parameters = NULL;
	copy->next = NULL;
	for (const struct member *at = member->parameters; at; at = at->next)
		append(copy->parameters, inherit_member(mof, at));
	return copy;
}

static struct member *inherit_members(struct mof *mof, const struct member *members)
{
	struct member *copies = NULL;

	for (; members; members = members->next)
		append(copies, inherit_member(mof, members));
	return copies;
}

static void check_same_type(struct mof *mof, const struct namespace *ns,
			    const struct member *member, const struct member *inherited)
{
	if (member->type != inherited->type || member->is_array != inherited->is_array)
		report(member->where, "%s is %s in %s and cannot become %s", member->name,
		       mof_type_text(mof->arena, inherited->type, inherited->is_array),
		       inherited->origin,
		       mof_type_text(mof->arena, member->type, member->is_array));
	if (member->type == CIM_REFERENCE &&
	    !is_derived(ns, member->reference_class, inherited->reference_class))
		report(member->where, "%s is not derived from %s, to which %s refers in %s",
		       member->reference_class, inherited->reference_class, member->name,
		       inherited->origin);
}

static void check_override(struct mof *mof, const struct namespace *ns, const struct class *class,
			   const struct member *member, const struct member *inherited)
{
	const struct qualifier *override = qualifier_find(member->qualifiers, "Override");

	if (inherited && !inherited->propagated)
		report(member->where, "%s declares %s twice", class->name, member->name);
	if (inherited && !override)
		report(member->where, "%s is inherited from %s: Override(\"%s\") is missing",
		       member->name, inherited->origin, inherited->name);
	if (override && (!inherited || !override->value.is_set ||
			 strcasecmp(override->value.string.bytes, member->name) != 0))
		report(override->where, "%s overrides nothing", member->name);
	if (inherited)
		check_same_type(mof, ns, member, inherited);
}

/* Puts a member of a class into its list: in the place of the one it overrides, or behind all. */
static void place(struct mof *mof, struct member **members, struct member *member,
		  struct member *inherited)
{
	if (inherited) {
		member->origin = inherited->origin;
		member->qualifiers =
			qualifiers_inherit(mof, member->qualifiers, inherited->qualifiers);
		while (*members != inherited)
			members = &(*members)->next;
		member->next = inherited->next;
		*members = member;
	} else {
		append(*members, member);
	}
}

static void declare_property(struct mof *mof, const struct namespace *ns, struct class *class,
			     struct member *member)
{
	struct member *inherited = member_find(class->properties, member->name);
	bool is_reference = member->type == CIM_REFERENCE;

	qualifiers_resolve(mof, member->qualifiers,
			   is_reference ? SCOPE_REFERENCE : SCOPE_PROPERTY);
	check_override(mof, ns, class, member, inherited);
	check_reference(ns, member);
	check_embedded(ns, member);
	if (is_reference && !class->is_association)
		report(member->where, "%s is no association: it can hold no reference %s",
		       class->name, member->name);
	member->origin = class->name;
	if (inherited)
		member->value = inherited->value;
	else
		member->value =
			(struct cim_value){ .type = member->type, .is_array = member->is_array };
	if (member->initial)
		member->value = initial_value(mof, member->initial, member->type, member->is_array,
					      member->name);
	place(mof, &class->properties, member, inherited);
	check_values(member);
	if (qualifier_flag(member->qualifiers, "Key") && member->is_array)
		report(member->where, "%s is an array: it cannot be a key", member->name);
}

static void declare_parameters(struct mof *mof, const struct namespace *ns,
			       const struct member *method)
{
	for (struct member *at = method->parameters; at; at = at->next) {
		qualifiers_resolve(mof, at->qualifiers, SCOPE_PARAMETER);
		check_reference(ns, at);
		check_embedded(ns, at);
		check_values(at);
		if (member_find(method->parameters, at->name) != at)
			report(at->where, "%s has two parameters %s", method->name, at->name);
	}
}

/* A method that overrides another takes the same parameters. */
static void override_parameters(struct mof *mof, const struct namespace *ns, struct member *method,
				const struct member *inherited)
{
	struct member *mine = method->parameters;
	const struct member *theirs = inherited->parameters;

	for (; mine && theirs; mine = mine->next, theirs = theirs->next) {
		if (strcasecmp(mine->name, theirs->name) != 0)
			break;
		check_same_type(mof, ns, mine, theirs);
		mine->qualifiers = qualifiers_inherit(mof, mine->qualifiers, theirs->qualifiers);
	}
	if (mine || theirs)
		report(method->where, "%s takes other parameters in %s", method->name,
		       inherited->origin);
}

static void declare_method(struct mof *mof, const struct namespace *ns, struct class *class,
			   struct member *method)
{
	struct member *inherited = member_find(class->methods, method->name);

	qualifiers_resolve(mof, method->qualifiers, SCOPE_METHOD);
	check_override(mof, ns, class, method, inherited);
	method->origin = class->name;
	for (struct member *at = method->parameters; at; at = at->next)
		at->origin = class->name;
	declare_parameters(mof, ns, method);
	if (inherited)
		override_parameters(mof, ns, method, inherited);
	place(mof, &class->methods, method, inherited);
	check_values(method);
}

static void initialise(struct mof *mof, struct class *class, const struct member *statement)
{
	struct member *property = member_find(class->properties, statement->name);

	if (!property)
		report(statement->where, "%s has no property %s", class->name, statement->name);
	property->value = initial_value(mof, statement->initial, property->type, property->is_array,
					property->name);
}

/* What identifies an instance is settled where it is first said. */
static void check_keys(const struct class *class)
{
	bool has_key = false;

	for (const struct member *at = class->super->properties; at; at = at->next)
		has_key |= qualifier_flag(at->qualifiers, "Key");
	for (const struct member *at = class->properties; has_key && at; at = at->next) {
		const struct member *before = member_find(class->super->properties, at->name);

		if (qualifier_flag(at->qualifiers, "Key") &&
		    !(before && qualifier_flag(before->qualifiers, "Key")))
			report(at->where, "%s has keys: its subclass %s cannot add %s",
			       class->super->name, class->name, at->name);
	}
}

static void declare_class(struct mof *mof, struct class *class)
{
	const struct class *super = class->super;

	class->is_association = (super && super->is_association) ||
				qualifier_find(class->qualifiers, "Association");
	class->is_indication =
		(super && super->is_indication) || qualifier_find(class->qualifiers, "Indication");
	if (qualifier_find(class->qualifiers, "Drop"))
		report(class->where, "class %s cannot be dropped: it is not declared for all",
		       class->name);
	qualifiers_resolve(mof, class->qualifiers,
			   class->is_association  ? SCOPE_ASSOCIATION
			   : class->is_indication ? SCOPE_INDICATION | SCOPE_CLASS
						  : SCOPE_CLASS);
	class->is_abstract = qualifier_flag(class->qualifiers, "Abstract");
	if (super)
		class->qualifiers = qualifiers_inherit(mof, class->qualifiers, super->qualifiers);
}

static void declare_members(struct mof *mof, const struct namespace *ns, struct class *class)
{
	struct member *next;

	for (struct member *at = class->members; at; at = next) {
		next = at->next;
		at->next = NULL;
		switch (at->kind) {
		case MEMBER_PROPERTY:
			declare_property(mof, ns, class, at);
			break;
		case MEMBER_METHOD:
			declare_method(mof, ns, class, at);
			break;
		case MEMBER_INITIAL:
			initialise(mof, class, at);
			break;
		default:
			report(at->where, "%s cannot be dropped: it is not declared for all",
			       at->name);
		}
	}
	class->members = NULL;
}

static void resolve_class(struct mof *mof, struct namespace *ns, struct class *class)
{
	struct class *super;

	if (class->is_resolved)
		return;
	if (class->superclass) {
		super = namespace_find(ns, class->superclass);
		resolve_class(mof, ns, super);
		class->super = super;
		class->properties = inherit_members(mof, super->properties);
		class->methods = inherit_members(mof, super->methods);
	}
	declare_class(mof, class);
	declare_members(mof, ns, class);
	if (class->super)
		check_keys(class);
	class->is_resolved = true;
}

/* Puts the classes with this superclass in order, each followed by those derived from it. */
static void order(struct namespace *ns, const struct class *super)
{
	for (struct class *at = ns->classes; at; at = at->next) {
		if (at->super != super)
			continue;
		at->place = ns->count;
		ns->ordered[ns->count++] = at;
		order(ns, at);
		at->descendant_count = ns->count - at->place - 1;
	}
}

/* Every superclass is there, and none is derived from itself: what follows walks up in trust. */
static void check_ancestors(const struct namespace *ns, const struct class *class, size_t most)
{
	const struct class *at = class;

	for (size_t i = 0; i < most && at->superclass; i++) {
		const struct class *super = namespace_find(ns, at->superclass);

		if (!super)
			report(at->where, "class %s has an unknown superclass %s", at->name,
			       at->superclass);
		if (super == class)
			report(class->where, "class %s is derived from itself", class->name);
		at = super;
	}
}

void namespace_resolve(struct mof *mof, struct namespace *ns)
{
	size_t count = 0;

	for (const struct class *at = ns->classes; at; at = at->next)
		count++;
	for (const struct class *at = ns->classes; at; at = at->next)
		check_ancestors(ns, at, count);
	for (struct class *at = ns->classes; at; at = at->next)
		resolve_class(mof, ns, at);
	ns->ordered = arena_array(mof->arena, const struct class *, count);
	order(ns, NULL);
}
