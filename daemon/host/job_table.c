/* SPDX-License-Identifier: MIT */
/* job_table.c -- how jobs begin, go on and end: running ones under their VM, ended ones in the
 * order of their end. */
#include "host/job_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"
#include "openkvp/wire.h"

#define REFUSED_SHOWN 8 /* keys named in a job's text */

/* --- Lists --- */

static void list_append(struct job_list *list, struct job_entry *entry)
{
	entry->before = list->last;
	entry->after = NULL;
	*(list->last ? &list->last->after : &list->first) = entry;
	list->last = entry;
	list->count++;
}

static void list_remove(struct job_list *list, struct job_entry *entry)
{
	*(entry->before ? &entry->before->after : &list->first) = entry->after;
	*(entry->after ? &entry->after->before : &list->last) = entry->before;
	list->count--;
}

static void run_under_vm(struct jobs *jobs, struct job_entry *entry)
{
	struct vm_jobs *of = map_find(&jobs->by_vm, &entry->job.vm, sizeof(entry->job.vm));

	if (!of) {
		of = xcalloc(1, sizeof(*of));
		of->vm = entry->job.vm;
		map_put(&jobs->by_vm, &of->vm, sizeof(of->vm), of);
	}
	entry->of = of;
	list_append(&of->running, entry);
}

static void leave_vm(struct jobs *jobs, struct job_entry *entry)
{
	struct vm_jobs *of = take(entry->of);

	list_remove(&of->running, entry);
	if (of->running.count > 0)
		return;
	map_remove(&jobs->by_vm, &of->vm, sizeof(of->vm));
	free(of);
}

/* --- Beginning and ending --- */

static void entry_free(struct job_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		free(entry->items[i].key);
	free(entry->items);
	free((char *)(uintptr_t)entry->job.text);
	text_done(&entry->refusals);
	free(entry);
}

static void free_items(struct job_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		free(entry->items[i].key);
	free(take(entry->items));
	entry->count = 0;
	text_done(&entry->refusals);
}

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

static void store_end(struct jobs *jobs, const struct job_entry *entry)
{
	struct change_list *list;
	struct job_record record = record_of(entry);

	if (!jobs->store)
		return;
	list = change_list_create(&entry->job.vm);
	change_list_job(list, &record);
	submit_lazy(jobs, list);
}

static void store_drop(struct jobs *jobs, const struct job_entry *entry)
{
	struct change_list *list;

	if (!jobs->store)
		return;
	list = change_list_create(&entry->job.vm);
	change_list_drop_job(list, &entry->job.id);
	submit_lazy(jobs, list);
}

/* Ends a running job; the text is taken. The end is written with the next commit. */
static struct waiter *end_job(struct jobs *jobs, struct job_entry *entry, enum job_state state,
			      enum job_error error, char *text)
{
	const struct job before = entry->job;

	leave_vm(jobs, entry);
	entry->job.text = text;
	entry->job.state = state;
	entry->job.error = error;
	entry->job.percent = state == JOB_COMPLETED ? 100 : entry->job.percent;
	entry->job.ended_us = clock_wall_us();
	free_items(entry);
	list_append(&jobs->ended, entry);
	store_end(jobs, entry);
	host_events_tell_job(jobs->events, &before, &entry->job);
	free((char *)(uintptr_t)before.text);
	return job_take_waiters(entry);
}

static void drop_ended(struct jobs *jobs, struct job_entry *entry)
{
	store_drop(jobs, entry);
	host_events_tell_job(jobs->events, &entry->job, NULL);
	list_remove(&jobs->ended, entry);
	map_remove(&jobs->by_id, &entry->job.id, sizeof(entry->job.id));
	entry_free(entry);
}

static struct job_entry *entry_create(const struct job_record *record)
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
	return entry;
}

