/* SPDX-License-Identifier: MIT */
/* arena_fixture.h -- an arena for each test of a file. */
#pragma once
#include "base/arena.h"

static struct arena *arena;

static inline int open_arena(void **state)
{
	arena = arena_create();
	return 0;
}

static inline int close_arena(void **state)
{
	arena_free(&arena);
	return 0;
}
