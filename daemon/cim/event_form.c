/* SPDX-License-Identifier: MIT */
/* event_form.c -- events as instances: WMI's __InstanceCreationEvent and its sisters, and those of
 * CIM (DSP1054), which call the instance by another name. */
#include "base/memory.h"
#include "cim/event_hub.h"

#define YEAR_1601_US 11644473600000000 /* before 1970, where TIME_CREATED begins */

struct cim_instance *event_fill(const struct queued *event, const struct cim_class *class,
				bool before, struct arena *arena)
{
	struct cim_instance *instance = cim_instance_create(arena, class);

	event->source->fill(event->source, before, instance);
	return instance;
}

/* --- The classes of events --- */

void event_forms(const struct cim_class *event_class,
		 const struct cim_class *ret_form[static EVENT_KINDS])
{
	static const enum cim_class_id ids[][EVENT_KINDS] = {
		{ WMI_INSTANCE_CREATION_EVENT, WMI_INSTANCE_MODIFICATION_EVENT,
		  WMI_INSTANCE_DELETION_EVENT },
		{ CIM_INST_CREATION, CIM_INST_MODIFICATION, CIM_INST_DELETION },
	};

	for (size_t kind = 0; kind < EVENT_KINDS; kind++) {
		ret_form[kind] = NULL;
		for (size_t i = 0; i < count_of(ids); i++) {
			const struct cim_class *class =
				cim_class_by_id(event_class->ns, ids[i][kind]);

			if (class && cim_class_is_a(class, event_class))
				ret_form[kind] = class;
		}
	}
}

/* As CIM writes it, the namespace with '/'. */
static struct cim_value model_path(const struct cim_instance *instance)
{
	struct cim_object_path path = *cim_instance_path(instance);
	const char *ns = path.ns;

	path.ns = NULL;
	return cim_string(arena_printf(instance->arena, "%s:%s", ns,
				       cim_path_to_text(instance->arena, &path, NULL)));
}

struct cim_instance *event_write(const struct cim_subscription *subscription,
				 const struct queued *event, struct arena *arena)
{
	const struct cim_class *form = subscription->form[event->kind];
	const struct cim_class *class = cim_class_by_id(form->ns, event->class_id);
	struct cim_instance *instance = cim_instance_create(arena, form);
	struct cim_instance *target =
		event_fill(event, class, event->kind == CIM_EVENT_DELETION, arena);

	cim_set(instance, PROPERTY_TARGET_INSTANCE, cim_instance_value(target));
	cim_set(instance, PROPERTY_SOURCE_INSTANCE, cim_instance_value(target));
	cim_set(instance, PROPERTY_SOURCE_INSTANCE_MODEL_PATH, model_path(target));
	if (event->kind == CIM_EVENT_MODIFICATION)
		cim_set(instance, PROPERTY_PREVIOUS_INSTANCE,
			cim_instance_value(event_fill(event, class, true, arena)));
	cim_set_uint(instance, PROPERTY_TIME_CREATED, (uint64_t)(event->at_us + YEAR_1601_US) * 10);
	cim_set(instance, PROPERTY_INDICATION_TIME, cim_time(event->at_us));
	return instance;
}
