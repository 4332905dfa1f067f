/* SPDX-License-Identifier: MIT */
/* state.h -- for store/: all VMs as they are, or will be once the lists of this round are on disk,
 * and how a list changes them. */
#pragma once
#include "base/map.h"
#include "store/change_list.h"
#include "store/rows.h"

/* All zeros is a state without VMs, to which objects are given before any list for objects. */
struct state {
	struct map vms;          /* by GUID */
	struct map names;        /* by name without case */
	struct map channels;     /* by the address of the channel, for those that have one */
	int64_t last_created_us; /* each VM is younger than those before, whatever the clock says */
	struct object_set *objects;
};

void state_done(struct state *state);

/* The VM's snapshot, borrowed; NULL: there is no such VM. */
struct snapshot *state_find(const struct state *state, const struct guid *vm);

/* The VM that has this name, but for case. */
struct snapshot *state_find_name(const struct state *state, const char *name);

/* The VM to which the channel with this address leads. */
struct snapshot *state_find_channel(const struct state *state, const char *address);

/* Gives a VM another snapshot; NULL takes it away. */
void state_replace(struct state *state, const struct guid *vm, struct snapshot *snapshot);

/* Gives another picture of the objects; takes no reference. */
void state_replace_objects(struct state *state, struct object_set *objects);

/* Applies a list, all of it, and adds the rows that are to be written; or else leaves the state
 * alone and says in list->outcome.failure why. */
bool state_apply(struct state *state, const struct store_limits *limits, struct change_list *list,
		 int64_t now_us, struct rows *rows);

/* The same for a list for objects, which state_apply() hands on (apply_objects.c). */
bool state_apply_objects(struct state *state, struct change_list *list, struct rows *rows);

/* Takes back a list that was applied, and its outcome. Those applied later must be taken back
 * before. */
void state_undo(struct state *state, struct change_list *list);
