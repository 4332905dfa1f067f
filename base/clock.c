/* SPDX-License-Identifier: MIT */
/* clock.c -- the two clocks. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

uint64_t clock_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int64_t clock_wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

const char *clock_text(int64_t wall_us, char out[static CLOCK_TEXT_SIZE])
{
	int64_t micro = ((wall_us % 1000000) + 1000000) % 1000000;
	time_t seconds = (time_t)((wall_us - micro) / 1000000);
	struct tm tm;
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + length, CLOCK_TEXT_SIZE - length, ".%06dZ", (int)micro);
	return out;
}
