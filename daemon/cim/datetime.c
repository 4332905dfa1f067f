/* SPDX-License-Identifier: MIT */
/* datetime.c -- points in time and intervals as text: DSP0004 section 5.2.4, and ISO 8601 as XML
 * Schema has it. */
#include "cim/datetime.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define SECOND ((int64_t)1000000) /* in microseconds */
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define UTC_MINUTES_MAX 840 /* no zone is further from UTC */

/* What is left of a text that is read from left to right. */
struct cursor {
	const char *at, *end;
};

static bool take_char(struct cursor *in, char c)
{
	if (in->at == in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

/* Takes at least one and at most so many digits. */
static bool take_digits(struct cursor *in, int most, int64_t *ret_number)
{
	int count = 0;

	*ret_number = 0;
	for (; count < most && in->at < in->end && *in->at >= '0' && *in->at <= '9'; count++)
		*ret_number = 10 * *ret_number + (*in->at++ - '0');
	return count > 0;
}

/* Takes exactly width digits, or as many asterisks, which count as least. */
static bool take_field(struct cursor *in, int width, int64_t least, int64_t most,
		       int64_t *ret_number)
{
	const char *begin = in->at;

	if (in->end - in->at < width)
		return false;
	if (strspn(begin, "*") >= (size_t)width) {
		in->at += width;
		*ret_number = least;
		return true;
	}
	return take_digits(in, width, ret_number) && in->at - begin == width &&
	       *ret_number >= least && *ret_number <= most;
}

/* Takes the digits of a fraction of a second. */
static bool take_fraction(struct cursor *in, int64_t *ret_microseconds)
{
	int64_t unit = SECOND / 10, sum = 0;
	const char *begin = in->at;

	for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++, unit /= 10)
		sum += unit * (*in->at - '0');
	*ret_microseconds = sum;
	return in->at > begin;
}

/* False for a day that its month does not have. */
static bool to_microseconds(const struct clock_date *when, int64_t *ret_microseconds)
{
	struct tm tm = {
		.tm_year = (int)when->year - 1900,
		.tm_mon = (int)when->month - 1,
		.tm_mday = (int)when->day,
		.tm_hour = (int)when->hour,
		.tm_min = (int)when->minute,
		.tm_sec = (int)when->second,
	};
	int64_t seconds = timegm(&tm);

	*ret_microseconds = seconds * SECOND + when->microsecond;
	return tm.tm_mday == when->day;
}

/* ddddddddhhmmss.mmmmmm:000 */
static bool interval_from_dmtf(struct cursor *in, struct cim_datetime *ret_datetime)
{
	int64_t days, hours, minutes, seconds, microseconds, zero;

	if (!take_field(in, 8, 0, CIM_INTERVAL_DAYS_MAX, &days) ||
	    !take_field(in, 2, 0, 23, &hours) || !take_field(in, 2, 0, 59, &minutes) ||
	    !take_field(in, 2, 0, 59, &seconds) || !take_char(in, '.') ||
	    !take_field(in, 6, 0, 999999, &microseconds) || !take_char(in, ':') ||
	    !take_field(in, 3, 0, 0, &zero))
		return false;
	ret_datetime->is_interval = true;
	ret_datetime->microseconds =
		days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND + microseconds;
	return in->at == in->end;
}

/* yyyymmddhhmmss.mmmmmmsutc */
static bool time_from_dmtf(struct cursor *in, struct cim_datetime *ret_datetime)
{
	struct clock_date when;
	int64_t offset;
	bool west;

	if (!take_field(in, 4, 0, 9999, &when.year) || !take_field(in, 2, 1, 12, &when.month) ||
	    !take_field(in, 2, 1, 31, &when.day) || !take_field(in, 2, 0, 23, &when.hour) ||
	    !take_field(in, 2, 0, 59, &when.minute) || !take_field(in, 2, 0, 59, &when.second) ||
	    !take_char(in, '.') || !take_field(in, 6, 0, 999999, &when.microsecond))
		return false;
	west = take_char(in, '-');
	if ((!west && !take_char(in, '+')) || !take_field(in, 3, 0, UTC_MINUTES_MAX, &offset) ||
	    in->at != in->end || !to_microseconds(&when, &ret_datetime->microseconds))
		return false;
	ret_datetime->utc_minutes = (int16_t)(west ? -offset : offset);
	ret_datetime->microseconds -= ret_datetime->utc_minutes * MINUTE;
	return true;
}

/* Z, or +hh:mm; nothing at all is UTC. */
static bool zone_from_iso(struct cursor *in, int16_t *ret_minutes)
{
	int64_t hours, minutes;
	bool west;

	*ret_minutes = 0;
	if (in->at == in->end || take_char(in, 'Z'))
		return in->at == in->end;
	west = take_char(in, '-');
	if ((!west && !take_char(in, '+')) || !take_field(in, 2, 0, 14, &hours) ||
	    !take_char(in, ':') || !take_field(in, 2, 0, 59, &minutes))
		return false;
	minutes += 60 * hours;
	*ret_minutes = (int16_t)(west ? -minutes : minutes);
	return in->at == in->end && minutes <= UTC_MINUTES_MAX;
}

static bool time_from_iso(struct cursor *in, struct cim_datetime *ret_datetime)
{
	struct clock_date when = { 0 };

	if (!take_field(in, 4, 0, 9999, &when.year) || !take_char(in, '-') ||
	    !take_field(in, 2, 1, 12, &when.month) || !take_char(in, '-') ||
	    !take_field(in, 2, 1, 31, &when.day))
		return false;
	if (take_char(in, 'T') && (!take_field(in, 2, 0, 23, &when.hour) || !take_char(in, ':') ||
				   !take_field(in, 2, 0, 59, &when.minute) || !take_char(in, ':') ||
				   !take_field(in, 2, 0, 59, &when.second)))
		return false;
	if (take_char(in, '.') && !take_fraction(in, &when.microsecond))
		return false;
	if (!zone_from_iso(in, &ret_datetime->utc_minutes) ||
	    !to_microseconds(&when, &ret_datetime->microseconds))
		return false;
	ret_datetime->microseconds -= ret_datetime->utc_minutes * MINUTE;
	return true;
}

/* PnYnMnDTnHnMn.nS: the parts in this order, at least one, each at most once. */
static bool interval_from_iso(struct cursor *in, struct cim_datetime *ret_datetime)
{
	static const struct part {
		char letter;
		bool of_day; /* behind the T */
		int64_t length;
	} parts[] = {
		{ 'Y', false, 0 },   { 'M', false, 0 },     { 'D', false, DAY },
		{ 'H', true, HOUR }, { 'M', true, MINUTE }, { 'S', true, SECOND },
		{ '\0', false, 0 },
	};
	const struct part *part = parts;
	int64_t sum = 0;
	bool of_day = false;

	if (!take_char(in, 'P') || in->at == in->end)
		return false;
	while (in->at < in->end) {
		int64_t number, length, fraction = 0;

		if (!of_day && take_char(in, 'T'))
			of_day = true;
		if (!take_digits(in, 12, &number))
			return false;
		if (take_char(in, '.') && (!take_fraction(in, &fraction) || *in->at != 'S'))
			return false;
		while (part->letter && (part->of_day != of_day || *in->at != part->letter))
			part++;
		if (!part->letter || (part->length == 0 && number != 0) ||
		    __builtin_mul_overflow(number, part->length, &length) ||
		    __builtin_add_overflow(sum, length + fraction, &sum))
			return false;
		in->at++;
		part++;
	}
	ret_datetime->is_interval = true;
	ret_datetime->microseconds = sum;
	return sum / DAY <= CIM_INTERVAL_DAYS_MAX;
}

bool cim_datetime_from_text(const char *text, size_t length, struct cim_datetime *ret_datetime)
{
	char copy[64]; /* so that a NUL ends it; no form is longer */
	struct cim_datetime datetime = { 0 };
	struct cursor in;
	bool ok;

	if (length < 2 || length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	in = (struct cursor){ copy, copy + length };
	if (copy[0] == 'P')
		ok = interval_from_iso(&in, &datetime);
	else if (length == CIM_DATETIME_SIZE - 1 && copy[21] == ':')
		ok = interval_from_dmtf(&in, &datetime);
	else if (length == CIM_DATETIME_SIZE - 1 && copy[14] == '.')
		ok = time_from_dmtf(&in, &datetime);
	else
		ok = time_from_iso(&in, &datetime);
	if (ok)
		*ret_datetime = datetime;
	return ok;
}

/* Writes the last width digits of a number; returns what comes behind. */
static char *put_digits(char *out, int64_t number, int width)
{
	for (int i = width - 1; i >= 0; i--, number /= 10)
		out[i] = (char)('0' + number % 10);
	return out + width;
}

static char *put_char(char *out, char c)
{
	*out = c;
	return out + 1;
}

void cim_datetime_to_dmtf(const struct cim_datetime *datetime, char out[static CIM_DATETIME_SIZE])
{
	int64_t us = datetime->microseconds;
	int offset = datetime->utc_minutes;

	if (datetime->is_interval) {
		out = put_digits(out, us / DAY, 8);
		out = put_digits(out, us % DAY / HOUR, 2);
		out = put_digits(out, us % HOUR / MINUTE, 2);
		out = put_digits(out, us % MINUTE / SECOND, 2);
		out = put_digits(put_char(out, '.'), us % SECOND, 6);
		out = put_digits(put_char(out, ':'), 0, 3);
	} else {
		struct clock_date when = clock_date(us + offset * MINUTE);

		out = put_digits(out, when.year, 4);
		out = put_digits(out, when.month, 2);
		out = put_digits(out, when.day, 2);
		out = put_digits(out, when.hour, 2);
		out = put_digits(out, when.minute, 2);
		out = put_digits(out, when.second, 2);
		out = put_digits(put_char(out, '.'), when.microsecond, 6);
		out = put_char(out, offset < 0 ? '-' : '+');
		out = put_digits(out, offset < 0 ? -offset : offset, 3);
	}
	*out = '\0';
}

static void interval_to_iso(int64_t us, char out[static CIM_ISO_SIZE])
{
	int n = snprintf(out, CIM_ISO_SIZE, "P%" PRId64 "DT%dH%dM%d", us / DAY,
			 (int)(us % DAY / HOUR), (int)(us % HOUR / MINUTE),
			 (int)(us % MINUTE / SECOND));

	out += n;
	if (us % SECOND != 0)
		out = put_digits(put_char(out, '.'), us % SECOND, 6);
	out = put_char(out, 'S');
	*out = '\0';
}

void cim_datetime_to_iso(const struct cim_datetime *datetime, char out[static CIM_ISO_SIZE])
{
	int offset = datetime->utc_minutes;
	struct clock_date when;

	if (datetime->is_interval) {
		interval_to_iso(datetime->microseconds, out);
		return;
	}
	when = clock_date(datetime->microseconds + offset * MINUTE);
	out = put_digits(out, when.year, 4);
	out = put_digits(put_char(out, '-'), when.month, 2);
	out = put_digits(put_char(out, '-'), when.day, 2);
	out = put_digits(put_char(out, 'T'), when.hour, 2);
	out = put_digits(put_char(out, ':'), when.minute, 2);
	out = put_digits(put_char(out, ':'), when.second, 2);
	out = put_digits(put_char(out, '.'), when.microsecond, 6);
	if (offset == 0) {
		out = put_char(out, 'Z');
	} else {
		int minutes = offset < 0 ? -offset : offset;

		out = put_digits(put_char(out, offset < 0 ? '-' : '+'), minutes / 60, 2);
		out = put_digits(put_char(out, ':'), minutes % 60, 2);
	}
	*out = '\0';
}
