/* SPDX-License-Identifier: MIT */
/* instance.c -- instances and their properties. */
#include "cim/instance.h"

#include <assert.h>
#include <string.h>

struct cim_instance *cim_instance_create(struct arena *arena, const struct cim_class *class)
{
	struct cim_instance *instance = arena_new(arena, struct cim_instance);

	instance->class = class;
	instance->arena = arena;
	instance->values = arena_array(arena, struct cim_value, class->property_count);
	for (size_t i = 0; i < class->property_count; i++)
		instance->values[i] = class->properties[i].initial;
	return instance;
}

/* The declaration of a property; NULL: the class lacks it. */
static const struct cim_property *declared(const struct cim_instance *instance,
					   enum cim_property_id id)
{
	uint16_t index = instance->class->property_index[id];

	return index == CIM_NO_PROPERTY ? NULL : &instance->class->properties[index];
}

static bool may_have(const struct cim_property *property, const struct cim_value *value)
{
	bool fits = value->type == CIM_INSTANCE ? property->embedded_class != NULL
						: value->type == property->type;

	return !value->is_set || (fits && value->is_array == property->is_array);
}

void cim_set(struct cim_instance *instance, enum cim_property_id id, struct cim_value value)
{
	const struct cim_property *property = declared(instance, id);

	if (!property)
		return;
	assert(may_have(property, &value));
	instance->values[property - instance->class->properties] = value;
}

static struct cim_value text_value(struct arena *arena, const char *text)
{
	size_t length = strlen(text);

	return cim_string_of(arena_text(arena, text, length), length);
}

void cim_set_text(struct cim_instance *instance, enum cim_property_id id, const char *text)
{
	if (declared(instance, id))
		cim_set(instance, id, text ? text_value(instance->arena, text) : cim_string(NULL));
}

void cim_set_uint(struct cim_instance *instance, enum cim_property_id id, uint64_t value)
{
	const struct cim_property *property = declared(instance, id);

	if (property)
		cim_set(instance, id, cim_uint(property->type, value));
}

void cim_set_uint_array(struct cim_instance *instance, enum cim_property_id id,
			const uint64_t *values, size_t count)
{
	const struct cim_property *property = declared(instance, id);
	struct cim_value *items;

	if (!property)
		return;
	items = arena_array(instance->arena, struct cim_value, count);
	for (size_t i = 0; i < count; i++)
		items[i] = cim_uint(property->type, values[i]);
	cim_set(instance, id, cim_array(property->type, items, count));
}

void cim_set_text_array(struct cim_instance *instance, enum cim_property_id id,
			const char *const *texts, size_t count)
{
	struct cim_value *items;

	if (!declared(instance, id))
		return;
	items = arena_array(instance->arena, struct cim_value, count);
	for (size_t i = 0; i < count; i++)
		items[i] = text_value(instance->arena, texts[i]);
	cim_set(instance, id, cim_array(CIM_STRING, items, count));
}

struct cim_value cim_instance_value(const struct cim_instance *instance)
{
	return (struct cim_value){
		.type = CIM_INSTANCE,
		.is_set = instance != NULL,
		.instance = instance,
	};
}

const struct cim_value *cim_get_value(const struct cim_instance *instance, enum cim_property_id id)
{
	const struct cim_property *property = declared(instance, id);

	return property ? &instance->values[property - instance->class->properties] : NULL;
}

static size_t count_keys(const struct cim_instance *instance)
{
	size_t count = 0;

	for (size_t i = 0; i < instance->class->property_count; i++)
		count += instance->class->properties[i].is_key && instance->values[i].is_set;
	return count;
}

const struct cim_object_path *cim_instance_path(const struct cim_instance *instance)
{
	const struct cim_class *class = instance->class;
	struct cim_object_path *path = arena_new(instance->arena, struct cim_object_path);
	struct cim_key *key = arena_array(instance->arena, struct cim_key, count_keys(instance));

	path->ns = class->ns->name;
	path->class_name = class->name;
	path->keys = key;
	for (size_t i = 0; i < class->property_count; i++)
		if (class->properties[i].is_key && instance->values[i].is_set)
			*key++ = (struct cim_key){ class->properties[i].name, instance->values[i] };
	path->key_count = (size_t)(key - path->keys);
	return path;
}

static bool same_scalar(const struct cim_value *a, const struct cim_value *b)
{
	int order;

	switch (a->type) {
	case CIM_STRING:
		return a->string.length == b->string.length &&
		       (a->string.length == 0 ||
			memcmp(a->string.bytes, b->string.bytes, a->string.length) == 0);
	case CIM_REFERENCE:
		return cim_path_equal(a->reference, b->reference);
	case CIM_INSTANCE:
		return cim_same_instance(a->instance, b->instance);
	default:
		return cim_value_compare(a, b, &order) && order == 0;
	}
}

bool cim_same_value(const struct cim_value *a, const struct cim_value *b)
{
	if (!a->is_set || !b->is_set)
		return a->is_set == b->is_set;
	if (!a->is_array)
		return same_scalar(a, b);
	if (a->array.count != b->array.count)
		return false;
	for (size_t i = 0; i < a->array.count; i++)
		if (!same_scalar(&a->array.item[i], &b->array.item[i]))
			return false;
	return true;
}

bool cim_same_instance(const struct cim_instance *a, const struct cim_instance *b)
{
	if (a->class != b->class)
		return false;
	for (size_t i = 0; i < a->class->property_count; i++)
		if (!cim_same_value(&a->values[i], &b->values[i]))
			return false;
	return true;
}
