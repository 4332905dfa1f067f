/* SPDX-License-Identifier: MIT */
/* talk.c -- one who asks by WS-Management, without HTTP. */
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"

static void take_answer(const struct wsman_message *message, unsigned int status,
			const char *content_type, struct text *body)
{
	struct talk *talk = message->context;

	talk->status = status;
	snprintf(talk->type, sizeof(talk->type), "%s", content_type);
	text_done(&talk->answer);
	talk->answer = *body;
	*body = (struct text){ 0 };
	talk->answers++;
	sem_post(&talk->answered);
}

static void note_may_give_up(const struct wsman_message *message)
{
	struct talk *talk = message->context;

	talk->may_give_up = true;
}

static bool has_gone(const struct wsman_message *message)
{
	const struct talk *talk = message->context;

	return talk->gone;
}

static void note_done(const struct wsman_message *message)
{
	struct talk *talk = message->context;

	sem_post(&talk->done);
}

void talk_wait(struct talk *talk)
{
	sem_wait(&talk->answered);
}

static void begin(struct talk *talk)
{
	sem_init(&talk->answered, 0, 0);
	sem_init(&talk->done, 0, 0);
	talk->message = (struct wsman_message){
		.arena = arena_create(),
		.content_type = "application/soap+xml;charset=UTF-8",
		.principal = { .name = "ann", .role = ROLE_ADMIN },
		.peer = "127.0.0.1",
		.answer = take_answer,
		.may_give_up = note_may_give_up,
		.gone = has_gone,
		.done = note_done,
		.context = talk,
	};
}

/* What was asked last needs its memory until it is done. */
static void wait_until_done(struct talk *talk)
{
	if (talk->asked)
		sem_wait(&talk->done);
	talk->asked = false;
}

static void end(struct talk *talk)
{
	wait_until_done(talk);
	arena_free(&talk->message.arena);
	text_done(&talk->answer);
	sem_destroy(&talk->answered);
	sem_destroy(&talk->done);
	free(talk);
}

struct talk *talk_other(struct talk *talk)
{
	struct talk *other = xcalloc(1, sizeof(*other));

	other->wsman = talk->wsman;
	begin(other);
	return other;
}

void talk_other_free(struct talk **other)
{
	end(*other);
	*other = NULL;
}

int talk_set_up(void **state)
{
	const struct cim_enumerations_limits limits = { 3, 100, 3600000 };
	const struct cim_events_limits event_limits = { 2, 100, 5, 1 << 20 };
	struct talk *talk = xcalloc(1, sizeof(*talk));

	log_set_level(LOG_LEVEL_ERROR);
	talk->fake = fake_create(5);
	talk->enumerations = cim_enumerations_create(&limits);
	talk->events = cim_events_create(&event_limits);
	talk->wsman = wsman_create(&(struct wsman_settings){
		.service = talk->fake->service,
		.enumerations = talk->enumerations,
		.events = talk->events,
		.envelope_max = 100000,
	});
	begin(talk);
	*state = talk;
	return 0;
}

int talk_tear_down(void **state)
{
	struct talk *talk = *state;
	size_t walks;

	cim_enumerations_free(&talk->enumerations);
	walks = talk->fake->walks_open;
	cim_events_stop(talk->events);
	wsman_free(&talk->wsman);
	cim_events_free(&talk->events);
	fake_free(&talk->fake);
	end(talk);
	return walks == 0 ? 0 : -1;
}

const char *talk_raw(struct talk *talk, const char *document, size_t length)
{
	wait_until_done(talk);
	talk->asked = true;
	talk->answers = 0;
	while (sem_trywait(&talk->answered) == 0)
		; /* the one before was not waited for */
	arena_reset(talk->message.arena);
	talk->message.body = arena_text(talk->message.arena, document, length);
	talk->message.length = length;
	wsman_serve(talk->wsman, &talk->message);
	return talk->answers > 0 ? talk->answer.bytes : NULL;
}

const char *talk_ask(struct talk *talk, const char *action, const char *uri, const char *header,
		     const char *body)
{
	char *document = xprintf(
		"<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING
		"\" xmlns:w=\"" NS_WSMAN "\" xmlns:n=\"" NS_ENUMERATION
		"\" xmlns:b=\"" NS_CIM_BINDING "\" xmlns:e=\"" NS_EVENTING "\" xmlns:m=\"" NS_WINRM
		"\"><s:Header><a:To>http://x/wsman</a:To><w:ResourceURI s:mustUnderstand=\"true\">"
		"\n %s </w:ResourceURI><a:ReplyTo><a:Address>" ANONYMOUS_ROLE
		"</a:Address></a:ReplyTo><a:Action s:mustUnderstand=\"1\">%s</a:Action>"
		"<a:MessageID>uuid:1-&lt;2&gt;</a:MessageID>%s</s:Header><s:Body>%s</s:Body>"
		"</s:Envelope>",
		uri, action, header, body);
	const char *answer = talk_raw(talk, document, strlen(document));

	free(document);
	return answer;
}

/* A place for texts that outlives the next call. */
static char *keep(const char *bytes, size_t length)
{
	static char kept[2][4096];
	static int at;

	at = !at;
	snprintf(kept[at], sizeof(kept[at]), "%.*s", (int)length, bytes);
	return kept[at];
}

const char *talk_text(struct talk *talk, const char *element, int n)
{
	char *begin = xprintf("<%s>", element), *end = xprintf("</%s>", element);
	const char *at = talk->answer.bytes, *until = NULL;

	for (int i = 0; at && i <= n; i++) {
		at = strstr(at, begin);
		if (at)
			at += strlen(begin);
	}
	if (at)
		until = strstr(at, end);
	free(begin);
	free(end);
	return until ? keep(at, (size_t)(until - at)) : NULL;
}

int talk_count(const struct talk *talk, const char *text)
{
	int count = 0;

	for (const char *at = talk->answer.bytes; (at = strstr(at, text)); at += strlen(text))
		count++;
	return count;
}

const char *talk_fault(struct talk *talk)
{
	const char *subcode = strstr(talk->answer.bytes, "<s:Subcode><s:Value>");
	const char *detail = talk_text(talk, "w:FaultDetail", 0);
	char fault[200];

	if (talk->status != 500)
		return "no fault";
	subcode =
		subcode ? subcode + strlen("<s:Subcode><s:Value>") : talk_text(talk, "s:Value", 0);
	snprintf(fault, sizeof(fault), "%.*s%s%s", (int)strcspn(subcode, "<"), subcode,
		 detail ? " " : "", detail ? strrchr(detail, '/') + 1 : "");
	return keep(fault, strlen(fault));
}
