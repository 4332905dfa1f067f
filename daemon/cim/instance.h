/* SPDX-License-Identifier: MIT */
/* instance.h -- an instance of a class: a value for each of its properties. */
#pragma once
#include "cim/object_path.h"

struct cim_instance {
	const struct cim_class *class;
	struct arena *arena;      /* it and what it holds live here */
	struct cim_value *values; /* by the index of the property in its class */
};

/* An instance with the initial values of its class. */
struct cim_instance *cim_instance_create(struct arena *arena, const struct cim_class *class);

/* Sets a property. A class that lacks it (in this namespace) ignores the value: providers need not
 * know the namespace. The value's type must be the property's (asserted); an instance goes where a
 * STRING stands for one. */
void cim_set(struct cim_instance *instance, enum cim_property_id id, struct cim_value value);

/* Shorthands; texts are copied into the arena. uint takes the type from the property. */
void cim_set_text(struct cim_instance *instance, enum cim_property_id id, const char *text);
void cim_set_uint(struct cim_instance *instance, enum cim_property_id id, uint64_t value);
void cim_set_uint_array(struct cim_instance *instance, enum cim_property_id id,
			const uint64_t *values, size_t count);
void cim_set_text_array(struct cim_instance *instance, enum cim_property_id id,
			const char *const *texts, size_t count);

/* An instance as the value of a property that stands for one. */
struct cim_value cim_instance_value(const struct cim_instance *instance);

/* A property's value; NULL when the class lacks it. */
const struct cim_value *cim_get_value(const struct cim_instance *instance, enum cim_property_id id);

/* The path of an instance, from its key properties. */
const struct cim_object_path *cim_instance_path(const struct cim_instance *instance);

/* Whether two values of one property, or all values of two instances, are the same, letter by
 * letter. */
bool cim_same_value(const struct cim_value *a, const struct cim_value *b);
bool cim_same_instance(const struct cim_instance *a, const struct cim_instance *b);
