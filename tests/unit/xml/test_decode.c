/* SPDX-License-Identifier: MIT */
/* test_decode.c -- xml/decode */
#include "xml/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/arena_fixture.h"

static struct okvp_error err;
static struct text document;

static int tear_down(void **state)
{
	text_done(&document);
	return close_arena(state);
}

static void assert_decoded(const char *bytes, size_t length, enum xml_encoding encoding,
			   const char *expected)
{
	struct xml_document decoded = { bytes, length };

	if (!xml_decode(arena, &decoded, encoding, &err))
		fail_msg("%s", err.message);
	assert_int_equal(decoded.length, strlen(expected));
	assert_memory_equal(decoded.bytes, expected, decoded.length);
}

static void assert_refused(const char *bytes, size_t length, enum xml_encoding encoding,
			   enum okvp_status status, const char *sentence)
{
	struct xml_document decoded = { bytes, length };

	assert_false(xml_decode(arena, &decoded, encoding, &err));
	assert_string_equal(err.message, sentence);
	assert_int_equal(err.status, status);
}

/* The text, of which each character stands in ASCII or is given as \xC3\xA9, as UTF-16. */
static void as_utf16(const char *text, bool big_endian, bool mark)
{
	text_clear(&document);
	if (mark)
		text_add(&document, big_endian ? "\xFE\xFF" : "\xFF\xFE", 2);
	for (; *text; text++) {
		char c = *text;

		if (c == '\xC3' && text[1] == '\xA9') {
			c = '\xE9';
			text++;
		}
		text_add(&document, big_endian ? (char[]){ 0, c } : (char[]){ c, 0 }, 2);
	}
}

static void utf16_is_read_by_its_mark(void **state)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		as_utf16("<?xml version='1.0' encoding='UTF-16'?><a>\xC3\xA9</a>", big_endian,
			 true);
		assert_decoded(document.bytes, document.length, XML_AUTO,
			       "<?xml version='1.0' encoding='UTF-16'?><a>\xC3\xA9</a>");
	}
}

static void utf16_is_read_by_its_look(void **state)
{
	for (int big_endian = 0; big_endian < 2; big_endian++) {
		as_utf16("<a>\xC3\xA9</a>", big_endian, false);
		assert_decoded(document.bytes, document.length, XML_AUTO, "<a>\xC3\xA9</a>");
	}
}

static void utf16_is_read_by_the_word_of_the_transport(void **state)
{
	as_utf16(" <?xml version='1.0' encoding='utf-8'?><a/>", false, false);
	assert_decoded(document.bytes, document.length, XML_UTF16LE,
		       "<?xml version='1.0' encoding='utf-8'?><a/>");
	as_utf16("<a/>", false, true);
	assert_decoded(document.bytes, document.length, XML_UTF16LE, "<a/>");
	as_utf16("<a/>", true, false);
	assert_decoded(document.bytes, document.length, XML_UTF16BE, "<a/>");
}

static void malformed_utf16_is_refused(void **state)
{
	assert_refused("<\0a\0/\0>", 7, XML_AUTO, OKVP_INVALID, "malformed UTF-16");
	assert_refused("<\0a\0>\0\x00\xD8<\0/\0a\0>\0", 16, XML_AUTO, OKVP_INVALID,
		       "malformed UTF-16");
}

static void marks_and_white_space_in_front_of_utf8_are_skipped(void **state)
{
	assert_decoded("\xEF\xBB\xBF<a/>", 7, XML_AUTO, "<a/>");
	assert_decoded("\xEF\xBB\xBF \r\n\t<a/>", 11, XML_UTF8, "<a/>");
}

static void text_that_was_recoded_on_its_way_is_taken_as_it_is(void **state)
{
	const char *text = "<?xml version=\"1.0\" encoding = \"utf-16\"?><a>\xC3\xA9</a>";

	assert_decoded(text, strlen(text), XML_UTF8, text);
	assert_decoded(text, strlen(text), XML_AUTO, text);
}

static void a_declaration_need_not_name_the_encoding(void **state)
{
	const char *text = "<?xml version='1.0'?><encoding>ISO-8859-1</encoding>";

	assert_decoded(text, strlen(text), XML_AUTO, text);
	text = "<?xml version='1.0' encoding='ISO-8859-1'";
	assert_decoded(text, strlen(text), XML_AUTO, text); /* the parser finds what is wrong */
}

