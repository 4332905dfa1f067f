/* SPDX-License-Identifier: MIT */
/* text.h -- a growing string, and escaping for XML and JSON. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* All zeros is an empty text. bytes is NULL while nothing was added, else NUL-terminated. */
struct text {
	char *bytes;
	size_t length, room;
};

void text_done(struct text *text);
void text_clear(struct text *text); /* empty again, the memory kept */

/* Makes room for so many more bytes: for text_reserve(). */
void text_grow(struct text *text, size_t more);

/* Makes sure that so many more bytes fit without another allocation. */
static inline void text_reserve(struct text *text, size_t more)
{
	if (text->length + more >= text->room)
		text_grow(text, more);
}

/* Answers are written by hundreds of these: what is short is copied in place. */
static inline void text_add(struct text *text, const char *bytes, size_t length)
{
	text_reserve(text, length);
	if (length > 0)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

/* Inline: the length of what is constant is known to the compiler. */
static inline void text_puts(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_putc(struct text *text, char c);
void text_u64(struct text *text, uint64_t number);
void text_i64(struct text *text, int64_t number);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* A string literal, its length known to the compiler. */
#define text_literal(text, literal) text_add((text), "" literal, sizeof(literal) - 1)

/* Strings, one behind the other: what text_printf() with "%s" alone would do, in a tenth of the
 * time. */
#define text_concat(text, ...) text_puts_all((text), (const char *const[]){ __VA_ARGS__, NULL })
void text_puts_all(struct text *text, const char *const *strings);

/* UTF-8 as XML character data or attribute value: & < > " ' escaped. A byte sequence that XML 1.0
 * cannot carry becomes U+FFFD. CR becomes &#13;, which any parser would turn into LF otherwise. */
void text_xml(struct text *text, const char *bytes, size_t length);

/* UTF-8 as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD. */
void text_json(struct text *text, const char *bytes, size_t length);

/* Hands the string over (malloc'ed, "" when nothing was added) and leaves the text empty. */
char *text_take(struct text *text);
