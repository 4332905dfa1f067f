/* SPDX-License-Identifier: MIT */
/* item_plan.h -- for store/: what a list does to the items of one space. First it is found out,
 * with one look at each change and at each item; then judged; then done. */
#pragma once
#include "store/faults.h"
#include "store/rows.h"

#define NO_CHANGE UINT32_MAX
#define GOES      (UINT32_MAX - 1) /* of an item: no change names it, and it goes all the same */

struct change_match {
	const struct stored_item *present; /* the item of this key in the set; NULL: none */
	bool twice;                        /* the list names it again */
	const struct stored_item *variant; /* another key that stays, different in case only */
	uint32_t next;                     /* change in the same bucket */
};

struct item_plan {
	const struct change_list *list;
	enum item_space space;
	const struct snapshot *before;
	bool clear;

	struct change_match *match; /* what was found for each change of the list */
	uint32_t *bucket;           /* of changes, by the folded hash of their keys */
	uint32_t bucket_mask;
	uint32_t *change_of; /* for each item of the set: its change, NO_CHANGE, or GOES */

	/* Known when it was judged. */
	size_t count, bytes; /* of the set afterwards */
	size_t removed;      /* items that go for good and leave tombstones */
	bool effective;      /* something changes */
};

/* Finds out; adds TWICE for each key that is named more than once. */
void item_plan_init(struct item_plan *plan, const struct change_list *list, enum item_space space,
		    const struct snapshot *before, struct faults *faults);
void item_plan_done(struct item_plan *plan);

/* The change of exactly this key, or NO_CHANGE. */
uint32_t item_plan_find(const struct item_plan *plan, const char *key, size_t length);

/* Adds what the state of the space has against the list. */
void item_plan_judge(struct item_plan *plan, bool allow_case_variants, struct faults *faults);

/* Does it: stamps the items, gives the snapshot its new sets, adds to what changed (which has room
 * for all of it), and adds rows. */
void item_plan_apply(const struct item_plan *plan, uint64_t generation, int64_t now_us,
		     struct snapshot *next, struct outcome *outcome, struct rows *rows);
