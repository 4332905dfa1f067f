/* SPDX-License-Identifier: MIT */
/* service.h -- which provider answers for a class; inside cim/. */
#pragma once
#include "cim/operation.h"

/* Walks over the classes with a provider that are this one or derived from it, in its namespace:
 * for (size_t at = 0; (class = cim_service_next(service, ancestor, &at));) */
const struct cim_class *cim_service_next(const struct cim_service *service,
					 const struct cim_class *ancestor, size_t *at);

/* The instance of a class that a path with all its keys names, in the arena; NULL: there is none.
 * Providers look at the keys that tell their instances apart; whether the others fit as well is
 * seen here. */
struct cim_instance *cim_service_find(const struct cim_service *service, struct arena *arena,
				      const struct cim_class *class,
				      const struct cim_object_path *path);

/* Finds the instance that a path names, as cim_get() says, and sets operation->class, path,
 * provider and instance. */
bool cim_locate(struct cim_operation *operation, const struct cim_object_path *path);

/* Reads the instance that was found once more; CIM_STATUS_NOT_FOUND if it is gone. */
bool cim_locate_again(struct cim_operation *operation);
