/* SPDX-License-Identifier: MIT */
/* event_form.c -- events as instances: WMI's __InstanceCreationEvent and its sisters, and those of
 * CIM (DSP1054), which call the instance by another name. */
#include <string.h>

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

/* --- What has changed --- */

static bool same_bytes(const struct cim_string *a, const struct cim_string *b)
{
	return a->length == b->length &&
	       (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

static bool same_scalar(const struct cim_value *a, const struct cim_value *b)
{
	switch (a->type) {
	case CIM_BOOLEAN:
		return a->boolean == b->boolean;
	case CIM_REAL32:
	case CIM_REAL64:
		return a->real == b->real;
	case CIM_STRING:
		return same_bytes(&a->string, &b->string);
	case CIM_DATETIME:
		return a->datetime.microseconds == b->datetime.microseconds;
	case CIM_REFERENCE:
		return cim_path_equal(a->reference, b->reference);
	case CIM_INSTANCE:
		return event_same(a->instance, b->instance);
	default:
		return a->uint == b->uint;
	}
}

static bool same_value(const struct cim_value *a, const struct cim_value *b)
{
	if (a->is_set != b->is_set || !a->is_set)
		return a->is_set == b->is_set;
	if (a->type != b->type || a->is_array != b->is_array)
		return false;
	if (!a->is_array)
		return same_scalar(a, b);
	if (a->array.count != b->array.count)
		return false;
	for (size_t i = 0; i < a->array.count; i++)
		if (!same_scalar(&a->array.item[i], &b->array.item[i]))
			return false;
	return true;
}

bool event_same(const struct cim_instance *a, const struct cim_instance *b)
{
	if (a->class != b->class)
		return false;
	for (size_t i = 0; i < a->class->property_count; i++)
		if (!same_value(&a->values[i], &b->values[i]))
			return false;
	return true;
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
