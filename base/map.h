/* SPDX-License-Identifier: MIT */
/* map.h -- a hash table from bytes to pointers. Keys are borrowed: they live in what they lead to.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_entry {
	const void *key; /* NULL: free */
	size_t length;
	uint64_t hash;
	void *value;
};

/* All zeros is an empty map. */
struct map {
	struct map_entry *entry;
	size_t room, used, count; /* used counts removed entries, count does not */
};

void map_done(struct map *map); /* the values are the caller's */

/* The value of a key; NULL when there is none. */
void *map_find(const struct map *map, const void *key, size_t length);

/* Puts a value (not NULL) under a key, and returns the value that was there before, or NULL. The
 * key is borrowed from now on, also when it replaces an equal one. */
void *map_put(struct map *map, const void *key, size_t length, void *value);

/* Takes a key out and returns its value, or NULL. */
void *map_remove(struct map *map, const void *key, size_t length);

/* Walks over all values, in no order: for (size_t at = 0; (value = map_next(map, &at));) -- the map
 * must not change meanwhile. */
void *map_next(const struct map *map, size_t *at);

/* A hash of bytes, different in each process, so that nobody can choose keys that collide. */
uint64_t map_hash(const void *bytes, size_t length);
