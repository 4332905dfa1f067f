/* SPDX-License-Identifier: MIT */
/* rows.h -- for store/: rows on their way to a backend. What they point to is borrowed. */
#pragma once
#include "base/memory.h"
#include "store/backend.h"

struct rows {
	struct row *row;
	size_t count, room;
};

static inline void rows_add(struct rows *rows, struct row row)
{
	grow(rows->row, rows->count, rows->room);
	rows->row[rows->count++] = row;
}

/* What is to be written of a VM, apart from its items. */
static inline void rows_add_vm(struct rows *rows, const struct snapshot *snapshot)
{
	rows_add(rows, (struct row){
			       .kind = ROW_VM,
			       .vm = snapshot->id,
			       .state = { snapshot->settings, snapshot->generation,
					  snapshot->acknowledged, snapshot->guest_read_us },
		       });
}

static inline void rows_add_item(struct rows *rows, const struct guid *vm, enum item_space space,
				 const struct stored_item *item, uint64_t position)
{
	rows_add(rows,
		 (struct row){ .kind = ROW_ITEM, .vm = *vm, .item = { space, item, position } });
}

static inline void rows_add_item_drop(struct rows *rows, const struct guid *vm,
				      enum item_space space, const struct stored_item *item)
{
	rows_add(rows,
		 (struct row){ .kind = ROW_ITEM_DROP, .vm = *vm, .item = { space, item, 0 } });
}

static inline void rows_add_guest(struct rows *rows, const struct snapshot *snapshot,
				  enum item_space space)
{
	rows_add(rows, (struct row){ .kind = ROW_GUEST,
				     .vm = snapshot->id,
				     .guest = { space, snapshot->space[space] } });
}

static inline void rows_add_refusal(struct rows *rows, const struct guid *vm,
				    const struct stored_item *item, const char *reason)
{
	rows_add(rows,
		 (struct row){
			 .kind = ROW_REFUSAL,
			 .vm = *vm,
			 .refusal = { item->text, reason, item->key_length, item->generation },
		 });
}

static inline void rows_add_job(struct rows *rows, const struct guid *id,
				const struct job_record *record)
{
	if (record)
		rows_add(rows, (struct row){ .kind = ROW_JOB, .vm = record->vm, .job = record });
	else
		rows_add(rows, (struct row){ .kind = ROW_JOB_DROP, .vm = *id });
}
