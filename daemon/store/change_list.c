/* SPDX-License-Identifier: MIT */
/* change_list.c -- collects changes; nothing is checked here. */
#include "store/change_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/snapshot_build.h"

struct change_list *change_list_create(const struct guid *vm)
{
	struct change_list *list = xcalloc(1, sizeof(*list));

	list->vm = *vm;
	return list;
}

struct change_list *change_list_create_for_objects(void)
{
	struct change_list *list = xcalloc(1, sizeof(*list));

	list->for_objects = true;
	return list;
}

void change_list_free(struct change_list **list)
{
	struct change_list *gone = *list;

	*list = NULL;
	if (!gone)
		return;
	outcome_done(&gone->outcome);
	vm_settings_release(&gone->define);
	free(gone->name);
	free(gone->channel);
	for (size_t i = 0; i < gone->count; i++)
		stored_item_release(&gone->change[i].item);
	free(gone->change);
	free(gone->numbered);
	for (int space = 0; space < SPACE_COUNT; space++)
		item_set_release(&gone->guest[space]);
	for (size_t i = 0; i < gone->refusal_count; i++) {
		stored_item_release(&gone->refusal[i].item);
		free(gone->refusal[i].reason);
	}
	free(gone->refusal);
	for (size_t i = 0; i < gone->job_count; i++)
		free(gone->job[i].record);
	free(gone->job);
	for (size_t i = 0; i < gone->object_count; i++) {
		free(gone->object[i].class_name);
		free(gone->object[i].key);
		free(gone->object[i].owner);
		free(gone->object[i].text);
	}
	free(gone->object);
	free(gone);
}

static struct item_change *add_change(struct change_list *list, enum item_space space,
				      struct stored_item *item, enum change_expect expect)
{
	assert(space < HOST_SPACES);
	grow(list->change, list->count, list->room);
	list->change[list->count] =
		(struct item_change){ .space = space, .expect = expect, .item = item };
	return &list->change[list->count++];
}

void change_list_put(struct change_list *list, enum item_space space, const struct okvp_item *item,
		     enum change_expect expect)
{
	add_change(list, space, stored_item_create(item), expect)->keep_flags = true;
}

void change_list_put_flagged(struct change_list *list, enum item_space space,
			     const struct okvp_item *item, unsigned int flags,
			     enum change_expect expect)
{
	add_change(list, space, stored_item_create(item), expect)->item->flags = (uint8_t)flags;
}

void change_list_remove(struct change_list *list, enum item_space space, const char *key,
			size_t key_length, enum change_expect expect)
{
	add_change(list, space, stored_item_create_removed(key, key_length), expect);
}

void change_list_expire(struct change_list *list, const struct stored_item *item,
			bool gone_in_guest)
{
	struct item_change *change =
		add_change(list, SPACE_EXTERNAL,
			   stored_item_create_removed(item->text, item->key_length), EXPECT_ANY);

	change->of_generation = item->generation;
	change->gone_in_guest = gone_in_guest;
}

void change_list_clear(struct change_list *list, enum item_space space)
{
	assert(space < HOST_SPACES);
	list->clear[space] = true;
}

void change_list_numbered(struct change_list *list, const char *key, size_t key_length)
{
	assert(!list->numbered);
	list->numbered = xprintf("%.*s.0", (int)key_length, key);
	list->numbered_length = key_length;
	change_list_remove(list, SPACE_EXTERNAL, key, key_length, EXPECT_ANY);
}

void change_list_define(struct change_list *list, const char *name, const char *channel)
{
	vm_settings_release(&list->define);
	list->define = vm_settings_create(name, channel);
}

static void keep_text(const char **set, char **place, const char *text)
{
	if (!text)
		return;
	free(*place);
	*set = *place = xstrdup(text);
}

static void keep_switch(const bool **set, bool *place, const bool *on)
{
	if (!on)
		return;
	*place = *on;
	*set = place;
}

void change_list_set(struct change_list *list, const struct vm_settings_change *change)
{
	struct vm_settings_change *set = &list->set;

	keep_text(&set->name, &list->name, change->name);
	keep_text(&set->channel, &list->channel, change->channel);
	keep_switch(&set->exchange_enabled, &list->exchange_enabled, change->exchange_enabled);
	keep_switch(&set->host_items, &list->host_items, change->host_items);
	keep_switch(&set->allow_secrets, &list->allow_secrets, change->allow_secrets);
}

