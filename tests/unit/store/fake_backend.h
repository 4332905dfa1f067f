/* SPDX-License-Identifier: MIT */
/* fake_backend.h -- a backend that writes down what it is told to write, waits at a gate, and fails
 * on demand. */
#pragma once
#include <pthread.h>

#include "base/memory.h"
#include "helpers.h"
#include "store/backend.h"

static struct fake {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct text log; /* a line for each write that succeeded, a word for each row */
	size_t begun, written, failed;
	size_t gate;           /* writes beyond so many wait here */
	bool fail;             /* all writes do */
	bool fail_once;        /* the next one does */
	bool poison;           /* those with an item "poison" do */
	const struct row *row; /* what load() gives */
	size_t count;
} fake = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static inline void fake_reset(void)
{
	text_done(&fake.log);
	fake.begun = fake.written = fake.failed = fake.count = 0;
	fake.gate = SIZE_MAX;
	fake.fail = fake.fail_once = fake.poison = false;
}

static inline bool fake_open(const char *path, struct backend **ret_backend, struct okvp_error *err)
{
	*ret_backend = NULL;
	return true;
}

static inline void fake_close(struct backend **backend)
{
}

static inline bool fake_load(struct backend *backend, const struct row_sink *sink,
			     struct okvp_error *err)
{
	for (size_t i = 0; i < fake.count; i++)
		if (!sink->row(sink->context, &fake.row[i], err))
			return false;
	return true;
}

static inline void log_row(const struct row *row)
{
	static const char *const names[] = {
		[ROW_VM] = "vm",
		[ROW_VM_DROP] = "-vm",
		[ROW_ITEM] = "item",
		[ROW_ITEM_DROP] = "-item",
		[ROW_GUEST] = "guest",
		[ROW_REFUSAL] = "refusal",
		[ROW_REFUSALS_DROP] = "-refusals",
		[ROW_JOB] = "job",
		[ROW_JOB_DROP] = "-job",
		[ROW_OBJECT] = "object",
		[ROW_OBJECT_DROP] = "-object",
	};

	text_printf(&fake.log, " %s%u", names[row->kind], row->vm.bytes[15]);
	if (row->kind == ROW_VM)
		text_printf(&fake.log, "@%ju/%ju", (uintmax_t)row->state.generation,
			    (uintmax_t)row->state.acknowledged);
	if (row->kind == ROW_ITEM || row->kind == ROW_ITEM_DROP)
		text_printf(&fake.log, ":%.*s", (int)row->item.item->key_length,
			    row->item.item->text);
	if (row->kind == ROW_GUEST)
		text_printf(&fake.log, ":%s", set_text(row->guest.set));
	if (row->kind == ROW_JOB)
		text_printf(&fake.log, ":%s", row->job->text);
}

static inline bool is_poison(const struct row *row)
{
	return row->kind == ROW_ITEM && row->item.item->key_length == 6 &&
	       memcmp(row->item.item->text, "poison", 6) == 0;
}

static inline bool may_write(const struct row *rows, size_t count)
{
	if (fake.fail_once) {
		fake.fail_once = false;
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (fake.poison && is_poison(&rows[i]))
			return false;
	return !fake.fail;
}

static inline bool fake_write(struct backend *backend, const struct row *rows, size_t count,
			      struct okvp_error *err)
{
	bool done;

	pthread_mutex_lock(&fake.lock);
	fake.begun++;
	pthread_cond_broadcast(&fake.changed);
	while (fake.begun > fake.gate)
		pthread_cond_wait(&fake.changed, &fake.lock);
	done = may_write(rows, count);
	for (size_t i = 0; done && i < count; i++)
		log_row(&rows[i]);
	if (done)
		text_putc(&fake.log, '\n');
	fake.written += done;
	fake.failed += !done;
	pthread_cond_broadcast(&fake.changed);
	pthread_mutex_unlock(&fake.lock);
	return done || okvp_fail(err, OKVP_IO, "the disk is full");
}

static const struct backend_kind fake_backend = {
	.name = "fake",
	.open = fake_open,
	.load = fake_load,
	.write = fake_write,
	.close = fake_close,
};

/* Lets so many writes through, counted from the beginning; further ones wait. */
static inline void fake_open_gate(size_t writes)
{
	pthread_mutex_lock(&fake.lock);
	fake.gate = writes;
	pthread_cond_broadcast(&fake.changed);
	pthread_mutex_unlock(&fake.lock);
}

/* Waits until so many writes have begun, or were done. */
static inline void fake_await(const size_t *counter, size_t writes)
{
	pthread_mutex_lock(&fake.lock);
	while (*counter < writes)
		pthread_cond_wait(&fake.changed, &fake.lock);
	pthread_mutex_unlock(&fake.lock);
}

static inline void fake_set(bool *flag, bool value)
{
	pthread_mutex_lock(&fake.lock);
	*flag = value;
	pthread_mutex_unlock(&fake.lock);
}
