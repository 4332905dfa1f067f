/* SPDX-License-Identifier: MIT */
/* session_own.c -- openkvp's own protocol, version 1: docs/protocol.md. */
#include "channel/session_core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

/* --- Deadlines: one timer for silence and for answers, set anew only when it has run --- */

/* When an answer must have come; UINT64_MAX: none is awaited. */
static uint64_t answer_due(const struct session *session)
{
	uint64_t first = UINT64_MAX;

	for (enum channel_request kind = 0; kind < CHANNEL_REQUESTS; kind++) {
		const struct outstanding *request = &session->outstanding[kind];
		uint64_t due = request->sent_ms + session->settings.answer_timeout_ms;

		if (request->active && due < first)
			first = due;
	}
	return first;
}

static void lose_after(struct session *session, const char *what, unsigned int ms)
{
	char reason[64];

	snprintf(reason, sizeof(reason), "no %s for %u s", what, ms / 1000);
	session_lose(session, reason);
}

static void watch(uv_timer_t *timer)
{
	struct session *session = timer->data;
	const struct channel_settings *settings = &session->settings;
	uint64_t now = clock_monotonic_ms(), answer = answer_due(session);
	uint64_t silence = session->heard_ms + settings->silence_timeout_ms;
	uint64_t next = now + settings->answer_timeout_ms; /* of what is asked from now on */

	if (answer <= now) {
		lose_after(session, "answer", settings->answer_timeout_ms);
		return;
	}
	if (silence <= now) {
		lose_after(session, "sign of life", settings->silence_timeout_ms);
		return;
	}
	next = answer < next ? answer : next;
	uv_timer_start(timer, watch, (silence < next ? silence : next) - now, 0);
}

static void never_said_how_it_stands(uv_timer_t *timer)
{
	session_lose(timer->data, "the guest does not say how its pools stand");
}

static void begin(struct session *session)
{
	uv_timer_start(&session->deadline, never_said_how_it_stands,
		       session->settings.negotiation_timeout_ms, 0);
	session_enter(session, PHASE_NEGOTIATING, "");
}

/* --- Requests: one of each kind --- */

static bool ready(const struct session *session, enum channel_request kind)
{
	return !session->outstanding[kind].active;
}

static struct channel_abilities abilities(const struct session *session)
{
	return (struct channel_abilities){
		.batch = OKVP_OWN_BATCH_MAX,
		.key_bytes = session->key_bytes,
		.value_bytes = session->value_bytes,
		.secrets = true,
		.set_ip = session->abilities & OKVP_OWN_CAN_SET_IP,
	};
}

/* A message is built behind room for the head of its first frame, which for most is the only one.
 */
static struct wire_writer begin_body(size_t size)
{
	struct wire_writer out =
		wire_writer_on(xmalloc(OKVP_OWN_HEAD_SIZE + size), OKVP_OWN_HEAD_SIZE + size);

	wire_write_room(&out, OKVP_OWN_HEAD_SIZE);
	return out;
}

static void send_rest(struct session *session, const struct okvp_own_message *message,
		      size_t offset)
{
	uint8_t *bytes = xmalloc(OKVP_FRAME_SIZE_MAX);

	while (offset < message->length) {
		size_t piece = okvp_own_write_head(message, session->epoch, offset, bytes);

		memcpy(bytes + OKVP_OWN_HEAD_SIZE, message->body + offset, piece);
		if (!session->stream.send(session->stream.context, bytes,
					  OKVP_OWN_HEAD_SIZE + piece))
			break; /* too much waits to be sent: the answer will not come in time */
		offset += piece;
	}
	free(bytes);
}

/* Sends what was built, and frees it. */
static void send_body(struct session *session, uint32_t type, struct wire_writer *out)
{
	const struct okvp_own_message message = {
		.type = type,
		.sequence = ++session->sequence,
		.body = out->bytes + OKVP_OWN_HEAD_SIZE,
		.length = out->at - OKVP_OWN_HEAD_SIZE,
	};
	size_t piece = okvp_own_write_head(&message, session->epoch, 0, out->bytes);

	if (session->stream.send(session->stream.context, out->bytes, OKVP_OWN_HEAD_SIZE + piece))
		send_rest(session, &message, piece);
	free(out->bytes);
}

