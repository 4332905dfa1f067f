/* SPDX-License-Identifier: MIT */
/* lazy.c -- remembers what differs from the disk, not how it came to differ: the rows are made of
 * the state at the moment of writing, so that writing them again, or later, is never wrong. */
#include "store/lazy.h"

#include <stdlib.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "store/snapshot_build.h"

struct lazy_vm {
	struct guid id;
	struct stored_item **dropped; /* tombstones */
	size_t count, room;
};

struct lazy_guest {
	struct guid id;
	bool space[SPACE_COUNT];
};

struct lazy_job {
	struct guid id, vm;
	struct job_record *record; /* NULL: drop */
};

void lazy_init(struct lazy *lazy, unsigned int delay_ms)
{
	*lazy = (struct lazy){ .delay_ms = delay_ms };
}

/* Finds an entry, or makes one of that size that begins with the id. */
static void *entry(struct map *map, const struct guid *id, size_t size)
{
	struct guid *found = map_find(map, id->bytes, sizeof(id->bytes));

	if (found)
		return found;
	found = xcalloc(1, size);
	*found = *id;
	map_put(map, found->bytes, sizeof(found->bytes), found);
	return found;
}

static void *remove_entry(struct map *map, const struct guid *id)
{
	return map_remove(map, id->bytes, sizeof(id->bytes));
}

static void free_vm(struct lazy_vm *vm)
{
	if (!vm)
		return;
	for (size_t i = 0; i < vm->count; i++)
		stored_item_release(&vm->dropped[i]);
	free(vm->dropped);
	free(vm);
}

static void free_job(struct lazy_job *job)
{
	if (job)
		free(job->record);
	free(job);
}

static void empty_vms(struct lazy *lazy)
{
	struct lazy_vm *vm;

	for (size_t at = 0; (vm = map_next(&lazy->vms, &at));)
		free_vm(vm);
	map_done(&lazy->vms);
}

static void empty_jobs(struct lazy *lazy)
{
	struct lazy_job *job;

	for (size_t at = 0; (job = map_next(&lazy->jobs, &at));)
		free_job(job);
	map_done(&lazy->jobs);
}

static void empty_guests(struct lazy *lazy)
{
	struct lazy_guest *guest;

	for (size_t at = 0; (guest = map_next(&lazy->guests, &at));)
		free(guest);
	map_done(&lazy->guests);
}

void lazy_done(struct lazy *lazy)
{
	empty_vms(lazy);
	empty_jobs(lazy);
	empty_guests(lazy);
}

/* --- Coming in --- */

/* What a lazy list leaves of the tombstones is a part of them, in the same order. */
static void note_dropped(struct lazy_vm *vm, const struct item_set *before,
			 const struct item_set *after)
{
	for (size_t i = 0, kept = 0; i < before->count; i++) {
		if (kept < after->count && after->item[kept] == before->item[i]) {
			kept++;
			continue;
		}
		grow(vm->dropped, vm->count, vm->room);
		vm->dropped[vm->count++] = stored_item_ref(before->item[i]);
	}
}

static void note_guest(struct lazy *lazy, const struct snapshot *before,
		       const struct snapshot *after)
{
	for (enum item_space space = HOST_SPACES; space < SPACE_COUNT; space++)
		if (before->space[space] != after->space[space]) {
			struct lazy_guest *guest = entry(&lazy->guests, &after->id, sizeof(*guest));

			guest->space[space] = true;
		}
}

static void note_job(struct lazy *lazy, const struct guid *vm, struct job_change *change)
{
	struct lazy_job *job = entry(&lazy->jobs, &change->id, sizeof(*job));

	job->vm = *vm;
	free(job->record);
	job->record = take(change->record);
}

void lazy_note(struct lazy *lazy, struct change_list *list, uint64_t now_ms)
{
	const struct outcome *outcome = &list->outcome;

	if (outcome->before != outcome->after) {
		struct lazy_vm *vm = entry(&lazy->vms, &list->vm, sizeof(*vm));

		note_dropped(vm, outcome->before->tombstones, outcome->after->tombstones);
		note_guest(lazy, outcome->before, outcome->after);
	}
	for (size_t i = 0; i < list->job_count; i++)
		note_job(lazy, &list->vm, &list->job[i]);
	if (lazy->due_ms == 0 && lazy->vms.count + lazy->jobs.count > 0)
		lazy->due_ms = now_ms + lazy->delay_ms;
}

static void forget_vm(struct lazy *lazy, const struct guid *id)
{
	struct lazy_job *job;

	free_vm(remove_entry(&lazy->vms, id));
	free(remove_entry(&lazy->guests, id));
	for (size_t at = 0; (job = map_next(&lazy->jobs, &at));)
		if (guid_equal(&job->vm, id)) {
			free_job(remove_entry(&lazy->jobs, &job->id));
			at = 0;
		}
}

void lazy_forget(struct lazy *lazy, const struct change_list *list)
{
	for (size_t i = 0; i < list->job_count; i++)
		free_job(remove_entry(&lazy->jobs, &list->job[i].id));
	if (!list->outcome.after)
		forget_vm(lazy, &list->vm);
}

/* --- Going out --- */

/* A key that is there again has had its row written over, or will have in the same commit. */
static bool is_there(const struct snapshot *snapshot, const struct stored_item *key)
{
	return snapshot_find(snapshot, SPACE_EXTERNAL, key->text, key->key_length) ||
	       snapshot_find_tombstone(snapshot, key->text, key->key_length);
}

static void vm_rows(const struct lazy_vm *vm, const struct state *state, struct rows *rows)
{
	const struct snapshot *snapshot = state_find(state, &vm->id);

	rows_add_vm(rows, snapshot);
	for (size_t i = 0; i < vm->count; i++)
		if (!is_there(snapshot, vm->dropped[i]))
			rows_add_item_drop(rows, &vm->id, SPACE_EXTERNAL, vm->dropped[i]);
}

static void guest_rows(const struct lazy_guest *guest, const struct state *state, struct rows *rows)
{
	const struct snapshot *snapshot = state_find(state, &guest->id);

	for (enum item_space space = HOST_SPACES; space < SPACE_COUNT; space++)
		if (guest->space[space])
			rows_add_guest(rows, snapshot, space);
}

void lazy_rows(const struct lazy *lazy, const struct state *state, bool guests, struct rows *rows)
{
	const struct lazy_vm *vm;
	const struct lazy_job *job;
	const struct lazy_guest *guest;

	for (size_t at = 0; (vm = map_next(&lazy->vms, &at));)
		vm_rows(vm, state, rows);
	for (size_t at = 0; (job = map_next(&lazy->jobs, &at));)
		rows_add_job(rows, &job->id, job->record);
	for (size_t at = 0; guests && (guest = map_next(&lazy->guests, &at));)
		guest_rows(guest, state, rows);
}

void lazy_written(struct lazy *lazy, bool guests)
{
	empty_vms(lazy);
	empty_jobs(lazy);
	if (guests)
		empty_guests(lazy);
	if (lazy->guests.count == 0)
		lazy->due_ms = 0;
}

void lazy_put_off(struct lazy *lazy, uint64_t now_ms)
{
	const unsigned int least_ms = 1000; /* a disk that fails is not asked all the time */

	if (lazy->due_ms > 0)
		lazy->due_ms = now_ms + (lazy->delay_ms > least_ms ? lazy->delay_ms : least_ms);
}
