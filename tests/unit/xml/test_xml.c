/* SPDX-License-Identifier: MIT */
/* test_xml.c -- xml/xml */
#include "xml/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "tests/unit/arena_fixture.h"

static struct okvp_error err;
static struct text document;

static int set_up(void **state)
{
	open_arena(state);
	memset(&err, 0, sizeof(err));
	return 0;
}

static int tear_down(void **state)
{
	text_done(&document);
	return close_arena(state);
}

static const struct xml_element *parse_bytes(const char *bytes, size_t length,
					     enum xml_encoding encoding)
{
	const struct xml_element *root = NULL;

	return xml_parse(arena, bytes, length, encoding, &root, &err) ? root : NULL;
}

static const struct xml_element *parse(const char *text)
{
	const struct xml_element *root = parse_bytes(text, strlen(text), XML_UTF8);

	if (!root)
		fail_msg("%s", err.message);
	return root;
}

static void assert_refused(const char *text, enum okvp_status status, const char *sentence)
{
	assert_null(parse_bytes(text, strlen(text), XML_UTF8));
	assert_int_equal(err.status, status);
	assert_string_equal(err.message, sentence);
}

/* --- The tree --- */

static void elements_keep_their_order_and_nesting(void **state)
{
	const struct xml_element *root = parse("<a><b/><c><d/></c></a>");

	assert_string_equal(root->name, "a");
	assert_null(root->parent);
	assert_null(root->next);
	assert_string_equal(root->children->name, "b");
	assert_null(root->children->children);
	assert_string_equal(root->children->next->name, "c");
	assert_string_equal(root->children->next->children->name, "d");
	assert_ptr_equal(root->children->next->children->parent, root->children->next);
	assert_null(root->children->next->next);
}

static void prefixes_are_resolved_and_equal_namespaces_are_one_pointer(void **state)
{
	const struct xml_element *root = parse(
		"<s:a xmlns:s='urn:x'><b xmlns='urn:x' xmlns:t='urn:y'><t:c/><s:d/></b></s:a>");
	const struct xml_element *b = root->children;

	assert_string_equal(root->ns, "urn:x");
	assert_ptr_equal(b->ns, root->ns);
	assert_true(xml_is(b->children, "urn:y", "c"));
	assert_ptr_equal(b->children->next->ns, root->ns);
}

static void elements_without_a_namespace_have_an_empty_one(void **state)
{
	const struct xml_element *root = parse("<a xmlns='urn:x'><b xmlns=''/></a>");

	assert_string_equal(root->children->ns, "");
}

static void text_between_children_is_joined(void **state)
{
	const struct xml_element *root =
		parse("<a>one &lt;<b>inner</b><![CDATA[ & ]]><!-- not this -->&#233;</a>");

	assert_string_equal(root->text, "one < & \xC3\xA9");
	assert_int_equal(root->text_length, strlen(root->text));
	assert_string_equal(root->children->text, "inner");
}

static void an_element_without_text_has_an_empty_one(void **state)
{
	const struct xml_element *root = parse("<a><b></b></a>");

	assert_string_equal(root->children->text, "");
	assert_int_equal(root->children->text_length, 0);
}

static void attributes_are_found_by_name_and_namespace(void **state)
{
	const struct xml_element *root =
		parse("<a xmlns:x='urn:x' n='1 &amp; &#38; &quot;' x:n='2' other='3'/>");

	assert_string_equal(xml_attribute(root, "", "n"), "1 & & \"");
	assert_string_equal(xml_attribute(root, "urn:x", "n"), "2");
	assert_string_equal(xml_attribute(root, NULL, "other"), "3");
	assert_null(xml_attribute(root, "urn:x", "other"));
	assert_null(xml_attribute(root, NULL, "N"));
}

static void children_and_their_namesakes_are_found(void **state)
{
	const struct xml_element *root =
		parse("<a xmlns:x='urn:x'><b>1</b><x:b>2</x:b><c/><b>3</b></a>");
	const struct xml_element *first = xml_child(root, NULL, "b");

	assert_string_equal(first->text, "1");
	assert_string_equal(xml_next_same(first)->text, "3");
	assert_null(xml_next_same(xml_next_same(first)));
	assert_string_equal(xml_child(root, "urn:x", "b")->text, "2");
	assert_null(xml_child(root, NULL, "d"));
}

static void trimming_takes_white_space_from_both_ends(void **state)
{
	const struct xml_element *root = parse("<a> \n\tx y\r\n </a>");

	assert_string_equal(xml_trimmed(arena, root), "x y");
	assert_string_equal(xml_trimmed(arena, parse("<a>x</a>")), "x");
	assert_string_equal(xml_trimmed(arena, parse("<a>  x</a>")), "x");
	assert_string_equal(xml_trimmed(arena, parse("<a> \n </a>")), "");
	assert_string_equal(xml_trimmed(arena, parse("<a/>")), "");
}

