/* SPDX-License-Identifier: MIT */
/* namespace.h -- the classes of one namespace: what the files and their sections declare for it,
 * and, once resolved, with everything that a class inherits. */
#pragma once
#include "mofc/mof.h"

struct namespace
{
	const char *name;
	bool is_bare; /* of the classes outside sections it has those that others need */
	struct class *classes;
	struct namespace *next;

	/* Once resolved. */
	const struct class **ordered; /* each class followed by all that are derived from it */
	size_t count;
};

/* Finds out which classes a namespace has; the classes are its own copies. */
void namespace_collect(struct mof *mof, struct namespace *ns);

/* Gives every class its inherited members and qualifiers, and checks the lot. */
void namespace_resolve(struct mof *mof, struct namespace *ns);

struct class *namespace_find(const struct namespace *ns, const char *class_name);

struct member *member_find(struct member *members, const char *name);
