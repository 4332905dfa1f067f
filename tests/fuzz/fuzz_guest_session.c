/* SPDX-License-Identifier: MIT */
/* fuzz_guest_session.c -- a host that does anything, in any order, and a guest that answers
 * whatever it is asked, in Hyper-V's messages or openkvp's own. What the session sends must always
 * be a stream of whole frames.
 *
 * The input is a sequence of steps, each a byte and what that step takes. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/frame.h"
#include "openkvp/guest_session.h"
#include "openkvp/link_message.h"
#include "openkvp/wire.h"

#define OUTPUT_MAX (65536 + 4096) /* a session holds no more, whatever the host does */

#define IC_BODY_MAX 8192

struct play {
	struct okvp_guest_session *session;
	struct okvp_frame_reader host; /* what has arrived there */
	uint32_t epoch, sequence;
	struct okvp_kvp_message request;
	bool asked;
};

/* Takes an own request and answers it, shorter than it may. */
static bool serve_own(struct play *play)
{
	static const uint8_t nothing[1000];
	struct okvp_own_message message;

	if (!okvp_guest_session_next_own(play->session, &message))
		return false;
	assert(message.length <= OKVP_OWN_BODY_MAX);
	if (okvp_own_is_request(message.type)) {
		message.type += OKVP_OWN_ANSWER;
		message.body = nothing;
		message.length = sizeof(nothing);
		assert(okvp_guest_session_send(play->session, &message, NULL));
	}
	return true;
}

static void receive(struct play *play, const void *bytes, size_t size)
{
	while (!okvp_guest_session_wants_input(play->session))
		if (!serve_own(play))
			return; /* the host does not read */
	if (size > 0)
		assert(okvp_guest_session_receive(play->session, bytes, size, NULL));
}

/* In two pieces, the first of any size. */
static void send_frame(struct play *play, struct wire_reader *in, const void *payload,
		       size_t length)
{
	static uint8_t bytes[OKVP_FRAME_SIZE_MAX];
	struct okvp_frame frame = { .epoch = play->epoch,
				    .sequence = play->sequence++,
				    .length = length };
	size_t size = OKVP_FRAME_HEADER_SIZE + length, first = wire_read_u8(in) % size;

	okvp_frame_write_header(&frame, bytes);
	memcpy(bytes + OKVP_FRAME_HEADER_SIZE, payload, length);
	receive(play, bytes, first);
	receive(play, bytes + first, size - first);
}

static void send_hello(struct play *play, struct wire_reader *in)
{
	uint8_t hello[OKVP_LINK_HELLO_SIZE];

	play->epoch += wire_read_u8(in) & 1;
	okvp_link_write_hello(OKVP_LINK_HELLO, 0, wire_read_u8(in), hello);
	send_frame(play, in, hello, sizeof(hello));
}

/* An IC message of any type, its body beginning with bytes of the input and then zeros. */
static void send_ic(struct play *play, struct wire_reader *in)
{
	static uint8_t payload[OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + IC_BODY_MAX];
	struct okvp_ic_header header = { 0 };
	size_t length, given;
	const uint8_t *body;

	header.type = wire_read_u8(in) & 3;
	header.flags = wire_read_u8(in);
	header.size = wire_read_u16(in) % IC_BODY_MAX;
	length = OKVP_IC_HEADER_SIZE + header.size;
	given = wire_read_u8(in);
	body = wire_read_bytes(in, given);
	memset(payload, 0, sizeof(payload));
	if (body && given <= header.size)
		memcpy(payload + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE, body, given);
	okvp_link_write_pipe_header(length, payload);
	okvp_ic_write_header(&header, payload + OKVP_LINK_HEADER_SIZE);
	send_frame(play, in, payload, OKVP_LINK_HEADER_SIZE + length);
}

