/* SPDX-License-Identifier: MIT */
/* session.c -- one guest: HELLO, negotiation, one request after another, and their deadlines. */
#include "channel/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/frame.h"
#include "openkvp/link_message.h"
#include "openkvp/scoped.h"

#define HELLO_FIRST_MS  1000
#define HELLO_MOST_MS   30000
#define NONSENSE_MAX    64 /* frames of this epoch that fit nothing, between two answers */
#define RATE_PERIOD_MS  1000
#define OWN_VERSION_MAX 0 /* only Hyper-V's messages */

#define MESSAGE_SIZE (OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + OKVP_KVP_MESSAGE_SIZE)

/* What this end does now. The state that is told follows from it and from was_open. */
enum phase {
	PHASE_CLOSED,      /* no stream */
	PHASE_BACK_OFF,    /* waits before it says HELLO again */
	PHASE_HELLO,       /* HELLO is sent, again and again */
	PHASE_NEGOTIATING, /* versions are offered */
	PHASE_OPEN,
	PHASE_REFUSED,
};

struct session {
	uv_loop_t *loop;
	struct channel_settings settings;
	struct channel_events events;
	struct session_stream stream;

	enum phase phase;
	bool was_open; /* on this connection */
	bool closed;   /* its owner wants no more of it */
	uint32_t epoch, sequence;
	struct okvp_frame_reader reader;
	struct okvp_version framework, message;
	unsigned int hello_ms, nonsense;
	uint64_t hello_since_ms;
	bool silence_told;

	bool outstanding; /* the request of this sequence waits for its answer */
	struct okvp_kvp_message request;

	uint64_t period_ms; /* the rate of what the guest sends: this period's begin and use */
	unsigned int messages, bytes;
	bool paused;

	uv_timer_t deadline, partial, rate;
	unsigned int handles;
};

static void begin_hello(struct session *session);
static void take_frames(struct session *session);

/* --- State --- */

enum channel_state session_state(const struct session *session)
{
	switch (session->phase) {
	case PHASE_CLOSED:
		return CHANNEL_CLOSED;
	case PHASE_OPEN:
		return CHANNEL_OPEN;
	case PHASE_REFUSED:
		return CHANNEL_REFUSED;
	case PHASE_NEGOTIATING:
		return session->was_open ? CHANNEL_LOST : CHANNEL_NEGOTIATING;
	default:
		return session->was_open ? CHANNEL_LOST : CHANNEL_CONNECTED;
	}
}

struct okvp_version session_framework_version(const struct session *session)
{
	return session->phase == PHASE_OPEN ? session->framework : (struct okvp_version){ 0 };
}

struct okvp_version session_message_version(const struct session *session)
{
	return session->phase == PHASE_OPEN ? session->message : (struct okvp_version){ 0 };
}

static void tell(struct session *session, const char *reason)
{
	session->events.state(session->events.context, session_state(session), reason);
}

/* --- Sending --- */

static bool send_frame(struct session *session, uint8_t *bytes, size_t payload_size)
{
	struct okvp_frame frame = {
		.epoch = session->epoch,
		.sequence = ++session->sequence,
		.length = payload_size,
	};

	okvp_frame_write_header(&frame, bytes);
	return session->stream.send(session->stream.context, bytes,
				    OKVP_FRAME_HEADER_SIZE + payload_size);
}

static void send_ic(struct session *session, const struct okvp_ic_header *header,
		    const uint8_t *body)
{
	uint8_t bytes[OKVP_FRAME_HEADER_SIZE + MESSAGE_SIZE], *payload;
	size_t size = OKVP_IC_HEADER_SIZE + header->size;

	payload = bytes + OKVP_FRAME_HEADER_SIZE;
	okvp_link_write_pipe_header(size, payload);
	okvp_ic_write_header(header, payload + OKVP_LINK_HEADER_SIZE);
	memcpy(payload + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE, body, header->size);
	send_frame(session, bytes, OKVP_LINK_HEADER_SIZE + size);
}

/* --- HELLO --- */

