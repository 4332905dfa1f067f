/* SPDX-License-Identifier: MIT */
/* backend.h -- for those who keep the rows of a store: sqlite.c, memory.c.
 *
 * The committer has checked everything; a backend writes rows. All of one call of write() are on
 * disk when it returns true, and none of them otherwise. */
#pragma once
#include "store/store.h"

struct backend;

/* One row to write or to drop. Pointers are borrowed for the call. */
struct row {
	enum {
		ROW_VM,        /* write: state */
		ROW_VM_DROP,   /* and everything that belongs to it */
		ROW_ITEM,      /* write: item (a tombstone if item->removed) at position in space */
		ROW_ITEM_DROP, /* key of item in space */
		ROW_GUEST,     /* replace all of a guest space by set */
		ROW_REFUSAL,   /* of an item, if it still is of that generation */
		ROW_REFUSALS_DROP, /* all of the VM */
		ROW_JOB,
		ROW_JOB_DROP,
		ROW_OBJECT,
		ROW_OBJECT_DROP, /* its class and key */
	} kind;
	struct guid vm; /* of ROW_JOB_DROP: the job */
	union {
		struct {
			const struct vm_settings *settings;
			uint64_t generation, acknowledged;
			int64_t guest_read_us;
		} state;
		struct {
			enum item_space space;
			const struct stored_item *item;
			uint64_t position; /* orders the items of a space: item_position() */
		} item;
		struct {
			enum item_space space;
			const struct item_set *set;
		} guest;
		struct {
			const char *key, *reason;
			size_t key_length;
			uint64_t generation;
		} refusal;
		const struct job_record *job;
		struct object object;
	};
};

/* The place of what is new with a commit, as the index-th change of its list. A backend keeps the
 * place of an item that was there and is written again; a tombstone, and an item that was none or a
 * tombstone before, takes the new one. */
static inline uint64_t item_position(uint64_t generation, size_t index)
{
	return generation << 12 | (index < 4096 ? index : 4095);
}

/* What load() finds, in this order: all VMs, then items (by VM and space, in any order there),
 * guest spaces, refusals, jobs, objects in the order in which they were made. Pointers are borrowed
 * for the call. */
struct row_sink {
	bool (*row)(void *context, const struct row *row, struct okvp_error *err);
	void *context;
};

struct backend_kind {
	const char *name;
	bool (*open)(const char *path, struct backend **ret_backend, struct okvp_error *err);
	bool (*load)(struct backend *backend, const struct row_sink *sink, struct okvp_error *err);
	bool (*write)(struct backend *backend, const struct row *rows, size_t count,
		      struct okvp_error *err);
	void (*close)(struct backend **backend);
};

/* sqlite: a file. memory: nothing is kept. */
extern const struct backend_kind sqlite_backend, memory_backend;

/* store_open() on a backend of any kind. */
bool store_open_on(const struct backend_kind *kind, const char *path,
		   const struct store_limits *limits, const struct store_events *events,
		   struct store **ret_store, struct okvp_error *err);