static void other_encodings_are_refused_unless_the_transport_knows_better(void **state)
{
	const char *text = "<?xml version='1.0' encoding='ISO-2022-JP'?><a/>";

	assert_refused(text, strlen(text), XML_AUTO, OKVP_INVALID,
		       "line 1: the encoding 'ISO-2022-JP' is not offered");
	assert_decoded(text, strlen(text), XML_UTF8, text);
}

static void exotic_encodings_are_not_guessed(void **state)
{
	static const char ebcdic[] = "\x4C\x6F\xA7\x94\x93";
	static const char ucs4be[16] = "\0\0\0<\0\0\0a\0\0\0/\0\0\0>";
	static const char ucs4le[16] = "<\0\0\0a\0\0\0/\0\0\0>\0\0\0";

	assert_refused(ebcdic, 5, XML_AUTO, OKVP_INVALID, "no XML");
	assert_refused(ucs4be, 16, XML_AUTO, OKVP_INVALID, "no XML");
	assert_refused(ucs4le, 16, XML_UTF8, OKVP_INVALID, "no XML");
}

static void what_is_no_xml_is_refused(void **state)
{
	assert_refused("", 0, XML_AUTO, OKVP_INVALID, "no XML");
	assert_refused(" \n ", 3, XML_UTF8, OKVP_INVALID, "no XML");
	assert_refused("text", 4, XML_UTF8, OKVP_INVALID, "no XML");
}

/* "before", then count times the pattern. */
static void repeat(const char *before, const char *pattern, int count, const char *after)
{
	text_clear(&document);
	text_puts(&document, before);
	for (int i = 0; i < count; i++)
		text_puts(&document, pattern);
	text_puts(&document, after);
}

static void assert_too_many(const char *before, const char *pattern, const char *after)
{
	repeat(before, pattern, XML_ATTRIBUTES_MAX, after);
	assert_decoded(document.bytes, document.length, XML_UTF8, document.bytes);
	repeat(before, pattern, XML_ATTRIBUTES_MAX + 1, after);
	assert_refused(document.bytes, document.length, XML_UTF8, OKVP_LIMIT,
		       "too many attributes");
}

static void attributes_are_counted_before_libxml2_compares_them(void **state)
{
	assert_too_many("<a", " b=''", "/>");
	assert_too_many("<a", " xmlns:b='x>\"'", "/>");
	assert_too_many("<r><![CDATA[ <a ' ]]><a", " b=\"'>\"", "/></r>");
	assert_too_many("<a", " b=''", ""); /* without an end */
}

static void quotes_outside_of_tags_are_not_counted(void **state)
{
	static const char *const around[][2] = {
		{ "<a><!-- ", " --></a>" },
		{ "<a>", "</a>" },
		{ "<a><![CDATA[", "]]></a>" },
		{ "<?a ", "?><a/>" },
	};

	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		repeat(around[i][0], "'x' ", 200, around[i][1]);
		assert_decoded(document.bytes, document.length, XML_UTF8, document.bytes);
	}
}

static void documents_have_a_longest_length(void **state)
{
	repeat("<a>", " ", XML_BYTES_MAX - 3, "");
	assert_decoded(document.bytes, document.length, XML_UTF8, document.bytes);
	text_putc(&document, ' ');
	assert_refused(document.bytes, document.length, XML_UTF8, OKVP_LIMIT,
		       "the document is longer than 16777216 bytes");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_arena, tear_down)
	const struct CMUnitTest tests[] = {
		test(utf16_is_read_by_its_mark),
		test(utf16_is_read_by_its_look),
		test(utf16_is_read_by_the_word_of_the_transport),
		test(malformed_utf16_is_refused),
		test(marks_and_white_space_in_front_of_utf8_are_skipped),
		test(text_that_was_recoded_on_its_way_is_taken_as_it_is),
		test(a_declaration_need_not_name_the_encoding),
		test(other_encodings_are_refused_unless_the_transport_knows_better),
		test(exotic_encodings_are_not_guessed),
		test(what_is_no_xml_is_refused),
		test(attributes_are_counted_before_libxml2_compares_them),
		test(quotes_outside_of_tags_are_not_counted),
		test(documents_have_a_longest_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
