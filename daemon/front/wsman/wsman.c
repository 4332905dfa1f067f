/* SPDX-License-Identifier: MIT */
/* wsman.c -- from a message to a call, and from an answer to a message. */
#include "front/wsman/wsman.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/guid.h"
#include "base/log.h"
#include "base/memory.h"
#include "front/wsman/call.h"
#include "front/wsman/deadlines.h"
#include "front/wsman/envelope.h"
#include "front/wsman/names.h"
#include "front/wsman/subscriptions.h"
#include "openkvp/scoped.h"
#include "openkvp/unicode.h"

#define RESERVE_MAX 65536
#define HTTP_OK     200
#define HTTP_MEDIA  415
#define HTTP_FAULT  500 /* of every fault: a client reads a fault with no other status */

struct wsman *wsman_create(const struct wsman_settings *settings)
{
	struct wsman *wsman = xcalloc(1, sizeof(*wsman));

	wsman->settings = *settings;
	wsman->subscriptions = wsman_subscriptions_create();
	wsman->deadlines = wsman_deadlines_create();
	return wsman;
}

void wsman_free(struct wsman **wsman)
{
	struct wsman *freeing = take(*wsman);

	if (!freeing)
		return;
	wsman_deadlines_free(&freeing->deadlines);
	wsman_subscriptions_free(&freeing->subscriptions);
	free(freeing);
}

void wsman_expire(struct wsman *wsman)
{
	wsman_subscriptions_expire(wsman->subscriptions);
}

/* --- Answers --- */

/* UTF-16 with a byte order mark. */
static void recode(struct text *out)
{
	size_t room = 2 * out->length, length;
	struct text recoded = { 0 };

	text_reserve(&recoded, room + 2);
	memcpy(recoded.bytes, "\xFF\xFE", 2);
	if (!okvp_utf8_to_utf16le(out->bytes, out->length, (uint8_t *)recoded.bytes + 2, room,
				  &length))
		abort(); /* text_xml() lets nothing else pass */
	recoded.length = length + 2;
	text_done(out);
	*out = recoded;
}

void wsman_call_release(struct wsman_call *call)
{
	const struct wsman_message *message = call->message;

	if (atomic_fetch_sub(&call->references, 1) == 1 && message->done)
		message->done(message);
}

static void send(struct wsman_call *call, unsigned int status, struct text *out)
{
	const char *type = "application/soap+xml;charset=UTF-8";

	if (call->utf16) {
		recode(out);
		type = "application/soap+xml;charset=UTF-16";
	}
	call->message->answer(call->message, status, type, out);
	wsman_call_release(call);
}

/* Clients look for elements by these very prefixes. */
static void begin(struct wsman_call *call, const char *action, const struct wsman_fault *fault,
		  struct text *out)
{
	struct guid guid = guid_random();
	char id[GUID_TEXT_SIZE];

	text_literal(out, "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"" NS_SOAP
			  "\" xmlns:a=\"" NS_ADDRESSING "\" xmlns:n=\"" NS_ENUMERATION
			  "\" xmlns:w=\"" NS_WSMAN "\" xmlns:e=\"" NS_EVENTING
			  "\" xmlns:x=\"" NS_TRANSFER "\"><s:Header><a:To>" ANONYMOUS_ROLE
			  "</a:To><a:Action>");
	text_xml(out, action, strlen(action));
	text_literal(out, "</a:Action><a:MessageID>uuid:");
	text_add(out, guid_to_text(&guid, id), GUID_TEXT_SIZE - 1);
	text_literal(out, "</a:MessageID>");
	if (call->message_id) {
		text_literal(out, "<a:RelatesTo>");
		text_xml(out, call->message_id, strlen(call->message_id));
		text_literal(out, "</a:RelatesTo>");
	}
	if (fault)
		wsman_fault_write_header(out, fault);
	else if (call->answer_header)
		text_puts(out, call->answer_header);
	text_literal(out, "</s:Header><s:Body>");
}

