/* SPDX-License-Identifier: MIT */
/* path.c -- matches paths segment by segment, before they are decoded: a name may hold a '/'. */
#include "front/json/path.h"

#include <string.h>

/* Steps to the next segment of a path; false: there is none. */
static bool next_segment(const char **path, size_t *ret_length)
{
	if (**path != '/')
		return false;
	(*path)++;
	*ret_length = strcspn(*path, "/");
	return true;
}

bool api_path_match(const char *pattern, const char *raw_path)
{
	size_t wanted, length;

	while (next_segment(&pattern, &wanted)) {
		if (!next_segment(&raw_path, &length) || length == 0)
			return false;
		if (*pattern != '{' && (length != wanted || memcmp(pattern, raw_path, length) != 0))
			return false;
		pattern += wanted;
		raw_path += length;
	}
	return *raw_path == '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes %XX in place; false when it is malformed or means NUL. */
static bool decode(char *text)
{
	char *out = text;

	for (; *text; text++) {
		int high, low;

		if (*text != '%') {
			*out++ = *text;
			continue;
		}
		high = hex_digit(text[1]);
		low = high < 0 ? -1 : hex_digit(text[2]);
		if (low < 0 || (high == 0 && low == 0))
			return false;
		*out++ = (char)(high << 4 | low);
		text += 2;
	}
	*out = '\0';
	return true;
}

bool api_path_parts(const char *pattern, const char *raw_path, struct arena *arena,
		    const char *ret_part[static API_PARTS_MAX], struct okvp_error *err)
{
	size_t wanted, length, count = 0;

	memset(ret_part, 0, API_PARTS_MAX * sizeof(*ret_part));
	while (next_segment(&pattern, &wanted) && next_segment(&raw_path, &length)) {
		if (*pattern == '{') {
			char *part = arena_text(arena, raw_path, length);

			if (!decode(part))
				return okvp_fail(err, OKVP_INVALID,
						 "the path has a malformed %%XX");
			ret_part[count++] = part;
		}
		pattern += wanted;
		raw_path += length;
	}
	return true;
}
