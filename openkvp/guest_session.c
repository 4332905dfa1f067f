/* SPDX-License-Identifier: MIT */
/* guest_session.c -- the guest's end of the exchange on a byte stream. */
#include "openkvp/guest_session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/frame.h"
#include "openkvp/link_message.h"
#include "openkvp/wire.h"

/* A host has one request outstanding. One that sends more than this, or reads less, loses the
 * rest. */
#define REQUESTS_MAX 4

/* The frame of the longest answer: a key-value message in an IC message in a pipe message. */
#define ANSWER_SIZE_MAX                                                         \
	(OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + \
	 OKVP_KVP_MESSAGE_SIZE)

#define NEGOTIATION_SIZE 16 /* body of an answer: counts, and one version of each kind */

/* An IC message of the host, of which header.size bytes are kept. */
struct request {
	uint32_t sequence;
	struct okvp_ic_header header;
	uint8_t body[OKVP_KVP_MESSAGE_SIZE];
};

/* What next() gave out. */
enum asked {
	NOTHING_ASKED,
	ASKED,        /* queue[0]: its answer is awaited */
	ASKED_IN_VAIN /* the host has forgotten it: its answer is awaited and dropped */
};

struct okvp_guest_session {
	struct okvp_frame_reader reader;
	bool ready;

	bool greeted;   /* the host is there */
	uint32_t epoch; /* of its latest HELLO */
	bool agreed;    /* on a version */
	struct okvp_version version;

	/* Answers that are due, or will be when the session is ready. */
	struct {
		bool due;
		uint32_t sequence;
	} hello;
	struct {
		bool due;
		uint32_t sequence;
		struct okvp_ic_header header;
		struct okvp_negotiation answer;
	} negotiation;

	struct request queue[REQUESTS_MAX];
	size_t count;
	enum asked asked;

	uint8_t output[REQUESTS_MAX * ANSWER_SIZE_MAX]; /* whole frames */
	size_t sent, end;                               /* sent: of the first frame */
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
	free(*session);
	*session = NULL;
}

/* Room for the payload of a frame, its header written; NULL when the host reads too slowly: then
 * the answer is lost, and the host asks again or gives up. */
