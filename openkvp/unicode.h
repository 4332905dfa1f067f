/* SPDX-License-Identifier: MIT */
/* unicode.h -- strict UTF-8 and UTF-16LE: nothing is cut, replaced or skipped silently.
 *
 * Strict means: no overlong forms, no surrogates in UTF-8, no lone surrogates in UTF-16, nothing
 * above U+10FFFF. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openkvp/linkage.h"

OKVP_BEGIN_DECLS

/* Decodes the character at the start of text; its bytes, or 0 when it is not valid UTF-8. */
size_t okvp_utf8_decode(const char *text, size_t length, uint32_t *ret_character);

/* Encodes a character (a valid one) as 1 to 4 bytes of UTF-8; how many. */
size_t okvp_utf8_encode(uint32_t character, char out[OKVP_AT_LEAST 4]);

bool okvp_utf8_valid(const char *text, size_t length);

/* Length in UTF-16 units of valid UTF-8; SIZE_MAX when the text is not valid. */
size_t okvp_utf8_units(const char *text, size_t length);

/* The longest prefix of valid UTF-8 that has at most this many bytes and ends with a character. */
size_t okvp_utf8_prefix(const char *text, size_t length, size_t most);

/* Converts to UTF-16LE without a NUL. False when the text is not valid or does not fit; out then
 * holds nothing of use. */
bool okvp_utf8_to_utf16le(const char *text, size_t length, uint8_t *out, size_t room,
			  size_t *ret_bytes);

/* Converts from UTF-16LE (bytes: even). False when it is not valid or does not fit. */
bool okvp_utf16le_to_utf8(const uint8_t *text, size_t bytes, char *out, size_t room,
			  size_t *ret_length);

/* Whether XML 1.0 can carry this character: TAB, LF, CR, and all from U+0020 but surrogates,
 * U+FFFE and U+FFFF. */
bool okvp_xml_character(uint32_t character);

OKVP_END_DECLS
