/* SPDX-License-Identifier: MIT */
/* fuzz_wsman.c -- any document sent to the WS-Management binding is answered once, by XML that fits
 * into the envelope. The word CONTEXT in it stands for an open enumeration, SUBSCRIBED for a
 * subscription with an event to pull. */
#include "fuzz.h"

#include <assert.h>
#include <semaphore.h>
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

#define QUERY "select * from __InstanceDeletionEvent where TargetInstance isa 'Msvm_ComputerSystem'"

static const char subscribe[] =
	"<s:Envelope xmlns:s=\"" NS_SOAP "\" xmlns:a=\"" NS_ADDRESSING "\" xmlns:w=\"" NS_WSMAN
	"\" xmlns:e=\"" NS_EVENTING "\"><s:Header><a:Action>" NS_EVENTING
	"/Subscribe</a:Action><a:MessageID>x</a:MessageID><w:ResourceURI>" URI_ALL
	"</w:ResourceURI></s:Header><s:Body><e:Subscribe><e:Delivery Mode=\"" DELIVERY_PULL
	"\"/><w:Filter Dialect=\"" DIALECT_WQL "\">" QUERY
	"</w:Filter></e:Subscribe></s:Body></s:Envelope>";

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

/* Puts the context that a request is answered with where a word stands; false: it does not. */
static bool insert_context(struct wsman *wsman, const char *word, const char *request,
			   struct text *document)
{
	static const char element[] = "<n:EnumerationContext>";
	char *at = memmem(document->bytes, document->length, word, strlen(word));
	struct text filled = { 0 };
	struct answer answer;
	const char *context;

	if (!at)
		return false;
	answer = serve(wsman, request, strlen(request));
	context = strstr(answer.body.bytes, element);
	assert(context);
	context += sizeof(element) - 1;
	text_add(&filled, document->bytes, (size_t)(at - document->bytes));
	text_add(&filled, context, strcspn(context, "<"));
	at += strlen(word);
	text_add(&filled, at, document->length - (size_t)(at - document->bytes));
	text_done(&answer.body);
	text_done(document);
	*document = filled;
	return true;
}

/* --- An event --- */

static struct cim_event_source *source_ref(struct cim_event_source *source)
{
	return source;
}

static void source_release(struct cim_event_source *source)
{
}

static void source_fill(struct cim_event_source *source, bool before, struct cim_instance *instance)
{
	cim_set_text(instance, PROPERTY_NAME, "gone");
}

static void ready(void *context)
{
	sem_post(context);
}

/* Something happens; who subscribed before this returns has it in the queue then. */
static void publish(struct cim_events *events)
{
	static struct cim_event_source source = { source_ref, source_release, source_fill, 0 };
	const struct principal user = { .name = "fuzz" };
	struct cim_subscription *last;
	struct cim_error error;
	sem_t told;

	if (!cim_subscribe(events, &user, "", QUERY, strlen(QUERY), &last, &error))
		abort();
	sem_init(&told, 0, 0);
	cim_events_publish(events, CIM_EVENT_DELETION, MSVM_COMPUTER_SYSTEM, &source);
	cim_subscription_wait(last, 60000, ready, &told);
	sem_wait(&told);
	cim_unsubscribe(&last);
	sem_destroy(&told);
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
	static const struct cim_events_limits event_limits = { 10, 10, 10, 10000 };
	static struct cim_events *events; /* with its thread, once for all */
	struct fake *fake = fake_create(3);
	struct cim_enumerations *enumerations = cim_enumerations_create(&limits);
	struct text document = { 0 };
	struct wsman *wsman;
	struct answer answer;

	if (!events)
		events = cim_events_create(&event_limits);
	wsman = wsman_create(&(struct wsman_settings){
		.service = fake->service,
		.enumerations = enumerations,
		.events = events,
		.envelope_max = ENVELOPE_MAX,
	});
	log_set_level(LOG_LEVEL_ERROR);
	text_add(&document, (const char *)data, size);
	insert_context(wsman, "CONTEXT", enumerate, &document);
	if (insert_context(wsman, "SUBSCRIBED", subscribe, &document))
		publish(events);
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
