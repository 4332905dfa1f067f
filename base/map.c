/* SPDX-License-Identifier: MIT */
/* map.c -- open addressing with linear probing, under SipHash-1-3 keyed at random. */
#include "base/map.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"

static const char gone_mark;
#define GONE ((const void *)&gone_mark)

static uint64_t secret[2];
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;

static void make_secret(void)
{
	if (getrandom(secret, sizeof(secret), 0) != sizeof(secret))
		abort();
}

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[static 4])
{
	v[0] += v[1], v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0], v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1], v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2], v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

uint64_t map_hash(const void *bytes, size_t length)
{
	const uint8_t *at = bytes, *end = at + (length & ~(size_t)7);
	uint64_t v[4], last = (uint64_t)length << 56, word;

	pthread_once(&secret_once, make_secret);
	v[0] = secret[0] ^ 0x736f6d6570736575, v[1] = secret[1] ^ 0x646f72616e646f6d;
	v[2] = secret[0] ^ 0x6c7967656e657261, v[3] = secret[1] ^ 0x7465646279746573;
	for (; at < end; at += 8) {
		memcpy(&word, at, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	for (size_t i = 0; i < (length & 7); i++)
		last |= (uint64_t)end[i] << (8 * i);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_done(struct map *map)
{
	free(map->entry);
	*map = (struct map){ 0 };
}

static struct map_entry *look_up(const struct map *map, const void *key, size_t length,
				 uint64_t hash)
{
	if (map->room == 0)
		return NULL;
	for (size_t i = hash & (map->room - 1);; i = (i + 1) & (map->room - 1)) {
		struct map_entry *entry = &map->entry[i];

		if (!entry->key)
			return NULL;
		if (entry->key != GONE && entry->hash == hash && entry->length == length &&
		    memcmp(entry->key, key, length) == 0)
			return entry;
	}
}

void *map_find(const struct map *map, const void *key, size_t length)
{
	struct map_entry *entry = look_up(map, key, length, map_hash(key, length));

	return entry ? entry->value : NULL;
}

static void place(struct map *map, struct map_entry new)
{
	size_t i = new.hash &(map->room - 1);

	while (map->entry[i].key)
		i = (i + 1) & (map->room - 1);
	map->entry[i] = new;
	map->used++;
	map->count++;
}

static void make_room(struct map *map)
{
	struct map old = *map;

	if (4 * (map->used + 1) <= 3 * map->room)
		return;
	*map = (struct map){ .room = 16 };
	while (2 * (old.count + 1) > map->room)
		map->room *= 2;
	map->entry = xcalloc(map->room, sizeof(*map->entry));
	for (size_t i = 0; i < old.room; i++)
		if (old.entry[i].key && old.entry[i].key != GONE)
			place(map, old.entry[i]);
	free(old.entry);
}

void *map_put(struct map *map, const void *key, size_t length, void *value)
{
	uint64_t hash = map_hash(key, length);
	struct map_entry *entry = look_up(map, key, length, hash);

	if (entry) {
		void *before = entry->value;

		entry->key = key;
		entry->value = value;
		return before;
	}
	make_room(map);
	place(map, (struct map_entry){ key, length, hash, value });
	return NULL;
}

void *map_remove(struct map *map, const void *key, size_t length)
{
	struct map_entry *entry = look_up(map, key, length, map_hash(key, length));
	void *value;

	if (!entry)
		return NULL;
	value = entry->value;
	*entry = (struct map_entry){ .key = GONE };
	map->count--;
	return value;
}

void *map_next(const struct map *map, size_t *at)
{
	while (*at < map->room) {
		const struct map_entry *entry = &map->entry[(*at)++];

		if (entry->key && entry->key != GONE)
			return entry->value;
	}
	return NULL;
}