static void send_hello(uv_timer_t *timer)
{
	struct session *session = timer->data;
	uint8_t bytes[OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HELLO_SIZE];
	uint64_t silence = clock_monotonic_ms() - session->hello_since_ms;

	okvp_link_write_hello(OKVP_LINK_HELLO, 0, OWN_VERSION_MAX, bytes + OKVP_FRAME_HEADER_SIZE);
	send_frame(session, bytes, OKVP_LINK_HELLO_SIZE);
	uv_timer_start(&session->deadline, send_hello, session->hello_ms, 0);
	if (session->hello_ms < HELLO_MOST_MS)
		session->hello_ms = session->hello_ms * 2 > HELLO_MOST_MS ? HELLO_MOST_MS
									  : session->hello_ms * 2;
	if (silence >= session->settings.silence_notice_ms && !session->silence_told) {
		session->silence_told = true;
		tell(session, "connected, but nobody answers: no agent runs in the guest, or "
			      "another program holds the channel");
	}
}

static void begin_hello(struct session *session)
{
	uint32_t epoch;

	if (getrandom(&epoch, sizeof(epoch), 0) != sizeof(epoch))
		abort();
	session->epoch = epoch == session->epoch || epoch == 0 ? epoch + 1 : epoch;
	session->outstanding = false;
	session->nonsense = 0;
	session->phase = PHASE_HELLO;
	session->hello_ms = HELLO_FIRST_MS;
	session->hello_since_ms = clock_monotonic_ms();
	send_hello(&session->deadline);
}

static void back_off_ended(uv_timer_t *timer)
{
	begin_hello(timer->data);
}

/* The contact is lost, the stream is not: say HELLO again, after a while. */
static void lose(struct session *session, const char *reason)
{
	session->phase = PHASE_BACK_OFF;
	session->outstanding = false;
	uv_timer_start(&session->deadline, back_off_ended, HELLO_FIRST_MS, 0);
	tell(session, reason);
}

/* --- Negotiation --- */

static const struct okvp_negotiation offer = {
	.framework_count = 2,
	.framework = { { 1, 0 }, { 3, 0 } },
	.message_count = 2,
	.message = { { 3, 0 }, { 4, 0 } },
};

static void negotiation_timed_out(uv_timer_t *timer)
{
	struct session *session = timer->data;
	char reason[96];

	snprintf(reason, sizeof(reason), "no answer to the negotiation within %u s",
		 session->settings.negotiation_timeout_ms / 1000);
	lose(session, reason);
}

static void begin_negotiation(struct session *session)
{
	uint8_t body[8 + 8 * OKVP_IC_VERSIONS_MAX];
	struct okvp_ic_header header = {
		.type = OKVP_IC_NEGOTIATE,
		.size = (uint16_t)okvp_negotiation_write(&offer, body, sizeof(body)),
		.flags = OKVP_IC_TRANSACTION | OKVP_IC_REQUEST,
	};

	session->phase = PHASE_NEGOTIATING;
	send_ic(session, &header, body);
	uv_timer_start(&session->deadline, negotiation_timed_out,
		       session->settings.negotiation_timeout_ms, 0);
	tell(session, "");
}

static bool offered(struct okvp_version version, const struct okvp_version *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (version.major == list[i].major && version.minor == list[i].minor)
			return true;
	return false;
}

static void end_negotiation(struct session *session, const uint8_t *body, size_t size)
{
	struct okvp_negotiation answer;

	if (!okvp_negotiation_read(body, size, &answer, NULL)) {
		lose(session, "the answer to the negotiation makes no sense");
		return;
	}
	uv_timer_stop(&session->deadline);
	if (answer.framework_count != 1 || answer.message_count != 1 ||
	    !offered(answer.framework[0], offer.framework, offer.framework_count) ||
	    !offered(answer.message[0], offer.message, offer.message_count)) {
		session->phase = PHASE_REFUSED;
		tell(session, "the guest knows no protocol version that this host offers");
		return;
	}
	session->framework = answer.framework[0];
	session->message = answer.message[0];
	session->phase = PHASE_OPEN;
	session->was_open = true;
	tell(session, "");
}

