/* SPDX-License-Identifier: MIT */
/* fuzz_session.c -- a guest that says anything, in any order, to the host's end of a channel, which
 * asks it whatever it can be asked. What the host sends must be whole frames, and what it tells
 * must be what it may tell in its state.
 *
 * The input is a sequence of steps, each a byte and what that step takes. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "channel/session.h"
#include "openkvp/frame.h"
#include "openkvp/link_message.h"

struct play {
	uv_loop_t loop;
	struct session *session;
	bool connected, paused;
	struct okvp_frame_reader guest; /* what has arrived there */
	uint32_t epoch, sequence;       /* of the host's last frame */
	int asked[CHANNEL_REQUESTS];
	uint8_t sum; /* of all bytes that were told: they are there */
};

/* --- What the session does to its stream --- */

static bool to_guest(void *context, const void *bytes, size_t size)
{
	struct play *play = context;
	struct okvp_frame frame;

	assert(play->connected);
	assert(okvp_frame_reader_feed(&play->guest, bytes, size, NULL));
	while (okvp_frame_reader_next(&play->guest, &frame)) {
		play->epoch = frame.epoch;
		play->sequence = frame.sequence;
	}
	assert(play->guest.skipped == 0 && !okvp_frame_reader_partial(&play->guest));
	return true;
}

static void pause_stream(void *context, bool paused)
{
	((struct play *)context)->paused = paused;
}

static void reconnect(void *context)
{
	assert(!"memory has ended");
}

/* --- What it tells --- */

static void look_at(struct play *play, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		play->sum ^= ((const uint8_t *)bytes)[i];
}

static void look_at_item(struct play *play, const struct okvp_item *item)
{
	look_at(play, item->key, item->key_length);
	look_at(play, item->value, item->value_length);
}

static void state_told(void *context, enum channel_state state, const char *reason)
{
	struct play *play = context;

	assert(state == session_state(play->session));
	look_at(play, reason, strlen(reason));
	memset(play->asked, 0, sizeof(play->asked));
}

static void fault_told(void *context, const char *reason)
{
	assert(!"a session knows of no fault");
}

static void excess_told(void *context, const char *what)
{
	struct play *play = context;

	assert(play->paused);
	look_at(play, what, strlen(what));
}

static void heard(void *context)
{
	assert(session_state(((struct play *)context)->session) == CHANNEL_OPEN);
}

static void answered(struct play *play, enum channel_request kind)
{
	assert(session_state(play->session) == CHANNEL_OPEN);
	assert(play->asked[kind] == 1 && session_ready(play->session, kind));
	play->asked[kind] = 0;
}

static void batch_told(void *context, const uint32_t *status, size_t count)
{
	answered(context, CHANNEL_BATCH);
	assert(count >= 1 && count <= OKVP_OWN_BATCH_MAX);
	look_at(context, status, count * sizeof(*status));
}

static void part_told(void *context, struct channel_part *part)
{
	struct okvp_item item;

	answered(context, CHANNEL_READ);
	for (size_t items = 0; channel_part_next(part, &item); items++) {
		assert(items < OKVP_OWN_BODY_MAX / OKVP_RECORD_HEAD_SIZE);
		look_at_item(context, &item);
	}
}

static void ip_told(void *context, uint32_t status, const struct okvp_adapter *adapter,
		    const char *text)
{
	answered(context, CHANNEL_IP);
	if (adapter)
		assert(adapter->addresses.count <= 2 * OKVP_ADDRESSES_MAX &&
		       adapter->gateways.count <= 2 * OKVP_GATEWAYS_MAX);
	look_at(context, text, strlen(text));
}

static void stands_told(void *context, const struct okvp_own_state *state)
{
	heard(context);
}

static void change_told(void *context, struct okvp_own_changed *changed)
{
	struct okvp_own_record record;

	heard(context);
	while (okvp_own_next_record(&changed->records, &record))
		look_at_item(context, &record.item);
}

