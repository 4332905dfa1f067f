/* SPDX-License-Identifier: MIT */
/* text.c -- a growing string, and escaping for XML and JSON. */
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

void text_done(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->bytes)
		text->bytes[0] = '\0';
}

void text_grow(struct text *text, size_t more)
{
	size_t needed = text->length + more + 1;

	if (needed < 2 * text->room)
		needed = 2 * text->room;
	if (needed < 64)
		needed = 64;
	text->bytes = xrealloc(text->bytes, needed);
	text->room = needed;
}

void text_puts_all(struct text *text, const char *const *strings)
{
	for (; *strings; strings++)
		text_puts(text, *strings);
}

void text_putc(struct text *text, char c)
{
	text_add(text, &c, 1);
}

void text_u64(struct text *text, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	text_add(text, digits + at, sizeof(digits) - at);
}

void text_i64(struct text *text, int64_t number)
{
	if (number < 0)
		text_putc(text, '-');
	text_u64(text, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	text_vprintf(text, format, args);
	va_end(args);
}

void text_vprintf(struct text *text, const char *format, va_list args)
{
	size_t room, length;
	va_list again;

	va_copy(again, args);
	text_reserve(text, 0);
	room = text->room - text->length;
	length = (size_t)vsnprintf(text->bytes + text->length, room, format, args);
	if (length >= room) {
		text_reserve(text, length);
		vsnprintf(text->bytes + text->length, length + 1, format, again);
	}
	va_end(again);
	text->length += length;
}

/* Bytes that stand for themselves in XML; of the others, what stands for them, or NULL when the
 * whole character has to be looked at. */
static const char *xml_escape(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

static const uint8_t xml_special[256] = {
	[0 ... 8] = 1, [11 ... 31] = 1, ['&'] = 1,  ['<'] = 1,
	['>'] = 1,     ['"'] = 1,       ['\''] = 1, [128 ... 255] = 1,
};

void text_xml(struct text *text, const char *bytes, size_t length)
{
	size_t plain = 0, at = 0;

	text_reserve(text, length + length / 8);
	while (at < length) {
		unsigned char c = (unsigned char)bytes[at];
		size_t size = 1;
		const char *instead;

		if (!xml_special[c]) {
			at++;
			continue;
		}
		instead = xml_escape(c);
		if (!instead) {
			uint32_t character;

			size = okvp_utf8_decode(bytes + at, length - at, &character);
			if (size > 0 && okvp_xml_character(character)) {
				at += size;
				continue;
			}
			instead = REPLACEMENT;
			size = size > 0 ? size : 1;
		}
		text_add(text, bytes + plain, at - plain);
		text_puts(text, instead);
		at += size;
		plain = at;
	}
	text_add(text, bytes + plain, at - plain);
}

static void json_escape(struct text *text, unsigned char c)
{
	switch (c) {
	case '"':
		text_literal(text, "\\\"");
		break;
	case '\\':
		text_literal(text, "\\\\");
		break;
	case '\n':
		text_literal(text, "\\n");
		break;
	case '\t':
		text_literal(text, "\\t");
		break;
	case '\r':
		text_literal(text, "\\r");
		break;
	default:
		text_printf(text, "\\u%04x", c);
	}
}

static const uint8_t json_special[256] = {
	[0 ... 31] = 1,
	['"'] = 1,
	['\\'] = 1,
	[128 ... 255] = 1,
};

void text_json(struct text *text, const char *bytes, size_t length)
{
	size_t plain = 0, at = 0;

	text_reserve(text, length + 2);
	text_putc(text, '"');
	while (at < length) {
		unsigned char c = (unsigned char)bytes[at];

		if (!json_special[c]) {
			at++;
			continue;
		}
		if (c >= 128) {
			uint32_t character;
			size_t size = okvp_utf8_decode(bytes + at, length - at, &character);

			at += size;
			if (size > 0)
				continue;
		}
		text_add(text, bytes + plain, at - plain);
		if (c >= 128)
			text_literal(text, REPLACEMENT);
		else
			json_escape(text, c);
		plain = ++at;
	}
	text_add(text, bytes + plain, at - plain);
	text_putc(text, '"');
}

char *text_take(struct text *text)
{
	char *bytes;

	text_reserve(text, 0);
	text->bytes[text->length] = '\0';
	bytes = take(text->bytes);
	*text = (struct text){ 0 };
	return bytes;
}
