/* SPDX-License-Identifier: MIT */
/* unicode.c -- strict UTF-8 and UTF-16LE (RFC 3629, RFC 2781). */
#include "openkvp/unicode.h"

#include <string.h>

static bool is_surrogate(uint32_t unit)
{
	return unit >= 0xD800 && unit <= 0xDFFF;
}

size_t okvp_utf8_decode(const char *text, size_t length, uint32_t *ret_character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *in = (const uint8_t *)text;
	uint32_t character;
	size_t size;

	if (length == 0)
		return 0;
	if (in[0] < 0x80) {
		*ret_character = in[0];
		return 1;
	}
	if (in[0] >= 0xC2 && in[0] <= 0xDF)
		size = 2, character = in[0] & 0x1F;
	else if (in[0] >= 0xE0 && in[0] <= 0xEF)
		size = 3, character = in[0] & 0x0F;
	else if (in[0] >= 0xF0 && in[0] <= 0xF4)
		size = 4, character = in[0] & 0x07;
	else
		return 0;
	if (length < size)
		return 0;
	for (size_t i = 1; i < size; i++) {
		if ((in[i] & 0xC0) != 0x80)
			return 0;
		character = character << 6 | (in[i] & 0x3F);
	}
	if (character < least[size] || character > 0x10FFFF || is_surrogate(character))
		return 0;
	*ret_character = character;
	return size;
}

size_t okvp_utf8_encode(uint32_t character, char out[static 4])
{
	if (character < 0x80) {
		out[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		out[0] = (char)(0xC0 | character >> 6);
		out[1] = (char)(0x80 | (character & 0x3F));
		return 2;
	}
	if (character < 0x10000) {
		out[0] = (char)(0xE0 | character >> 12);
		out[1] = (char)(0x80 | (character >> 6 & 0x3F));
		out[2] = (char)(0x80 | (character & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | character >> 18);
	out[1] = (char)(0x80 | (character >> 12 & 0x3F));
	out[2] = (char)(0x80 | (character >> 6 & 0x3F));
	out[3] = (char)(0x80 | (character & 0x3F));
	return 4;
}

bool okvp_utf8_valid(const char *text, size_t length)
{
	return okvp_utf8_units(text, length) != SIZE_MAX;
}

size_t okvp_utf8_units(const char *text, size_t length)
{
	size_t units = 0;

	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t size = okvp_utf8_decode(text + at, length - at, &character);

		if (size == 0)
			return SIZE_MAX;
		units += character >= 0x10000 ? 2 : 1;
		at += size;
	}
	return units;
}

size_t okvp_utf8_prefix(const char *text, size_t length, size_t most)
{
	size_t at = 0;

	while (at < length) {
		uint32_t character;
		size_t size = okvp_utf8_decode(text + at, length - at, &character);

		if (size == 0 || at + size > most)
			break;
		at += size;
	}
	return at;
}

static void put_unit(uint8_t *out, uint32_t unit)
{
	out[0] = (uint8_t)unit;
	out[1] = (uint8_t)(unit >> 8);
}

bool okvp_utf8_to_utf16le(const char *text, size_t length, uint8_t *out, size_t room,
			  size_t *ret_bytes)
{
	size_t bytes = 0;

	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t size = okvp_utf8_decode(text + at, length - at, &character), units;

		if (size == 0)
			return false;
		units = character >= 0x10000 ? 2 : 1;
		if (room - bytes < 2 * units)
			return false;
		if (units == 2) {
			put_unit(out + bytes, 0xD800 | (character - 0x10000) >> 10);
			put_unit(out + bytes + 2, 0xDC00 | ((character - 0x10000) & 0x3FF));
		} else {
			put_unit(out + bytes, character);
		}
		bytes += 2 * units;
		at += size;
	}
	*ret_bytes = bytes;
	return true;
}

static uint32_t get_unit(const uint8_t *in)
{
	return in[0] | (uint32_t)in[1] << 8;
}

bool okvp_utf16le_to_utf8(const uint8_t *text, size_t bytes, char *out, size_t room,
			  size_t *ret_length)
{
	size_t length = 0;

	if (bytes % 2 != 0)
		return false;
	for (size_t at = 0; at < bytes; at += 2) {
		uint32_t character = get_unit(text + at);
		char utf8[4];
		size_t size;

		if (character >= 0xD800 && character <= 0xDBFF && bytes - at >= 4) {
			uint32_t low = get_unit(text + at + 2);

			if (low < 0xDC00 || low > 0xDFFF)
				return false;
			character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
			at += 2;
		}
		if (is_surrogate(character))
			return false;
		size = okvp_utf8_encode(character, utf8);
		if (room - length < size)
			return false;
		memcpy(out + length, utf8, size);
		length += size;
	}
	*ret_length = length;
	return true;
}

bool okvp_xml_character(uint32_t character)
{
	if (character < 0x20)
		return character == '\t' || character == '\n' || character == '\r';
	return !is_surrogate(character) && character != 0xFFFE && character != 0xFFFF;
}
