/* SPDX-License-Identifier: MIT */
/* object_set.c -- pictures of all objects. */
#include "store/object_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

static const char *copy_text(char **at, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memcpy(*at, text, size);

	*at += size;
	return copy;
}

static struct stored_object *object_create(const struct object *from)
{
	struct stored_object *object =
		xmalloc(sizeof(*object) + strlen(from->class_name) + strlen(from->key) +
			strlen(from->owner) + strlen(from->text) + 4);
	char *at = (char *)(object + 1);

	object->references = 1;
	object->class_name = copy_text(&at, from->class_name);
	object->key = copy_text(&at, from->key);
	object->owner = copy_text(&at, from->owner);
	object->text = copy_text(&at, from->text);
	return object;
}

static void object_release(struct stored_object *object)
{
	if (atomic_fetch_sub(&object->references, 1) == 1)
		free(object);
}

struct object_set *object_set_ref(struct object_set *set)
{
	atomic_fetch_add(&set->references, 1);
	return set;
}

void object_set_release(struct object_set **set_address)
{
	struct object_set *set = take(*set_address);

	if (!set || atomic_fetch_sub(&set->references, 1) > 1)
		return;
	for (size_t i = 0; i < set->count; i++)
		object_release(set->object[i]);
	free(set);
}

/* The place of an object; set->count: there is none. */
static size_t place_of(const struct object_set *set, const char *class_name, const char *key)
{
	size_t i = 0;

	while (i < set->count && (strcmp(set->object[i]->class_name, class_name) != 0 ||
				  strcmp(set->object[i]->key, key) != 0))
		i++;
	return i;
}

const struct stored_object *object_set_find(const struct object_set *set, const char *class_name,
					    const char *key)
{
	size_t at = place_of(set, class_name, key);

	return at < set->count ? set->object[at] : NULL;
}

struct object_set *object_set_derive(const struct object_set *set, size_t more)
{
	size_t count = set ? set->count : 0;
	struct object_set *next = xmalloc(sizeof(*next) + (count + more) * sizeof(next->object[0]));

	next->references = 1;
	next->generation = set ? set->generation + 1 : 1;
	next->count = count;
	for (size_t i = 0; i < count; i++) {
		next->object[i] = set->object[i];
		atomic_fetch_add(&next->object[i]->references, 1);
	}
	return next;
}

void object_set_put(struct object_set *set, const struct object *object)
{
	size_t at = place_of(set, object->class_name, object->key);

	if (at < set->count)
		object_release(set->object[at]);
	else
		set->count++;
	set->object[at] = object_create(object);
}

bool object_set_remove(struct object_set *set, const char *class_name, const char *key)
{
	size_t at = place_of(set, class_name, key);

	if (at == set->count)
		return false;
	object_release(set->object[at]);
	set->count--;
	memmove(&set->object[at], &set->object[at + 1], (set->count - at) * sizeof(set->object[0]));
	return true;
}
