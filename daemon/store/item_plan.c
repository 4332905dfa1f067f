/* SPDX-License-Identifier: MIT */
/* item_plan.c -- what a list does to the items of one space. */
#include "store/item_plan.h"

#include <stdlib.h>
#include <string.h>

#include "store/pieces.h"
#include "store/snapshot_build.h"

static bool is_put(const struct item_change *change)
{
	return !change->item->removed;
}

static bool concerns(const struct item_plan *plan, const struct item_change *change)
{
	return change->space == plan->space;
}

/* --- Finding out --- */

static uint32_t *bucket_of(const struct item_plan *plan, uint32_t folded)
{
	return &plan->bucket[folded & plan->bucket_mask];
}

/* The change of exactly this key. */
static uint32_t find_change(const struct item_plan *plan, const struct stored_item *item)
{
	uint32_t i = *bucket_of(plan, item->folded);

	while (i != NO_CHANGE && !stored_item_same_key(plan->list->change[i].item, item))
		i = plan->match[i].next;
	return i;
}

uint32_t item_plan_find(const struct item_plan *plan, const char *key, size_t length)
{
	uint32_t i = *bucket_of(plan, key_fold_hash(key, length));

	while (i != NO_CHANGE && !stored_item_has_key(plan->list->change[i].item, key, length))
		i = plan->match[i].next;
	return i;
}

/* An item that is there: what is put before change number `until` takes it away must not differ
 * from it in case only. */
static void note_variant(struct item_plan *plan, const struct stored_item *item, uint32_t until)
{
	for (uint32_t i = *bucket_of(plan, item->folded); i != NO_CHANGE; i = plan->match[i].next)
		if (i < until && is_put(&plan->list->change[i]) &&
		    stored_item_case_variant(plan->list->change[i].item, item))
			plan->match[i].variant = item;
}

static void index_changes(struct item_plan *plan, struct faults *faults)
{
	const struct item_change *change = plan->list->change;

	for (uint32_t i = 0; i < plan->list->count; i++) {
		uint32_t *bucket, first;

		if (!concerns(plan, &change[i]))
			continue;
		first = find_change(plan, change[i].item);
		if (first != NO_CHANGE) {
			if (!plan->match[first].twice)
				faults_add(faults, FAULT_TWICE, change[i].item, NULL);
			plan->match[first].twice = true;
			continue;
		}
		bucket = bucket_of(plan, change[i].item->folded);
		for (uint32_t j = *bucket; j != NO_CHANGE; j = plan->match[j].next)
			if (is_put(&change[i]) && is_put(&change[j]) &&
			    stored_item_case_variant(change[j].item, change[i].item))
				plan->match[i].variant = change[j].item;
		plan->match[i].next = *bucket;
		*bucket = i;
	}
}

/* What stands in the place of an item afterwards; NULL: nothing. */
static struct stored_item *successor(const struct item_plan *plan, size_t at)
{
	uint32_t i = plan->change_of[at];

	if (i == NO_CHANGE)
		return plan->before->space[plan->space]->item[at];
	if (i == GOES)
		return NULL;
	return is_put(&plan->list->change[i]) ? plan->list->change[i].item : NULL;
}

/* A change may be about one generation of an item only. */
static bool is_about(const struct item_change *change, const struct stored_item *item)
{
	return change->of_generation == 0 || change->of_generation == item->generation;
}

static void match_items(struct item_plan *plan)
{
	const struct item_set *set = plan->before->space[plan->space];

	for (size_t at = 0; at < set->count; at++) {
		uint32_t i = find_change(plan, set->item[at]);

		if (i != NO_CHANGE && !is_about(&plan->list->change[i], set->item[at]))
			i = NO_CHANGE;
		plan->change_of[at] = i;
		if (i != NO_CHANGE)
			plan->match[i].present = set->item[at];
	}
}

static void find_what_goes(struct item_plan *plan)
{
	const struct item_set *set = plan->before->space[plan->space];

	for (size_t at = 0; at < set->count; at++)
		if (plan->change_of[at] == NO_CHANGE &&
		    (plan->clear || piece_goes(plan, set->item[at])))
			plan->change_of[at] = GOES;
}

