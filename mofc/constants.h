/* SPDX-License-Identifier: MIT */
/* constants.h -- the C constants that stand for classes and properties.
 *
 * There is one for each name, whatever its namespace and class; names that differ only in case are
 * one. They are numbered in the order of the names (without case), so that a number is also the
 * place in the sorted list of names. */
#pragma once
#include "mofc/namespace.h"

struct constant {
	const char *name;     /* "DisableHostKVPItems" */
	const char *constant; /* "PROPERTY_DISABLE_HOST_KVP_ITEMS" */
};

struct constants {
	struct constant *constant;
	size_t count;
};

struct constants class_constants(struct mof *mof, const struct namespace *namespaces);
struct constants property_constants(struct mof *mof, const struct namespace *namespaces);

/* The constant of a name, which has one. */
const char *constant_of(const struct constants *constants, const char *name);