static bool send_batch(struct session *session, enum okvp_pool pool,
		       const struct okvp_own_record *changes, size_t count, struct okvp_error *err)
{
	const struct okvp_own_batch head = { .pool = pool, .count = (uint16_t)count };
	size_t size = OKVP_OWN_BATCH_SIZE;
	struct wire_writer out;

	for (size_t i = 0; i < count; i++)
		size += okvp_own_record_size(&changes[i].item);
	out = begin_body(size);
	okvp_own_write_batch(&out, &head);
	for (size_t i = 0; i < count; i++)
		okvp_own_write_record(&out, &changes[i]);
	session_note_request(
		session, CHANNEL_BATCH,
		(struct outstanding){ .pool = (uint8_t)pool, .index = (uint32_t)count });
	send_body(session, OKVP_OWN_BATCH, &out);
	return true;
}

static void read_part(struct session *session, enum okvp_pool pool, uint32_t first)
{
	const struct okvp_own_read request = { .pool = pool, .first = first };
	struct wire_writer out = begin_body(OKVP_OWN_READ_SIZE);

	okvp_own_write_read(&out, &request);
	session_note_request(session, CHANNEL_READ,
			     (struct outstanding){ .pool = (uint8_t)pool, .index = first });
	send_body(session, OKVP_OWN_READ, &out);
}

#define ADAPTER_SIZE_MAX 8192

static bool send_ip(struct session *session, enum okvp_kvp_operation operation,
		    const struct okvp_adapter *adapter, struct okvp_error *err)
{
	uint8_t mac[OKVP_MAC_SIZE];
	struct wire_writer out;

	if (operation != OKVP_KVP_SET_IP || !(session->abilities & OKVP_OWN_CAN_SET_IP))
		return okvp_fail(err, OKVP_UNSUPPORTED, "this guest cannot do that");
	if (!okvp_mac_from_text(adapter->id, mac))
		return okvp_fail(err, OKVP_INVALID,
				 "'%s' is no MAC, by which this guest knows its adapters",
				 adapter->id);
	out = begin_body(ADAPTER_SIZE_MAX);
	okvp_own_write_adapter(&out, adapter);
	session_note_request(session, CHANNEL_IP, (struct outstanding){ 0 });
	send_body(session, OKVP_OWN_SET_IP, &out);
	return true;
}

/* --- Answers --- */

static bool is_refusal(uint32_t status)
{
	return status != OKVP_IC_OK && status != OKVP_IC_CANCELLED;
}

static size_t count_refusals(const struct okvp_own_batch_answer *answer)
{
	size_t count = 0;

	for (size_t i = 0; i < answer->count; i++)
		count += is_refusal(answer->of[i]);
	return count;
}

static void fill_answer(struct okvp_own_batch_answer *answer, size_t count, uint32_t status)
{
	answer->count = (uint16_t)count;
	for (size_t i = 0; i < count; i++)
		answer->of[i] = status;
}

/* What the guest says of each change: all are made, or none. One that contradicts itself has
 * failed. */
static void tell_batch(struct session *session, const struct outstanding *request,
		       const struct okvp_own_message *message)
{
	struct okvp_own_batch_answer answer = { .status = OKVP_IC_FAIL };

	if (!okvp_own_read_batch_answer(message->body, message->length, &answer, NULL))
		answer.status = OKVP_IC_FAIL;
	if (answer.status == OKVP_IC_OK)
		fill_answer(&answer, request->index, OKVP_IC_OK);
	else if (answer.count != request->index || count_refusals(&answer) == 0)
		fill_answer(&answer, request->index,
			    is_refusal(answer.status) ? answer.status : OKVP_IC_FAIL);
	for (size_t i = 0; answer.status != OKVP_IC_OK && i < answer.count; i++)
		if (!is_refusal(answer.of[i]))
			answer.of[i] = OKVP_IC_CANCELLED;
	session->events.batch(session->events.context, answer.of, answer.count);
}

static void tell_part(struct session *session, const struct outstanding *request,
		      const struct okvp_own_message *message)
{
	struct okvp_own_read_answer answer;
	struct channel_part part = {
		.pool = (enum okvp_pool)request->pool,
		.first = request->index,
		.status = OKVP_IC_FAIL,
		.end = true,
	};

	if (okvp_own_read_read_answer(message->body, message->length, &answer, NULL) &&
	    answer.status == OKVP_IC_OK && answer.pool == part.pool && answer.first == part.first) {
		part.status = OKVP_IC_OK;
		part.readable = true;
		part.end = answer.count == 0 || answer.total - answer.first <= answer.count;
		part.has_digest = true;
		part.digest = answer.digest;
		part.many = answer.records;
	}
	session->events.part(session->events.context, &part);
}

