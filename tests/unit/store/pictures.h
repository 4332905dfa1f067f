/* SPDX-License-Identifier: MIT */
/* pictures.h -- all that a store has published, kept, and written out as text to be compared. */
#pragma once
#include "helpers.h"

#define PICTURES_MAX 16 /* VMs are numbered below */

struct pictures {
	struct snapshot *vm[PICTURES_MAX];
	struct text refusals, jobs; /* found when the store was opened */
	struct object_set *objects;
};

static inline void keep_picture(void *context, const struct guid *vm, struct snapshot *snapshot)
{
	struct pictures *pictures = context;
	struct snapshot **place = &pictures->vm[vm->bytes[15]];

	snapshot_release(place);
	*place = snapshot ? snapshot_ref(snapshot) : NULL;
}

static inline void keep_refusal(void *context, const struct guid *vm, struct stored_item *item,
				const char *reason)
{
	struct pictures *pictures = context;

	text_printf(&pictures->refusals, "vm%u %.*s@%ju: %s\n", vm->bytes[15], item->key_length,
		    item->text, (uintmax_t)item->generation, reason);
}

static inline void keep_job(void *context, const struct job_record *job)
{
	struct pictures *pictures = context;

	text_printf(&pictures->jobs, "job%u vm%u @%ju %jd-%jd %u/%u/%u/%u '%s'", job->id.bytes[15],
		    job->vm.bytes[15], (uintmax_t)job->generation, (intmax_t)job->created_us,
		    (intmax_t)job->ended_us, job->kind, job->state, job->error_code, job->percent,
		    job->text);
	if (job->keys)
		text_printf(&pictures->jobs, " %zu:%.*s", job->keys_size, (int)job->keys_size,
			    job->keys);
	text_putc(&pictures->jobs, '\n');
}

static inline void keep_objects(void *context, struct object_set *objects)
{
	struct pictures *pictures = context;

	object_set_release(&pictures->objects);
	pictures->objects = object_set_ref(objects);
}

static inline struct store_events pictures_events(struct pictures *pictures)
{
	return (struct store_events){ .published = keep_picture,
				      .refusal_found = keep_refusal,
				      .job_found = keep_job,
				      .objects_changed = keep_objects,
				      .context = pictures };
}

static inline void pictures_done(struct pictures *pictures)
{
	for (int i = 0; i < PICTURES_MAX; i++)
		snapshot_release(&pictures->vm[i]);
	text_done(&pictures->refusals);
	text_done(&pictures->jobs);
	object_set_release(&pictures->objects);
}

static inline void add_set(struct text *text, const char *name, const struct item_set *set)
{
	text_printf(text, "  %s", name);
	for (size_t i = 0; i < set->count; i++) {
		struct okvp_item item = stored_item_view(set->item[i]);

		text_printf(text, " %.*s=%.*s/%d%s@%ju", item.key_length, item.key,
			    item.value_length, item.value, item.type,
			    set->item[i]->removed ? "!" : "", (uintmax_t)set->item[i]->generation);
	}
	text_putc(text, '\n');
}

/* Everything but the times of changes. The caller frees it. */
static inline char *pictures_text(const struct pictures *pictures)
{
	static const char *const spaces[] = { "external", "host-only", "guest", "intrinsic" };
	struct text text = { 0 };

	for (int i = 0; i < PICTURES_MAX; i++) {
		const struct snapshot *vm = pictures->vm[i];

		if (!vm)
			continue;
		text_printf(&text, "vm%d %s '%s' %d%d @%ju/%ju %jd\n", i, vm->settings->name,
			    vm->settings->channel, vm->settings->exchange_enabled,
			    vm->settings->host_items, (uintmax_t)vm->generation,
			    (uintmax_t)vm->acknowledged, (intmax_t)vm->guest_read_us);
		for (int space = 0; space < SPACE_COUNT; space++)
			add_set(&text, spaces[space], vm->space[space]);
		add_set(&text, "tombstones", vm->tombstones);
	}
	return text_take(&text);
}
