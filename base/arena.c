/* SPDX-License-Identifier: MIT */
/* arena.c -- a chain of blocks, each larger than the one before up to a limit. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define FIRST_BLOCK  4096
#define LARGEST_STEP (256 * 1024)
#define ALIGNMENT    16

struct block {
	struct block *before;
	size_t size, used;
	_Alignas(ALIGNMENT) char bytes[];
};

struct deferred {
	struct deferred *before;
	void (*release)(void *object);
	void *object;
};

struct arena {
	struct block *block;
	struct deferred *deferred;
	size_t size, step;
};

struct arena *arena_create(void)
{
	struct arena *arena = xcalloc(1, sizeof(*arena));

	arena->step = FIRST_BLOCK;
	return arena;
}

void arena_reset(struct arena *arena)
{
	for (struct deferred *d = arena->deferred; d; d = d->before)
		d->release(d->object);
	arena->deferred = NULL;
	while (arena->block && arena->block->before) {
		struct block *block = arena->block;

		arena->block = block->before;
		arena->size -= sizeof(*block) + block->size;
		free(block);
	}
	if (arena->block)
		arena->block->used = 0;
	arena->step = 2 * FIRST_BLOCK;
}

void arena_free(struct arena **arena)
{
	if (!*arena)
		return;
	arena_reset(*arena);
	free((*arena)->block);
	free(*arena);
	*arena = NULL;
}

static void add_block(struct arena *arena, size_t at_least)
{
	size_t room = arena->step - sizeof(struct block);
	struct block *block;

	if (room < at_least)
		room = at_least;
	block = xmalloc(sizeof(*block) + room);
	block->before = arena->block;
	block->size = room;
	block->used = 0;
	arena->block = block;
	arena->size += sizeof(*block) + room;
	if (arena->step < LARGEST_STEP)
		arena->step *= 2;
}

static void *take_bytes(struct arena *arena, size_t size)
{
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	void *bytes;

	if (rounded < size)
		abort();
	if (!arena->block || arena->block->size - arena->block->used < rounded)
		add_block(arena, rounded);
	bytes = arena->block->bytes + arena->block->used;
	arena->block->used += rounded;
	return bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(take_bytes(arena, size), 0, size);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = take_bytes(arena, length + 1);

	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = take_bytes(arena, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

void arena_defer(struct arena *arena, void (*release)(void *object), void *object)
{
	struct deferred *deferred = arena_new(arena, struct deferred);

	deferred->release = release;
	deferred->object = object;
	deferred->before = arena->deferred;
	arena->deferred = deferred;
}

size_t arena_size(const struct arena *arena)
{
	return arena->size;
}
