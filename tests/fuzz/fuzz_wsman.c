/* SPDX-License-Identifier: MIT */
/* fuzz_wsman.c -- any document sent to the WS-Management binding is answered once, by XML that fits
 * into the envelope. The word CONTEXT in it stands for an open enumeration. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "fake.h"
#include "front/wsman/names.h"
#include "front/wsman/wsman.h"
#include "openkvp/scoped.h"
#include "xml/xml.h"

#define ENVELOPE_MAX 20000
#define FAULT_MAX    100000 /* repeats of the request what has a limit, escaped, in UTF-16 */

static const char enumerate[] =
	"<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING "\" xmlns:w=\"" NS_WSMAN
	"\"><s:Header><a:Action>" NS_ENUMERATION "/Enumerate</a:Action><a:MessageID>x</a:MessageID>"
	"<w:ResourceURI>" URI_DMTF "Msvm_ComputerSystem</w:ResourceURI></s:Header><s:Body>"
	"<n:Enumerate xmlns:n=\"" NS_ENUMERATION "\"/></s:Body></s:Envelope>";

struct answer {
	unsigned int status;
	int count;
	struct text body;
};

static void take_answer(const struct wsman_message *message, unsigned int status,
			const char *content_type, struct text *body)
{
	struct answer *answer = message->context;

	answer->count++;
	answer->status = status;
	answer->body = *body;
	*body = (struct text){ 0 };
}

static struct answer serve(struct wsman *wsman, const char *body, size_t length)
{
	struct arena *arena scoped(arena_free) = arena_create();
	struct answer answer = { 0 };
	const struct wsman_message message = {
		.arena = arena,
		.body = body,
		.length = length,
		.principal = { .name = "ann", .role = ROLE_ADMIN },
		.peer = "fuzz",
		.answer = take_answer,
		.context = &answer,
	};

	wsman_serve(wsman, &message);
	assert(answer.count == 1);
	return answer;
}

/* Puts the context of a new enumeration where the word stands. */
static void insert_context(struct wsman *wsman, struct text *document)
{
	static const char word[] = "CONTEXT", element[] = "<n:EnumerationContext>";
	char *at = memmem(document->bytes, document->length, word, sizeof(word) - 1);
	struct text filled = { 0 };
	struct answer answer;
	const char *context;

	if (!at)
		return;
	answer = serve(wsman, enumerate, sizeof(enumerate) - 1);
	context = strstr(answer.body.bytes, element);
	assert(context);
	context += sizeof(element) - 1;
	text_add(&filled, document->bytes, (size_t)(at - document->bytes));
	text_add(&filled, context, strcspn(context, "<"));
	at += sizeof(word) - 1;
	text_add(&filled, at, document->length - (size_t)(at - document->bytes));
	text_done(&answer.body);
	text_done(document);
	*document = filled;
}

static void check(const struct answer *answer)
{
	struct arena *arena scoped(arena_free) = arena_create();
	const struct xml_element *root, *body;
	struct okvp_error err;

	assert(answer->status == 200 || answer->status == 500);
	assert(answer->body.length <= (answer->status == 200 ? ENVELOPE_MAX : FAULT_MAX));
	assert(xml_parse(arena, answer->body.bytes, answer->body.length, XML_AUTO, &root, &err));
	assert(xml_is(root, NS_SOAP, "Envelope"));
	body = xml_child(root, NS_SOAP, "Body");
	assert((answer->status == 500) ==
	       (body->children && xml_is(body->children, NS_SOAP, "Fault")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct cim_enumerations_limits limits = { 10, 10, 3600000 };
	struct fake *fake = fake_create(3);
	struct cim_enumerations *enumerations = cim_enumerations_create(&limits);
	struct wsman *wsman = wsman_create(&(struct wsman_settings){
		.service = fake->service,
		.enumerations = enumerations,
		.envelope_max = ENVELOPE_MAX,
	});
	struct text document = { 0 };
	struct answer answer;

	log_set_level(LOG_LEVEL_ERROR);
	text_add(&document, (const char *)data, size);
	insert_context(wsman, &document);
	answer = serve(wsman, document.bytes, document.length);
	check(&answer);
	text_done(&answer.body);
	text_done(&document);
	wsman_free(&wsman);
	cim_enumerations_free(&enumerations);
	assert(fake->walks_open == 0);
	fake_free(&fake);
	return 0;
}
