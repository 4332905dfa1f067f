/* SPDX-License-Identifier: MIT */
/* display.c -- escaping and measuring by the character widths of the C library. */
#include "cli/display.h"

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "openkvp/unicode.h"

#define ELLIPSIS    "\xE2\x80\xA6"
#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

void display_init(void)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* Characters that have a width and yet decide how others are shown: they turn the direction of
 * writing, so that a line could read otherwise than it is. */
static bool turns_direction(uint32_t c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static void add_escaped(struct text *out, uint32_t c)
{
	if (c == '\n')
		text_literal(out, "\\n");
	else if (c == '\t')
		text_literal(out, "\\t");
	else if (c == '\r')
		text_literal(out, "\\r");
	else
		text_printf(out, c > 0xFFFF ? "\\U%08X" : "\\u%04X", (unsigned int)c);
}

void display_add(struct text *out, const char *text, size_t length)
{
	size_t size;

	for (size_t at = 0; at < length; at += size) {
		uint32_t c;

		size = okvp_utf8_decode(text + at, length - at, &c);
		if (size == 0) {
			text_literal(out, REPLACEMENT);
			size = 1;
		} else if (c == 0 || wcwidth((wchar_t)c) < 0 || turns_direction(c)) {
			add_escaped(out, c);
		} else {
			text_add(out, text + at, size);
		}
	}
}

/* The columns of the character at a place of printable text, and its bytes. */
static size_t width_at(const char *at, size_t *ret_size)
{
	uint32_t c = 0;
	int width;

	*ret_size = okvp_utf8_decode(at, strnlen(at, 4), &c);
	if (*ret_size == 0)
		*ret_size = 1;
	width = wcwidth((wchar_t)c);
	return width > 0 ? (size_t)width : 0;
}

size_t display_width(const char *text)
{
	size_t width = 0, size;

	for (; *text; text += size)
		width += width_at(text, &size);
	return width;
}

void display_cut(struct text *text, size_t columns)
{
	size_t fits = 0, width = 0, size;

	if (!text->bytes || display_width(text->bytes) <= columns)
		return;
	for (size_t at = 0; text->bytes[at]; at += size) {
		width += width_at(text->bytes + at, &size);
		if (width + 1 > columns)
			break;
		fits = at + size;
	}
	text->length = fits;
	text_puts(text, ELLIPSIS);
}
