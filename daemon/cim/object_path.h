/* SPDX-License-Identifier: MIT */
/* object_path.h -- the name of an instance: namespace, class, keys. */
#pragma once
#include "cim/schema.h"

struct cim_key {
	const char *name;
	struct cim_value value; /* a set scalar */
};

/* Borrowed throughout; made in an arena. */
struct cim_object_path {
	const char *ns; /* "" or NULL: not said */
	const char *class_name;
	const struct cim_key *keys;
	size_t key_count;
};

/* A key by name, without case; NULL: none. */
const struct cim_value *cim_path_key(const struct cim_object_path *path, const char *name);

/* A string key's bytes, NUL-terminated; NULL: none, or no string. */
const char *cim_path_text_key(const struct cim_object_path *path, const char *name);

/* Reads WMI's form: \\HOST\root\virtualization\v2:Class.Key="value",Key2=5 -- host and namespace
 * may be missing, Class=@ names a singleton; quotes are " or '; \ escapes. OKVP_INVALID. */
bool cim_path_from_text(struct arena *arena, const char *text, size_t length,
			struct cim_object_path *ret_path, struct okvp_error *err);

/* Writes the same form, keys in alphabetical order. host may be NULL. */
char *cim_path_to_text(struct arena *arena, const struct cim_object_path *path, const char *host);

/* Whether both name the same: classes and string values without case, a doubled backslash in a
 * value like a single one. Namespaces are compared if both say one. */
bool cim_path_equal(const struct cim_object_path *a, const struct cim_object_path *b);
