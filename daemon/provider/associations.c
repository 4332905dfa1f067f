/* SPDX-License-Identifier: MIT */
/* associations.c -- what links VMs, their settings, the service, its jobs and the host: one row of
 * a table for each kind of link.
 *
 * Every association stands for something: a job, a VM, or, when there is but one, the host. The
 * paths of both its ends follow from that, and from the path of the end that is as particular
 * follows what the association stands for. From the other end it is one of many: those of all VMs,
 * or of all jobs of a VM. */
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "provider/association_ends.h"
#include "provider/provider_list.h"

/* --- The table --- */

struct association {
	enum cim_class_id class_id;
	struct {
		enum cim_property_id property;
		const struct end_type *type;
	} end[2];
};

static const struct association associations[] = {
	{ MSVM_AFFECTED_JOB_ELEMENT,
	  { { PROPERTY_AFFECTED_ELEMENT, &end_vm }, { PROPERTY_AFFECTING_ELEMENT, &end_job } } },
	{ MSVM_ELEMENT_CAPABILITIES,
	  { { PROPERTY_MANAGED_ELEMENT, &end_service },
	    { PROPERTY_CAPABILITIES, &end_service_capabilities } } },
	{ MSVM_ELEMENT_CAPABILITIES,
	  { { PROPERTY_MANAGED_ELEMENT, &end_vm },
	    { PROPERTY_CAPABILITIES, &end_vm_capabilities } } },
	{ MSVM_ELEMENT_SETTING_DATA,
	  { { PROPERTY_MANAGED_ELEMENT, &end_component },
	    { PROPERTY_SETTING_DATA, &end_component_settings } } },
	{ MSVM_HOSTED_DEPENDENCY,
	  { { PROPERTY_ANTECEDENT, &end_host_system }, { PROPERTY_DEPENDENT, &end_vm } } },
	{ MSVM_HOSTED_SERVICE,
	  { { PROPERTY_ANTECEDENT, &end_host_system }, { PROPERTY_DEPENDENT, &end_service } } },
	{ MSVM_OWNING_JOB_ELEMENT,
	  { { PROPERTY_OWNING_ELEMENT, &end_service }, { PROPERTY_OWNED_ELEMENT, &end_job } } },
	{ MSVM_SERVICE_AFFECTS_ELEMENT,
	  { { PROPERTY_AFFECTED_ELEMENT, &end_vm },
	    { PROPERTY_AFFECTING_ELEMENT, &end_service } } },
	{ MSVM_SETTINGS_DEFINE_STATE,
	  { { PROPERTY_MANAGED_ELEMENT, &end_vm }, { PROPERTY_SETTING_DATA, &end_vm_settings } } },
	{ MSVM_SETTINGS_DEFINE_STATE,
	  { { PROPERTY_MANAGED_ELEMENT, &end_component },
	    { PROPERTY_SETTING_DATA, &end_component_settings } } },
	{ MSVM_SYSTEM_DEVICE,
	  { { PROPERTY_GROUP_COMPONENT, &end_vm }, { PROPERTY_PART_COMPONENT, &end_component } } },
	{ MSVM_VIRTUAL_SYSTEM_SETTING_DATA_COMPONENT,
	  { { PROPERTY_GROUP_COMPONENT, &end_vm_settings },
	    { PROPERTY_PART_COMPONENT, &end_component_settings } } },
};

/* The end that is as particular as the association. */
static size_t particular_end(const struct association *association)
{
	return association->end[1].type->kind > association->end[0].type->kind;
}

static enum subject_kind kind_of(const struct association *association)
{
	return association->end[particular_end(association)].type->kind;
}

static const struct cim_class *class_of_end(const struct cim_class *class,
					    const struct association *association, size_t end)
{
	return cim_class_by_id(class->ns, association->end[end].type->class_id);
}

/* Whether a row is for a class, in a namespace that has the classes of both ends. */
static bool is_row_of(const struct association *association, const struct cim_class *class)
{
	return association->class_id == class->id && class_of_end(class, association, 0) &&
	       class_of_end(class, association, 1);
}

