/* SPDX-License-Identifier: MIT */
/* talk.c -- one who asks by CIM-XML, without HTTP. */
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

static void take_answer(const struct cimxml_message *message, struct cimxml_answer *answer)
{
	struct talk *talk = message->context;
	struct text piece = { 0 };

	talk->answers++;
	talk->pieces = 0;
	talk->status = answer->status;
	snprintf(talk->error, sizeof(talk->error), "%s", answer->error ? answer->error : "");
	snprintf(talk->type, sizeof(talk->type), "%s", answer->content_type);
	text_done(&talk->answer);
	talk->answer = answer->body;
	answer->body = (struct text){ 0 };
	for (bool more = answer->pieces.next; more; talk->pieces++) {
		more = answer->pieces.next(answer->pieces.context, &piece);
		text_add(&talk->answer, piece.bytes, piece.length);
		text_clear(&piece);
	}
	text_done(&piece);
}

void talk_to(struct talk *talk, struct cim_service *service)
{
	cimxml_free(&talk->cimxml);
	talk->cimxml = cimxml_create(&(struct cimxml_settings){
		.service = service,
		.enumerations = talk->enumerations,
		.idle_s = 60,
		.page_max = 100000,
		.host_name = "HOST",
	});
}

int talk_set_up(void **state)
{
	const struct cim_enumerations_limits limits = { 3, 100, 60000 };
	struct talk *talk = xcalloc(1, sizeof(*talk));

	log_set_level(LOG_LEVEL_ERROR);
	talk->fake = fake_create(5);
	talk->enumerations = cim_enumerations_create(&limits);
	talk_to(talk, talk->fake->service);
	talk->message = (struct cimxml_message){
		.arena = arena_create(),
		.content_type = "application/xml; charset=\"utf-8\"",
		.host = "127.0.0.1:5988",
		.principal = { .name = "ann", .role = ROLE_ADMIN },
		.peer = "127.0.0.1",
		.answer = take_answer,
		.context = talk,
	};
	*state = talk;
	return 0;
}

int talk_tear_down(void **state)
{
	struct talk *talk = *state;
	size_t walks;

	arena_free(&talk->message.arena);
	cim_enumerations_free(&talk->enumerations);
	walks = talk->fake->walks_open;
	cimxml_free(&talk->cimxml);
	fake_free(&talk->fake);
	text_done(&talk->answer);
	free(talk);
	return walks == 0 ? 0 : -1;
}

const char *talk_raw(struct talk *talk, const char *document, size_t length)
{
	talk->answers = 0;
	arena_reset(talk->message.arena);
	talk->message.body = arena_text(talk->message.arena, document, length);
	talk->message.length = length;
	cimxml_serve(talk->cimxml, &talk->message);
	return talk->answer.bytes;
}

static const char *ask(struct talk *talk, const char *element, const char *name, const char *where,
		       const char *parameters)
{
	char *document = xprintf("<?xml version=\"1.0\" encoding=\"utf-8\"?>"
				 "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">"
				 "<MESSAGE ID=\"1&amp;2\" PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>"
				 "<%s NAME=\"%s\">\n%s%s</%s></SIMPLEREQ></MESSAGE></CIM>",
				 element, name, where, parameters, element);
	const char *answer = talk_raw(talk, document, strlen(document));

	free(document);
	return answer;
}

const char *talk_ask(struct talk *talk, const char *operation, const char *parameters)
{
	return ask(talk, "IMETHODCALL", operation, LOCAL_V2, parameters);
}

const char *talk_call(struct talk *talk, const char *method, const char *target,
		      const char *parameters)
{
	return ask(talk, "METHODCALL", method, target, parameters);
}

/* A place for texts that outlives the next call. */
static char *keep(const char *bytes, size_t length)
{
	static char kept[2][16384];
	static int at;

	at = !at;
	snprintf(kept[at], sizeof(kept[at]), "%.*s", (int)length, bytes);
	return kept[at];
}

const char *talk_result(struct talk *talk)
{
	const char *begin = strstr(talk->answer.bytes, "METHODRESPONSE NAME=\""), *end;

	if (!begin)
		return "";
	begin = strchr(begin, '>') + 1;
	end = strstr(begin, "METHODRESPONSE>");
	while (*end != '<')
		end--;
	return keep(begin, (size_t)(end - begin));
}

int talk_code(struct talk *talk)
{
	const char *error = strstr(talk->answer.bytes, "<ERROR CODE=\"");

	return error ? atoi(error + strlen("<ERROR CODE=\"")) : 0;
}

int talk_count(const struct talk *talk, const char *text)
{
	int count = 0;

	for (const char *at = talk->answer.bytes; (at = strstr(at, text)); at += strlen(text))
		count++;
	return count;
}

const char *talk_context(struct talk *talk)
{
	static const char before[] =
		"<PARAMVALUE NAME=\"EnumerationContext\" PARAMTYPE=\"string\"><VALUE>";
	const char *context = strstr(talk->answer.bytes, before);

	if (!context)
		return "";
	context += sizeof(before) - 1;
	return keep(context, strcspn(context, "<"));
}
