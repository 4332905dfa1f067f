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

static void add_class(struct mof *mof, struct namespace *ns, const struct class *class)
{
	struct class *copy = arena_new(mof->arena, struct class);

	*copy = *class;
	copy->qualifiers = copy_qualifiers(mof, class->qualifiers);
	copy->members = copy_members(mof, class->members);
	copy->next = NULL;
	append(ns->classes, copy);
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
		while (*link_ != (element))          \
			link_ = &(*link_)->next;     \
		(by)->next = (element)->next;        \
		*link_ = (by);                       \
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

void namespace_collect(struct mof *mof, struct namespace *ns)
{
	for (const struct class *at = mof->classes; at; at = at->next) {
		const struct class *first = namespace_find(ns, at->name);

		if (!at->section && first)
			report(at->where, "class %s is declared already, in %s:%d", at->name,
			       first->where.file, first->where.line);
		if (!at->section)
			add_class(mof, ns, at);
	}
	for (const struct class *at = mof->classes; at; at = at->next) {
		struct class *first = namespace_find(ns, at->name);

		if (!is_meant(ns, at->section))
			continue;
		if (!first)
			add_class(mof, ns, at);
		else if (first->section)
			report(at->where, "class %s is declared already, in %s:%d", at->name,
			       first->where.file, first->where.line);
		else
			amend(mof, ns, first, at);
	}
}
