/* SPDX-License-Identifier: MIT */
/* fuzz_xml.c -- the first byte chooses the encoding that the transport names; the rest is a
 * document. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/unicode.h"
#include "xml/xml.h"

static bool is_utf8(const char *text)
{
	return okvp_utf8_valid(text, strlen(text));
}

static void check_attributes(const struct xml_element *element)
{
	size_t count = 0;

	for (const struct xml_attribute *a = element->attributes; a; a = a->next, count++) {
		assert(is_utf8(a->ns) && is_utf8(a->name) && is_utf8(a->value));
		assert(*a->name && xml_attribute(element, a->ns, a->name) == a->value);
	}
	assert(count <= XML_ATTRIBUTES_MAX);
}

static void check_element(struct arena *arena, const struct xml_element *element, int depth)
{
	const char *trimmed = xml_trimmed(arena, element);

	assert(depth < XML_DEPTH_MAX);
	assert(is_utf8(element->name) && is_utf8(element->ns) && is_utf8(element->text));
	assert(*element->name && strlen(element->text) == element->text_length);
	assert(xml_is(element, element->ns, element->name));
	assert(strlen(trimmed) <= element->text_length && strstr(element->text, trimmed));
	if (!*element->ns)
		assert(!xml_prefix(element, ""));
	check_attributes(element);
	for (const struct xml_element *child = element->children; child; child = child->next) {
		assert(child->parent == element);
		check_element(arena, child, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create();
	const struct xml_element *root;
	struct okvp_error err;

	if (size > 0) {
		if (xml_parse(arena, (const char *)data + 1, size - 1, data[0] % 4, &root, &err))
			check_element(arena, root, 0);
		else
			assert(err.status == OKVP_INVALID || err.status == OKVP_LIMIT);
	}
	arena_free(&arena);
	return 0;
}