void wsman_begin(struct wsman_call *call, const char *action, struct text *ret_out)
{
	*ret_out = (struct text){ 0 };
	text_reserve(ret_out, call->wsman->last_size);
	begin(call, action, NULL, ret_out);
}

void wsman_end(struct wsman_call *call, struct text *out, enum wsman_fault_id too_large)
{
	size_t size;

	text_literal(out, WSMAN_END);
	size = out->length;
	if (size > call->envelope_max) {
		struct wsman_fault fault;

		text_done(out);
		wsman_fail(&fault, too_large, "the answer takes %zu bytes, the most is %zu", size,
			   call->envelope_max);
		return wsman_refuse(call, &fault);
	}
	call->wsman->last_size = size < RESERVE_MAX ? size : RESERVE_MAX;
	send(call, HTTP_OK, out);
}

void wsman_refuse(struct wsman_call *call, const struct wsman_fault *fault)
{
	struct text out = { 0 };

	log_info(call->message->peer, "%s refused: %s", call->action ? call->action : "a request",
		 fault->message);
	begin(call, wsman_fault_action(fault), fault, &out);
	wsman_fault_write(&out, fault);
	text_literal(&out, WSMAN_END);
	send(call, HTTP_FAULT, &out);
}

void wsman_refuse_cim(struct wsman_call *call, const struct cim_error *error)
{
	struct wsman_fault fault;

	wsman_fail_cim(&fault, error);
	wsman_refuse(call, &fault);
}

/* --- Media types and encodings --- */

/* The value of a parameter of a media type, without quotes. */
static const char *type_parameter(struct arena *arena, const char *type, const char *name)
{
	size_t length = strlen(name);
	const char *at = strchr(type, ';');

	for (; at; at = strchr(at, ';')) {
		at += strspn(at, "; \t");
		if (strncasecmp(at, name, length) != 0 || at[length] != '=')
			continue;
		at += length + 1;
		at += *at == '"';
		return arena_text(arena, at, strcspn(at, "\"; \t"));
	}
	return NULL;
}

static bool media_type_is_known(const char *type)
{
	static const char *const known[] = { "application/soap+xml", "text/xml" };
	size_t length;

	if (!type)
		return true;
	length = strcspn(type, "; \t");
	for (size_t i = 0; i < count_of(known); i++)
		if (strlen(known[i]) == length && strncasecmp(type, known[i], length) == 0)
			return true;
	return false;
}

static bool starts(const struct wsman_message *message, const char *two_bytes)
{
	return message->length >= 2 && memcmp(message->body, two_bytes, 2) == 0;
}

/* What the transport says, or what the first bytes give away. */
static bool find_encoding(struct wsman_call *call, enum xml_encoding *ret_encoding,
			  struct wsman_fault *fault)
{
	static const struct {
		const char *name;
		enum xml_encoding encoding;
	} known[] = {
		{ "utf-8", XML_UTF8 },       { "us-ascii", XML_UTF8 },    { "utf-16", XML_AUTO },
		{ "utf-16le", XML_UTF16LE }, { "utf-16be", XML_UTF16BE },
	};
	const struct wsman_message *message = call->message;
	const char *charset =
		message->content_type
			? type_parameter(call->arena, message->content_type, "charset")
			: NULL;
	bool wide = starts(message, "\xFF\xFE") || starts(message, "\xFE\xFF") ||
		    starts(message, "<\0") || starts(message, "\0<");
	size_t i = 0;

	*ret_encoding = XML_AUTO;
	call->utf16 = wide;
	if (!charset)
		return true;
	while (i < count_of(known) && strcasecmp(known[i].name, charset) != 0)
		i++;
	if (i == count_of(known))
		return wsman_fail(fault, FAULT_CHARACTER_SET, "the charset '%s' is not offered",
				  charset);
	*ret_encoding = known[i].encoding;
	call->utf16 = known[i].encoding != XML_UTF8;
	return true;
}

/* --- Requests --- */

static bool read_message(struct wsman_call *call, const struct xml_element **ret_root,
			 struct wsman_fault *fault)
{
	enum xml_encoding encoding;
	struct okvp_error err;

