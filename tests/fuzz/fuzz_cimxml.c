/* SPDX-License-Identifier: MIT */
/* fuzz_cimxml.c -- any request by CIM-XML: headers, an empty line, a body. It is answered once, by
 * an HTTP error or by a document that a client can read. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "openkvp/scoped.h"
#include "talk.h"
#include "xml/xml.h"

static void take_header(struct cimxml_message *message, char *line)
{
	const struct {
		const char *name, **place;
	} headers[] = {
		{ "Content-Type", &message->content_type },
		{ "CIMOperation", &message->cim_operation },
		{ "CIMMethod", &message->cim_method },
		{ "CIMObject", &message->cim_object },
		{ "CIMProtocolVersion", &message->cim_protocol_version },
		{ "CIMBatch", &message->cim_batch },
		{ "Host", &message->host },
	};
	char *colon = strchr(line, ':');

	if (!colon)
		return;
	*colon = '\0';
	for (size_t i = 0; i < count_of(headers); i++)
		if (strcasecmp(headers[i].name, line) == 0)
			*headers[i].place = colon + 1 + strspn(colon + 1, " ");
}

/* Takes the lines in front of the first empty one; returns what is behind it. */
static char *take_headers(struct cimxml_message *message, char *text, char *end)
{
	for (;;) {
		char *line = text, *newline = memchr(text, '\n', (size_t)(end - text));

		if (!newline)
			return text;
		*newline = '\0';
		text = newline + 1;
		if (newline == line)
			return text;
		take_header(message, line);
	}
}

static void check_answer(struct talk *talk)
{
	struct arena *arena scoped(arena_free) = arena_create();
	const struct xml_element *root;

	assert(talk->answers == 1);
	if (talk->status != 200) {
		assert(talk->status == 400 || talk->status == 415 || talk->status == 501);
		return;
	}
	assert(*talk->error == '\0');
	assert(!strstr(talk->answer.bytes, "/>"));
	assert(xml_parse(arena, talk->answer.bytes, talk->answer.length, XML_UTF8, &root, NULL));
	assert(strcmp(root->name, "CIM") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct talk *talk;
	static struct cimxml_message blank;
	char *text = xcalloc(1, size + 1), *body;

	if (!talk) {
		talk_set_up((void **)&talk);
		blank = talk->message;
	}
	memcpy(text, data, size);
	talk->message = blank;
	body = take_headers(&talk->message, text, text + size);
	talk_raw(talk, body, (size_t)(text + size - body));
	check_answer(talk);
	free(text);
	return 0;
}