static void prefixes_in_scope_can_be_asked_for(void **state)
{
	const struct xml_element *root =
		parse("<a xmlns='urn:d' xmlns:p='urn:1'><b xmlns:p='urn:2' xmlns:q='urn:q'>"
		      "<c xmlns=''/></b><d/></a>");
	const struct xml_element *c = root->children->children;

	assert_string_equal(xml_prefix(root, "p"), "urn:1");
	assert_string_equal(xml_prefix(root, ""), "urn:d");
	assert_null(xml_prefix(root, "q"));
	assert_string_equal(xml_prefix(c, "p"), "urn:2");
	assert_string_equal(xml_prefix(c, "q"), "urn:q");
	assert_null(xml_prefix(c, ""));
	assert_string_equal(xml_prefix(root->children->next, "p"), "urn:1");
}

static void a_namespace_that_is_no_uri_is_accepted(void **state)
{
	assert_string_equal(parse("<p:a xmlns:p='root\\v2 x'/>")->ns, "root\\v2 x");
}

static void line_ends_are_normalised_but_not_references_to_them(void **state)
{
	assert_string_equal(parse("<a>1\r\n2\r3&#13;\n</a>")->text, "1\n2\n3\r\n");
}

static void white_space_in_front_of_the_declaration_is_accepted(void **state)
{
	assert_string_equal(parse(" \r\n\t<?xml version=\"1.0\"?><a/>")->name, "a");
}

/* --- What is refused --- */

static void what_is_not_strict_utf8_is_refused(void **state)
{
	static const char *const wrong[] = {
		"<a>\xFF</a>",           "<a>\xC0\xAF</a>",
		"<a>\xE0\x80\xAF</a>",   "<a>\xED\xA0\x80</a>",
		"<a>\xC3</a>",           "<a>\xF4\x90\x80\x80</a>",
		"<a b='\xFF'/>",         "<a b='\xC0\xAF'/>",
		"<a b='\xED\xA0\x80'/>", "<a\xFF/>",
		"<![CDATA[\xC0\xAF]]>",  "<a><![CDATA[\xC0\xAF]]></a>",
		"<a>\xEF\xBF\xBE</a>",   "<a><![CDATA[\xED\xA0\x80]]></a>",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_null(parse_bytes(wrong[i], strlen(wrong[i]), XML_UTF8));
		assert_int_equal(err.status, OKVP_INVALID);
	}
}

static void malformed_documents_are_refused_with_the_line(void **state)
{
	assert_refused("<a>\n<b>\n</a>", OKVP_INVALID,
		       "line 3: an end tag does not fit its start tag");
	assert_refused("", OKVP_INVALID, "no XML");
	assert_refused(" \n ", OKVP_INVALID, "no XML");
	assert_refused("text", OKVP_INVALID, "no XML");
	assert_refused("<a/><b/>", OKVP_INVALID,
		       "line 1: something stands behind the end of the document");
	assert_refused("<a><b></b>", OKVP_INVALID, "line 1: an element does not end");
	assert_refused("<a b='1' b='2'/>", OKVP_INVALID, "line 1: an attribute is there twice");
	assert_refused("<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", OKVP_INVALID,
		       "line 1: an attribute is there twice");
	assert_refused("<a b=1/>", OKVP_INVALID, "line 1: not well-formed");
	assert_null(parse_bytes("<a></a", 6, XML_UTF8));
	assert_null(parse_bytes("<!-- only -->", 13, XML_UTF8));
}

static void undeclared_prefixes_are_refused(void **state)
{
	assert_refused("<a><p:b/></a>", OKVP_INVALID, "line 1: a prefix without a namespace");
	assert_null(parse_bytes("<a p:b=''/>", 11, XML_UTF8));
}

static void a_doctype_is_refused(void **state)
{
	assert_refused("<!DOCTYPE a><a/>", OKVP_INVALID, "line 1: a DOCTYPE is not allowed");
	assert_refused("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", OKVP_INVALID,
		       "line 1: a DOCTYPE is not allowed");
	assert_refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", OKVP_INVALID,
		       "line 1: a DOCTYPE is not allowed");
}

static void other_entities_are_refused(void **state)
{
	assert_refused("<a>&nbsp;</a>", OKVP_INVALID,
		       "line 1: an entity other than the five of XML");
	assert_null(parse_bytes("<a b='&nbsp;'/>", 15, XML_UTF8));
}

static void characters_that_xml_cannot_carry_are_refused(void **state)
{
	assert_refused("<a>&#0;</a>", OKVP_INVALID,
		       "line 1: a character that XML cannot carry, or no UTF-8");
	assert_null(parse_bytes("<a>&#x1;</a>", 12, XML_UTF8));
	assert_null(parse_bytes("<a>&#xD800;</a>", 15, XML_UTF8));
	assert_null(parse_bytes("<a>\x01</a>", 8, XML_UTF8));
	assert_null(parse_bytes("<a>x\0y</a>", 10, XML_UTF8));
}