/* --- One association --- */

static bool exists(struct host *host, enum subject_kind kind, struct subject *subject,
		   struct arena *arena)
{
	struct vm *found scoped(vm_release) = NULL;
	struct job running;

	if (kind == OF_HOST)
		return true;
	if (kind == OF_JOB) {
		if (!jobs_find(host_jobs(host), &subject->job, arena, &running))
			return false;
		subject->vm = running.vm;
	}
	found = vm_registry_find_id(host_vms(host), &subject->vm);
	return found != NULL;
}

static void fill_end(struct host *host, const struct association *association, size_t end,
		     const struct subject *subject, struct cim_instance *instance)
{
	const struct cim_class *class = class_of_end(instance->class, association, end);

	cim_set(instance, association->end[end].property,
		cim_reference(end_path(association->end[end].type, class, instance->arena, host,
				       subject)));
}

/* What Msvm_ElementSettingData says of all settings there are; other associations lack it. */
enum { IS_DEFAULT = 1, IS_CURRENT = 1 };

static bool fill(struct host *host, const struct association *association, struct subject subject,
		 struct cim_instance *instance)
{
	if (!exists(host, kind_of(association), &subject, instance->arena))
		return false;
	fill_end(host, association, 0, &subject, instance);
	fill_end(host, association, 1, &subject, instance);
	cim_set_uint(instance, PROPERTY_IS_DEFAULT, IS_DEFAULT);
	cim_set_uint(instance, PROPERTY_IS_CURRENT, IS_CURRENT);
	return true;
}

/* Whether a path is of a row, by both its ends; what it stands for is at the particular one. */
static bool read_path(struct host *host, const struct association *association,
		      const struct cim_object_path *path, struct subject *ret_subject)
{
	size_t particular = particular_end(association);
	const struct cim_object_path *ends[2];
	struct subject other;

	for (size_t i = 0; i < 2; i++)
		ends[i] = cim_path_key(path, cim_property_names[association->end[i].property])
				  ->reference;
	return end_read(association->end[1 - particular].type, host, ends[1 - particular],
			&other) &&
	       end_read(association->end[particular].type, host, ends[particular], ret_subject);
}

static bool find(void *host, const struct cim_object_path *path, struct cim_instance *instance)
{
	for (size_t i = 0; i < count_of(associations); i++) {
		struct subject subject;

		if (is_row_of(&associations[i], instance->class) &&
		    read_path(host, &associations[i], path, &subject))
			return fill(host, &associations[i], subject, instance);
	}
	return false;
}

/* --- Walks --- */

/* The associations of one row that a walk goes over. */
struct stretch {
	const struct association *association;
	enum { ONE, VMS, JOBS } over;
	struct subject one;
	struct guid *jobs;
	size_t count, at;
};

#define STRETCHES_MAX 4 /* two rows of a class, at both ends */

struct walk {
	struct host *host;
	struct vm_list *vms; /* as they are when the walk begins */
	struct arena *arena; /* jobs, likewise */
	struct stretch stretch[STRETCHES_MAX];
	size_t count, at;
};

static struct walk *create_walk(struct host *host)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->host = host;
	walk->arena = arena_create();
	walk->vms = vm_registry_list(host_vms(host));
	return walk;
}

static struct stretch *add_stretch(struct walk *walk, const struct association *association)
{
	struct stretch *stretch = &walk->stretch[walk->count++];

	stretch->association = association;
	return stretch;
}

static void add_one(struct walk *walk, const struct association *association,
		    const struct subject *subject)
{
	struct stretch *stretch = add_stretch(walk, association);

	stretch->over = ONE;
	stretch->one = *subject;
	stretch->count = 1;
}

