/* SPDX-License-Identifier: MIT */
/* apply_objects.c -- one list applied to the objects. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/faults.h"
#include "store/state.h"

static bool check_size(const struct object_change *change, struct okvp_error *err)
{
	if (strlen(change->class_name) > OBJECT_KEY_MAX || strlen(change->key) > OBJECT_KEY_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "the key of an object has at most %d bytes",
				 OBJECT_KEY_MAX);
	return !change->text || strlen(change->text) <= OBJECT_TEXT_MAX ||
	       okvp_fail(err, OKVP_TOO_LONG, "an object has at most %d bytes, not %zu",
			 OBJECT_TEXT_MAX, strlen(change->text));
}

static bool check(const struct object_set *before, const struct change_list *list,
		  struct okvp_error *err)
{
	if (list->has_generation && list->if_generation != before->generation)
		return okvp_fail(err, OKVP_CONFLICT, "the objects have changed meanwhile");
	for (size_t i = 0; i < list->object_count; i++)
		if (!check_size(&list->object[i], err))
			return false;
	return true;
}

static void change(struct object_set *set, const struct change_list *list, struct rows *rows)
{
	for (size_t i = 0; i < list->object_count; i++) {
		const struct object_change *one = &list->object[i];

		if (one->text)
			object_set_put(set, one->class_name, one->key, one->text);
		else
			object_set_remove(set, one->class_name, one->key);
		rows_add(rows, (struct row){ .kind = one->text ? ROW_OBJECT : ROW_OBJECT_DROP,
					     .object = { one->class_name, one->key, one->text } });
	}
}

static size_t count_of_class(const struct object_set *set, const char *class_name)
{
	size_t count = 0;

	for (size_t i = 0; i < set->count; i++)
		count += strcmp(set->object[i]->class_name, class_name) == 0;
	return count;
}

/* A class that holds too many, because the limit was lower once, may stay as it is. */
static bool check_limit(const struct object_set *before, const struct object_set *after,
			const struct change_list *list, size_t most, struct failure *failure)
{
	for (size_t i = 0; i < list->object_count; i++) {
		const char *class_name = list->object[i].class_name;
		size_t count = count_of_class(after, class_name);

		if (count > most && count > count_of_class(before, class_name))
			return fail_limit(failure, "this host", count, class_name, most);
	}
	return true;
}

bool state_apply_objects(struct state *state, const struct store_limits *limits,
			 struct change_list *list, struct rows *rows)
{
	struct outcome *outcome = &list->outcome;
	scoped(object_set_release) struct object_set *next =
		object_set_derive(state->objects, list->object_count);
	size_t rows_before = rows->count;
	struct failure failure = { 0 };
	bool ok = check(state->objects, list, &failure.error);

	if (ok) {
		change(next, list, rows);
		ok = check_limit(state->objects, next, list, limits->objects, &failure);
	}
	if (!ok) {
		rows->count = rows_before;
		outcome->failure = xmalloc(sizeof(failure));
		*outcome->failure = failure;
		return false;
	}
	outcome->objects_before = object_set_ref(state->objects);
	outcome->objects_after = object_set_ref(next);
	state_replace_objects(state, next);
	return true;
}
