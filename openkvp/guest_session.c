/* SPDX-License-Identifier: MIT */
/* guest_session.c -- the guest's end of the exchange on a byte stream. */
#include "openkvp/guest_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/frame.h"
#include "openkvp/guest_output.h"
#include "openkvp/guest_requests.h"
#include "openkvp/link_message.h"
#include "openkvp/wire.h"

/* The frame of the longest answer: an IP message in an IC message in a pipe message. */
#define ANSWER_SIZE_MAX \
	(OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + OKVP_IP_SIZE_MAX)

#define OUTPUT_MAX \
	(GUEST_REQUESTS_MAX * ANSWER_SIZE_MAX) /* more waits: the host reads too slowly */

#define NEGOTIATION_SIZE 16 /* body of an answer: counts, and one version of each kind */

struct okvp_guest_session {
	struct okvp_frame_reader reader;
	struct guest_output output;
	bool ready;
	uint16_t offered; /* version of the own protocol */

	bool greeted;   /* the host is there */
	uint32_t epoch; /* of its latest HELLO */
	uint64_t greeting;
	bool agreed; /* on a version */
	struct okvp_version version;
	uint16_t own; /* version of the own protocol that is spoken; 0: none */

	/* Answers that are due, or will be when the session is ready. */
	struct {
		bool due;
		uint32_t sequence;
		uint16_t version; /* of the own protocol: chosen */
	} hello;
	struct {
		bool due;
		uint32_t sequence;
		struct okvp_ic_header header;
		struct okvp_negotiation answer;
	} negotiation;

	struct guest_requests requests;

	/* The own protocol. */
	struct okvp_own_assembly assembly;
	struct okvp_own_message message;
	bool waiting; /* message is complete and was not yet taken */
};

static const struct okvp_negotiation known_versions = {
	.framework_count = 2,
	.framework = { { 3, 0 }, { 1, 0 } },
	.message_count = 2,
	.message = { { 4, 0 }, { 3, 0 } },
};

struct okvp_guest_session *okvp_guest_session_create(void)
{
	struct okvp_guest_session *session = calloc(1, sizeof(*session));

	if (session)
		session->ready = true;
	return session;
}

void okvp_guest_session_free(struct okvp_guest_session **session)
{
	if (!*session)
		return;
	okvp_frame_reader_done(&(*session)->reader);
	okvp_own_assembly_done(&(*session)->assembly);
	guest_output_done(&(*session)->output);
	free(*session);
	*session = NULL;
}

static size_t waiting_size(const struct okvp_guest_session *session)
{
	size_t size;

	guest_output_bytes(&session->output, &size);
	return size;
}

/* Room for the payload of a frame, its header written; NULL when the host reads too slowly: then
 * the answer is lost, and the host asks again or gives up. */
static uint8_t *begin_frame(struct okvp_guest_session *session, uint32_t sequence, size_t length)
{
	struct okvp_frame frame = { .epoch = session->epoch,
				    .sequence = sequence,
				    .length = length };
	uint8_t *out;

	if (waiting_size(session) + OKVP_FRAME_HEADER_SIZE + length > OUTPUT_MAX)
		return NULL;
	out = guest_output_add(&session->output, OKVP_FRAME_HEADER_SIZE + length);
	if (!out)
		return NULL;
	okvp_frame_write_header(&frame, out);
	return out + OKVP_FRAME_HEADER_SIZE;
}

/* Sends the answer to an IC message; body has header->size bytes. */
static void send_answer(struct okvp_guest_session *session, uint32_t sequence,
			struct okvp_ic_header header, const uint8_t *body)
{
	size_t length = OKVP_IC_HEADER_SIZE + header.size;
	uint8_t *out = begin_frame(session, sequence, OKVP_LINK_HEADER_SIZE + length);

	if (!out)
		return;
	header.flags = (uint8_t)((header.flags & ~OKVP_IC_REQUEST) | OKVP_IC_RESPONSE);
	okvp_link_write_pipe_header(length, out);
	okvp_ic_write_header(&header, out + OKVP_LINK_HEADER_SIZE);
	memcpy(out + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE, body, header.size);
}

/* The host begins anew: with a negotiation, a HELLO, or a connection. */
static void drop_agreement(struct okvp_guest_session *session)
{
	session->agreed = false;
	session->version = (struct okvp_version){ 0 };
	session->negotiation.due = false;
	guest_requests_drop(&session->requests);
}

static void drop_own(struct okvp_guest_session *session)
{
	session->own = 0;
	session->waiting = false;
	okvp_own_assembly_done(&session->assembly);
}

static void drop_epoch(struct okvp_guest_session *session)
{
	session->greeted = false;
	session->hello.due = false;
	drop_agreement(session);
	drop_own(session);
}

