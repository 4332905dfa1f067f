/* SPDX-License-Identifier: MIT */
/* args.c -- reads the words of a command's line in the table. */
#include "cli/args.h"

#include <ctype.h>
#include <string.h>

/* The words of a line: those that must be there, and those at its end that may follow, again and
 * again. */
struct shape {
	size_t needed, more;
};

static const char *next_word(const char *at, size_t *ret_length)
{
	while (*at && !isalpha((unsigned char)*at))
		at++;
	for (*ret_length = 0; isalpha((unsigned char)at[*ret_length]);)
		++*ret_length;
	return at;
}

static struct shape shape_of(const char *args)
{
	const char *bracket = strchr(args, '['), *word;
	struct shape shape = { 0 };
	size_t length;

	for (word = next_word(args, &length); length > 0; word = next_word(word + length, &length))
		if (bracket && word > bracket)
			shape.more++;
		else
			shape.needed++;
	if (!bracket && strstr(args, "..."))
		shape.more = 1;
	return shape;
}

bool args_fit(const char *args, size_t count)
{
	struct shape shape = shape_of(args);

	if (count <= shape.needed || shape.more == 0)
		return count == shape.needed;
	return (count - shape.needed) % shape.more == 0;
}

const char *args_at(const char *args, size_t place, size_t *ret_length)
{
	struct shape shape = shape_of(args);
	size_t words = shape.needed + (strchr(args, '[') ? shape.more : 0);
	const char *word;

	if (place >= words && shape.more == 0)
		return NULL;
	if (place >= words)
		place = words - shape.more + (place - words) % shape.more;
	word = next_word(args, ret_length);
	for (; place > 0; place--)
		word = next_word(word + *ret_length, ret_length);
	return word;
}

bool args_is(const char *args, size_t place, const char *meaning)
{
	size_t length;
	const char *word = args_at(args, place, &length);

	return word && strlen(meaning) == length && memcmp(word, meaning, length) == 0;
}