/* An item that the list removes is in the way of the changes before that one only; what goes
 * unnamed is in the way of none. */
static void find_variants(struct item_plan *plan)
{
	const struct item_set *set = plan->before->space[plan->space];

	for (size_t at = 0; at < set->count; at++) {
		if (successor(plan, at))
			note_variant(plan, set->item[at], NO_CHANGE);
		else if (plan->change_of[at] != GOES)
			note_variant(plan, set->item[at], plan->change_of[at]);
	}
}

void item_plan_init(struct item_plan *plan, const struct change_list *list, enum item_space space,
		    const struct snapshot *before, struct faults *faults)
{
	size_t buckets = 4;

	while (buckets < 2 * list->count)
		buckets *= 2;
	*plan = (struct item_plan){
		.list = list,
		.space = space,
		.before = before,
		.clear = list->clear[space],
		.match = xcalloc(list->count, sizeof(*plan->match)),
		.bucket = xmalloc(buckets * sizeof(*plan->bucket)),
		.bucket_mask = (uint32_t)(buckets - 1),
		.change_of = xmalloc(before->space[space]->count * sizeof(*plan->change_of)),
	};
	memset(plan->bucket, 0xFF, buckets * sizeof(*plan->bucket)); /* NO_CHANGE */
	index_changes(plan, faults);
	match_items(plan);
	find_what_goes(plan);
	find_variants(plan);
}

void item_plan_done(struct item_plan *plan)
{
	free(plan->match);
	free(plan->bucket);
	free(plan->change_of);
	*plan = (struct item_plan){ 0 };
}

/* --- Judging --- */

static size_t bytes_of(const struct stored_item *item)
{
	return (size_t)item->key_length + item->value_length;
}

static void judge_change(const struct item_change *change, const struct change_match *match,
			 bool allow_case_variants, struct faults *faults)
{
	if (match->present && change->expect == EXPECT_ABSENT)
		faults_add(faults, FAULT_THERE, change->item, NULL);
	else if (!match->present && change->expect == EXPECT_PRESENT)
		faults_add(faults, FAULT_MISSING, change->item, NULL);
	else if (!match->present && match->variant && !allow_case_variants)
		faults_add(faults, FAULT_CASE, change->item, match->variant);
}

/* Whether a guest has to be told that an item of the set is gone. */
static bool leaves_tombstone(const struct item_plan *plan, size_t at)
{
	uint32_t i = plan->change_of[at];

	return i == GOES || !plan->list->change[i].gone_in_guest;
}

/* Counts what goes: items that are removed, and the old ones of those that are put again. */
static void count_leaving(struct item_plan *plan)
{
	const struct item_set *set = plan->before->space[plan->space];

	plan->count = set->count;
	plan->bytes = set->bytes;
	for (size_t at = 0; at < set->count; at++) {
		const struct stored_item *next = successor(plan, at);

		if (next == set->item[at])
			continue;
		plan->count--;
		plan->bytes -= bytes_of(set->item[at]);
		if (!next && leaves_tombstone(plan, at))
			plan->removed++;
		plan->effective = true;
	}
}

void item_plan_judge(struct item_plan *plan, bool allow_case_variants, struct faults *faults)
{
	count_leaving(plan);
	for (size_t i = 0; i < plan->list->count; i++) {
		const struct item_change *change = &plan->list->change[i];

		if (!concerns(plan, change))
			continue;
		judge_change(change, &plan->match[i], allow_case_variants, faults);
		if (is_put(change)) {
			plan->count++;
			plan->bytes += bytes_of(change->item);
			plan->effective = true;
		}
	}
}

/* --- Doing --- */

static struct item_set *new_set(const struct item_plan *plan)
{
	const struct item_set *set = plan->before->space[plan->space];
	struct item_set *next = item_set_create(plan->count);

	for (size_t at = 0; at < set->count; at++)
		if (successor(plan, at))
			item_set_add(next, stored_item_ref(successor(plan, at)));
	for (size_t i = 0; i < plan->list->count; i++) {
		const struct item_change *change = &plan->list->change[i];

		if (concerns(plan, change) && is_put(change) && !plan->match[i].present)
			item_set_add(next, stored_item_ref(change->item));
	}
	return next;
}

