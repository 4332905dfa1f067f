/* SPDX-License-Identifier: MIT */
/* change_list.h -- for store/: a list of changes as data, and what became of it. */
#pragma once
#include "store/store.h"

/* More changes of items than this in one list are refused: a position counts them in 12 bits. It is
 * enough for the pieces of the largest value. */
#define CHANGES_MAX 4096

#define VM_NAME_MAX 255 /* bytes */

#define HOST_SPACES 2 /* SPACE_EXTERNAL and SPACE_HOST_ONLY: the host changes them item by item */

struct item_change {
	enum item_space space;
	enum change_expect expect;
	bool keep_flags;          /* put: those that the item, or its large value, has */
	bool gone_in_guest;       /* remove: without a tombstone */
	uint64_t of_generation;   /* only if the item is of this one; 0: whatever it is */
	struct stored_item *item; /* to put; if it says removed: the tombstone of the key */
};

struct refusal {
	struct stored_item *item;
	char *reason;
};

struct job_change {
	struct guid id;
	struct job_record *record; /* NULL: drop */
	bool begins; /* no commit has begun it: its generation is this one's to give */
};

struct object_change {
	char *class_name, *key;
	char *owner, *text;          /* NULL: remove */
	struct object_limits limits; /* of a put */
};

/* Why a list was refused. */
struct failure {
	struct okvp_error error;
	struct offending_keys keys;
};

/* What became of a list; filled in by state_apply(). */
struct outcome {
	struct failure *failure;         /* NULL: applied */
	struct snapshot *before, *after; /* NULL: no such VM; the same: nothing to see changed */
	uint64_t generation;             /* of the VM after it, or when it went */
	struct stored_item **changed;    /* as struct store_result has it */
	size_t changed_count;
	struct object_set *objects_before, *objects_after; /* of a list for objects */
};

struct change_list {
	struct guid vm; /* without a meaning in a list for objects */
	bool for_objects;
	bool lazy;

	/* Of the VM. NULL or false: not wanted. */
	struct vm_settings *define;
	struct vm_settings_change set; /* points to what follows */
	char *name, *channel;
	bool exchange_enabled, host_items, allow_secrets;
	bool undefine, undefine_with_items;
	bool has_generation;
	uint64_t if_generation;

	/* Of its items. */
	struct item_change *change;
	size_t count, room;
	bool clear[HOST_SPACES];
	char *numbered;         /* KEY.0 of a numbered value in SPACE_EXTERNAL; NULL: none */
	size_t numbered_length; /* of KEY */

	/* Of what is known about the guest. */
	uint64_t acknowledge; /* 0: not wanted */
	struct item_set *guest[SPACE_COUNT];
	int64_t guest_read_us;

	bool forget_refusals;
	struct refusal *refusal;
	size_t refusal_count, refusal_room;

	struct job_change *job;
	size_t job_count, job_room;

	struct object_change *object;
	size_t object_count, object_room;

	struct outcome outcome;
	struct change_list *next; /* in the queue */
	void (*done)(void *context, const struct store_result *result);
	void *context;
};

/* Whether the list may be published before it is on disk: it is lazy, and all it holds can be lost
 * without breaking a promise. */
bool change_list_is_lazy(const struct change_list *list);

/* Whether the list changes settings of the VM. */
bool change_list_sets(const struct change_list *list);

/* Forgets what became of the list, so that it can be applied again. */
void outcome_done(struct outcome *outcome);

/* A copy in one allocation; free() releases it. */
struct job_record *job_record_copy(const struct job_record *record);
