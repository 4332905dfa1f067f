/* SPDX-License-Identifier: MIT */
/* session.c -- one guest: the stream, HELLO, and how much of a guest is listened to. */
#include "channel/session_core.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define HELLO_FIRST_MS 1000
#define HELLO_MOST_MS  30000
#define BACK_OFF_LEAST \
	HELLO_FIRST_MS /* before a contact that was lost is tried again; doubles ... */
#define BACK_OFF_MOST HELLO_MOST_MS
#define BACK_OFF_HELD 10000 /* ... unless the contact had held for so long */
#define NONSENSE_MAX  64    /* frames of this epoch that fit nothing, between two that do */

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

static bool is_open(const struct session *session)
{
	return session->phase == PHASE_OPEN;
}

unsigned int session_own_version(const struct session *session)
{
	return is_open(session) && session->protocol == &own_protocol ? OKVP_OWN_VERSION : 0;
}

struct okvp_version session_framework_version(const struct session *session)
{
	return is_open(session) ? session->framework : (struct okvp_version){ 0 };
}

struct okvp_version session_message_version(const struct session *session)
{
	return is_open(session) ? session->message : (struct okvp_version){ 0 };
}

struct channel_abilities session_abilities(const struct session *session)
{
	return is_open(session) ? session->protocol->abilities(session)
				: (struct channel_abilities){ 0 };
}

static void tell(struct session *session, const char *reason)
{
	session->events.state(session->events.context, session_state(session), reason);
}

void session_enter(struct session *session, enum phase phase, const char *reason)
{
	session->phase = phase;
	if (phase == PHASE_OPEN) {
		session->was_open = true;
		session->open_since_ms = clock_monotonic_ms();
	}
	tell(session, reason);
}

/* --- Requests --- */

bool session_ready(const struct session *session, enum channel_request kind)
{
	return is_open(session) && session->protocol->ready(session, kind);
}

bool session_send_batch(struct session *session, enum okvp_pool pool,
			const struct okvp_own_record *changes, size_t count, struct okvp_error *err)
{
	return session->protocol->send_batch(session, pool, changes, count, err);
}

void session_read(struct session *session, enum okvp_pool pool, uint32_t first)
{
	session->protocol->read(session, pool, first);
}

bool session_send_ip(struct session *session, enum okvp_kvp_operation operation,
		     const struct okvp_adapter *adapter, struct okvp_error *err)
{
	return session->protocol->send_ip(session, operation, adapter, err);
}

bool session_send_frame(struct session *session, uint8_t *bytes, size_t payload_size)
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

void session_note_request(struct session *session, enum channel_request kind,
			  struct outstanding request)
{
	request.active = true;
	request.sequence = session->sequence + 1;
	request.sent_ms = clock_monotonic_ms();
	session->outstanding[kind] = request;
}

static void forget_requests(struct session *session)
{
	memset(session->outstanding, 0, sizeof(session->outstanding));
	okvp_own_assembly_done(&session->assembly);
	session->nonsense = 0;
}

/* --- HELLO --- */

static void send_hello(uv_timer_t *timer)
{
	struct session *session = timer->data;
	uint8_t bytes[OKVP_FRAME_HEADER_SIZE + OKVP_LINK_HELLO_SIZE];
	uint64_t silence = clock_monotonic_ms() - session->hello_since_ms;

	okvp_link_write_hello(OKVP_LINK_HELLO, 0, OKVP_OWN_VERSION, bytes + OKVP_FRAME_HEADER_SIZE);
	session_send_frame(session, bytes, OKVP_LINK_HELLO_SIZE);
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
	forget_requests(session);
	session->phase = PHASE_HELLO;
	session->hello_ms = HELLO_FIRST_MS;
	session->hello_since_ms = clock_monotonic_ms();
	send_hello(&session->deadline);
}

static void back_off_ended(uv_timer_t *timer)
{
	begin_hello(timer->data);
}

