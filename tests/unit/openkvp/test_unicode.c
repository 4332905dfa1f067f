/* SPDX-License-Identifier: MIT */
/* test_unicode.c -- openkvp/unicode */
#include "openkvp/unicode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* One character of each length: U+41, U+E9, U+20AC, U+1F600. */
#define TEXT  "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"
#define UTF16 "A\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE"

static const size_t text_length = sizeof(TEXT) - 1, utf16_length = sizeof(UTF16) - 1;

static bool is_character(uint32_t number)
{
	return number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
}

static void every_character_survives_encoding(void **state)
{
	for (uint32_t character = 0; character <= 0x10FFFF; character++) {
		char utf8[4];
		uint32_t decoded = UINT32_MAX;
		size_t size;

		if (!is_character(character))
			continue;
		size = okvp_utf8_encode(character, utf8);
		if (okvp_utf8_decode(utf8, size, &decoded) != size || decoded != character ||
		    okvp_utf8_decode(utf8, size - 1, &decoded) != 0)
			fail_msg("U+%04X", (unsigned int)character);
	}
}

static void what_is_not_strict_utf8_is_refused(void **state)
{
	static const char *const wrong[] = {
		"\x80",                 /* a continuation without a start */
		"\xC0\x80",             /* NUL in two bytes */
		"\xC1\xBF",             /* DEL in two */
		"\xC3(",                /* no continuation */
		"\xE0\x9F\xBF",         /* U+7FF in three bytes */
		"\xE2\x82(",            /* no second continuation */
		"\xED\xA0\x80",         /* U+D800 */
		"\xED\xBF\xBF",         /* U+DFFF */
		"\xF0\x8F\xBF\xBF",     /* U+FFFF in four bytes */
		"\xF4\x90\x80\x80",     /* U+110000 */
		"\xF5\x80\x80\x80",     /* beyond */
		"\xF8\x88\x80\x80\x80", /* five bytes */
		"\xFF",
	};
	uint32_t character;
	uint8_t utf16[16];
	size_t bytes;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		size_t length = strlen(wrong[i]);

		assert_int_equal(okvp_utf8_decode(wrong[i], length, &character), 0);
		assert_false(okvp_utf8_valid(wrong[i], length));
		assert_true(okvp_utf8_units(wrong[i], length) == SIZE_MAX);
		assert_false(okvp_utf8_to_utf16le(wrong[i], length, utf16, 16, &bytes));
	}
	assert_int_equal(okvp_utf8_decode("", 0, &character), 0);
}

static void units_count_a_pair_twice(void **state)
{
	assert_int_equal(okvp_utf8_units(TEXT, text_length), 5);
	assert_int_equal(okvp_utf8_units(NULL, 0), 0);
	assert_true(okvp_utf8_valid(TEXT, text_length));
}

static void a_prefix_ends_with_a_character(void **state)
{
	static const size_t expected[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10 };

	for (size_t most = 0; most < sizeof(expected) / sizeof(*expected); most++)
		assert_int_equal(okvp_utf8_prefix(TEXT, text_length, most), expected[most]);
	assert_int_equal(okvp_utf8_prefix("ab\xFF", 3, 3), 2);
}

static void texts_convert_both_ways(void **state)
{
	uint8_t utf16[sizeof(UTF16)];
	char utf8[sizeof(TEXT)];
	size_t bytes, length;

	assert_true(okvp_utf8_to_utf16le(TEXT, text_length, utf16, utf16_length, &bytes));
	assert_int_equal(bytes, utf16_length);
	assert_memory_equal(utf16, UTF16, utf16_length);
	assert_true(okvp_utf16le_to_utf8(utf16, bytes, utf8, text_length, &length));
	assert_int_equal(length, text_length);
	assert_memory_equal(utf8, TEXT, text_length);
}

static void a_text_that_does_not_fit_is_refused(void **state)
{
	uint8_t utf16[sizeof(UTF16)];
	char utf8[sizeof(TEXT)];
	size_t ignored;

	for (size_t room = 0; room < utf16_length; room++)
		assert_false(okvp_utf8_to_utf16le(TEXT, text_length, utf16, room, &ignored));
	for (size_t room = 0; room < text_length; room++)
		assert_false(okvp_utf16le_to_utf8((const uint8_t *)UTF16, utf16_length, utf8, room,
						  &ignored));
}

static void what_is_not_strict_utf16_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} wrong[] = {
		{ "A", 1 },                   /* half a unit */
		{ "A\0B", 3 },                /* one and a half */
		{ "\x3D\xD8", 2 },            /* a high surrogate at the end */
		{ "\x3D\xD8\x41\x00", 4 },    /* before a character below the low ones */
		{ "\x3D\xD8\x00\xE0", 4 },    /* before one above them */
		{ "\x00\xDC", 2 },            /* a low surrogate alone */
		{ "\xFF\xDF\x41\x00", 4 },    /* before a character */
		{ "\x3D\xD8\x00\xDE\x00", 5 } /* half a unit behind a pair */
	};
	char utf8[16];
	size_t length;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(okvp_utf16le_to_utf8((const uint8_t *)wrong[i].bytes, wrong[i].size,
						  utf8, sizeof(utf8), &length));
}

static void xml_carries_text_and_no_controls(void **state)
{
	static const uint32_t carried[] = { '\t',   '\n',   '\r',   ' ',     0x7F,
					    0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x10FFFF };
	static const uint32_t others[] = { 0, 1, 0x0B, 0x0C, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF };

	for (size_t i = 0; i < sizeof(carried) / sizeof(*carried); i++)
		assert_true(okvp_xml_character(carried[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(okvp_xml_character(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_survives_encoding),
		cmocka_unit_test(what_is_not_strict_utf8_is_refused),
		cmocka_unit_test(units_count_a_pair_twice),
		cmocka_unit_test(a_prefix_ends_with_a_character),
		cmocka_unit_test(texts_convert_both_ways),
		cmocka_unit_test(a_text_that_does_not_fit_is_refused),
		cmocka_unit_test(what_is_not_strict_utf16_is_refused),
		cmocka_unit_test(xml_carries_text_and_no_controls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
