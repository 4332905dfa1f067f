/* SPDX-License-Identifier: MIT */
/* http_answer.c -- an answer as libmicrohttpd takes it: whole, or in pieces that are made when the
 * client has taken those before. */
#include <stdlib.h>
#include <string.h>

#include "front/http_internal.h"

#define PIECE_SIZE (64 * 1024) /* libmicrohttpd's buffer for an answer in pieces */

struct answer_header {
	struct answer_header *next;
	const char *name, *value;
};

void http_answer_header(struct http_exchange *exchange, const char *name, const char *value)
{
	struct arena *arena = exchange->request.arena;
	struct answer_header *header = arena_new(arena, struct answer_header);

	header->name = name;
	header->value = arena_text(arena, value, strlen(value));
	header->next = exchange->headers;
	exchange->headers = header;
}

/* Copies what libmicrohttpd has room for out of a piece, and has the next one made behind it. */
static ssize_t read_piece(void *context, uint64_t position, char *buffer, size_t room)
{
	struct http_exchange *exchange = context;
	struct text *piece = &exchange->piece;
	size_t left;

	while (exchange->piece_sent == piece->length) {
		if (!exchange->pieces.next)
			return MHD_CONTENT_READER_END_OF_STREAM;
		text_clear(piece);
		exchange->piece_sent = 0;
		if (!exchange->pieces.next(exchange->pieces.context, piece))
			exchange->pieces.next = NULL;
	}
	left = piece->length - exchange->piece_sent;
	if (left > room)
		left = room;
	memcpy(buffer, piece->bytes + exchange->piece_sent, left);
	exchange->piece_sent += left;
	return (ssize_t)left;
}

static struct MHD_Response *make_response(struct http_exchange *exchange, struct text *body)
{
	size_t length = body->length;

	if (exchange->pieces.next) {
		exchange->piece = *body;
		*body = (struct text){ 0 };
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE_SIZE, read_piece,
							 exchange, NULL);
	}
	if (length > 0)
		return MHD_create_response_from_buffer(length, text_take(body),
						       MHD_RESPMEM_MUST_FREE);
	text_done(body);
	return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
}

void exchange_set_answer(struct http_exchange *exchange, unsigned int status,
			 const char *content_type, struct text *body)
{
	exchange->status = status;
	exchange->response = make_response(exchange, body);
	if (!exchange->response)
		abort(); /* no memory */
	if (content_type)
		MHD_add_response_header(exchange->response, "Content-Type", content_type);
	for (const struct answer_header *header = exchange->headers; header; header = header->next)
		MHD_add_response_header(exchange->response, header->name, header->value);
}
