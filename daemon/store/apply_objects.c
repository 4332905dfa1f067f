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
		const struct object object = { one->class_name, one->key, one->owner, one->text };

		if (one->text)
			object_set_put(set, &object);
		else
			object_set_remove(set, one->class_name, one->key);
		rows_add(rows, (struct row){ .kind = one->text ? ROW_OBJECT : ROW_OBJECT_DROP,
					     .object = object });
	}
}

/* Objects of a class, of one owner or of all (NULL). */
static size_t count(const struct object_set *set, const char *class_name, const char *owner)
{
	size_t found = 0;

	for (size_t i = 0; i < set->count; i++)
		found += strcmp(set->object[i]->class_name, class_name) == 0 &&
			 (!owner || strcmp(set->object[i]->owner, owner) == 0);
	return found;
}

/* Where there are too many, because the limit was higher once, they may stay. */
static bool check_limit(const struct object_set *before, const struct object_set *after,
			const char *class_name, const char *owner, size_t most,
			struct failure *failure)
{
	scoped(xfree_text) char *who = NULL, *what = NULL;
	size_t now = count(after, class_name, owner);

	if (now <= most || now <= count(before, class_name, owner))
		return true;
	who = owner ? xprintf("user '%s'", owner) : xstrdup("this host");
	what = xprintf("objects of %s", class_name);
	return fail_limit(failure, who, now, what, most);
}

static bool check_limits(const struct object_set *before, const struct object_set *after,
			 const struct change_list *list, struct failure *failure)
{
	for (size_t i = 0; i < list->object_count; i++) {
		const struct object_change *put = &list->object[i];

		if (put->text && !(check_limit(before, after, put->class_name, put->owner,
					       put->limits.per_owner, failure) &&
				   check_limit(before, after, put->class_name, NULL,
					       put->limits.in_all, failure)))
			return false;
	}
	return true;
}

bool state_apply_objects(struct state *state, struct change_list *list, struct rows *rows)
{
	struct outcome *outcome = &list->outcome;
	scoped(object_set_release) struct object_set *next =
		object_set_derive(state->objects, list->object_count);
	size_t rows_before = rows->count;
	struct failure failure = { 0 };
	bool ok = check(state->objects, list, &failure.error);

	if (ok) {
		change(next, list, rows);
		ok = check_limits(state->objects, next, list, &failure);
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