/* The entry has room for it. */
static void add_item(struct job_entry *entry, const char *key, size_t length)
{
	entry->items[entry->count++] = (struct job_item){
		.key = xstrndup(key, length),
		.length = (uint16_t)length,
	};
}

static void show(struct jobs *jobs, struct job_entry *entry)
{
	map_put(&jobs->by_id, &entry->job.id, sizeof(entry->job.id), entry);
	if (entry->job.state == JOB_RUNNING)
		run_under_vm(jobs, entry);
	else
		list_append(&jobs->ended, entry);
}

/* A running job with nothing to wait for is over. */
static void end_if_idle(struct jobs *jobs, struct job_entry *entry)
{
	if (entry->job.state != JOB_RUNNING || entry->count > 0)
		return;
	end_job(jobs, entry, JOB_COMPLETED, JOB_OK,
		xstrdup(entry->job.kind == JOB_CONFIGURE
				? "stored; the service ended before the guest had answered"
				: "nothing to deliver"));
}

void jobs_begin(struct jobs *jobs, const struct job_record *record,
		struct stored_item *const *items, size_t count)
{
	struct job_entry *entry = entry_create(record);

	if (entry->job.state == JOB_RUNNING) {
		entry->items = xcalloc(count, sizeof(*entry->items));
		for (size_t i = 0; i < count; i++)
			add_item(entry, items[i]->text, items[i]->key_length);
	}
	pthread_mutex_lock(&jobs->lock);
	jobs->reserved--;
	show(jobs, entry);
	host_events_tell_job(jobs->events, NULL, &entry->job);
	end_if_idle(jobs, entry);
	pthread_mutex_unlock(&jobs->lock);
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

void jobs_restore(struct jobs *jobs, const struct job_record *record, const struct snapshot *vm)
{
	struct wire_reader in = wire_reader_on(record->keys, record->keys_size);
	struct job_entry *entry = entry_create(record);

	if (entry->job.state == JOB_RUNNING)
		entry->items = xcalloc(record->keys_size / 2 + 1, sizeof(*entry->items));
	while (entry->items && wire_left(&in) > 0) {
		uint16_t length = wire_read_u16(&in);
		const char *key = (const char *)wire_read_bytes(&in, length);

		if (!key)
			break;
		if (is_known(vm, key, length))
			add_item(entry, key, length);
	}
	pthread_mutex_lock(&jobs->lock);
	show(jobs, entry);
	pthread_mutex_unlock(&jobs->lock);
}

/* --- Going on --- */

static char *refused_text(const struct job_entry *entry)
{
	if (entry->job.kind == JOB_CONFIGURE)
		return xprintf("not set up: %s", entry->refusals.bytes);
	return xprintf("stored, not delivered: %s%s; %zu of %zu items arrived; do not add again, "
		       "the rest will be delivered at the next contact",
		       entry->refusals.bytes, entry->refused > REFUSED_SHOWN ? " and others" : "",
		       entry->count - entry->refused, entry->count);
}

static void settle(struct jobs *jobs, struct job_entry *entry, struct job_item *item,
		   const char *reason)
{
	const struct job before = entry->job;
	char text[OKVP_KEY_TEXT_SIZE];

	item->settled = true;
	entry->settled++;
	if (reason && ++entry->refused <= REFUSED_SHOWN)
		text_printf(&entry->refusals, "%s'%s' (%s)", entry->refused > 1 ? ", " : "",
			    okvp_key_text(item->key, item->length, text), reason);
	entry->job.percent = (unsigned int)((entry->settled - entry->refused) * 100 / entry->count);
	if (entry->job.percent != before.percent)
		host_events_tell_job(jobs->events, &before, &entry->job);
}

static struct job_item *find_item(struct job_entry *entry, const struct stored_item *item)
{
	for (size_t i = 0; i < entry->count; i++)
		if (!entry->items[i].settled && entry->items[i].length == item->key_length &&
		    memcmp(entry->items[i].key, item->text, item->key_length) == 0)
			return &entry->items[i];
	return NULL;
}

static struct waiter *settle_in(struct jobs *jobs, struct job_entry *entry,
				const struct stored_item *item, const char *reason)
{
	struct job_item *waiting = NULL;

	if (item->generation >= entry->job.generation)
		waiting = find_item(entry, item);
	if (!waiting)
		return NULL;
	settle(jobs, entry, waiting, reason);
	if (entry->settled < entry->count)
		return NULL;
	if (entry->refused > 0)
		return end_job(jobs, entry, JOB_EXCEPTION, JOB_FAILED, refused_text(entry));
	return end_job(
		jobs, entry, JOB_COMPLETED, JOB_OK,
		xstrdup(entry->job.kind == JOB_CONFIGURE ? "the guest is set up" : "delivered"));
}

/* Either jobs that set up adapters, or all others. */
static void settle_all(struct jobs *jobs, const struct guid *vm, const struct stored_item *item,
		       const char *reason, bool configure)
{
	struct vm_jobs *of;

	pthread_mutex_lock(&jobs->lock);
	of = map_find(&jobs->by_vm, vm, sizeof(*vm));
	for (struct job_entry *entry = of ? of->running.first : NULL, *after; entry;
	     entry = after) {
		struct waiter *waiters;

		after = entry->after;
		if ((entry->job.kind == JOB_CONFIGURE) != configure)
			continue;
		waiters = settle_in(jobs, entry, item, reason);
		if (waiters) {
			pthread_mutex_unlock(&jobs->lock);
			job_tell_waiters(waiters);
			pthread_mutex_lock(&jobs->lock);
		}
	}
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_item_settled(struct jobs *jobs, const struct guid *vm, const struct stored_item *item,
		       const char *reason)
{
	settle_all(jobs, vm, item, reason, false);
}

void jobs_adapter_settled(struct jobs *jobs, const struct guid *vm, const struct stored_item *setup,
			  const char *reason)
{
	settle_all(jobs, vm, setup, reason, true);
}

void jobs_out_of_contact(struct jobs *jobs, const struct guid *vm, bool timed_out, const char *why)
{
	struct waiter *waiters;
	struct vm_jobs *of;

	for (;;) {
		char *text;

		pthread_mutex_lock(&jobs->lock);
		of = map_find(&jobs->by_vm, vm, sizeof(*vm));
		if (!of)
			break;
		if (timed_out)
			text = xprintf("stored, not delivered: %s; do not add again, it will be "
				       "delivered at the next contact",
				       why);
		else
			text = xprintf("stored; delivery pending: %s", why);
		waiters =
			end_job(jobs, of->running.first, timed_out ? JOB_EXCEPTION : JOB_COMPLETED,
				timed_out ? JOB_TIMEOUT : JOB_OK, text);
		pthread_mutex_unlock(&jobs->lock);
		job_tell_waiters(waiters);
	}
	pthread_mutex_unlock(&jobs->lock);
}

/* One who gives a job up. */
struct giving_up {
	struct jobs *jobs;
	struct guid id;
	enum job_state state;
	void (*done)(void *context, enum okvp_status status);
	void *context;
};

static enum okvp_status give_up(const struct giving_up *giving_up)
{
	struct jobs *jobs = giving_up->jobs;
	struct waiter *waiters = NULL;
	enum okvp_status status = OKVP_OK;
	struct job_entry *entry;

	pthread_mutex_lock(&jobs->lock);
	entry = map_find(&jobs->by_id, &giving_up->id, sizeof(giving_up->id));
	if (!entry)
		status = OKVP_NOT_FOUND;
	else if (entry->job.state != JOB_RUNNING)
		status = OKVP_WRONG_STATE;
	else
		waiters = end_job(
			jobs, entry, giving_up->state, JOB_FAILED,
			xstrdup("stored; nobody waits for the delivery any more, it goes on"));
	pthread_mutex_unlock(&jobs->lock);
	job_tell_waiters(waiters);
	return status;
}

static void run_giving_up(void *context)
{
	struct giving_up *giving_up = context;

	giving_up->done(giving_up->context, give_up(giving_up));
	free(giving_up);
}

/* On the loop's thread alone jobs go on and end. */
void jobs_give_up(struct jobs *jobs, const struct guid *id, enum job_state state,
		  void (*done)(void *context, enum okvp_status status), void *context)
{
	struct giving_up *giving_up = xmalloc(sizeof(*giving_up));

	*giving_up = (struct giving_up){ jobs, *id, state, done, context };
	loop_post(jobs->loop, run_giving_up, giving_up);
}

void jobs_forget_vm(struct jobs *jobs, const struct guid *vm)
{
	jobs_out_of_contact(jobs, vm, false, "the virtual machine was undefined");
	pthread_mutex_lock(&jobs->lock);
	for (struct job_entry *entry = jobs->ended.first, *after; entry; entry = after) {
		after = entry->after;
		if (guid_equal(&entry->job.vm, vm))
			drop_ended(jobs, entry);
	}
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_expire(struct jobs *jobs)
{
	int64_t oldest = clock_wall_us() - (int64_t)JOB_VISIBLE_S * 1000000;

	pthread_mutex_lock(&jobs->lock);
	while (jobs->ended.first && jobs->ended.first->job.ended_us <= oldest)
		drop_ended(jobs, jobs->ended.first);
	pthread_mutex_unlock(&jobs->lock);
}

/* --- Room --- */

bool jobs_reserve(struct jobs *jobs, struct okvp_error *err)
{
	bool full;

	pthread_mutex_lock(&jobs->lock);
	full = jobs->by_id.count + jobs->reserved >= jobs->most;
	for (struct job_entry *entry = jobs->ended.first; full && entry; entry = entry->after)
		if (entry->job.error == JOB_OK) {
			drop_ended(jobs, entry);
			full = false;
			break;
		}
	if (!full)
		jobs->reserved++;
	pthread_mutex_unlock(&jobs->lock);
	if (full)
		return okvp_fail(err, OKVP_BUSY,
				 "%zu jobs are running or have failed; no more can be kept "
				 "(setting jobs_max): try again in some minutes",
				 jobs->most);
	return true;
}

void jobs_unreserve(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->reserved--;
	pthread_mutex_unlock(&jobs->lock);
}

/* --- The table --- */

struct jobs *jobs_create(struct loop *loop, struct host_events *events, size_t jobs_max)
{
	struct jobs *jobs = xcalloc(1, sizeof(*jobs));

	pthread_mutex_init(&jobs->lock, NULL);
	jobs->loop = loop;
	jobs->events = events;
	jobs->most = jobs_max;
	return jobs;
}

/* Jobs that were restored with nothing left to wait for end here. */
static void end_idle_jobs(struct jobs *jobs)
{
	struct job_entry *entry;

	for (size_t at = 0; (entry = map_next(&jobs->by_id, &at));)
		end_if_idle(jobs, entry);
}

void jobs_set_store(struct jobs *jobs, struct store *store)
{
	pthread_mutex_lock(&jobs->lock);
	jobs->store = store;
	if (store)
		end_idle_jobs(jobs);
	pthread_mutex_unlock(&jobs->lock);
}

void jobs_free(struct jobs **jobs)
{
	struct jobs *j = take(*jobs);
	struct job_entry *entry;
	struct vm_jobs *of;

	if (!j)
		return;
	for (size_t at = 0; (entry = map_next(&j->by_id, &at));) {
		job_tell_waiters(job_take_waiters(entry));
		entry_free(entry);
	}
	for (size_t at = 0; (of = map_next(&j->by_vm, &at));)
		free(of);
	map_done(&j->by_id);
	map_done(&j->by_vm);
	pthread_mutex_destroy(&j->lock);
	free(j);
}
