/* SPDX-License-Identifier: MIT */
/* memory.h -- allocation for programs, which stop when memory ends. */
#pragma once
#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *memory, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t length);
char *xprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Frees what a char * variable holds and leaves NULL: for scoped(). */
void xfree_text(char **text);

/* Makes room for one more element behind count in a growing array, doubling it. */
#define grow(array, count, room)                                                \
	do {                                                                    \
		if ((count) == (room)) {                                        \
			(room) = (room) ? 2 * (room) : 8;                       \
			(array) = xrealloc((array), (room) * sizeof(*(array))); \
		}                                                               \
	} while (0)

#define count_of(array) (sizeof(array) / sizeof((array)[0]))