static unsigned int next_back_off(struct session *session)
{
	bool held =
		is_open(session) && clock_monotonic_ms() - session->open_since_ms >= BACK_OFF_HELD;
	unsigned int ms = held || session->back_off_ms == 0 ? BACK_OFF_LEAST : session->back_off_ms;

	session->back_off_ms = 2 * ms < BACK_OFF_MOST ? 2 * ms : BACK_OFF_MOST;
	return ms;
}

void session_lose(struct session *session, const char *reason)
{
	unsigned int ms = next_back_off(session);

	forget_requests(session);
	uv_timer_start(&session->deadline, back_off_ended, ms, 0);
	session_enter(session, PHASE_BACK_OFF, reason);
}

/* A second answer to a second HELLO is no news; one that chooses what was not offered is nonsense.
 */
static bool take_hello_answer(struct session *session, const struct okvp_link_message *answer)
{
	if (session->phase != PHASE_HELLO)
		return session->phase == PHASE_NEGOTIATING || session->phase == PHASE_OPEN;
	if (answer->highest > OKVP_OWN_VERSION)
		return false;
	session->protocol = answer->highest > 0 ? &own_protocol : &hyper_v_protocol;
	session->framework = session->message = (struct okvp_version){ 0 };
	session->protocol->begin(session);
	return true;
}

/* --- Receiving --- */

/* A frame that answers nothing. A few are what a slow guest may send; many are nonsense. */
static void ignore(struct session *session)
{
	if (++session->nonsense == NONSENSE_MAX && session->phase == PHASE_OPEN)
		session_lose(session, "the guest sends messages that answer nothing");
}

static bool take_message(struct session *session, uint32_t sequence,
			 const struct okvp_link_message *message)
{
	if (message->type == OKVP_LINK_HELLO_ANSWER)
		return take_hello_answer(session, message);
	if (session->phase != PHASE_NEGOTIATING && session->phase != PHASE_OPEN)
		return false;
	return session->protocol->receive(session, sequence, message);
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
			session_lose(session, started_anew);
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
	else if (!readable || !take_message(session, frame->sequence, &message))
		ignore(session);
}

static void pause_ended(uv_timer_t *timer)
{
	struct session *session = timer->data;

	session->paused = false;
	session->stream.pause(session->stream.context, false);
	take_frames(session);
}

/* Counts what a guest sends; beyond its rate it is not read until the next period. */
static void count(struct session *session, unsigned int messages, size_t bytes)
{
	uint64_t now = clock_monotonic_ms(), pause_ms;
	char excess[RATE_TEXT_SIZE];

	rate_add(&session->rate, now, messages, bytes);
	pause_ms = rate_pause_ms(&session->rate, &session->settings, now);
	if (pause_ms == 0 || session->paused)
		return;
	session->paused = true;
	session->stream.pause(session->stream.context, true);
	uv_timer_start(&session->pause, pause_ended, pause_ms, 0);
	if (rate_is_excess(&session->rate, &session->settings, now, excess))
		session->events.excess(session->events.context, excess);
}

void session_count_more(struct session *session, unsigned int messages)
{
	count(session, messages, 0);
}

void session_note_answer(struct session *session, size_t bytes)
{
	rate_add_asked(&session->rate, 1, bytes);
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
			count(session, 1, 0);
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
	session->back_off_ms = 0;
	begin_hello(session);
	tell(session, "");
}

void session_receive(struct session *session, const void *bytes, size_t size)
{
	if (!okvp_frame_reader_feed(&session->reader, bytes, size, NULL)) {
		session->stream.reconnect(session->stream.context);
		return;
	}
	count(session, 0, size);
	take_frames(session);
}

static void forget_stream(struct session *session)
{
	session->phase = PHASE_CLOSED;
	forget_requests(session);
	okvp_frame_reader_done(&session->reader);
	uv_timer_stop(&session->deadline);
	uv_timer_stop(&session->partial);
	uv_timer_stop(&session->pause);
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
	session->protocol = &hyper_v_protocol;
	init_timer(session, &session->deadline);
	init_timer(session, &session->partial);
	init_timer(session, &session->pause);
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
	uv_close((uv_handle_t *)&s->pause, timer_closed);
}
