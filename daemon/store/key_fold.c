/* SPDX-License-Identifier: MIT */
/* key_fold.c -- keys and names without case, by the simple upper case mapping of Unicode. */
#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wctype.h>

#include "base/memory.h"
#include "openkvp/unicode.h"
#include "store/snapshot_build.h"

static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

static void load_unicode(void)
{
	unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/* Where there is no such locale only the letters of ASCII lose their case. */
static uint32_t fold(uint32_t character)
{
	if (character < 0x80)
		return character >= 'a' && character <= 'z' ? character - 'a' + 'A' : character;
	pthread_once(&unicode_once, load_unicode);
	return unicode ? towupper_l(character, unicode) : character;
}

/* Takes the next character off a text, folded; a byte that is not UTF-8 stands for itself. */
static uint32_t next_folded(const char **text, size_t *length)
{
	uint32_t character = (uint8_t) * *text;
	size_t size = okvp_utf8_decode(*text, *length, &character);

	if (size == 0)
		size = 1;
	*text += size;
	*length -= size;
	return fold(character);
}

uint32_t key_fold_hash(const char *key, size_t length)
{
	uint32_t hash = 2166136261; /* FNV-1a, by characters */

	while (length > 0)
		hash = (hash ^ next_folded(&key, &length)) * 16777619;
	return hash ^ hash >> 15; /* whoever masks it uses the low bits */
}

bool key_same_folded(const char *a, size_t a_length, const char *b, size_t b_length)
{
	while (a_length > 0 && b_length > 0)
		if (next_folded(&a, &a_length) != next_folded(&b, &b_length))
			return false;
	return a_length == b_length;
}

char *key_fold(const char *key, size_t length)
{
	char *folded = xmalloc(4 * length + 1), *end = folded;

	while (length > 0)
		end += okvp_utf8_encode(next_folded(&key, &length), end);
	*end = '\0';
	return folded;
}