static uint8_t *begin_frame(struct okvp_guest_session *session, uint32_t sequence, size_t length)
{
	struct okvp_frame frame = { .epoch = session->epoch,
				    .sequence = sequence,
				    .length = length };
	uint8_t *out = session->output + session->end;

	if (sizeof(session->output) - session->end < OKVP_FRAME_HEADER_SIZE + length)
		return NULL;
	okvp_frame_write_header(&frame, out);
	session->end += OKVP_FRAME_HEADER_SIZE + length;
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

static size_t first_frame_size(const struct okvp_guest_session *session)
{
	struct wire_reader in = wire_reader_on(session->output, session->end);

	wire_skip(&in, 12);
	return OKVP_FRAME_HEADER_SIZE + wire_read_u32(&in);
}

/* What the host has not begun to read; the rest of a frame that it has must follow, or the stream
 * would be torn. */
static void drop_output(struct okvp_guest_session *session)
{
	session->end = session->sent > 0 ? first_frame_size(session) : 0;
}

static void drop_requests(struct okvp_guest_session *session)
{
	session->count = 0;
	if (session->asked == ASKED)
		session->asked = ASKED_IN_VAIN;
}

/* The host begins anew: with a negotiation, a HELLO, or a connection. */
static void drop_agreement(struct okvp_guest_session *session)
{
	session->agreed = false;
	session->version = (struct okvp_version){ 0 };
	session->negotiation.due = false;
	drop_requests(session);
}

static void drop_epoch(struct okvp_guest_session *session)
{
	session->greeted = false;
	session->hello.due = false;
	drop_agreement(session);
}

static void answer_hello(struct okvp_guest_session *session)
{
	uint8_t *out = begin_frame(session, session->hello.sequence, OKVP_LINK_HELLO_SIZE);

	session->hello.due = false;
	/* Version 0 whatever was offered: a host without it learns that there is no other. */
	if (out)
		okvp_link_write_hello(OKVP_LINK_HELLO_ANSWER, 0, 0, out);
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

static void take_hello(struct okvp_guest_session *session, const struct okvp_frame *frame)
{
	if (!session->greeted || session->epoch != frame->epoch) {
		drop_epoch(session);
		drop_output(session);
	}
	session->greeted = true;
	session->epoch = frame->epoch;
	session->hello.due = true;
	session->hello.sequence = frame->sequence;
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

/* Keeps a request for next(); what is longer than a key-value message is not one. */
static void take_request(struct okvp_guest_session *session, uint32_t sequence,
			 const struct okvp_ic_header *header, const uint8_t *body)
{
	struct request *request = &session->queue[session->count];

	if (!session->agreed || session->count == REQUESTS_MAX)
		return;
	request->sequence = sequence;
	request->header = *header;
	if (request->header.size > sizeof(request->body))
		request->header.size = sizeof(request->body);
	memcpy(request->body, body, request->header.size);
	session->count++;
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
	else
		take_request(session, sequence, &header, body);
}

static void take_frame(struct okvp_guest_session *session, const struct okvp_frame *frame)
{
	struct okvp_link_message message;

	if (!okvp_link_message_read(frame->payload, frame->length, &message, NULL))
		return;
	if (message.type == OKVP_LINK_HELLO)
		take_hello(session, frame);
	else if (message.type == OKVP_LINK_PIPE && session->greeted &&
		 session->epoch == frame->epoch)
		take_pipe(session, frame->sequence, &message);
}

static void take_frames(struct okvp_guest_session *session)
{
	struct okvp_frame frame;

	while (okvp_frame_reader_next(&session->reader, &frame)) {
		take_frame(session, &frame);
		answer_what_is_due(session);
	}
}

void okvp_guest_session_reset(struct okvp_guest_session *session)
{
	okvp_frame_reader_done(&session->reader);
	session->sent = session->end = 0;
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
	return session->agreed ? OKVP_GUEST_OPEN : OKVP_GUEST_HELLO;
}

struct okvp_version okvp_guest_session_version(const struct okvp_guest_session *session)
{
	return session->version;
}

bool okvp_guest_session_receive(struct okvp_guest_session *session, const void *bytes, size_t size,
				struct okvp_error *err)
{
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

/* Answers the first request in place. */
static void answer_first(struct okvp_guest_session *session, uint32_t status)
{
	struct request *first = &session->queue[0];

	first->header.status = status;
	send_answer(session, first->sequence, first->header, first->body);
	session->count--;
	memmove(first, first + 1, session->count * sizeof(*first));
}

bool okvp_guest_session_next(struct okvp_guest_session *session,
			     struct okvp_kvp_message *ret_request)
{
	while (session->ready && session->count > 0 && session->asked == NOTHING_ASKED) {
		const struct request *first = &session->queue[0];
		struct okvp_error why = { .status = OKVP_UNSUPPORTED };

		if (first->header.type == OKVP_IC_KVP &&
		    okvp_kvp_message_read(first->body, first->header.size, ret_request, &why)) {
			session->asked = ASKED;
			return true;
		}
		answer_first(session,
			     why.status == OKVP_UNSUPPORTED ? OKVP_IC_NOT_SUPPORTED : OKVP_IC_FAIL);
	}
	return false;
}

void okvp_guest_session_answer(struct okvp_guest_session *session,
			       const struct okvp_kvp_message *answer, uint32_t status)
{
	struct request *first = &session->queue[0];
	bool dropped = session->asked != ASKED;

	session->asked = NOTHING_ASKED;
	if (dropped)
		return;
	if (status == OKVP_IC_OK && answer->operation == OKVP_KVP_ENUMERATE &&
	    !okvp_kvp_message_write(answer, first->body, NULL))
		status = OKVP_IC_FAIL;
	answer_first(session, status);
}

const uint8_t *okvp_guest_session_output(const struct okvp_guest_session *session, size_t *ret_size)
{
	*ret_size = session->end - session->sent;
	return *ret_size > 0 ? session->output + session->sent : NULL;
}

void okvp_guest_session_sent(struct okvp_guest_session *session, size_t size)
{
	assert(size <= session->end - session->sent);
	session->sent += size;
	while (session->sent > 0 && session->sent >= first_frame_size(session)) {
		size_t frame_size = first_frame_size(session);

		session->sent -= frame_size;
		session->end -= frame_size;
		memmove(session->output, session->output + frame_size, session->end);
	}
}