/* --- Requests --- */

bool session_ready(const struct session *session)
{
	return session->phase == PHASE_OPEN && !session->outstanding;
}

static void answer_timed_out(uv_timer_t *timer)
{
	struct session *session = timer->data;
	char reason[64];

	snprintf(reason, sizeof(reason), "no answer for %u s",
		 session->settings.answer_timeout_ms / 1000);
	lose(session, reason);
}

bool session_send(struct session *session, const struct okvp_kvp_message *request,
		  struct okvp_error *err)
{
	uint8_t body[OKVP_KVP_MESSAGE_SIZE];
	struct okvp_ic_header header = {
		.framework = session->framework,
		.type = OKVP_IC_KVP,
		.message = session->message,
		.size = sizeof(body),
		.flags = OKVP_IC_TRANSACTION | OKVP_IC_REQUEST,
	};

	if (!okvp_kvp_message_write(request, body, err))
		return false;
	session->outstanding = true;
	session->request = (struct okvp_kvp_message){
		.operation = request->operation,
		.pool = request->pool,
		.index = request->index,
	};
	send_ic(session, &header, body);
	uv_timer_start(&session->deadline, answer_timed_out, session->settings.answer_timeout_ms,
		       0);
	return true;
}

static void end_request(struct session *session, const struct okvp_ic_header *header,
			const uint8_t *body)
{
	struct okvp_kvp_message answer;
	bool readable = okvp_kvp_message_read(body, header->size, &answer, NULL) &&
			answer.operation == session->request.operation;

	session->outstanding = false;
	session->nonsense = 0;
	uv_timer_stop(&session->deadline);
	session->events.answer(session->events.context, readable ? &answer : &session->request,
			       header->status, readable);
}

/* --- Receiving --- */

/* A frame that answers nothing. A few are what a slow guest may send; many are nonsense. */
static void ignore(struct session *session)
{
	if (++session->nonsense == NONSENSE_MAX && session->phase == PHASE_OPEN)
		lose(session, "the guest sends messages that answer nothing");
}

static void take_message(struct session *session, uint32_t sequence,
			 const struct okvp_link_message *message)
{
	struct okvp_ic_header header;
	const uint8_t *body;

	if (message->type == OKVP_LINK_HELLO_ANSWER && session->phase == PHASE_HELLO) {
		begin_negotiation(session);
		return;
	}
	if (message->type != OKVP_LINK_PIPE ||
	    !okvp_ic_read(message->body, message->length, &header, &body, NULL) ||
	    !(header.flags & OKVP_IC_RESPONSE) || sequence != session->sequence) {
		ignore(session);
		return;
	}
	if (session->phase == PHASE_NEGOTIATING && header.type == OKVP_IC_NEGOTIATE)
		end_negotiation(session, body, header.size);
	else if (session->outstanding && header.type == OKVP_IC_KVP)
		end_request(session, &header, body);
	else
		ignore(session);
}

/* The program in the guest is a new one: what the old one was told is forgotten. One that says so
 * again and again is greeted once a second. */
static void take_wake(struct session *session)
{
	static const char started_anew[] = "the guest's side was started anew";

	if (session->phase == PHASE_HELLO) {
		session->hello_ms = HELLO_FIRST_MS;
		send_hello(&session->deadline);
		return;
	}
	if (clock_monotonic_ms() - session->hello_since_ms < HELLO_FIRST_MS) {
		if (session->phase != PHASE_BACK_OFF)
			lose(session, started_anew);
		return;
	}
	session_end(session, started_anew);
	if (!session->closed)
		session_begin(session);
}

static void take_frame(struct session *session, const struct okvp_frame *frame)
{
	struct okvp_link_message message;

	bool readable = okvp_link_message_read(frame->payload, frame->length, &message, NULL);

	if (readable && message.type == OKVP_LINK_WAKE)
		take_wake(session);
	else if (frame->epoch != session->epoch)
		return; /* an answer to an earlier contact */
	else if (readable)
		take_message(session, frame->sequence, &message);
	else
		ignore(session);
}