/* vm may be NULL: jobs of all. */
static void add_all(struct walk *walk, const struct association *association, const struct guid *of)
{
	struct jobs *jobs = host_jobs(walk->host);
	struct stretch *stretch = add_stretch(walk, association);

	switch (kind_of(association)) {
	case OF_HOST:
		stretch->over = ONE;
		stretch->count = 1;
		break;
	case OF_VM:
		stretch->over = VMS;
		stretch->count = walk->vms->count;
		break;
	case OF_JOB:
		stretch->over = JOBS;
		stretch->count = of ? jobs_list_of_vm(jobs, of, walk->arena, &stretch->jobs)
				    : jobs_list(jobs, walk->arena, &stretch->jobs);
		break;
	}
}

static void *walk_begin(void *host, const struct cim_class *class)
{
	struct walk *walk = create_walk(host);

	for (size_t i = 0; i < count_of(associations); i++)
		if (is_row_of(&associations[i], class))
			add_all(walk, &associations[i], NULL);
	return walk;
}

static void add_from(struct walk *walk, const struct association *association, size_t end,
		     const struct cim_object_path *source)
{
	const struct end_type *type = association->end[end].type;
	struct subject subject;

	if (!end_read(type, walk->host, source, &subject))
		return;
	if (type->kind == kind_of(association))
		add_one(walk, association, &subject);
	else
		add_all(walk, association, type->kind == OF_VM ? &subject.vm : NULL);
}

static void *references_begin(void *host, const struct cim_class *class,
			      const struct cim_object_path *source)
{
	struct walk *walk = create_walk(host);

	for (size_t i = 0; i < count_of(associations); i++)
		for (size_t end = 0; end < 2; end++)
			if (is_row_of(&associations[i], class))
				add_from(walk, &associations[i], end, source);
	return walk;
}

static struct subject subject_at(const struct walk *walk, const struct stretch *stretch)
{
	struct subject subject = stretch->one;

	if (stretch->over == VMS)
		subject.vm = *vm_id(walk->vms->vm[stretch->at]);
	else if (stretch->over == JOBS)
		subject.job = stretch->jobs[stretch->at];
	return subject;
}

static bool walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	for (; walk->at < walk->count; walk->at++) {
		struct stretch *stretch = &walk->stretch[walk->at];

		while (stretch->at < stretch->count) {
			struct subject subject = subject_at(walk, stretch);

			stretch->at++;
			if (fill(walk->host, stretch->association, subject, instance))
				return true;
		}
	}
	return false;
}

static void walk_end(void *context)
{
	struct walk *walk = context;

	vm_list_release(&walk->vms);
	arena_free(&walk->arena);
	free(walk);
}

/* --- Their classes --- */

#define ASSOCIATION(name, id)                         \
	const struct cim_provider name = {            \
		.class_id = id,                       \
		.walk_begin = walk_begin,             \
		.walk_next = walk_next,               \
		.walk_end = walk_end,                 \
		.find = find,                         \
		.references_begin = references_begin, \
	}

ASSOCIATION(affected_job_element_provider, MSVM_AFFECTED_JOB_ELEMENT);
ASSOCIATION(element_capabilities_provider, MSVM_ELEMENT_CAPABILITIES);
ASSOCIATION(element_setting_data_provider, MSVM_ELEMENT_SETTING_DATA);
ASSOCIATION(hosted_dependency_provider, MSVM_HOSTED_DEPENDENCY);
ASSOCIATION(hosted_service_provider, MSVM_HOSTED_SERVICE);
ASSOCIATION(owning_job_element_provider, MSVM_OWNING_JOB_ELEMENT);
ASSOCIATION(service_affects_element_provider, MSVM_SERVICE_AFFECTS_ELEMENT);
ASSOCIATION(settings_define_state_provider, MSVM_SETTINGS_DEFINE_STATE);
ASSOCIATION(system_device_provider, MSVM_SYSTEM_DEVICE);
ASSOCIATION(virtual_system_setting_data_component_provider,
	    MSVM_VIRTUAL_SYSTEM_SETTING_DATA_COMPONENT);
