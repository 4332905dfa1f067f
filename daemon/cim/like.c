/* SPDX-License-Identifier: MIT */
/* like.c -- WQL's LIKE, without recursion: a mismatch goes back to the last % only, since what an
 * earlier one could still take, the last one can take too. */
#include "cim/like.h"

#include <stdint.h>
#include <string.h>

#include "openkvp/unicode.h"

struct cursor {
	const char *at, *end;
};

static uint32_t fold(uint32_t character)
{
	return character >= 'A' && character <= 'Z' ? character | 0x20 : character;
}

/* The next character, in lower case; a byte that is not UTF-8 counts as one. */
static uint32_t next(struct cursor *in)
{
	uint32_t character;
	size_t size = okvp_utf8_decode(in->at, (size_t)(in->end - in->at), &character);

	if (size == 0) {
		character = (unsigned char)*in->at;
		size = 1;
	}
	in->at += size;
	return fold(character);
}

static bool at_char(const struct cursor *in, char c)
{
	return in->at < in->end && *in->at == c;
}

/* Behind the '[' of a set: whether it has the character. The cursor stands behind the ']' then. */
static bool match_set(struct cursor *pattern, uint32_t character)
{
	bool negated = at_char(pattern, '^'), found = false;

	pattern->at += negated;
	while (pattern->at < pattern->end && *pattern->at != ']') {
		uint32_t first = next(pattern), last = first;

		if (at_char(pattern, '-') && pattern->end - pattern->at > 1 &&
		    pattern->at[1] != ']') {
			pattern->at++;
			last = next(pattern);
		}
		found |= first <= character && character <= last;
	}
	pattern->at += pattern->at < pattern->end;
	return found != negated;
}

/* Takes one character off the text, and what stands for it off the pattern. */
static bool match_one(struct cursor *pattern, struct cursor *text)
{
	uint32_t character = next(text);

	if (at_char(pattern, '_')) {
		pattern->at++;
		return true;
	}
	if (at_char(pattern, '[')) {
		pattern->at++;
		return match_set(pattern, character);
	}
	return next(pattern) == character;
}

bool cim_like(const char *pattern, size_t pattern_length, const char *text, size_t length)
{
	struct cursor p = { pattern, pattern + pattern_length }, behind_run = { 0 };
	struct cursor t = { text, text + length }, run_end = { 0 };

	while (t.at < t.end) {
		if (at_char(&p, '%')) {
			p.at++;
			behind_run = p;
			run_end = t;
			continue;
		}
		if (p.at < p.end && match_one(&p, &t))
			continue;
		if (!behind_run.at)
			return false;
		next(&run_end);
		p = behind_run;
		t = run_end;
	}
	while (at_char(&p, '%'))
		p.at++;
	return p.at == p.end;
}

bool cim_like_valid(const char *pattern, size_t length)
{
	const char *end = pattern + length;

	while ((pattern = memchr(pattern, '[', (size_t)(end - pattern)))) {
		pattern = memchr(pattern, ']', (size_t)(end - pattern));
		if (!pattern)
			return false;
	}
	return true;
}
