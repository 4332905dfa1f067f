/* SPDX-License-Identifier: MIT */
/* xml.c -- libxml2's SAX2 events, put together to a tree.
 *
 * Names and namespace URIs stay in the dictionary of the thread that read them, where equal ones
 * are one pointer; the dictionary lives at least as long as the arena. */
#include "xml/xml.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/text.h"
#include "openkvp/scoped.h"
#include "xml/decode.h"

#define NAMES_MAX       2048 /* that a thread keeps from one document to the next */
#define NAMES_BYTES_MAX (128 * 1024)

struct xml_namespace {
	const char *prefix, *uri;
	const struct xml_namespace *next; /* declared before, or further out */
};

struct level {
	struct xml_element *element, *last_child;
	struct text text;
	int namespaces; /* in scope */
};

struct builder {
	struct arena *arena;
	struct okvp_error *err;
	bool failed;
	xmlParserCtxt *parser;
	const struct xml_element *root;
	struct level level[XML_DEPTH_MAX];
	size_t depth, deepest, elements;
};

static const char *plain(const xmlChar *text)
{
	return text ? (const char *)text : "";
}

/* --- Events --- */

static void stop(struct builder *builder, enum okvp_status status, const char *sentence)
{
	if (!builder->failed)
		okvp_fail(builder->err, status, "line %d: %s",
			  xmlSAX2GetLineNumber(builder->parser), sentence);
	builder->failed = true;
	xmlStopParser(builder->parser);
}

static const struct xml_namespace *read_namespaces(struct builder *builder,
						   const struct xml_namespace *outer, int count,
						   const xmlChar **pairs)
{
	struct xml_namespace *declared =
		arena_array(builder->arena, struct xml_namespace, (size_t)count);

	for (int i = 0; i < count; i++) {
		declared[i].prefix = plain(pairs[2 * i]);
		declared[i].uri = plain(pairs[2 * i + 1]);
		declared[i].next = outer;
		outer = &declared[i];
	}
	return outer;
}

static const struct xml_attribute *read_attributes(struct builder *builder, int count,
						   const xmlChar **fields)
{
	struct xml_attribute *attributes =
		arena_array(builder->arena, struct xml_attribute, (size_t)count);

	for (int i = 0; i < count; i++, fields += 5) { /* name, prefix, URI, value, its end */
		attributes[i].name = plain(fields[0]);
		attributes[i].ns = plain(fields[2]);
		attributes[i].value = arena_text(builder->arena, (const char *)fields[3],
						 (size_t)(fields[4] - fields[3]));
		attributes[i].next = i + 1 < count ? &attributes[i + 1] : NULL;
	}
	return attributes;
}

static void add_child(struct level *level, struct xml_element *child)
{
	child->parent = level->element;
	child->namespaces = level->element->namespaces;
	if (level->last_child)
		level->last_child->next = child;
	else
		level->element->children = child;
	level->last_child = child;
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int namespace_count, const xmlChar **namespaces, int attribute_count,
		     int defaulted_count, const xmlChar **attributes)
{
	struct builder *builder = context;
	struct level *outer = builder->depth > 0 ? &builder->level[builder->depth - 1] : NULL;
	struct level *level = &builder->level[builder->depth];
	struct xml_element *element;

	if (builder->failed) {
		xmlStopParser(builder->parser);
		return;
	}
	if (builder->depth == XML_DEPTH_MAX)
		return stop(builder, OKVP_LIMIT, "elements nested too deep");
	if (builder->elements++ == XML_ELEMENTS_MAX)
		return stop(builder, OKVP_LIMIT, "too many elements");
	level->namespaces = (outer ? outer->namespaces : 0) + namespace_count;
	if (level->namespaces > XML_NAMESPACES_MAX)
		return stop(builder, OKVP_LIMIT, "too many namespaces");
	element = arena_new(builder->arena, struct xml_element);
	element->name = plain(name);
	element->ns = plain(uri);
	element->text = "";
	if (outer)
		add_child(outer, element);
	else
		builder->root = element;
	if (namespace_count > 0)
		element->namespaces =
			read_namespaces(builder, element->namespaces, namespace_count, namespaces);
	if (attribute_count > 0)
		element->attributes = read_attributes(builder, attribute_count, attributes);
	level->element = element;
	level->last_child = NULL;
	text_clear(&level->text);
	if (++builder->depth > builder->deepest)
		builder->deepest = builder->depth;
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct builder *builder = context;
	struct level *level;

	if (builder->failed)
		return;
	level = &builder->level[--builder->depth];
	if (level->text.length > 0) {
		level->element->text =
			arena_text(builder->arena, level->text.bytes, level->text.length);
		level->element->text_length = level->text.length;
	}
}

