/* SPDX-License-Identifier: MIT */
/* cimxml.c -- from a message to a call, and from an answer to a message. */
#include "front/cimxml/cimxml.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "front/cimxml/call.h"
#include "xml/xml.h"

#define RESERVE_MAX 65536
#define HOST_MAX    255
#define CONTENT     "application/xml; charset=\"utf-8\""

struct cimxml *cimxml_create(const struct cimxml_settings *settings)
{
	struct cimxml *cimxml = xcalloc(1, sizeof(*cimxml));

	cimxml->settings = *settings;
	return cimxml;
}

void cimxml_free(struct cimxml **cimxml)
{
	free(*cimxml);
	*cimxml = NULL;
}

/* --- Answers. What is written here the strictest client of the field must be able to read: no
 * empty-element tags, no comments, an XML declaration. --- */

void cimxml_send(struct cimxml_call *call, struct text *out, const struct http_pieces *pieces)
{
	struct cimxml_answer answer = { .status = 200, .content_type = CONTENT, .body = *out };

	if (pieces)
		answer.pieces = *pieces;
	else
		call->cimxml->last_size = out->length < RESERVE_MAX ? out->length : RESERVE_MAX;
	*out = (struct text){ 0 };
	call->message->answer(call->message, &answer);
}

void cimxml_begin(struct cimxml_call *call, struct text *ret_out)
{
	*ret_out = (struct text){ 0 };
	text_reserve(ret_out, call->cimxml->last_size);
	text_literal(ret_out, "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n"
			      "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\"><MESSAGE ID=\"");
	text_xml(ret_out, call->id, strlen(call->id));
	text_literal(ret_out, "\" PROTOCOLVERSION=\"1.0\"><SIMPLERSP><");
	text_puts(ret_out, call->is_method ? "METHODRESPONSE" : "IMETHODRESPONSE");
	text_literal(ret_out, " NAME=\"");
	text_xml(ret_out, call->name, strlen(call->name));
	text_literal(ret_out, "\">");
}

void cimxml_close(struct cimxml_call *call, struct text *out)
{
	text_puts(out, call->is_method ? "</METHODRESPONSE>" : "</IMETHODRESPONSE>");
	text_literal(out, "</SIMPLERSP></MESSAGE></CIM>");
}

void cimxml_end(struct cimxml_call *call, struct text *out)
{
	cimxml_close(call, out);
	cimxml_send(call, out, NULL);
}

void cimxml_done(struct cimxml_call *call)
{
	struct text out;

	cimxml_begin(call, &out);
	cimxml_end(call, &out);
}

void cimxml_refuse_cim(struct cimxml_call *call, const struct cim_error *error)
{
	struct text out;

	log_info(call->message->peer, "%s refused: %s", call->name, error->message);
	cimxml_begin(call, &out);
	text_printf(&out, "<ERROR CODE=\"%d\" DESCRIPTION=\"", (int)error->status);
	text_xml(&out, error->message, strlen(error->message));
	text_literal(&out, "\"></ERROR>");
	cimxml_end(call, &out);
}

void cimxml_refuse(struct cimxml_call *call, const struct cimxml_fault *fault)
{
	struct cimxml_answer answer = {
		.status = cimxml_fault_status(fault->id),
		.error = cimxml_fault_name(fault->id),
		.content_type = "text/plain; charset=utf-8",
	};

	if (fault->id == FAULT_CIM)
		return cimxml_refuse_cim(call, &fault->error);
	log_info(call->message->peer, "a CIM-XML request refused: %s", fault->error.message);
	text_printf(&answer.body, "%u %s: %s\n", answer.status,
		    answer.error ? answer.error : "Unsupported Media Type", fault->error.message);
	call->message->answer(call->message, &answer);
}

/* --- Requests --- */

static bool read_message(struct cimxml_call *call, struct cimxml_fault *fault)
{
	const struct cimxml_message *message = call->message;
	const struct xml_element *root;
	struct okvp_error err;

	if (!cimxml_check_protocol(message, fault))
		return false;
	if (!xml_parse(call->arena, message->body, message->length, cimxml_encoding(message), &root,
		       &err))
		return cimxml_fail(fault, FAULT_NOT_WELL_FORMED, "%s", err.message);
	return cimxml_read_message(call, root, fault) && cimxml_check_headers(call, fault);
}

/* The name under which the client reached us, for full paths. */
static const char *host_of(const struct cimxml *cimxml, const struct cimxml_message *message)
{
	const char *host = message->host;

	return host && *host && strlen(host) <= HOST_MAX ? host : cimxml->settings.host_name;
}

void cimxml_serve(struct cimxml *cimxml, const struct cimxml_message *message)
{
	struct cimxml_call *call = arena_new(message->arena, struct cimxml_call);
	struct cimxml_fault fault;

	call->cimxml = cimxml;
	call->message = message;
	call->arena = message->arena;
	call->host = host_of(cimxml, message);
	call->operation.service = cimxml->settings.service;
	call->operation.arena = message->arena;
	call->operation.principal = message->principal;
	call->operation.peer = message->peer;
	call->operation.binding = call;
	if (!read_message(call, &fault))
		cimxml_refuse(call, &fault);
	else if (call->is_method)
		cimxml_invoke(call);
	else
		cimxml_operate(call);
}

/* --- HTTP --- */

static void answer_by_http(const struct cimxml_message *message, struct cimxml_answer *answer)
{
	struct http_exchange *exchange = message->context;

	if (answer->error)
		http_answer_header(exchange, "CIMError", answer->error);
	else if (answer->status == 200)
		http_answer_header(exchange, "CIMOperation", "MethodResponse");
	if (answer->pieces.next)
		http_answer_pieces(exchange, answer->status, answer->content_type, &answer->body,
				   &answer->pieces);
	else
		http_answer(exchange, answer->status, answer->content_type, &answer->body);
}

static void handle(struct http_exchange *exchange, void *cimxml)
{
	const struct http_request *request = http_request(exchange);
	struct cimxml_message *message = arena_new(request->arena, struct cimxml_message);

	*message = (struct cimxml_message){
		.arena = request->arena,
		.content_type = http_header(exchange, "Content-Type"),
		.host = http_header(exchange, "Host"),
		.cim_operation = http_header(exchange, "CIMOperation"),
		.cim_method = http_header(exchange, "CIMMethod"),
		.cim_object = http_header(exchange, "CIMObject"),
		.cim_protocol_version = http_header(exchange, "CIMProtocolVersion"),
		.cim_batch = http_header(exchange, "CIMBatch"),
		.body = request->body,
		.length = request->body_length,
		.principal = request->principal,
		.peer = request->peer,
		.answer = answer_by_http,
		.context = exchange,
	};
	cimxml_serve(cimxml, message);
}

void cimxml_routes(struct cimxml *cimxml, struct http_route ret_routes[static CIMXML_ROUTES])
{
	ret_routes[0] = (struct http_route){
		.method = "POST",
		.path = "/cimom",
		.access = HTTP_SOMEONE,
		.handle = handle,
		.context = cimxml,
	};
}
