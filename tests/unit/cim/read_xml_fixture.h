/* SPDX-License-Identifier: MIT */
/* read_xml_fixture.h -- documents to be read, and what is wrong with them. Included after cmocka.h.
 */
#pragma once
#include "cim/read_xml.h"
#include "path_xml.h"
#include "tests/unit/arena_fixture.h"

static struct okvp_error err;

static inline const struct xml_element *parse(const char *document)
{
	const struct xml_element *root;

	err = (struct okvp_error){ 0 };
	assert_true(xml_parse(arena, document, strlen(document), XML_UTF8, &root, NULL));
	return root;
}