	if (!find_encoding(call, &encoding, fault))
		return false;
	if (xml_parse(call->arena, call->message->body, call->message->length, encoding, ret_root,
		      &err))
		return true;
	return wsman_fail(fault, FAULT_SCHEMA, "%s", err.message);
}

static void refuse_media(struct wsman_call *call)
{
	const struct wsman_message *message = call->message;
	struct text body = { 0 };

	text_puts(&body, "415 Unsupported Media Type: application/soap+xml is expected\n");
	message->answer(message, HTTP_MEDIA, "text/plain", &body);
	wsman_call_release(call);
}

void wsman_serve(struct wsman *wsman, const struct wsman_message *message)
{
	struct wsman_call *call = arena_new(message->arena, struct wsman_call);
	const struct xml_element *root;
	struct wsman_fault fault;

	call->wsman = wsman;
	call->message = message;
	call->arena = message->arena;
	call->references = 1;
	call->envelope_max = wsman->settings.envelope_max;
	call->operation.service = wsman->settings.service;
	call->operation.arena = message->arena;
	call->operation.principal = message->principal;
	call->operation.peer = message->peer;
	call->operation.binding = call;
	if (!media_type_is_known(message->content_type))
		return refuse_media(call);
	if (!read_message(call, &root, &fault))
		return wsman_refuse(call, &fault);
	if (wsman_envelope_is_identify(root))
		return wsman_identify(call);
	if (!wsman_envelope_read(call, root, &fault))
		return wsman_refuse(call, &fault);
	if (!*message->principal.name) {
		wsman_fail(&fault, FAULT_ACCESS, "somebody unknown may only identify");
		return wsman_refuse(call, &fault);
	}
	if (call->utf16) /* nearly all of an answer is ASCII */
		call->envelope_max = (call->envelope_max - 2) / 2;
	wsman_act(call);
}

/* --- HTTP --- */

static void answer(const struct wsman_message *message, unsigned int status,
		   const char *content_type, struct text *body)
{
	http_answer(message->context, status, content_type, body);
}

static void may_give_up(const struct wsman_message *message)
{
	http_may_give_up(message->context);
}

static bool gone(const struct wsman_message *message)
{
	return http_client_gone(message->context);
}

static void done(const struct wsman_message *message)
{
	http_release(message->context);
}

/* DSP0226 lets somebody unknown identify if he says that he wants to be unknown. */
static bool may_be_unknown(struct http_exchange *exchange)
{
	const char *header = http_header(exchange, "WSMANIDENTIFY");

	return strcmp(http_request(exchange)->path, "/wsman-anon/identify") == 0 ||
	       (header && strcasecmp(header, "unauthenticated") == 0);
}

static void handle(struct http_exchange *exchange, void *wsman)
{
	const struct http_request *request = http_request(exchange);
	struct wsman_message *message;

	if (!*request->principal.name && !may_be_unknown(exchange))
		return http_demand_credentials(exchange);
	message = arena_new(request->arena, struct wsman_message);
	*message = (struct wsman_message){
		.arena = request->arena,
		.content_type = http_header(exchange, "Content-Type"),
		.user_agent = http_header(exchange, "User-Agent"),
		.body = request->body,
		.length = request->body_length,
		.principal = request->principal,
		.peer = request->peer,
		.secure = request->secure,
		.answer = answer,
		.may_give_up = may_give_up,
		.gone = gone,
		.done = done,
		.context = exchange,
	};
	http_hold(exchange);
	wsman_serve(wsman, message);
}

void wsman_routes(struct wsman *wsman, struct http_route ret_routes[static WSMAN_ROUTES])
{
	static const char *const paths[WSMAN_ROUTES] = { "/wsman", "/wsman/",
							 "/wsman-anon/identify" };

	for (size_t i = 0; i < WSMAN_ROUTES; i++)
		ret_routes[i] = (struct http_route){
			.method = "POST",
			.path = paths[i],
			.access = HTTP_ANYONE,
			.handle = handle,
			.context = wsman,
		};
}