static void on_text(void *context, const xmlChar *text, int length)
{
	struct builder *builder = context;

	if (!builder->failed && builder->depth > 0)
		text_add(&builder->level[builder->depth - 1].text, (const char *)text,
			 (size_t)length);
}

static void on_doctype(void *context, const xmlChar *name, const xmlChar *public_id,
		       const xmlChar *system_id)
{
	stop(context, OKVP_INVALID, "a DOCTYPE is not allowed");
}

/* Sentences of our own: those of libxml2 quote the document, and what is quoted may be the value of
 * an item on its way to a log line. */
static const char *sentence_of(int code)
{
	switch (code) {
	case XML_ERR_UNDECLARED_ENTITY:
		return "an entity other than the five of XML";
	case XML_ERR_INVALID_CHAR:
	case XML_ERR_INVALID_CHARREF:
	case XML_ERR_INVALID_ENCODING:
		return "a character that XML cannot carry, or no UTF-8";
	case XML_ERR_TAG_NAME_MISMATCH:
		return "an end tag does not fit its start tag";
	case XML_ERR_TAG_NOT_FINISHED:
		return "an element does not end";
	case XML_ERR_DOCUMENT_END:
		return "something stands behind the end of the document";
	case XML_ERR_ATTRIBUTE_REDEFINED:
	case XML_NS_ERR_ATTRIBUTE_REDEFINED:
		return "an attribute is there twice";
	case XML_NS_ERR_UNDEFINED_NAMESPACE:
		return "a prefix without a namespace";
	default:
		return "not well-formed";
	}
}

/* Undeclared prefixes arrive here as well. That a namespace's URI is none by the book harms nobody.
 * The parser must not be stopped here: it may stand in the middle of its input. */
static void on_error(void *context, xmlErrorPtr error)
{
	struct builder *builder = context;

	if (builder->failed || error->level < XML_ERR_ERROR || error->code == XML_WAR_NS_URI)
		return;
	okvp_fail(builder->err, OKVP_INVALID, "line %d: %s", error->line, sentence_of(error->code));
	builder->failed = true;
}

static const xmlSAXHandler events = {
	.initialized = XML_SAX2_MAGIC,
	.internalSubset = on_doctype,
	.startElementNs = on_start,
	.endElementNs = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.cdataBlock = on_text,
	.serror = on_error,
};

/* --- The parser --- */

static void free_dictionary(void *dictionary)
{
	xmlDictFree(dictionary);
}

/* The names of documents. Those of one are much like those of the next, and so a thread keeps them,
 * until there are too many. Who has a document holds them too, on whichever thread. */
static pthread_key_t names_key;

static void init(void)
{
	xmlInitParser();
	if (pthread_key_create(&names_key, free_dictionary) != 0)
		abort(); /* no memory */
}

static xmlDict *names(void)
{
	xmlDict *dictionary = pthread_getspecific(names_key);

	if (dictionary && xmlDictSize(dictionary) <= NAMES_MAX &&
	    xmlDictGetUsage(dictionary) <= NAMES_BYTES_MAX)
		return dictionary;
	xmlDictFree(dictionary);
	dictionary = xmlDictCreate();
	if (!dictionary)
		abort(); /* no memory */
	xmlDictSetLimit(dictionary, XML_MAX_DICTIONARY_LIMIT);
	pthread_setspecific(names_key, dictionary);
	return dictionary;
}

/* The parser compares these three by their addresses. */
static void use_names(xmlParserCtxt *parser, xmlDict *dictionary)
{
	xmlDictFree(parser->dict);
	parser->dict = dictionary;
	xmlDictReference(dictionary);
	parser->str_xml = xmlDictLookup(dictionary, BAD_CAST "xml", 3);
	parser->str_xmlns = xmlDictLookup(dictionary, BAD_CAST "xmlns", 5);
	parser->str_xml_ns = xmlDictLookup(dictionary, XML_XML_NAMESPACE, 36);
}