/* The tombstones that there were, less those of keys that are there again, and the new ones. */
static struct item_set *new_tombstones(const struct item_plan *plan, const struct outcome *outcome)
{
	const struct item_set *old = plan->before->tombstones;
	struct item_set *next = item_set_create(old->count + plan->removed);

	for (size_t at = 0; at < old->count; at++) {
		uint32_t i = find_change(plan, old->item[at]);

		if (i == NO_CHANGE || !is_put(&plan->list->change[i]))
			item_set_add(next, stored_item_ref(old->item[at]));
	}
	for (size_t i = 0; i < outcome->changed_count; i++)
		if (outcome->changed[i]->removed)
			item_set_add(next, stored_item_ref(outcome->changed[i]));
	return next;
}

struct doing {
	const struct item_plan *plan;
	uint64_t generation;
	int64_t now_us;
	struct outcome *outcome;
	struct rows *rows;
};

/* Stamps an item or a tombstone, of which nobody knows yet, and has it written. index: its place in
 * the list. */
static void write_item(const struct doing *doing, struct stored_item *item, size_t index)
{
	struct outcome *outcome = doing->outcome;

	item->generation = doing->generation;
	item->changed_us = doing->now_us;
	rows_add_item(doing->rows, &doing->plan->list->vm, doing->plan->space, item,
		      item_position(doing->generation, index));
	if (doing->plan->space == SPACE_EXTERNAL)
		outcome->changed[outcome->changed_count++] = stored_item_ref(item);
}

/* Flags that a change does not name are those of the item that it replaces, and, so that a value
 * that is secret or transient is so as a whole, those of what it is a piece of. */
static void keep_flags(const struct doing *doing, const struct item_change *change, size_t index)
{
	const struct stored_item *before = doing->plan->match[index].present;

	if (change->keep_flags)
		change->item->flags = (uint8_t)((before ? before->flags : 0) |
						piece_flags(doing->plan, change->item));
}

static void remove_item(const struct doing *doing, struct stored_item *tombstone, size_t index,
			bool gone_in_guest)
{
	if (doing->plan->space == SPACE_EXTERNAL && !gone_in_guest)
		write_item(doing, tombstone, index);
	else
		rows_add_item_drop(doing->rows, &doing->plan->list->vm, doing->plan->space,
				   tombstone);
}

static void remove_what_goes(const struct doing *doing, size_t first_index)
{
	const struct item_set *set = doing->plan->before->space[doing->plan->space];

	for (size_t at = 0; at < set->count; at++) {
		struct stored_item *item = set->item[at];

		if (doing->plan->change_of[at] != GOES)
			continue;
		if (doing->plan->space == SPACE_EXTERNAL)
			item = stored_item_create_removed(item->text, item->key_length);
		else
			stored_item_ref(item);
		remove_item(doing, item, first_index + at, false);
		stored_item_release(&item);
	}
}

void item_plan_apply(const struct item_plan *plan, uint64_t generation, int64_t now_us,
		     struct snapshot *next, struct outcome *outcome, struct rows *rows)
{
	const struct doing doing = { plan, generation, now_us, outcome, rows };

	if (plan->clear)
		remove_what_goes(&doing, 0);
	for (size_t i = 0; i < plan->list->count; i++) {
		const struct item_change *change = &plan->list->change[i];

		if (!concerns(plan, change))
			continue;
		if (is_put(change)) {
			keep_flags(&doing, change, i);
			write_item(&doing, change->item, i);
		} else if (plan->match[i].present) {
			remove_item(&doing, change->item, i, change->gone_in_guest);
		}
	}
	if (!plan->clear) /* old pieces last: a reader in the guest never lacks both values */
		remove_what_goes(&doing, plan->list->count);
	snapshot_set(&next->space[plan->space], new_set(plan));
	if (plan->space == SPACE_EXTERNAL)
		snapshot_set(&next->tombstones, new_tombstones(plan, outcome));
}
