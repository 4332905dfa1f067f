/* SPDX-License-Identifier: MIT */
/* decode.c -- encodings, and what would cost libxml2 more than its length. */
#include "xml/decode.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "openkvp/unicode.h"

static bool decode_utf16(struct arena *arena, struct xml_document *document, bool big_endian,
			 struct okvp_error *err)
{
	size_t room = document->length / 2 * 3;
	uint8_t *units = (uint8_t *)arena_text(arena, document->bytes, document->length);
	char *utf8 = arena_alloc(arena, room + 1);

	for (size_t i = 0; big_endian && i + 1 < document->length; i += 2) {
		uint8_t high = units[i];

		units[i] = units[i + 1];
		units[i + 1] = high;
	}
	if (!okvp_utf16le_to_utf8(units, document->length, utf8, room, &document->length))
		return okvp_fail(err, OKVP_INVALID, "malformed UTF-16");
	document->bytes = utf8;
	return true;
}

static bool begins_with(const struct xml_document *document, const char *bytes, size_t length)
{
	return document->length >= length && memcmp(document->bytes, bytes, length) == 0;
}

static bool skip(struct xml_document *document, const char *bytes, size_t length)
{
	if (!begins_with(document, bytes, length))
		return false;
	document->bytes += length;
	document->length -= length;
	return true;
}

/* The encoding that the first bytes give away. */
static enum xml_encoding sniff(const struct xml_document *document)
{
	if (begins_with(document, "\xFF\xFE", 2) || begins_with(document, "<\0", 2))
		return XML_UTF16LE;
	if (begins_with(document, "\xFE\xFF", 2) || begins_with(document, "\0<", 2))
		return XML_UTF16BE;
	return XML_UTF8;
}

/* Whether an XML declaration, if there is one, names an encoding that these bytes can be in: they
 * have been read as UTF-8 until here, so one that says UTF-16 has been recoded on its way. */
static bool check_declared_encoding(const struct xml_document *document, struct okvp_error *err)
{
	static const char *const known[] = { "utf-8", "utf-16", "utf-16le", "utf-16be",
					     "us-ascii" };
	const char *end, *at, *name;
	size_t length;

	if (!begins_with(document, "<?xml", 5))
		return true;
	end = memmem(document->bytes, document->length, "?>", 2);
	at = end ? memmem(document->bytes, (size_t)(end - document->bytes), "encoding", 8) : NULL;
	if (!at)
		return true;
	name = at + 8 + strspn(at + 8, " \t\r\n=\"'");
	length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == length && strncasecmp(known[i], name, length) == 0)
			return true;
	return okvp_fail(err, OKVP_INVALID, "line 1: the encoding '%.*s' is not offered",
			 (int)(length < 32 ? length : 32), name);
}

/* Quoted texts of a tag, which ends at a '>' outside of them, or where the next one begins. */
static size_t count_quoted(const char *at, const char *end)
{
	size_t count = 0;

	for (; at && at < end && *at != '>'; at++) {
		if (*at != '"' && *at != '\'')
			continue;
		count++;
		at = memchr(at + 1, *at, (size_t)(end - at - 1));
		if (!at)
			break;
	}
	return count;
}

/* libxml2 compares each attribute of an element with all before it, and shows them only then: half
 * a million of them would keep it busy for half a minute. So quotes are counted in what might be a
 * tag; an attribute cannot hold a '<', so each of them begins a new one, whatever came before. */
static bool check_tags(const struct xml_document *document, struct okvp_error *err)
{
	const char *at = document->bytes, *end = at + document->length, *next;

	for (at = memchr(at, '<', (size_t)(end - at)); at; at = next) {
		next = ++at < end ? memchr(at, '<', (size_t)(end - at)) : NULL;
		if (at < end && *at != '!' && *at != '?' &&
		    count_quoted(at, next ? next : end) > XML_ATTRIBUTES_MAX)
			return okvp_fail(err, OKVP_LIMIT, "too many attributes");
	}
	return true;
}

bool xml_decode(struct arena *arena, struct xml_document *document, enum xml_encoding encoding,
		struct okvp_error *err)
{
	bool told = encoding != XML_AUTO;

	if (document->length > XML_BYTES_MAX)
		return okvp_fail(err, OKVP_LIMIT, "the document is longer than %d bytes",
				 XML_BYTES_MAX);
	if (!told)
		encoding = sniff(document);
	if (encoding != XML_UTF8 && !decode_utf16(arena, document, encoding == XML_UTF16BE, err))
		return false;
	skip(document, "\xEF\xBB\xBF", 3);
	while (skip(document, " ", 1) || skip(document, "\t", 1) || skip(document, "\r", 1) ||
	       skip(document, "\n", 1))
		;
	if (document->length < 4 || document->bytes[0] != '<' || memchr(document->bytes, 0, 4))
		return okvp_fail(err, OKVP_INVALID, "no XML");
	return check_tags(document, err) && (told || check_declared_encoding(document, err));
}
