/* SPDX-License-Identifier: MIT */
/* job_entry.c -- one job: made of what the store has of it, and written there. */
#include "host/job_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "openkvp/wire.h"

void job_forget_items(struct job_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		free(entry->items[i].key);
	free(take(entry->items));
	entry->count = 0;
	text_done(&entry->refusals);
}

void job_entry_free(struct job_entry *entry)
{
	job_forget_items(entry);
	free((char *)(uintptr_t)entry->job.text);
	free(entry);
}

bool job_says_undelivered(const struct job *job)
{
	return strncmp(job->text, "stored;", 7) == 0 || strncmp(job->text, "stored,", 7) == 0;
}

/* --- To the store --- */

static struct job_record record_of(const struct job_entry *entry)
{
	const struct job *job = &entry->job;

	return (struct job_record){
		.id = job->id,
		.vm = job->vm,
		.generation = job->generation,
		.created_us = job->created_us,
		.ended_us = job->ended_us,
		.kind = (uint16_t)job->kind,
		.state = (uint16_t)job->state,
		.error_code = (uint16_t)job->error,
		.percent = (uint16_t)job->percent,
		.text = job->text,
	};
}

static void submit_lazy(struct jobs *jobs, struct change_list *list)
{
	change_list_lazy(list);
	store_submit(jobs->store, list, NULL, NULL);
}

/* What the guest has yet to answer for. The key of an adapter's setup is none of an item, so nobody
 * waits for one after a restart. */
static uint8_t *open_keys(const struct job_entry *entry, size_t *ret_size)
{
	struct okvp_item *items = xcalloc(entry->count + 1, sizeof(*items));
	size_t count = 0;
	uint8_t *keys;

	for (size_t i = 0; i < entry->count; i++)
		if (!entry->items[i].settled)
			items[count++] = (struct okvp_item){ .key = entry->items[i].key,
							     .key_length = entry->items[i].length };
	keys = job_keys_encode(items, sizeof(*items), count, ret_size);
	free(items);
	return keys;
}

void job_write(struct jobs *jobs, const struct job_entry *entry)
{
	struct change_list *list;
	struct job_record record = record_of(entry);
	uint8_t *keys = NULL;

	if (!jobs->store)
		return;
	if (entry->job.awaited && entry->job.kind != JOB_CONFIGURE)
		record.keys = keys = open_keys(entry, &record.keys_size);
	list = change_list_create(&entry->job.vm);
	change_list_job(list, &record);
	submit_lazy(jobs, list);
	free(keys);
}

void job_unwrite(struct jobs *jobs, const struct job_entry *entry)
{
	struct change_list *list;

	if (!jobs->store)
		return;
	list = change_list_create(&entry->job.vm);
	change_list_drop_job(list, &entry->job.id);
	submit_lazy(jobs, list);
}

/* --- From the store --- */

struct job_entry *job_entry_create(const struct job_record *record, size_t room)
{
	struct job_entry *entry = xcalloc(1, sizeof(*entry));

	entry->job = (struct job){
		.id = record->id,
		.vm = record->vm,
		.kind = record->kind < JOB_KIND_COUNT ? (enum job_kind)record->kind : JOB_BATCH,
		.state = (enum job_state)record->state,
		.error = (enum job_error)record->error_code,
		.percent = record->percent,
		.generation = record->generation,
		.created_us = record->created_us,
		.ended_us = record->ended_us,
		.text = xstrdup(record->text),
	};
	entry->items = room > 0 ? xcalloc(room, sizeof(*entry->items)) : NULL;
	return entry;
}

void job_add_item(struct job_entry *entry, const char *key, size_t length)
{
	entry->items[entry->count++] = (struct job_item){
		.key = xstrndup(key, length),
		.length = (uint16_t)length,
	};
}

/* Keys on disk: u16 length and bytes, one after another. */
uint8_t *job_keys_encode(const struct okvp_item *first, size_t stride, size_t count,
			 size_t *ret_size)
{
	struct wire_writer out;
	size_t size = 0;

	for (int pass = 0; pass < 2; pass++) {
		const char *at = (const char *)first;

		if (pass == 1)
			out = wire_writer_on(xmalloc(size), size);
		for (size_t i = 0; i < count; i++, at += stride) {
			const struct okvp_item *item = (const void *)at;

			size += pass == 0 ? 2 + (size_t)item->key_length : 0;
			if (pass == 0)
				continue;
			wire_write_u16(&out, item->key_length);
			wire_write_bytes(&out, item->key, item->key_length);
		}
	}
	*ret_size = size;
	return out.bytes;
}

static bool is_known(const struct snapshot *vm, const char *key, size_t length)
{
	return vm && (snapshot_find(vm, SPACE_EXTERNAL, key, length) ||
		      snapshot_find_tombstone(vm, key, length));
}

static bool next_key(struct wire_reader *in, const char **ret_key, size_t *ret_length)
{
	if (wire_left(in) == 0)
		return false;
	*ret_length = wire_read_u16(in);
	*ret_key = (const char *)wire_read_bytes(in, *ret_length);
	return *ret_key;
}

static size_t count_keys(const struct job_record *record)
{
	struct wire_reader in = wire_reader_on(record->keys, record->keys_size);
	size_t count = 0, length;
	const char *key;

	while (next_key(&in, &key, &length))
		count++;
	return count;
}

void jobs_restore(struct jobs *jobs, const struct job_record *record, const struct snapshot *vm)
{
	struct wire_reader in = wire_reader_on(record->keys, record->keys_size);
	struct job_entry *entry = job_entry_create(record, count_keys(record));
	bool is_over = entry->job.state != JOB_RUNNING && job_visible_ms(&entry->job) == 0;
	const char *key;
	size_t length;

	while (!is_over && next_key(&in, &key, &length))
		if (is_known(vm, key, length))
			job_add_item(entry, key, length);
	pthread_mutex_lock(&jobs->lock);
	job_show(jobs, entry);
	pthread_mutex_unlock(&jobs->lock);
}
