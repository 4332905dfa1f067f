/* SPDX-License-Identifier: MIT */
/* kept_objects.c -- instances that clients make, as objects of the store. */
#include "provider/kept_objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "cim/class_xml.h"
#include "cim/read_xml.h"
#include "openkvp/scoped.h"

/* The text of a path under which an object is kept: equal paths have the same one, whatever the
 * letter case. */
static const char *key_of(struct arena *arena, const struct cim_object_path *path)
{
	struct cim_object_path bare = *path;
	char *text;

	bare.ns = NULL;
	text = cim_path_to_text(arena, &bare, NULL);
	for (char *at = text; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at |= 0x20;
	return text;
}

/* Fills an instance from the object that is kept of it. */
static bool read_object(const struct stored_object *object, struct cim_instance *instance)
{
	const struct cim_class *class = instance->class;
	struct cim_instance *read;
	struct okvp_error err;

	if (!cim_instance_from_xml(instance->arena, class, object->text, strlen(object->text),
				   &read, &err)) {
		log_warning("", "a kept %s cannot be read: %s", class->name, err.message);
		return false;
	}
	memcpy(instance->values, read->values, class->property_count * sizeof(*read->values));
	return true;
}

/* --- Walks --- */

struct walk {
	struct object_set *objects;
	size_t at;
	struct arena *arena;
	const char *source; /* only what refers to it; NULL: all */
};

static struct walk *begin(struct host *host)
{
	struct walk *walk = xcalloc(1, sizeof(*walk));

	walk->objects = host_objects(host);
	walk->arena = arena_create();
	return walk;
}

void *kept_walk_begin(void *host, const struct cim_class *class)
{
	return begin(host);
}

void *kept_references_begin(void *host, const struct cim_class *class,
			    const struct cim_object_path *source)
{
	struct walk *walk = begin(host);

	walk->source = key_of(walk->arena, source);
	return walk;
}

static bool refers(struct arena *arena, const struct cim_instance *instance, const char *source)
{
	for (size_t i = 0; i < instance->class->property_count; i++) {
		const struct cim_value *value = &instance->values[i];

		if (value->is_set && value->type == CIM_REFERENCE && !value->is_array &&
		    strcmp(key_of(arena, value->reference), source) == 0)
			return true;
	}
	return false;
}

bool kept_walk_next(void *context, struct cim_instance *instance)
{
	struct walk *walk = context;

	while (walk->at < walk->objects->count) {
		const struct stored_object *object = walk->objects->object[walk->at++];

		if (strcmp(object->class_name, instance->class->name) == 0 &&
		    read_object(object, instance) &&
		    (!walk->source || refers(walk->arena, instance, walk->source)))
			return true;
	}
	return false;
}

void kept_walk_end(void *context)
{
	struct walk *walk = context;

	object_set_release(&walk->objects);
	arena_free(&walk->arena);
	free(walk);
}

/* --- Looking up --- */

static const struct stored_object *find(struct arena *arena, const struct object_set *objects,
					const struct cim_object_path *path)
{
	return object_set_find(objects, path->class_name, key_of(arena, path));
}

bool kept_find(void *host, const struct cim_object_path *path, struct cim_instance *instance)
{
	scoped(object_set_release) struct object_set *objects = host_objects(host);
	const struct stored_object *object = find(instance->arena, objects, path);

	return object && read_object(object, instance);
}

bool kept_has(struct arena *arena, const struct object_set *objects,
	      const struct cim_object_path *path)
{
	return find(arena, objects, path);
}

bool kept_refers(struct arena *arena, const struct object_set *objects,
		 const struct cim_class *association, const struct cim_object_path *path)
{
	const char *source = key_of(arena, path);

	for (size_t i = 0; i < objects->count; i++) {
		struct cim_instance *instance;

		if (strcmp(objects->object[i]->class_name, association->name) != 0)
			continue;
		instance = cim_instance_create(arena, association);
		if (read_object(objects->object[i], instance) && refers(arena, instance, source))
			return true;
	}
	return false;
}

/* --- Changes: judged by a picture, committed if that is the picture still --- */

struct change {
	struct cim_operation *operation;
	kept_check *check;
	void (*add)(struct cim_operation *operation, const struct object_set *objects,
		    struct change_list *list);
};

static void submit(struct change *change);

static void committed(void *context, const struct store_result *result)
{
	struct change *change = context;
	struct cim_operation *operation = change->operation;

	if (result->error.status == OKVP_CONFLICT)
		return submit(change);
	if (result->error.status != OKVP_OK)
		cim_fail_from(&operation->error, &result->error);
	cim_operation_finish(operation);
}

static void submit(struct change *change)
{
	struct cim_operation *operation = change->operation;
	struct host *host = cim_service_context(operation->service);
	scoped(object_set_release) struct object_set *objects = host_objects(host);
	struct change_list *list;

	if (!change->check(operation, objects)) {
		cim_operation_finish(operation);
		return;
	}
	list = change_list_create_for_objects();
	change_list_if_generation(list, objects->generation);
	change->add(operation, objects, list);
	store_submit(host_store(host), list, committed, change);
}

static void begin_change(struct cim_operation *operation, kept_check *check,
			 void (*add)(struct cim_operation *operation,
				     const struct object_set *objects, struct change_list *list))
{
	struct change *change = arena_new(operation->arena, struct change);

	*change = (struct change){ operation, check, add };
	if (operation->principal.role >= ROLE_ADMIN)
		return submit(change);
	cim_fail(&operation->error, CIM_STATUS_ACCESS_DENIED, CIM_DETAIL_NONE,
		 "the role of user '%s' does not allow this", operation->principal.name);
	cim_operation_finish(operation);
}

/* Whoever changes an instance that another has made does not take it into his share. */
static void put(struct cim_operation *operation, const struct object_set *objects,
		struct change_list *list)
{
	struct host *host = cim_service_context(operation->service);
	const struct cim_object_path *path = cim_instance_path(operation->instance);
	const struct stored_object *before = find(operation->arena, objects, path);
	scoped(text_done) struct text text = { 0 };

	cim_instance_xml(&text, operation->instance);
	change_list_put_object(list,
			       &(struct object){
				       .class_name = path->class_name,
				       .key = key_of(operation->arena, path),
				       .owner = before ? before->owner : operation->principal.name,
				       .text = text.bytes,
			       },
			       &host_settings(host)->client_objects);
}

static void put_changed(struct cim_operation *operation, const struct object_set *objects,
			struct change_list *list)
{
	for (size_t i = 0; i < operation->change_count; i++)
		cim_set(operation->instance, operation->changes[i].property->id,
			operation->changes[i].value);
	put(operation, objects, list);
}

static void remove_object(struct cim_operation *operation, const struct object_set *objects,
			  struct change_list *list)
{
	change_list_remove_object(list, operation->path->class_name,
				  key_of(operation->arena, operation->path));
}

void kept_create(struct cim_operation *operation, kept_check *check)
{
	begin_change(operation, check, put);
}

void kept_modify(struct cim_operation *operation, kept_check *check)
{
	begin_change(operation, check, put_changed);
}

void kept_delete(struct cim_operation *operation, kept_check *check)
{
	begin_change(operation, check, remove_object);
}
