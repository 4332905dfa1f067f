/* SPDX-License-Identifier: MIT */
/* association_ends.h -- for associations.c: what stands at the ends of associations.
 *
 * Every instance stands for something: a job, a VM, or, where there is but one, the host; and one
 * of its keys tells for which. */
#pragma once
#include "cim/instance.h"
#include "host/host.h"

/* From the least to the most particular. */
enum subject_kind { OF_HOST, OF_VM, OF_JOB };

/* What something stands for: of a VM its GUID, of a job its own and that of its VM. */
struct subject {
	struct guid vm, job;
};

struct end_type {
	enum cim_class_id class_id;
	enum subject_kind kind;
	/* The key that tells instances apart: its value for a subject, and back (false: it is
	 * none). NULL: all keys are constant. */
	enum cim_property_id key;
	const char *(*write)(struct arena *arena, struct host *host, const struct subject *subject);
	bool (*read)(struct host *host, const char *key, struct subject *ret_subject);
};

extern const struct end_type end_host_system, end_service;
extern const struct end_type end_service_capabilities, end_vm_capabilities;
extern const struct end_type end_vm, end_vm_settings;
extern const struct end_type end_component, end_component_settings;
extern const struct end_type end_job;

/* The path of the instance of a class (that of the type, in some namespace) for a subject, as the
 * class's provider would have it. */
const struct cim_object_path *end_path(const struct end_type *type, const struct cim_class *class,
				       struct arena *arena, struct host *host,
				       const struct subject *subject);

/* What the instance stands for that a path names; false: the path is of another type. The path has
 * all keys. */
bool end_read(const struct end_type *type, struct host *host, const struct cim_object_path *path,
	      struct subject *ret_subject);