static void adapters_told(void *context, const uint8_t *body, size_t length)
{
	struct okvp_own_adapters adapters;
	struct okvp_adapter adapter;

	heard(context);
	assert(okvp_own_read_adapters(body, length, &adapters, NULL));
	while (okvp_own_next_adapter(&adapters, &adapter))
		look_at(context, adapter.name, strlen(adapter.name));
}

/* --- Steps: what the guest says --- */

/* In two pieces, the first of any size. */
static void receive(struct play *play, const uint8_t *bytes, size_t size, size_t first)
{
	first %= size + 1;
	if (play->connected)
		session_receive(play->session, bytes, first);
	if (play->connected)
		session_receive(play->session, bytes + first, size - first);
}

static void say(struct play *play, struct wire_reader *in, uint32_t sequence, uint8_t *bytes,
		size_t length)
{
	const struct okvp_frame frame = { .epoch = play->epoch,
					  .sequence = sequence,
					  .length = length };

	okvp_frame_write_header(&frame, bytes);
	receive(play, bytes, OKVP_FRAME_HEADER_SIZE + length, wire_read_u8(in));
}

/* A body of some length, which begins with bytes of the input and goes on with zeros. */
static void read_body(struct wire_reader *in, uint8_t *out, size_t length)
{
	size_t given = wire_read_u8(in);
	const uint8_t *bytes = wire_read_bytes(in, given);

	memset(out, 0, length);
	if (bytes && given <= length)
		memcpy(out, bytes, given);
}

static uint8_t *payload_of(uint8_t *frame)
{
	return frame + OKVP_FRAME_HEADER_SIZE;
}

static uint8_t frame_bytes[OKVP_FRAME_SIZE_MAX];

static void say_hello_answer(struct play *play, struct wire_reader *in)
{
	okvp_link_write_hello(OKVP_LINK_HELLO_ANSWER, 0, wire_read_u8(in) & 1,
			      payload_of(frame_bytes));
	say(play, in, play->sequence, frame_bytes, OKVP_LINK_HELLO_SIZE);
}

static void say_ic(struct play *play, struct wire_reader *in)
{
	struct okvp_ic_header header = { .framework = { 3, 0 } };
	uint8_t *payload = payload_of(frame_bytes);
	uint8_t how = wire_read_u8(in);
	size_t length;

	header.type = how & 3;
	header.flags = how >> 2 & 7;
	header.message.major = how >> 5;
	header.status = how & 0x80 ? OKVP_IC_NO_MORE_ITEMS : OKVP_IC_OK;
	header.size = wire_read_u16(in) % 8192;
	length = OKVP_IC_HEADER_SIZE + header.size;
	okvp_link_write_pipe_header(length, payload);
	okvp_ic_write_header(&header, payload + OKVP_LINK_HEADER_SIZE);
	read_body(in, payload + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE, header.size);
	say(play, in, play->sequence, frame_bytes, OKVP_LINK_HEADER_SIZE + length);
}

/* kind: 0x10 STATE ... with 0x80 an answer. */
static void say_own(struct play *play, struct wire_reader *in)
{
	uint8_t kind = wire_read_u8(in), flags = wire_read_u8(in);
	uint32_t type = 0x4F4B0000u + (kind & 0x7F) + (kind & 0x80 ? OKVP_OWN_ANSWER : 0);
	size_t length = wire_read_u16(in);
	struct wire_writer out = wire_writer_on(payload_of(frame_bytes), OKVP_FRAME_PAYLOAD_MAX);

	if (length > OKVP_FRAME_PAYLOAD_MAX - OKVP_LINK_HEADER_SIZE)
		length = OKVP_FRAME_PAYLOAD_MAX - OKVP_LINK_HEADER_SIZE;
	wire_write_u32(&out, type);
	wire_write_u32(&out, flags & 1);
	read_body(in, payload_of(frame_bytes) + OKVP_LINK_HEADER_SIZE, length);
	say(play, in, flags & 2 ? play->sequence - (flags >> 2 & 3) : 0, frame_bytes,
	    OKVP_LINK_HEADER_SIZE + length);
}

static void say_wake(struct play *play, struct wire_reader *in)
{
	okvp_link_write_wake(payload_of(frame_bytes));
	say(play, in, 0, frame_bytes, OKVP_LINK_HEADER_SIZE);
}

