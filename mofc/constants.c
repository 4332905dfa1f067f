/* SPDX-License-Identifier: MIT */
/* constants.c -- from "DisableHostKVPItems" to PROPERTY_DISABLE_HOST_KVP_ITEMS.
 *
 * WMI's own classes begin with two underscores, which C keeps for itself: they become WMI_. */
#include "mofc/constants.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A word begins at a capital behind a small letter or digit, and at the last capital of several if
 * a small letter follows. */
static bool begins_word(const char *name, const char *at)
{
	if (at == name || at[-1] == '_' || !isupper((unsigned char)*at))
		return false;
	return !isupper((unsigned char)at[-1]) || islower((unsigned char)at[1]);
}

static const char *make_constant(struct mof *mof, const char *prefix, const char *name)
{
	const char *origin = "";
	char *constant, *out;

	if (strncmp(name, "__", 2) == 0) {
		origin = "WMI_";
		name += 2;
	}
	constant = arena_alloc(mof->arena, strlen(prefix) + strlen(origin) + 2 * strlen(name) + 1);
	out = stpcpy(stpcpy(constant, prefix), origin);
	for (const char *at = name; *at; at++) {
		if (begins_word(name, at))
			*out++ = '_';
		*out++ = (char)toupper((unsigned char)*at);
	}
	return constant;
}

static int by_name(const void *a, const void *b)
{
	const struct constant *x = a, *y = b;

	return strcasecmp(x->name, y->name);
}

static struct constant *search(const struct constants *constants, const char *name)
{
	const struct constant key = { .name = name };

	return bsearch(&key, constants->constant, constants->count, sizeof(key), by_name);
}

/* Adds a name; where it is first used tells where a clash of two names comes from. */
static void add(struct mof *mof, struct constants *constants, const char *prefix, const char *name,
		struct where where)
{
	const char *constant;

	if (search(constants, name))
		return;
	constant = make_constant(mof, prefix, name);
	for (size_t i = 0; i < constants->count; i++) {
		if (strcmp(constants->constant[i].constant, constant) == 0)
			report(where, "%s and %s are both %s in C", name,
			       constants->constant[i].name, constant);
	}
	constants->constant[constants->count++] = (struct constant){ name, constant };
	qsort(constants->constant, constants->count, sizeof(*constants->constant), by_name);
}

static struct constants room_for(struct mof *mof, size_t most)
{
	return (struct constants){ .constant = arena_array(mof->arena, struct constant, most) };
}

struct constants class_constants(struct mof *mof, const struct namespace *namespaces)
{
	struct constants constants;
	size_t most = 0;

	for (const struct namespace *ns = namespaces; ns; ns = ns->next)
		most += ns->count;
	constants = room_for(mof, most);
	for (const struct namespace *ns = namespaces; ns; ns = ns->next) {
		for (size_t i = 0; i < ns->count; i++)
			add(mof, &constants, "", ns->ordered[i]->name, ns->ordered[i]->where);
	}
	return constants;
}

struct constants property_constants(struct mof *mof, const struct namespace *namespaces)
{
	struct constants constants;
	size_t most = 0;

	for (const struct namespace *ns = namespaces; ns; ns = ns->next) {
		for (size_t i = 0; i < ns->count; i++) {
			for (const struct member *at = ns->ordered[i]->properties; at;
			     at = at->next)
				most++;
		}
	}
	constants = room_for(mof, most);
	for (const struct namespace *ns = namespaces; ns; ns = ns->next) {
		for (size_t i = 0; i < ns->count; i++) {
			for (const struct member *at = ns->ordered[i]->properties; at;
			     at = at->next)
				add(mof, &constants, "PROPERTY_", at->name, at->where);
		}
	}
	return constants;
}

const char *constant_of(const struct constants *constants, const char *name)
{
	return search(constants, name)->constant;
}
