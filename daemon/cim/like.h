/* SPDX-License-Identifier: MIT */
/* like.h -- the patterns of WQL's LIKE: % any run, _ one character, [a-f] one of a set, [^a-f] one
 * that is not in the set. The whole text must match; letters match without case (ASCII). */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Whether every set of a pattern is closed. */
bool cim_like_valid(const char *pattern, size_t length);

bool cim_like(const char *pattern, size_t pattern_length, const char *text, size_t length);
