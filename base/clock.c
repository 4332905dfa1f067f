/* SPDX-License-Identifier: MIT */
/* clock.c -- the two clocks. */
#include "base/clock.h"

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

/* --- The calendar. gmtime_r() takes a lock that all threads share, and strftime() looks at the
 * locale; an answer shows the time of each item. --- */

#define DAY_US          INT64_C(86400000000)
#define DAYS_OF_400     146097 /* years, after which the calendar repeats itself */
#define DAYS_TO_1970    719468 /* from the first of March of year 0 */
#define DAYS_OF_5_MONTH 153    /* from March on: 31, 30, 31, 30, 31 and again */

/* Years are counted from March, so that the leap day is the last one. */
static void set_day(struct clock_date *date, int64_t days)
{
	int64_t since = days + DAYS_TO_1970;
	int64_t era = (since >= 0 ? since : since - (DAYS_OF_400 - 1)) / DAYS_OF_400;
	int64_t day = since - era * DAYS_OF_400;
	int64_t year = (day - day / 1460 + day / 36524 - day / (DAYS_OF_400 - 1)) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / DAYS_OF_5_MONTH; /* 0: March */

	date->day = of_year - (DAYS_OF_5_MONTH * month + 2) / 5 + 1;
	date->month = month < 10 ? month + 3 : month - 9;
	date->year = era * 400 + year + (date->month <= 2);
}

struct clock_date clock_date(int64_t wall_us)
{
	int64_t of_day = (wall_us % DAY_US + DAY_US) % DAY_US;
	int64_t seconds = of_day / 1000000;
	struct clock_date date = {
		.hour = seconds / 3600,
		.minute = seconds / 60 % 60,
		.second = seconds % 60,
		.microsecond = of_day % 1000000,
	};

	set_day(&date, (wall_us - of_day) / DAY_US);
	return date;
}

static char *put(char *out, int64_t number, int digits, char behind)
{
	for (int i = digits - 1; i >= 0; i--, number /= 10)
		out[i] = (char)('0' + number % 10);
	out[digits] = behind;
	return out + digits + 1;
}

const char *clock_text(int64_t wall_us, char out[static CLOCK_TEXT_SIZE])
{
	struct clock_date date = clock_date(wall_us);
	char *at = put(out, date.year, 4, '-');

	at = put(at, date.month, 2, '-');
	at = put(at, date.day, 2, 'T');
	at = put(at, date.hour, 2, ':');
	at = put(at, date.minute, 2, ':');
	at = put(at, date.second, 2, '.');
	at = put(at, date.microsecond, 6, 'Z');
	*at = '\0';
	return out;
}
