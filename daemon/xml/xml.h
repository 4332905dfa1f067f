/* SPDX-License-Identifier: MIT */
/* xml.h -- safe parsing of XML into a small tree; the one user of libxml2.
 *
 * Refused: a DOCTYPE, entities other than the five of XML, encodings other than UTF-8 and UTF-16,
 * more than XML_BYTES_MAX bytes, XML_DEPTH_MAX levels, XML_ELEMENTS_MAX elements,
 * XML_ATTRIBUTES_MAX attributes of an element (declarations of namespaces among them),
 * XML_NAMESPACES_MAX of those in scope. Nothing is ever fetched. Comments and processing
 * instructions are left out of the tree. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "openkvp/error.h"

#define XML_BYTES_MAX      16777216
#define XML_DEPTH_MAX      64
#define XML_ATTRIBUTES_MAX 64
#define XML_NAMESPACES_MAX 256
#define XML_ELEMENTS_MAX   200000

struct xml_attribute {
	const char *ns; /* namespace URI, "" for none */
	const char *name, *value;
	const struct xml_attribute *next;
};

struct xml_element {
	const char *ns; /* namespace URI, "" for none; equal URIs of one document are one pointer */
	const char *name; /* local name */
	const char *text; /* all character data directly inside, NUL-terminated; never NULL */
	size_t text_length;
	const struct xml_attribute *attributes;
	const struct xml_element *parent, *children, *next;
	const struct xml_namespace *namespaces; /* prefixes in scope, for QNames in values */
};

enum xml_encoding { XML_AUTO, XML_UTF8, XML_UTF16LE, XML_UTF16BE };

/* Parses a document into the arena. The encoding is what the transport says; XML_AUTO takes what
 * the document says. OKVP_INVALID tells what is wrong and in which line; OKVP_LIMIT which bound was
 * met. */
bool xml_parse(struct arena *arena, const char *bytes, size_t length, enum xml_encoding encoding,
	       const struct xml_element **ret_root, struct okvp_error *err);

/* Whether an element has this namespace and local name. */
bool xml_is(const struct xml_element *element, const char *ns, const char *name);

/* The first child of this name; NULL: none. ns NULL: in any namespace. */
const struct xml_element *xml_child(const struct xml_element *parent, const char *ns,
				    const char *name);

/* The next sibling of the same namespace and name; NULL: none. */
const struct xml_element *xml_next_same(const struct xml_element *element);

/* The value of an attribute; NULL: none. ns NULL: in any namespace or none. */
const char *xml_attribute(const struct xml_element *element, const char *ns, const char *name);

/* The text without white space around it, in the arena. */
const char *xml_trimmed(struct arena *arena, const struct xml_element *element);

/* The namespace URI that a prefix ("" for the default) has at an element; NULL: none. */
const char *xml_prefix(const struct xml_element *element, const char *prefix);
