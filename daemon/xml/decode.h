/* SPDX-License-Identifier: MIT */
/* decode.h -- a document as it came, made ready for libxml2; inside xml/. */
#pragma once
#include "xml/xml.h"

struct xml_document {
	const char *bytes;
	size_t length;
};

/* Turns a document into UTF-8 that begins with '<', so that libxml2 has nothing to guess, and
 * refuses what would keep it busy. Copies are made in the arena. OKVP_INVALID, OKVP_LIMIT. */
bool xml_decode(struct arena *arena, struct xml_document *document, enum xml_encoding encoding,
		struct okvp_error *err);
