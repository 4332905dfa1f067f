/* SPDX-License-Identifier: MIT */
/* clock.h -- monotonic time for deadlines, wall time for what is shown. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since some moment in the past; never goes back. */
uint64_t clock_monotonic_ms(void);

/* Microseconds since 1970-01-01 UTC. */
int64_t clock_wall_us(void);

/* A moment in UTC, by the calendar of today also for the days before there was one. */
struct clock_date {
	int64_t year, month, day, hour, minute, second, microsecond; /* month, day: from 1 */
};
struct clock_date clock_date(int64_t wall_us);

#define CLOCK_TEXT_SIZE 32

/* "2026-11-20T10:42:07.123456Z"; returns out. Years have four digits. */
const char *clock_text(int64_t wall_us, char out[static CLOCK_TEXT_SIZE]);