static void say_bytes(struct play *play, struct wire_reader *in)
{
	size_t size = wire_read_u8(in);
	const uint8_t *bytes = wire_read_bytes(in, size);

	if (bytes)
		receive(play, bytes, size, size / 2);
}

/* --- Steps: what the host does --- */

static void ask(struct play *play, enum channel_request kind)
{
	play->asked[kind]++;
	assert(play->asked[kind] == 1);
}

static void send_batch(struct play *play, struct wire_reader *in)
{
	const struct okvp_own_record change = {
		.item = { .key = "k", .key_length = 1, .value = "" }
	};
	size_t count = wire_read_u8(in) % OKVP_OWN_BATCH_MAX + 1;
	struct okvp_own_record changes[OKVP_OWN_BATCH_MAX];

	if (!session_ready(play->session, CHANNEL_BATCH))
		return;
	if (count > session_abilities(play->session).batch)
		count = session_abilities(play->session).batch;
	for (size_t i = 0; i < count; i++)
		changes[i] = change;
	ask(play, CHANNEL_BATCH);
	assert(session_send_batch(play->session, OKVP_POOL_EXTERNAL, changes, count, NULL));
}

static void read_pool(struct play *play, struct wire_reader *in)
{
	uint8_t what = wire_read_u8(in);

	if (!session_ready(play->session, CHANNEL_READ))
		return;
	ask(play, CHANNEL_READ);
	session_read(play->session, (enum okvp_pool)(what & 3), what >> 2);
}

static void ask_for_ip(struct play *play, struct wire_reader *in)
{
	static const struct okvp_adapter adapter = { .id = "00:15:5D:01:02:03" };
	bool set = wire_read_u8(in) & 1;

	if (session_ready(play->session, CHANNEL_IP) &&
	    session_send_ip(play->session, set ? OKVP_KVP_SET_IP : OKVP_KVP_GET_IP, &adapter, NULL))
		ask(play, CHANNEL_IP);
}

static void run_loop(struct play *play, struct wire_reader *in)
{
	uv_run(&play->loop, UV_RUN_NOWAIT);
}

static void connect_again(struct play *play, struct wire_reader *in)
{
	if (play->connected) {
		play->connected = false;
		session_end(play->session, "gone");
		assert(session_state(play->session) == CHANNEL_CLOSED);
	}
	play->connected = true;
	session_begin(play->session);
}

/* --- The play --- */

static void begin(struct play *play)
{
	static const struct channel_settings settings = {
		.answer_timeout_ms = 60000,
		.silence_timeout_ms = 60000,
		.negotiation_timeout_ms = 60000,
		.silence_notice_ms = 60000,
		.message_rate = 200,
		.byte_rate = 4 * 1024 * 1024,
	};
	const struct channel_events events = {
		.state = state_told,
		.fault = fault_told,
		.excess = excess_told,
		.heard = heard,
		.batch = batch_told,
		.part = part_told,
		.ip = ip_told,
		.stands = stands_told,
		.changed = change_told,
		.adapters = adapters_told,
		.context = play,
	};
	const struct session_stream stream = { to_guest, pause_stream, reconnect, play };

	uv_loop_init(&play->loop);
	play->session = session_create(&play->loop, &settings, &events, &stream);
	connect_again(play, NULL);
}

static void end(struct play *play)
{
	session_close(&play->session);
	uv_run(&play->loop, UV_RUN_DEFAULT);
	assert(uv_loop_close(&play->loop) == 0);
	okvp_frame_reader_done(&play->guest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const steps[])(struct play * play, struct wire_reader * in) = {
		say_hello_answer, say_ic,    say_own,    say_wake, say_bytes,
		send_batch,       read_pool, ask_for_ip, run_loop, connect_again,
	};
	struct wire_reader in = wire_reader_on(data, size);
	struct play play = { 0 };

	begin(&play);
	while (wire_left(&in) > 0 && wire_ok(&in))
		steps[wire_read_u8(&in) % (sizeof(steps) / sizeof(*steps))](&play, &in);
	end(&play);
	return 0;
}
