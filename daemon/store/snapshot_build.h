/* SPDX-License-Identifier: MIT */
/* snapshot_build.h -- for store/: making what snapshot.h shows. What is made belongs to its maker
 * alone, and may change, until it is published. */
#pragma once
#include "store/snapshot.h"

/* The tombstone of a key; its generation is the maker's to set. */
struct stored_item *stored_item_create_removed(const char *key, size_t key_length);

bool stored_item_has_key(const struct stored_item *item, const char *key, size_t key_length);
bool stored_item_same_key(const struct stored_item *a, const struct stored_item *b);

/* Whether two items have the same key without being the same key. */
bool stored_item_case_variant(const struct stored_item *a, const struct stored_item *b);

/* A set with room for so many items; none: the one empty set that all share. */
struct item_set *item_set_create(size_t room);
void item_set_add(struct item_set *set, struct stored_item *item); /* takes the reference */

/* Whether both hold the same items in the same order: keys, values and types. */
bool item_set_equal(const struct item_set *a, const struct item_set *b);

/* A snapshot of a VM without items; takes the reference to settings. */
struct snapshot *snapshot_create(const struct guid *id, struct vm_settings *settings);

/* A copy to be changed, which shares all sets with its original. */
struct snapshot *snapshot_derive(const struct snapshot *snapshot);

/* Puts another set into one of a snapshot's places; takes the reference. */
void snapshot_set(struct item_set **place, struct item_set *set);

/* A key or name without case, as UTF-8 with a NUL; the caller frees it. */
char *key_fold(const char *key, size_t length);
