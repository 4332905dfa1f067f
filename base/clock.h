/* SPDX-License-Identifier: MIT */
/* clock.h -- monotonic time for deadlines, wall time for what is shown. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since some moment in the past; never goes back. */
uint64_t clock_monotonic_ms(void);

/* Microseconds since 1970-01-01 UTC. */
int64_t clock_wall_us(void);

#define CLOCK_TEXT_SIZE 32

/* "2026-11-20T10:42:07.123456Z"; returns out. */
const char *clock_text(int64_t wall_us, char out[static CLOCK_TEXT_SIZE]);