static void answer_hello(struct okvp_guest_session *session)
{
	uint8_t *out = begin_frame(session, session->hello.sequence, OKVP_LINK_HELLO_SIZE);

	uint16_t version = session->hello.version;

	session->hello.due = false;
	session->own = version;
	session->greeting++;
	if (out)
		okvp_link_write_hello(OKVP_LINK_HELLO_ANSWER, version, version, out);
}

static void answer_negotiation(struct okvp_guest_session *session)
{
	const struct okvp_negotiation *answer = &session->negotiation.answer;
	struct okvp_ic_header header = session->negotiation.header;
	uint8_t body[NEGOTIATION_SIZE];

	header.size = (uint16_t)okvp_negotiation_write(answer, body, sizeof(body));
	session->negotiation.due = false;
	session->agreed = answer->message_count == 1;
	session->version = answer->message[0];
	send_answer(session, session->negotiation.sequence, header, body);
}

static void answer_what_is_due(struct okvp_guest_session *session)
{
	if (session->ready && session->hello.due)
		answer_hello(session);
	if (session->ready && session->negotiation.due)
		answer_negotiation(session);
}

static void take_hello(struct okvp_guest_session *session, const struct okvp_frame *frame,
		       const struct okvp_link_message *hello)
{
	if (!session->greeted || session->epoch != frame->epoch) {
		drop_epoch(session);
		guest_output_drop(&session->output);
	}
	session->greeted = true;
	session->epoch = frame->epoch;
	session->hello.due = true;
	session->hello.sequence = frame->sequence;
	/* Version 0 where there is none in common: the host learns that there is no other. */
	session->hello.version = okvp_link_choose(hello->lowest, hello->highest, session->offered);
}

static void take_negotiation(struct okvp_guest_session *session, uint32_t sequence,
			     const struct okvp_ic_header *header, const uint8_t *body)
{
	struct okvp_negotiation offered, answer = { 0 };
	bool readable = okvp_negotiation_read(body, header->size, &offered, NULL);

	if (readable)
		okvp_negotiation_choose(&offered, &known_versions, &answer);
	drop_agreement(session);
	session->negotiation.due = true;
	session->negotiation.sequence = sequence;
	session->negotiation.header = *header;
	session->negotiation.header.status = readable ? OKVP_IC_OK : OKVP_IC_FAIL;
	session->negotiation.answer = answer;
}

static void take_pipe(struct okvp_guest_session *session, uint32_t sequence,
		      const struct okvp_link_message *message)
{
	struct okvp_ic_header header;
	const uint8_t *body;

	if (!okvp_ic_read(message->body, message->length, &header, &body, NULL))
		return;
	if (header.type == OKVP_IC_NEGOTIATE)
		take_negotiation(session, sequence, &header, body);
	else if (session->agreed)
		guest_requests_take(&session->requests, sequence, &header, body);
}

static void take_own(struct okvp_guest_session *session, uint32_t sequence,
		     const struct okvp_link_message *piece)
{
	session->waiting =
		okvp_own_assemble(&session->assembly, piece, sequence, &session->message, NULL);
}

static void take_frame(struct okvp_guest_session *session, const struct okvp_frame *frame)
{
	struct okvp_link_message message;

	if (!okvp_link_message_read(frame->payload, frame->length, &message, NULL))
		return;
	if (message.type == OKVP_LINK_HELLO)
		take_hello(session, frame, &message);
	else if (!session->greeted || session->epoch != frame->epoch)
		return;
	else if (message.type == OKVP_LINK_PIPE && session->own == 0)
		take_pipe(session, frame->sequence, &message);
	else if (message.type == OKVP_LINK_OWN && session->own > 0)
		take_own(session, frame->sequence, &message);
}

/* Up to an own message that is complete: what it holds is still in the reader. */
static void take_frames(struct okvp_guest_session *session)
{
	struct okvp_frame frame;

	while (!session->waiting && okvp_frame_reader_next(&session->reader, &frame)) {
		take_frame(session, &frame);
		answer_what_is_due(session);
	}
}

void okvp_guest_session_reset(struct okvp_guest_session *session)
{
	okvp_frame_reader_done(&session->reader);
	guest_output_done(&session->output);
	drop_epoch(session);
}

void okvp_guest_session_wake(struct okvp_guest_session *session)
{
	uint8_t *out;

	drop_epoch(session);
	session->epoch = 0;
	out = begin_frame(session, 0, OKVP_LINK_HEADER_SIZE);
	if (out)
		okvp_link_write_wake(out);
}

void okvp_guest_session_set_ready(struct okvp_guest_session *session, bool ready)
{
	session->ready = ready;
	answer_what_is_due(session);
}

enum okvp_guest_state okvp_guest_session_state(const struct okvp_guest_session *session)
{
	if (!session->ready || !session->greeted)
		return OKVP_GUEST_WAITING;
	return session->agreed || session->own > 0 ? OKVP_GUEST_OPEN : OKVP_GUEST_HELLO;
}

struct okvp_version okvp_guest_session_version(const struct okvp_guest_session *session)
{
	return session->version;
}

