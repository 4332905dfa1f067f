/* SPDX-License-Identifier: MIT */
/* fuzz_guest_session.c -- a host that does anything, in any order, and a guest that answers
 * whatever it is asked. What the session sends must always be a stream of whole frames.
 *
 * The input is a sequence of steps, each a byte and what that step takes. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/frame.h"
#include "openkvp/guest_session.h"
#include "openkvp/link_message.h"
#include "openkvp/wire.h"

#define OUTPUT_MAX 16384 /* a session holds no more, whatever the host does */

struct play {
	struct okvp_guest_session *session;
	struct okvp_frame_reader host; /* what has arrived there */
	uint32_t epoch, sequence;
	struct okvp_kvp_message request;
	bool asked;
};

static void receive(struct play *play, const void *bytes, size_t size)
{
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
	static uint8_t payload[OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + 4096];
	struct okvp_ic_header header = { 0 };
	size_t length, given;
	const uint8_t *body;

	header.type = wire_read_u8(in) & 3;
	header.flags = wire_read_u8(in);
	header.size = wire_read_u16(in) % 4096;
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
	if (play->request.operation == OKVP_KVP_ENUMERATE) {
		play->request.item.key = play->request.item.value = "\xC3\xA9t\xC3\xA9";
		play->request.item.key_length = play->request.item.value_length = 5;
	}
	okvp_guest_session_answer(play->session, &play->request, status);
	play->asked = false;
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
		assert(frame.length <= OUTPUT_MAX);
	assert(play->host.skipped == 0);
}

static void change_readiness(struct play *play, struct wire_reader *in)
{
	okvp_guest_session_set_ready(play->session, wire_read_u8(in) & 1);
}

static void give_up(struct play *play, struct wire_reader *in)
{
	if (okvp_guest_session_partial(play->session))
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
		send_hello, send_ic,     send_ic,          send_bytes, ask,
		answer,     read_output, change_readiness, give_up,    reconnect,
	};
	struct play play = { .session = okvp_guest_session_create() };
	struct wire_reader in = wire_reader_on(data, size);

	assert(play.session);
	while (wire_left(&in) > 0 && wire_ok(&in))
		steps[wire_read_u8(&in) % (sizeof(steps) / sizeof(*steps))](&play, &in);
	okvp_guest_session_free(&play.session);
	okvp_frame_reader_done(&play.host);
	return 0;
}