/* libxml2 makes a document of its own for the entities of a DTD, though it was told to stop, and
 * leaves it to whoever looks. */
static void free_parser(xmlParserCtxt **parser)
{
	if (*parser && (*parser)->myDoc)
		xmlFreeDoc((*parser)->myDoc);
	xmlFreeParserCtxt(*parser);
}

/* libxml2 2.9 asks a function that has nothing for more at each step through the last 250 bytes of
 * a document. Without one, as newer versions have it, nobody is asked; but a document beyond this
 * limit would be refused then. */
static void look_no_further(xmlParserInput *input, const struct xml_document *document)
{
	if (document->length < XML_MAX_LOOKUP_LIMIT)
		input->buf->readcallback = NULL;
}

/* XML_PARSE_NOENT is about the five entities and character references in attributes: without it
 * they stay as they are. There are no others, since a DOCTYPE ends the parsing. */
static xmlParserCtxt *create_parser(struct builder *builder, const struct xml_document *document)
{
	xmlParserCtxt *parser = xmlCreateMemoryParserCtxt(document->bytes, (int)document->length);

	if (!parser)
		abort(); /* no memory */
	*parser->sax = events;
	parser->userData = builder;
	look_no_further(parser->input, document);
	xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
	use_names(parser, names());
	xmlDictReference(parser->dict);
	arena_defer(builder->arena, free_dictionary, parser->dict);
	return parser;
}

bool xml_parse(struct arena *arena, const char *bytes, size_t length, enum xml_encoding encoding,
	       const struct xml_element **ret_root, struct okvp_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct xml_document document = { bytes, length };
	struct builder builder = { .arena = arena, .err = err };

	pthread_once(&once, init);
	if (!xml_decode(arena, &document, encoding, err))
		return false;
	scoped(free_parser) xmlParserCtxt *parser = create_parser(&builder, &document);
	builder.parser = parser;
	xmlParseDocument(parser);
	for (size_t i = 0; i < builder.deepest; i++)
		text_done(&builder.level[i].text);
	if (builder.failed)
		return false;
	if (!parser->wellFormed || !builder.root)
		return okvp_fail(err, OKVP_INVALID, "not well-formed");
	*ret_root = builder.root;
	return true;
}

/* --- The tree --- */

static bool is_in(const char *ns, const char *wanted)
{
	return !wanted || ns == wanted || strcmp(ns, wanted) == 0;
}

bool xml_is(const struct xml_element *element, const char *ns, const char *name)
{
	return strcmp(element->name, name) == 0 && is_in(element->ns, ns);
}

const struct xml_element *xml_child(const struct xml_element *parent, const char *ns,
				    const char *name)
{
	const struct xml_element *child = parent->children;

	while (child && !xml_is(child, ns, name))
		child = child->next;
	return child;
}

const struct xml_element *xml_next_same(const struct xml_element *element)
{
	const struct xml_element *next = element->next;

	while (next && (next->ns != element->ns || next->name != element->name))
		next = next->next;
	return next;
}

const char *xml_attribute(const struct xml_element *element, const char *ns, const char *name)
{
	for (const struct xml_attribute *a = element->attributes; a; a = a->next)
		if (strcmp(a->name, name) == 0 && is_in(a->ns, ns))
			return a->value;
	return NULL;
}

const char *xml_trimmed(struct arena *arena, const struct xml_element *element)
{
	static const char space[] = " \t\r\n";
	const char *start = element->text + strspn(element->text, space);
	size_t length = element->text_length - (size_t)(start - element->text);

	if (length == 0 || !strchr(space, start[length - 1]))
		return start;
	while (length > 0 && strchr(space, start[length - 1]))
		length--;
	return arena_text(arena, start, length);
}

const char *xml_prefix(const struct xml_element *element, const char *prefix)
{
	for (const struct xml_namespace *n = element->namespaces; n; n = n->next)
		if (strcmp(n->prefix, prefix) == 0)
			return n->uri[0] ? n->uri : NULL;
	return NULL;
}