uint16_t okvp_guest_session_own(const struct okvp_guest_session *session)
{
	return session->own;
}

uint64_t okvp_guest_session_greeting(const struct okvp_guest_session *session)
{
	return session->greeting;
}

void okvp_guest_session_offer(struct okvp_guest_session *session, uint16_t own_version)
{
	session->offered = own_version;
}

void okvp_guest_session_serve_ip(struct okvp_guest_session *session)
{
	session->requests.serves_ip = true;
}

bool okvp_guest_session_wants_input(const struct okvp_guest_session *session)
{
	return !session->waiting && (session->own == 0 || waiting_size(session) <= OUTPUT_MAX);
}

bool okvp_guest_session_receive(struct okvp_guest_session *session, const void *bytes, size_t size,
				struct okvp_error *err)
{
	assert(!session->waiting); /* it is in the reader, where it would move */
	if (!okvp_frame_reader_feed(&session->reader, bytes, size, err))
		return false;
	take_frames(session);
	return true;
}

bool okvp_guest_session_partial(const struct okvp_guest_session *session)
{
	return okvp_frame_reader_partial(&session->reader);
}

void okvp_guest_session_give_up(struct okvp_guest_session *session)
{
	okvp_frame_reader_give_up(&session->reader);
	take_frames(session);
}

/* --- Hyper-V's requests --- */

/* Answers the first request in place. */
static void answer_first(struct okvp_guest_session *session, struct guest_request *first,
			 uint32_t status)
{
	first->header.status = status;
	send_answer(session, first->sequence, first->header, first->body);
	guest_requests_end(&session->requests);
}

bool okvp_guest_session_next(struct okvp_guest_session *session,
			     struct okvp_kvp_message *ret_request)
{
	struct guest_request *first;

	while (session->ready && (first = guest_requests_first(&session->requests))) {
		uint32_t status =
			guest_requests_read(&session->requests, session->version, ret_request);

		if (status == OKVP_IC_OK)
			return true;
		answer_first(session, first, status);
	}
	return false;
}

void okvp_guest_session_answer(struct okvp_guest_session *session,
			       const struct okvp_kvp_message *answer, uint32_t status)
{
	struct guest_request *request = guest_requests_asked(&session->requests);

	if (!request)
		return;
	if (status == OKVP_IC_OK && answer->operation == OKVP_KVP_ENUMERATE &&
	    !okvp_kvp_message_write(answer, request->body, NULL))
		status = OKVP_IC_FAIL;
	answer_first(session, request, status);
}

const struct okvp_ip_message *okvp_guest_session_ip(const struct okvp_guest_session *session)
{
	return &session->requests.ip;
}

void okvp_guest_session_answer_ip(struct okvp_guest_session *session,
				  const struct okvp_ip_message *answer, uint32_t status)
{
	struct guest_request *request = guest_requests_asked(&session->requests);

	if (!request)
		return;
	if (status == OKVP_IC_OK && answer &&
	    okvp_ip_message_write(answer, session->version, request->body, NULL) !=
		    request->header.size)
		status = OKVP_IC_FAIL;
	answer_first(session, request, status);
}

/* --- The own protocol --- */

bool okvp_guest_session_next_own(struct okvp_guest_session *session,
				 struct okvp_own_message *ret_message)
{
	take_frames(session);
	if (!session->waiting || waiting_size(session) > OUTPUT_MAX)
		return false;
	session->waiting = false;
	*ret_message = session->message;
	return true;
}

bool okvp_guest_session_send(struct okvp_guest_session *session,
			     const struct okvp_own_message *message, struct okvp_error *err)
{
	size_t frames = message->length / OKVP_OWN_PIECE_MAX + 1, offset = 0;
	uint8_t *out;

	if (message->length > OKVP_OWN_BODY_MAX)
		return okvp_fail(err, OKVP_LIMIT, "a message of %zu bytes", message->length);
	if (message->length > 0 && message->length % OKVP_OWN_PIECE_MAX == 0)
		frames--;
	out = guest_output_add(&session->output, frames * OKVP_OWN_HEAD_SIZE + message->length);
	if (!out)
		return okvp_fail(err, OKVP_NO_MEMORY, "a message of %zu bytes", message->length);
	while (frames-- > 0) {
		size_t piece = okvp_own_write_head(message, session->epoch, offset, out);

		out += OKVP_OWN_HEAD_SIZE;
		if (piece > 0)
			memcpy(out, message->body + offset, piece);
		out += piece;
		offset += piece;
	}
	return true;
}

/* --- Output --- */

const uint8_t *okvp_guest_session_output(const struct okvp_guest_session *session, size_t *ret_size)
{
	return guest_output_bytes(&session->output, ret_size);
}

void okvp_guest_session_sent(struct okvp_guest_session *session, size_t size)
{
	guest_output_sent(&session->output, size);
}
