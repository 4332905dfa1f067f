/* SPDX-License-Identifier: MIT */
/* namespace.c -- which classes a namespace has, before inheritance: see mof.h for the rules. */
#include "mofc/namespace.h"

#include <strings.h>

#include "mofc/qualifier.h"

struct class *namespace_find(const struct namespace *ns, const char *class_name)
{
	for (struct class *at = ns->classes; at; at = at->next) {
		if (strcasecmp(at->name, class_name) == 0)
			return at;
	}
	return NULL;
}

struct member *member_find(struct member *members, const char *name)
{
	for (; members; members = members->next) {
		if (strcasecmp(members->name, name) == 0)
			return members;
	}
	return NULL;
}

static struct qualifier *copy_qualifiers(struct mof *mof, const struct qualifier *qualifiers)
{
	struct qualifier *copies = NULL;

	for (; qualifiers; qualifiers = qualifiers->next) {
		struct qualifier *copy = arena_new(mof->arena, struct qualifier);

		*copy = *qualifiers;
		copy->next = NULL;
		append(copies, copy);
	}
	return copies;
}

static struct member *copy_members(struct mof *mof, const struct member *members);

static struct member *copy_member(struct mof *mof, const struct member *member)
{
	struct member *copy = arena_new(mof->arena, struct member);

	*copy = *member;
	copy->qualifiers = copy_qualifiers(mof, member->qualifiers);
	copy->parameters = copy_members(mof, member->parameters);
	copy->next = NULL;
	return copy;
}

static struct member *copy_members(struct mof *mof, const struct member *members)
{
	struct member *copies = NULL;

	for (; members; members = members->next)
		append(copies, copy_member(mof, members));
	return copies;
}

static struct class *add_class(struct mof *mof, struct namespace *ns, const struct class *class)
{
	struct class *copy = arena_new(mof->arena, struct class);

	*copy = *class;
	copy->qualifiers = copy_qualifiers(mof, class->qualifiers);
	copy->members = copy_members(mof, class->members);
	copy->next = NULL;
	append(ns->classes, copy);
	return copy;
}

/* Takes an element out of its list. */
#define drop(first, element)                         \
	do {                                         \
		__typeof__(first) *link_ = &(first); \
		while (*link_ != (element))          \
			link_ = &(*link_)->next;     \
		*link_ = (element)->next;            \
	} while (0)

/* Puts an element in the place of another of its list. */
#define replace(first, element, by)                  \
	do {                                         \
		__typeof__(first) *link_ = &(first); \
		__typeof__(first) by_ = (by);        \
		while (*link_ != (element))          \
			link_ = &(*link_)->next;     \
		by_->next = (element)->next;         \
		*link_ = by_;                        \
	} while (0)

static void amend_qualifiers(struct mof *mof, struct class *class,
			     const struct qualifier *qualifiers)
{
	struct qualifier *next;

	for (struct qualifier *at = copy_qualifiers(mof, qualifiers); at; at = next) {
		const struct qualifier *old = qualifier_find(class->qualifiers, at->name);

		next = at->next;
		at->next = NULL;
		if (old)
			replace(class->qualifiers, old, at);
		else
			append(class->qualifiers, at);
	}
}

static void amend_member(struct mof *mof, struct class *class, const struct member *member)
{
	struct member *old = member_find(class->members, member->name);

	if (member->kind == MEMBER_DROP && !old)
		report(member->where, "%s declares no %s", class->name, member->name);
	if (member->kind == MEMBER_DROP)
		drop(class->members, old);
	else if (member->kind == MEMBER_INITIAL && old && old->kind != MEMBER_METHOD)
		old->initial = member->initial;
	else if (member->kind != MEMBER_INITIAL && old)
		replace(class->members, old, copy_member(mof, member));
	else
		append(class->members, copy_member(mof, member));
}

static void amend(struct mof *mof, struct namespace *ns, struct class *class,
		  const struct class *amendment)
{
	if (qualifier_find(amendment->qualifiers, "Drop")) {
		drop(ns->classes, class);
		return;
	}
	if (amendment->superclass &&
	    (!class->superclass || strcasecmp(class->superclass, amendment->superclass) != 0))
		report(amendment->where, "%s is declared with another superclass in %s:%d",
		       class->name, class->where.file, class->where.line);
	amend_qualifiers(mof, class, amendment->qualifiers);
	for (const struct member *at = amendment->members; at; at = at->next)
		amend_member(mof, class, at);
}

static bool is_meant(const struct namespace *ns, const struct name *section)
{
	for (; section; section = section->next) {
		if (strcasecmp(section->text, ns->name) == 0)
			return true;
	}
	return false;
}

static const struct class *find_common(const struct mof *mof, const char *name)
{
	for (const struct class *at = mof->classes; at; at = at->next) {
		if (!at->section && strcasecmp(at->name, name) == 0)
			return at;
	}
	return NULL;
}

static void add_from_section(struct mof *mof, struct namespace *ns, const struct class *class)
{
	const struct class *common = ns->is_bare ? find_common(mof, class->name) : NULL;
	struct class *first = namespace_find(ns, class->name);

	if (!first && common)
		first = add_class(mof, ns, common);
	if (!first)
		add_class(mof, ns, class);
	else if (first->section)
		report(class->where, "class %s is declared already, in %s:%d", class->name,
		       first->where.file, first->where.line);
	else
		amend(mof, ns, first, class);
}

static void add_needed(struct mof *mof, struct namespace *ns, const char *name)
{
	const struct class *common = name ? find_common(mof, name) : NULL;

	if (common && !namespace_find(ns, name))
		add_class(mof, ns, common);
}

static void add_needed_by(struct mof *mof, struct namespace *ns, const struct member *members)
{
	for (; members; members = members->next) {
		add_needed(mof, ns, members->reference_class);
		add_needed(mof, ns, qualifier_embedded_class(members->qualifiers));
		add_needed_by(mof, ns, members->parameters);
	}
}

void namespace_collect(struct mof *mof, struct namespace *ns)
{
	for (const struct class *at = mof->classes; at; at = at->next) {
		const struct class *first = find_common(mof, at->name);

		if (at->section)
			continue;
		if (first != at)
			report(at->where, "class %s is declared already, in %s:%d", at->name,
			       first->where.file, first->where.line);
		if (!ns->is_bare)
			add_class(mof, ns, at);
	}
	for (const struct class *at = mof->classes; at; at = at->next) {
		if (is_meant(ns, at->section))
			add_from_section(mof, ns, at);
	}
	/* The list grows at its end while it is walked. */
	for (const struct class *at = ns->is_bare ? ns->classes : NULL; at; at = at->next) {
		add_needed(mof, ns, at->superclass);
		add_needed_by(mof, ns, at->members);
	}
}
