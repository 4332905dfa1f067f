/* SPDX-License-Identifier: MIT */
/* fuzz_unicode.c -- what converts, converts back to the same. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/unicode.h"

static void try_utf8(const char *text, size_t length)
{
	size_t units = okvp_utf8_units(text, length), bytes, back_length;
	size_t prefix = okvp_utf8_prefix(text, length, length / 2);
	uint8_t *utf16;
	char *back;

	assert(prefix <= length / 2 && okvp_utf8_valid(text, prefix));
	if (units == SIZE_MAX)
		return;
	assert(units <= length && okvp_utf8_prefix(text, length, length) == length);
	utf16 = malloc(2 * units + 1);
	back = malloc(length + 1);
	assert(utf16 && back);
	assert(okvp_utf8_to_utf16le(text, length, utf16, 2 * units, &bytes) && bytes == 2 * units);
	assert(units == 0 || !okvp_utf8_to_utf16le(text, length, utf16, 2 * units - 1, &bytes));
	assert(okvp_utf8_to_utf16le(text, length, utf16, 2 * units, &bytes));
	assert(okvp_utf16le_to_utf8(utf16, bytes, back, length, &back_length));
	assert(back_length == length && (length == 0 || memcmp(back, text, length) == 0));
	free(back);
	free(utf16);
}

static void try_utf16(const uint8_t *text, size_t bytes)
{
	size_t room = bytes / 2 * 3, length, back_bytes;
	char *utf8 = malloc(room + 1);
	uint8_t *back = malloc(bytes + 1);

	assert(utf8 && back);
	if (okvp_utf16le_to_utf8(text, bytes, utf8, room, &length)) {
		assert(okvp_utf8_valid(utf8, length));
		assert(okvp_utf8_to_utf16le(utf8, length, back, bytes, &back_bytes));
		assert(back_bytes == bytes && (bytes == 0 || memcmp(back, text, bytes) == 0));
	}
	free(back);
	free(utf8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_utf8((const char *)data, size);
	try_utf16(data, size);
	return 0;
}