static void period_ended(uv_timer_t *timer)
{
	struct session *session = timer->data;

	session->paused = false;
	session->stream.pause(session->stream.context, false);
	take_frames(session);
}

/* Counts what a guest sends; beyond its rate it is not read until the next period. */
static void count_rate(struct session *session, unsigned int messages, unsigned int bytes)
{
	const struct channel_settings *settings = &session->settings;
	uint64_t now = clock_monotonic_ms();

	if (now - session->period_ms >= RATE_PERIOD_MS) {
		session->period_ms = now;
		session->messages = session->bytes = 0;
	}
	session->messages += messages;
	session->bytes += bytes;
	if ((settings->message_rate == 0 || session->messages <= settings->message_rate) &&
	    (settings->byte_rate == 0 || session->bytes <= settings->byte_rate))
		return;
	session->paused = true;
	session->stream.pause(session->stream.context, true);
	uv_timer_start(&session->rate, period_ended, session->period_ms + RATE_PERIOD_MS - now, 0);
}

static void partial_timed_out(uv_timer_t *timer)
{
	struct session *session = timer->data;

	okvp_frame_reader_give_up(&session->reader);
	take_frames(session);
}

static void take_frames(struct session *session)
{
	struct okvp_frame frame;

	while (session->phase != PHASE_CLOSED && !session->paused &&
	       okvp_frame_reader_next(&session->reader, &frame)) {
		take_frame(session, &frame);
		if (session->phase != PHASE_CLOSED)
			count_rate(session, 1, 0);
	}
	if (session->phase == PHASE_CLOSED)
		return;
	if (!okvp_frame_reader_partial(&session->reader))
		uv_timer_stop(&session->partial);
	else if (!uv_is_active((uv_handle_t *)&session->partial))
		uv_timer_start(&session->partial, partial_timed_out, OKVP_FRAME_PARTIAL_MS, 0);
}

/* --- The stream --- */

void session_begin(struct session *session)
{
	session->was_open = false;
	session->silence_told = false;
	session->paused = false;
	begin_hello(session);
	tell(session, "");
}

void session_receive(struct session *session, const void *bytes, size_t size)
{
	if (!okvp_frame_reader_feed(&session->reader, bytes, size, NULL)) {
		session->stream.reconnect(session->stream.context);
		return;
	}
	count_rate(session, 0, (unsigned int)size);
	take_frames(session);
}

static void forget_stream(struct session *session)
{
	session->phase = PHASE_CLOSED;
	session->outstanding = false;
	okvp_frame_reader_done(&session->reader);
	uv_timer_stop(&session->deadline);
	uv_timer_stop(&session->partial);
	uv_timer_stop(&session->rate);
}

void session_end(struct session *session, const char *reason)
{
	forget_stream(session);
	tell(session, reason);
}

/* --- Creating and closing --- */

static void timer_closed(uv_handle_t *handle)
{
	struct session *session = handle->data;

	if (--session->handles == 0)
		free(session);
}

static void init_timer(struct session *session, uv_timer_t *timer)
{
	uv_timer_init(session->loop, timer);
	timer->data = session;
	session->handles++;
}

struct session *session_create(uv_loop_t *loop, const struct channel_settings *settings,
			       const struct channel_events *events,
			       const struct session_stream *stream)
{
	struct session *session = xcalloc(1, sizeof(*session));

	session->loop = loop;
	session->settings = *settings;
	session->events = *events;
	session->stream = *stream;
	init_timer(session, &session->deadline);
	init_timer(session, &session->partial);
	init_timer(session, &session->rate);
	return session;
}

void session_close(struct session **session)
{
	struct session *s = take(*session);

	if (!s)
		return;
	s->closed = true;
	forget_stream(s);
	uv_close((uv_handle_t *)&s->deadline, timer_closed);
	uv_close((uv_handle_t *)&s->partial, timer_closed);
	uv_close((uv_handle_t *)&s->rate, timer_closed);
}
