/* SPDX-License-Identifier: MIT */
/* object_path.h -- the name of an instance: namespace, class, keys. */
#pragma once
#include "cim/schema.h"

#define CIM_PATH_KEYS_MAX 64
#define CIM_PATH_TEXT_MAX 16384 /* bytes of a path that is read */

struct cim_key {
	const char *name;
	struct cim_value value; /* a set scalar */
};

/* Borrowed throughout; made in an arena. At most CIM_PATH_KEYS_MAX keys. */
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

/* A copy that borrows nothing. */
const struct cim_object_path *cim_path_copy(struct arena *arena,
					    const struct cim_object_path *path);

/* Reads WMI's form: \\HOST\root\virtualization\v2:Class.Key="value",Key2=5 -- host and namespace
 * may be missing, Class=@ names a singleton; quotes are " or '; \ escapes. OKVP_INVALID. */
bool cim_path_from_text(struct arena *arena, const char *text, size_t length,
			struct cim_object_path *ret_path, struct okvp_error *err);

/* Writes the same form, keys in alphabetical order. host may be NULL. */
char *cim_path_to_text(struct arena *arena, const struct cim_object_path *path, const char *host);

/* Whether two values of a key are the same: strings without case, a doubled backslash like a single
 * one; values of different kinds are not. */
bool cim_key_equal(const struct cim_value *a, const struct cim_value *b);

/* Whether both name the same: classes without case, keys in any order. Namespaces are compared if
 * both say one. */
bool cim_path_equal(const struct cim_object_path *a, const struct cim_object_path *b);