void change_list_undefine(struct change_list *list, bool with_items)
{
	list->undefine = true;
	list->undefine_with_items = with_items;
}

void change_list_acknowledge(struct change_list *list, uint64_t generation)
{
	if (generation > list->acknowledge)
		list->acknowledge = generation;
}

void change_list_guest(struct change_list *list, enum item_space space, struct stored_item **items,
		       size_t count, int64_t read_us)
{
	struct item_set *set = item_set_create(count);

	assert(space >= HOST_SPACES && space < SPACE_COUNT);
	for (size_t i = 0; i < count; i++)
		item_set_add(set, items[i]);
	free(items);
	item_set_release(&list->guest[space]);
	list->guest[space] = set;
	list->guest_read_us = read_us;
}

void change_list_refuse(struct change_list *list, struct stored_item *item, const char *reason)
{
	grow(list->refusal, list->refusal_count, list->refusal_room);
	list->refusal[list->refusal_count++] =
		(struct refusal){ stored_item_ref(item), xstrdup(reason) };
}

void change_list_forget_refusals(struct change_list *list)
{
	list->forget_refusals = true;
}

static void add_job(struct change_list *list, const struct guid *id, struct job_record *record)
{
	grow(list->job, list->job_count, list->job_room);
	list->job[list->job_count++] = (struct job_change){
		.id = *id,
		.record = record,
		.begins = record && record->generation == 0,
	};
}

void change_list_job(struct change_list *list, const struct job_record *job)
{
	struct job_record *record = job_record_copy(job);

	record->vm = list->vm;
	add_job(list, &job->id, record);
}

void change_list_drop_job(struct change_list *list, const struct guid *job)
{
	add_job(list, job, NULL);
}

static void add_object(struct change_list *list, const struct object_change *change)
{
	assert(list->for_objects);
	grow(list->object, list->object_count, list->object_room);
	list->object[list->object_count++] = *change;
}

void change_list_put_object(struct change_list *list, const struct object *object,
			    const struct object_limits *limits)
{
	add_object(list, &(struct object_change){
				 .class_name = xstrdup(object->class_name),
				 .key = xstrdup(object->key),
				 .owner = xstrdup(object->owner),
				 .text = xstrdup(object->text),
				 .limits = *limits,
			 });
}

void change_list_remove_object(struct change_list *list, const char *class_name, const char *key)
{
	add_object(list, &(struct object_change){
				 .class_name = xstrdup(class_name),
				 .key = xstrdup(key),
			 });
}

void change_list_if_generation(struct change_list *list, uint64_t generation)
{
	list->has_generation = true;
	list->if_generation = generation;
}

void change_list_lazy(struct change_list *list)
{
	list->lazy = true;
}

bool change_list_sets(const struct change_list *list)
{
	const struct vm_settings_change *set = &list->set;

	return set->name || set->channel || set->exchange_enabled || set->host_items ||
	       set->allow_secrets;
}

bool change_list_is_lazy(const struct change_list *list)
{
	return list->lazy && list->count == 0 && !list->clear[SPACE_EXTERNAL] &&
	       !list->clear[SPACE_HOST_ONLY] && !list->define && !change_list_sets(list) &&
	       !list->undefine && !list->forget_refusals && list->refusal_count == 0;
}

void outcome_done(struct outcome *outcome)
{
	free(outcome->failure);
	snapshot_release(&outcome->before);
	snapshot_release(&outcome->after);
	for (size_t i = 0; i < outcome->changed_count; i++)
		stored_item_release(&outcome->changed[i]);
	free(outcome->changed);
	object_set_release(&outcome->objects_before);
	object_set_release(&outcome->objects_after);
	*outcome = (struct outcome){ 0 };
}

struct job_record *job_record_copy(const struct job_record *record)
{
	size_t text_size = strlen(record->text) + 1;
	struct job_record *copy = xmalloc(sizeof(*copy) + text_size + record->keys_size);
	char *text = (char *)(copy + 1);

	*copy = *record;
	copy->text = memcpy(text, record->text, text_size);
	if (record->keys)
		copy->keys = memcpy(text + text_size, record->keys, record->keys_size);
	return copy;
}