static void tell_ip(struct session *session, const struct outstanding *request,
		    const struct okvp_own_message *message)
{
	struct okvp_own_result result = { .status = OKVP_IC_FAIL, .text = "" };
	char text[OKVP_OWN_TEXT_MAX + 1];

	if (!okvp_own_read_result(message->body, message->length, &result, NULL))
		result = (struct okvp_own_result){ .status = OKVP_IC_FAIL, .text = "" };
	snprintf(text, sizeof(text), "%.*s", result.text_length, result.text);
	session->events.ip(session->events.context, result.status, NULL, text);
}

static bool take_answer(struct session *session, const struct okvp_own_message *message)
{
	static const struct {
		uint32_t type;
		void (*tell)(struct session *session, const struct outstanding *request,
			     const struct okvp_own_message *message);
	} answers[CHANNEL_REQUESTS] = {
		[CHANNEL_BATCH] = { OKVP_OWN_BATCH + OKVP_OWN_ANSWER, tell_batch },
		[CHANNEL_READ] = { OKVP_OWN_READ + OKVP_OWN_ANSWER, tell_part },
		[CHANNEL_IP] = { OKVP_OWN_SET_IP + OKVP_OWN_ANSWER, tell_ip },
	};

	for (enum channel_request kind = 0; kind < CHANNEL_REQUESTS; kind++) {
		struct outstanding request = session->outstanding[kind];

		if (answers[kind].type != message->type || !request.active ||
		    request.sequence != message->sequence)
			continue;
		session->outstanding[kind].active = false;
		session_note_answer(session, message->length);
		answers[kind].tell(session, &request, message);
		return true;
	}
	return false;
}

/* --- What the guest says by itself --- */

/* To compare all pools anew is the most that a message can ask for. */
#define STATE_COUNTS_FOR 100

static bool take_state(struct session *session, const struct okvp_own_message *message)
{
	struct okvp_own_state state;

	if (!okvp_own_read_state(message->body, message->length, &state, NULL))
		return false;
	session_count_more(session, STATE_COUNTS_FOR);
	session->key_bytes = state.key_bytes;
	session->value_bytes = state.value_bytes;
	session->abilities = state.abilities;
	if (session->phase == PHASE_NEGOTIATING) {
		watch(&session->deadline);
		session_enter(session, PHASE_OPEN, "");
	}
	if (session->phase == PHASE_OPEN) /* still, after what was just told */
		session->events.stands(session->events.context, &state);
	return true;
}

static bool take_change(struct session *session, const struct okvp_own_message *message)
{
	struct okvp_own_changed changed;

	if (!okvp_own_read_changed(message->body, message->length, &changed, NULL))
		return false;
	session->events.changed(session->events.context, &changed);
	return true;
}

static bool take_adapters(struct session *session, const struct okvp_own_message *message)
{
	struct okvp_own_adapters adapters;

	if (!okvp_own_read_adapters(message->body, message->length, &adapters, NULL))
		return false;
	session->events.adapters(session->events.context, message->body, message->length);
	return true;
}

/* What is not known is for versions to come. */
static bool take_whole(struct session *session, const struct okvp_own_message *message)
{
	if (message->type == OKVP_OWN_STATE)
		return take_state(session, message);
	if (session->phase != PHASE_OPEN)
		return false;
	session->events.heard(session->events.context);
	if (message->type == OKVP_OWN_CHANGED)
		return take_change(session, message);
	if (message->type == OKVP_OWN_ADAPTERS)
		return take_adapters(session, message);
	return message->type < OKVP_OWN_BATCH || take_answer(session, message);
}

static bool receive(struct session *session, uint32_t sequence,
		    const struct okvp_link_message *link_message)
{
	struct okvp_own_message message;
	struct okvp_error err;
	bool fits = true;

	if (link_message->type != OKVP_LINK_OWN)
		return false;
	session->heard_ms = clock_monotonic_ms();
	if (okvp_own_assemble(&session->assembly, link_message, sequence, &message, &err))
		fits = take_whole(session, &message);
	else
		fits = err.status == OKVP_OK;
	if (!session->assembly.begun)
		okvp_own_assembly_done(&session->assembly); /* a silent guest holds no memory */
	if (fits)
		session->nonsense = 0;
	return fits;
}

const struct protocol own_protocol = {
	.begin = begin,
	.receive = receive,
	.ready = ready,
	.abilities = abilities,
	.send_batch = send_batch,
	.read = read_part,
	.send_ip = send_ip,
};
