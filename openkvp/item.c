/* SPDX-License-Identifier: MIT */
/* item.c -- what a key-value pair may hold, and how its key is shown. */
#include "openkvp/item.h"

#include <inttypes.h>
#include <string.h>

#include "openkvp/unicode.h"

/* How long the texts of an item may be, and in what; they have no more of it than bytes. */
struct limits {
	size_t key, value;
	size_t (*measure)(const char *text, size_t length);
	const char *unit;
};

static size_t count_bytes(const char *text, size_t length)
{
	return length;
}

/* Most characters of most texts, which need no closer look: all items of a store are checked when
 * it is opened. */
static bool is_printable_ascii(char byte)
{
	return byte >= 0x20 && byte <= 0x7E;
}

/* Fails where the first character stands that XML 1.0 cannot carry; NUL is among them. */
static bool check_characters(const char *text, size_t length, struct okvp_error *err)
{
	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t size;

		if (is_printable_ascii(text[at])) {
			at++;
			continue;
		}
		size = okvp_utf8_decode(text + at, length - at, &character);
		if (size == 0)
			return okvp_fail(err, OKVP_INVALID_TEXT, "not UTF-8 at byte %zu", at);
		if (!okvp_xml_character(character))
			return okvp_fail(err, OKVP_INVALID_TEXT,
					 "U+%04" PRIX32 " at byte %zu cannot be carried", character,
					 at);
		at += size;
	}
	return true;
}

static bool check_text(const char *text, size_t length, size_t most, const struct limits *limits,
		       struct okvp_error *err)
{
	size_t measured;

	if (!check_characters(text, length, err))
		return false;
	if (length <= most)
		return true;
	measured = limits->measure(text, length);
	return measured <= most || okvp_fail(err, OKVP_TOO_LONG, "%zu %s, at most %zu are possible",
					     measured, limits->unit, most);
}

static bool check(const struct okvp_item *item, const struct limits *limits, struct okvp_error *err)
{
	char key[OKVP_KEY_TEXT_SIZE];

	if (item->key_length == 0)
		return okvp_fail(err, OKVP_INVALID, "a key must not be empty");
	if (!check_text(item->key, item->key_length, limits->key, limits, err))
		return okvp_fail_in(err, "key '%s'",
				    okvp_key_text(item->key, item->key_length, key));
	if (!check_text(item->value, item->value_length, limits->value, limits, err))
		return okvp_fail_in(err, "value of '%s'",
				    okvp_key_text(item->key, item->key_length, key));
	return true;
}

bool okvp_item_check(const struct okvp_item *item, struct okvp_error *err)
{
	static const struct limits exchanged = { OKVP_KEY_UNITS, OKVP_VALUE_UNITS, okvp_utf8_units,
						 "UTF-16 units" };

	return check(item, &exchanged, err);
}

bool okvp_item_check_host_only(const struct okvp_item *item, struct okvp_error *err)
{
	static const struct limits host_only = { OKVP_HOST_ONLY_KEY_BYTES,
						 OKVP_HOST_ONLY_VALUE_BYTES, count_bytes, "bytes" };

	return check(item, &host_only, err);
}

bool okvp_item_same_key(const struct okvp_item *a, const struct okvp_item *b)
{
	return a->key_length == b->key_length &&
	       (a->key_length == 0 || memcmp(a->key, b->key, a->key_length) == 0);
}

/* C0, DEL and C1: what a terminal would obey. */
static bool is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

const char *okvp_key_text(const char *key, size_t length, char out[static OKVP_KEY_TEXT_SIZE])
{
	const size_t most = OKVP_KEY_TEXT_SIZE - sizeof("...");
	size_t written = 0;

	for (size_t at = 0; at < length;) {
		uint32_t character;
		size_t size = okvp_utf8_decode(key + at, length - at, &character);
		bool shown = size > 0 && !is_control(character);
		const char *piece = shown ? key + at : "?";
		size_t piece_size = shown ? size : 1;

		if (written + piece_size > most) {
			memcpy(out + written, "...", sizeof("..."));
			return out;
		}
		memcpy(out + written, piece, piece_size);
		written += piece_size;
		at += size > 0 ? size : 1;
	}
	out[written] = '\0';
	return out;
}
