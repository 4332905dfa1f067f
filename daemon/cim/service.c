/* SPDX-License-Identifier: MIT */
/* service.c -- the object manager's list of providers. */
#include "cim/service.h"

#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"

struct cim_service {
	const struct cim_provider *const *providers; /* ends with NULL */
	const struct cim_provider *by_class[CIM_CLASS_COUNT];
	void *context;
};

struct cim_service *cim_service_create(const struct cim_provider *const *providers, void *context)
{
	struct cim_service *service = xcalloc(1, sizeof(*service));

	service->providers = providers;
	service->context = context;
	for (; *providers; providers++) {
		assert(!service->by_class[(*providers)->class_id]);
		service->by_class[(*providers)->class_id] = *providers;
	}
	return service;
}

void cim_service_free(struct cim_service **service)
{
	free(*service);
	*service = NULL;
}

void *cim_service_context(const struct cim_service *service)
{
	return service->context;
}

const struct cim_provider *cim_service_provider(const struct cim_service *service,
						enum cim_class_id id)
{
	return service->by_class[id];
}

const struct cim_class *cim_service_next(const struct cim_service *service,
					 const struct cim_class *ancestor, size_t *at)
{
	while (service->providers[*at]) {
		enum cim_class_id id = service->providers[(*at)++]->class_id;
		const struct cim_class *class = cim_class_by_id(ancestor->ns, id);

		if (class && cim_class_is_a(class, ancestor))
			return class;
	}
	return NULL;
}

struct cim_instance *cim_service_find(const struct cim_service *service, struct arena *arena,
				      const struct cim_class *class,
				      const struct cim_object_path *path)
{
	const struct cim_provider *provider = service->by_class[class->id];
	struct cim_instance *instance;

	if (!provider)
		return NULL;
	instance = cim_instance_create(arena, class);
	return provider->find(service->context, path, instance) &&
			       cim_path_equal(path, cim_instance_path(instance))
		       ? instance
		       : NULL;
}