static void nest(int levels)
{
	text_clear(&document);
	for (int i = 0; i < levels; i++)
		text_puts(&document, "<a>");
	for (int i = 0; i < levels; i++)
		text_puts(&document, "</a>");
}

static void elements_are_nested_to_a_limit(void **state)
{
	nest(XML_DEPTH_MAX);
	parse(document.bytes);
	nest(XML_DEPTH_MAX + 1);
	assert_refused(document.bytes, OKVP_LIMIT, "line 1: elements nested too deep");
}

/* The pattern count times, in each a number in place of '#'. */
static void repeat(const char *before, const char *pattern, int count, const char *after)
{
	const char *mark = strchr(pattern, '#');
	size_t head = mark ? (size_t)(mark - pattern) : strlen(pattern);

	text_clear(&document);
	text_puts(&document, before);
	for (int i = 0; i < count; i++) {
		text_add(&document, pattern, head);
		if (mark)
			text_printf(&document, "%d%s", i, mark + 1);
	}
	text_puts(&document, after);
}

static void the_document_may_have_any_encoding_that_is_offered(void **state)
{
	const struct xml_element *root =
		parse_bytes("\xFF\xFE<\0a\0>\0\xE9\0<\0/\0a\0>\0", 18, XML_AUTO);

	assert_non_null(root);
	assert_string_equal(root->text, "\xC3\xA9");
	assert_string_equal(parse("<?xml version='1.0' encoding='utf-16'?><a>\xC3\xA9</a>")->text,
			    "\xC3\xA9");
	assert_non_null(parse("<?xml version='1.0' encoding='x-unknown'?><a/>"));
}

static void elements_are_counted(void **state)
{
	repeat("<a>", "<b/>", XML_ELEMENTS_MAX - 1, "</a>");
	parse(document.bytes);
	repeat("<a>", "<b/>", XML_ELEMENTS_MAX, "</a>");
	assert_refused(document.bytes, OKVP_LIMIT, "line 1: too many elements");
}

static void namespaces_in_scope_are_counted(void **state)
{
	struct text outer = { 0 };

	for (int i = 0; i < XML_NAMESPACES_MAX / 32; i++) {
		repeat("<a", " xmlns:p#='x'", 32, ">");
		text_puts(&outer, document.bytes);
	}
	for (int i = 0; i < XML_NAMESPACES_MAX / 32; i++)
		text_puts(&outer, "</a>");
	parse(outer.bytes);
	text_clear(&document);
	text_printf(&document, "<b xmlns='y'>%s</b>", outer.bytes);
	text_done(&outer);
	assert_refused(document.bytes, OKVP_LIMIT, "line 1: too many namespaces");
}

static void a_long_text_is_read_whole(void **state)
{
	const struct xml_element *root;

	repeat("<a>", "0123456789&amp;", 300000, "</a>");
	root = parse(document.bytes);
	assert_int_equal(root->text_length, 11 * 300000);
}

static void names_last_as_long_as_their_arena_however_many_others_come(void **state)
{
	const struct xml_element *first = parse("<n:first xmlns:n=\"urn:first\"/>");
	struct arena *kept = arena;

	for (int i = 0; i < 5000; i++) {
		char text[64];

		arena = arena_create();
		snprintf(text, sizeof(text), "<n%d xmlns=\"urn:%d\"/>", i, i);
		parse(text);
		arena_free(&arena);
	}
	arena = kept;
	assert_string_equal(first->name, "first");
	assert_string_equal(first->ns, "urn:first");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(elements_keep_their_order_and_nesting),
		test(prefixes_are_resolved_and_equal_namespaces_are_one_pointer),
		test(elements_without_a_namespace_have_an_empty_one),
		test(text_between_children_is_joined),
		test(an_element_without_text_has_an_empty_one),
		test(attributes_are_found_by_name_and_namespace),
		test(children_and_their_namesakes_are_found),
		test(trimming_takes_white_space_from_both_ends),
		test(prefixes_in_scope_can_be_asked_for),
		test(a_namespace_that_is_no_uri_is_accepted),
		test(line_ends_are_normalised_but_not_references_to_them),
		test(white_space_in_front_of_the_declaration_is_accepted),
		test(what_is_not_strict_utf8_is_refused),
		test(malformed_documents_are_refused_with_the_line),
		test(undeclared_prefixes_are_refused),
		test(a_doctype_is_refused),
		test(other_entities_are_refused),
		test(characters_that_xml_cannot_carry_are_refused),
		test(elements_are_nested_to_a_limit),
		test(the_document_may_have_any_encoding_that_is_offered),
		test(elements_are_counted),
		test(namespaces_in_scope_are_counted),
		test(a_long_text_is_read_whole),
		test(names_last_as_long_as_their_arena_however_many_others_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
