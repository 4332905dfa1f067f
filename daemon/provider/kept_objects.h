/* SPDX-License-Identifier: MIT */
/* kept_objects.h -- for classes whose instances clients make: they are kept as objects of the
 * store, each as the XML of its properties under the text of its path. They count in the share of
 * the user who made them. */
#pragma once
#include "cim/operation.h"
#include "host/host.h"

/* All instances of the class as they are now, for a provider's walk. */
void *kept_walk_begin(void *host, const struct cim_class *class);
bool kept_walk_next(void *walk, struct cim_instance *instance);
void kept_walk_end(void *walk);

/* Those of an association class in which an instance stands. */
void *kept_references_begin(void *host, const struct cim_class *class,
			    const struct cim_object_path *source);

bool kept_find(void *host, const struct cim_object_path *path, struct cim_instance *instance);

/* Whether an object is kept for a path, in a picture. */
bool kept_has(struct arena *arena, const struct object_set *objects,
	      const struct cim_object_path *path);

/* Whether an instance of an association class refers to a path, in a picture. */
bool kept_refers(struct arena *arena, const struct object_set *objects,
		 const struct cim_class *association, const struct cim_object_path *path);

/* Judges what an operation would do to a picture, and fills in what its instance lacks; false: the
 * operation was failed. It is called again when the picture has changed meanwhile. */
typedef bool kept_check(struct cim_operation *operation, const struct object_set *objects);

/* The operations: check, commit, finish. Only administrators may. */
void kept_create(struct cim_operation *operation, kept_check *check);
void kept_modify(struct cim_operation *operation, kept_check *check);
void kept_delete(struct cim_operation *operation, kept_check *check);
