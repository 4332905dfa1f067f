/* SPDX-License-Identifier: MIT */
/* object_set.h -- objects: texts that others keep in the store under a class and a key, and that
 * mean nothing to it. There are few; all of them together are one immutable picture. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OBJECT_KEY_MAX  16384 /* bytes; of a class as well */
#define OBJECT_TEXT_MAX 65536

/* An object as it is given to the store. */
struct object {
	const char *class_name, *key;
	const char *owner; /* the user in whose share it counts */
	const char *text;
};

/* How many objects of a class there may be. */
struct object_limits {
	size_t per_owner, in_all;
};

struct stored_object {
	atomic_uint references;
	const char *class_name, *key, *owner, *text;
};

struct object_set {
	atomic_uint references;
	uint64_t generation; /* of this run: each picture has a greater one */
	size_t count;
	struct stored_object *object[]; /* in the order in which they were made */
};

struct object_set *object_set_ref(struct object_set *set);
void object_set_release(struct object_set **set);

/* Borrowed; NULL: there is none. */
const struct stored_object *object_set_find(const struct object_set *set, const char *class_name,
					    const char *key);

/* --- For store/: making them --- */

/* A copy of a set (NULL: of none) with the next generation and room for so many objects more. */
struct object_set *object_set_derive(const struct object_set *set, size_t more);

/* Puts an object, in the place of the one of its class and key if there is one. */
void object_set_put(struct object_set *set, const struct object *object);

/* False: there is none. */
bool object_set_remove(struct object_set *set, const char *class_name, const char *key);
