/* SPDX-License-Identifier: MIT */
/* arena.h -- memory that goes all at once: what belongs to one request lives in its arena. */
#pragma once
#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_free(struct arena **arena);

/* Zeroed memory, aligned for any type; the program ends when there is none. */
void *arena_alloc(struct arena *arena, size_t size);

/* A zeroed array of count elements. */
#define arena_array(arena, type, count) ((type *)arena_alloc((arena), (count) * sizeof(type)))
#define arena_new(arena, type)          arena_array(arena, type, 1)

/* A copy with a NUL behind it. */
char *arena_text(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Has release(object) called when the arena goes, in reverse order of these calls. */
void arena_defer(struct arena *arena, void (*release)(void *object), void *object);

/* Empties the arena, runs what was deferred, and keeps its first block for what comes. */
void arena_reset(struct arena *arena);

/* Bytes taken from the system until now. */
size_t arena_size(const struct arena *arena);