/* A piece of an own message, its body zeros. */
static void send_own(struct play *play, struct wire_reader *in)
{
	static uint8_t payload[OKVP_FRAME_PAYLOAD_MAX];
	struct wire_writer out = wire_writer_on(payload, sizeof(payload));
	uint32_t type = OKVP_LINK_OWN + wire_read_u8(in);
	size_t length = wire_read_u16(in) % OKVP_OWN_PIECE_MAX;

	wire_write_u32(&out, type);
	wire_write_u32(&out, wire_read_u8(in));
	send_frame(play, in, payload, OKVP_LINK_HEADER_SIZE + length);
}

static void ask_own(struct play *play, struct wire_reader *in)
{
	serve_own(play);
}

static void offer(struct play *play, struct wire_reader *in)
{
	okvp_guest_session_offer(play->session, wire_read_u8(in));
}

static void send_bytes(struct play *play, struct wire_reader *in)
{
	size_t size = wire_read_u8(in);
	const uint8_t *bytes = wire_read_bytes(in, size);

	if (bytes)
		receive(play, bytes, size);
}

static void ask(struct play *play, struct wire_reader *in)
{
	struct okvp_kvp_message other;

	if (play->asked)
		assert(!okvp_guest_session_next(play->session, &other));
	else
		play->asked = okvp_guest_session_next(play->session, &play->request);
}

static void answer(struct play *play, struct wire_reader *in)
{
	uint32_t status = wire_read_u8(in) & 1 ? OKVP_IC_FAIL : OKVP_IC_OK;

	if (!play->asked)
		return;
	play->asked = false;
	if (play->request.operation >= OKVP_KVP_GET_IP) {
		okvp_guest_session_answer_ip(play->session, okvp_guest_session_ip(play->session),
					     status);
		return;
	}
	if (play->request.operation == OKVP_KVP_ENUMERATE) {
		play->request.item.key = play->request.item.value = "\xC3\xA9t\xC3\xA9";
		play->request.item.key_length = play->request.item.value_length = 5;
	}
	okvp_guest_session_answer(play->session, &play->request, status);
}

static void read_output(struct play *play, struct wire_reader *in)
{
	size_t size, wanted = wire_read_u16(in);
	const uint8_t *output = okvp_guest_session_output(play->session, &size);
	struct okvp_frame frame;

	assert(size <= OUTPUT_MAX && (size > 0) == (output != NULL));
	if (wanted < size)
		size = wanted;
	assert(okvp_frame_reader_feed(&play->host, output, size, NULL));
	okvp_guest_session_sent(play->session, size);
	while (okvp_frame_reader_next(&play->host, &frame))
		assert(frame.length <= OKVP_FRAME_PAYLOAD_MAX);
	assert(play->host.skipped == 0);
}

static void change_readiness(struct play *play, struct wire_reader *in)
{
	okvp_guest_session_set_ready(play->session, wire_read_u8(in) & 1);
}

static void give_up(struct play *play, struct wire_reader *in)
{
	if (okvp_guest_session_wants_input(play->session) &&
	    okvp_guest_session_partial(play->session))
		okvp_guest_session_give_up(play->session);
}

static void reconnect(struct play *play, struct wire_reader *in)
{
	okvp_guest_session_reset(play->session);
	okvp_frame_reader_done(&play->host);
	assert(!okvp_guest_session_partial(play->session));
	assert(okvp_guest_session_state(play->session) == OKVP_GUEST_WAITING);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const steps[])(struct play * play, struct wire_reader * in) = {
		send_hello,       send_ic, send_ic,   send_bytes, ask,     answer, read_output,
		change_readiness, give_up, reconnect, send_own,   ask_own, offer,
	};
	struct play play = { .session = okvp_guest_session_create() };
	struct wire_reader in = wire_reader_on(data, size);

	assert(play.session);
	okvp_guest_session_serve_ip(play.session);
	while (wire_left(&in) > 0 && wire_ok(&in))
		steps[wire_read_u8(&in) % (sizeof(steps) / sizeof(*steps))](&play, &in);
	okvp_guest_session_free(&play.session);
	okvp_frame_reader_done(&play.host);
	return 0;
}
