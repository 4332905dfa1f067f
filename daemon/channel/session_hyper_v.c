/* SPDX-License-Identifier: MIT */
/* session_hyper_v.c -- Hyper-V's messages: negotiation, then one request after another. */
#include "channel/session_core.h"

#include <stdio.h>
#include <string.h>

#include "openkvp/ip_message.h"

#define MESSAGE_SIZE_MAX (OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE + OKVP_IP_SIZE_MAX)

#define IP_POOL OKVP_POOL_GUEST /* what messages about addresses say, as Hyper-V's host does */

static void send_ic(struct session *session, const struct okvp_ic_header *header,
		    const uint8_t *body)
{
	uint8_t bytes[OKVP_FRAME_HEADER_SIZE + MESSAGE_SIZE_MAX], *payload;
	size_t size = OKVP_IC_HEADER_SIZE + header->size;

	payload = bytes + OKVP_FRAME_HEADER_SIZE;
	okvp_link_write_pipe_header(size, payload);
	okvp_ic_write_header(header, payload + OKVP_LINK_HEADER_SIZE);
	memcpy(payload + OKVP_LINK_HEADER_SIZE + OKVP_IC_HEADER_SIZE, body, header->size);
	session_send_frame(session, bytes, OKVP_LINK_HEADER_SIZE + size);
}

/* --- Negotiation --- */

static const struct okvp_negotiation offer = {
	.framework_count = 2,
	.framework = { { 1, 0 }, { 3, 0 } },
	.message_count = 3,
	.message = { { 3, 0 }, { 4, 0 }, { 5, 0 } },
};

static void negotiation_timed_out(uv_timer_t *timer)
{
	struct session *session = timer->data;
	char reason[96];

	snprintf(reason, sizeof(reason), "no answer to the negotiation within %u s",
		 session->settings.negotiation_timeout_ms / 1000);
	session_lose(session, reason);
}

static void begin_negotiation(struct session *session)
{
	uint8_t body[8 + 8 * OKVP_IC_VERSIONS_MAX];
	struct okvp_ic_header header = {
		.type = OKVP_IC_NEGOTIATE,
		.size = (uint16_t)okvp_negotiation_write(&offer, body, sizeof(body)),
		.flags = OKVP_IC_TRANSACTION | OKVP_IC_REQUEST,
	};

	send_ic(session, &header, body);
	uv_timer_start(&session->deadline, negotiation_timed_out,
		       session->settings.negotiation_timeout_ms, 0);
	session_enter(session, PHASE_NEGOTIATING, "");
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
		session_lose(session, "the answer to the negotiation makes no sense");
		return;
	}
	uv_timer_stop(&session->deadline);
	if (answer.framework_count != 1 || answer.message_count != 1 ||
	    !offered(answer.framework[0], offer.framework, offer.framework_count) ||
	    !offered(answer.message[0], offer.message, offer.message_count)) {
		session_enter(session, PHASE_REFUSED,
			      "the guest knows no protocol version that this host offers");
		return;
	}
	session->framework = answer.framework[0];
	session->message = answer.message[0];
	session_enter(session, PHASE_OPEN, "");
}

/* --- Requests: one of whatever kind --- */

static const struct outstanding *find_outstanding(const struct session *session,
						  enum channel_request *ret_kind)
{
	for (enum channel_request kind = 0; kind < CHANNEL_REQUESTS; kind++)
		if (session->outstanding[kind].active) {
			*ret_kind = kind;
			return &session->outstanding[kind];
		}
	return NULL;
}

static bool ready(const struct session *session, enum channel_request kind)
{
	return !find_outstanding(session, &kind);
}

/* Versions up to 4.0 are what Linux speaks, whose pool files bound the UTF-8 form. */
static struct channel_abilities abilities(const struct session *session)
{
	bool linux_like = session->message.major < 5;

	return (struct channel_abilities){
		.batch = 1,
		.key_bytes = linux_like ? OKVP_LINUX_KEY_BYTES : 0,
		.value_bytes = linux_like ? OKVP_LINUX_VALUE_BYTES : 0,
		.get_ip = session->message.major >= 4,
		.set_ip = session->message.major >= 4,
	};
}

static void answer_timed_out(uv_timer_t *timer)
{
	struct session *session = timer->data;
	char reason[64];

	snprintf(reason, sizeof(reason), "no answer for %u s",
		 session->settings.answer_timeout_ms / 1000);
	session_lose(session, reason);
}

static void send_request(struct session *session, enum channel_request kind,
			 struct outstanding request, const uint8_t *body, size_t size)
{
	struct okvp_ic_header header = {
		.framework = session->framework,
		.type = OKVP_IC_KVP,
		.message = session->message,
		.size = (uint16_t)size,
		.flags = OKVP_IC_TRANSACTION | OKVP_IC_REQUEST,
	};

	session_note_request(session, kind, request);
	send_ic(session, &header, body);
	uv_timer_start(&session->deadline, answer_timed_out, session->settings.answer_timeout_ms,
		       0);
}

static bool send_message(struct session *session, enum channel_request kind,
			 const struct okvp_kvp_message *message, struct okvp_error *err)
{
	const struct outstanding request = {
		.operation = message->operation,
		.pool = message->pool,
		.index = message->index,
	};
	uint8_t body[OKVP_KVP_MESSAGE_SIZE];

	if (!okvp_kvp_message_write(message, body, err))
		return false;
	send_request(session, kind, request, body, sizeof(body));
	return true;
}

static bool send_batch(struct session *session, enum okvp_pool pool,
		       const struct okvp_own_record *changes, size_t count, struct okvp_error *err)
{
	struct okvp_kvp_message message;

	memset(&message, 0, offsetof(struct okvp_kvp_message, storage));
	message.operation = changes[0].flags & OKVP_RECORD_REMOVE ? OKVP_KVP_DELETE : OKVP_KVP_SET;
	message.pool = (uint8_t)pool;
	message.item = changes[0].item;
	return send_message(session, CHANNEL_BATCH, &message, err);
}

static void read_item(struct session *session, enum okvp_pool pool, uint32_t first)
{
	struct okvp_kvp_message message;

	memset(&message, 0, offsetof(struct okvp_kvp_message, storage));
	message.operation = OKVP_KVP_ENUMERATE;
	message.pool = (uint8_t)pool;
	message.index = first;
	send_message(session, CHANNEL_READ, &message, NULL); /* cannot fail without an item */
}

static bool send_ip(struct session *session, enum okvp_kvp_operation operation,
		    const struct okvp_adapter *adapter, struct okvp_error *err)
{
	const struct outstanding request = { .operation = (uint8_t)operation, .pool = IP_POOL };
	struct okvp_ip_message message = {
		.operation = (uint8_t)operation,
		.pool = IP_POOL,
		.families = OKVP_WANT_IPV4 | OKVP_WANT_IPV6,
		.adapter = *adapter,
	};
	uint8_t body[OKVP_IP_SIZE_MAX];
	size_t size = okvp_ip_message_write(&message, session->message, body, err);

	if (size == 0)
		return false;
	send_request(session, CHANNEL_IP, request, body, size);
	return true;
}

/* --- Answers --- */

static void tell_batch(struct session *session, const struct outstanding *request,
		       const struct okvp_ic_header *header, const uint8_t *body)
{
	session->events.batch(session->events.context, &header->status, 1);
}

/* An item that is not there ends the pool; one that cannot be read does not. */
static void tell_part(struct session *session, const struct outstanding *request,
		      const struct okvp_ic_header *header, const uint8_t *body)
{
	struct okvp_kvp_message answer;
	bool readable = okvp_kvp_message_read(body, header->size, &answer, NULL) &&
			answer.operation == request->operation;
	struct channel_part part = {
		.pool = (enum okvp_pool)request->pool,
		.first = request->index,
		.status = header->status,
		.readable = readable,
		.end = header->status == OKVP_IC_NO_MORE_ITEMS,
		.one = readable && header->status == OKVP_IC_OK ? &answer.item : NULL,
	};

	session->events.part(session->events.context, &part);
}

static void tell_ip(struct session *session, const struct outstanding *request,
		    const struct okvp_ic_header *header, const uint8_t *body)
{
	struct okvp_ip_message answer;
	bool readable = header->status == OKVP_IC_OK &&
			okvp_ip_message_read(body, header->size, session->message, &answer, NULL) &&
			answer.operation == request->operation;
	uint32_t status =
		header->status == OKVP_IC_OK && !readable && request->operation == OKVP_KVP_GET_IP
			? OKVP_IC_FAIL
			: header->status;

	session->events.ip(session->events.context, status, readable ? &answer.adapter : NULL, "");
}

static void end_request(struct session *session, enum channel_request kind,
			const struct okvp_ic_header *header, const uint8_t *body)
{
	static void (*const tell[])(struct session * session, const struct outstanding *request,
				    const struct okvp_ic_header *header, const uint8_t *body) = {
		[CHANNEL_BATCH] = tell_batch,
		[CHANNEL_READ] = tell_part,
		[CHANNEL_IP] = tell_ip,
	};
	struct outstanding request = session->outstanding[kind];

	session->outstanding[kind].active = false;
	session->nonsense = 0;
	session_note_answer(session, header->size);
	uv_timer_stop(&session->deadline);
	session->events.heard(session->events.context);
	tell[kind](session, &request, header, body);
}

static bool receive(struct session *session, uint32_t sequence,
		    const struct okvp_link_message *message)
{
	struct okvp_ic_header header;
	enum channel_request kind;
	const uint8_t *body;

	if (message->type != OKVP_LINK_PIPE ||
	    !okvp_ic_read(message->body, message->length, &header, &body, NULL) ||
	    !(header.flags & OKVP_IC_RESPONSE) || sequence != session->sequence)
		return false;
	if (session->phase == PHASE_NEGOTIATING && header.type == OKVP_IC_NEGOTIATE)
		end_negotiation(session, body, header.size);
	else if (session->phase == PHASE_OPEN && header.type == OKVP_IC_KVP &&
		 find_outstanding(session, &kind))
		end_request(session, kind, &header, body);
	else
		return false;
	return true;
}

const struct protocol hyper_v_protocol = {
	.begin = begin_negotiation,
	.receive = receive,
	.ready = ready,
	.abilities = abilities,
	.send_batch = send_batch,
	.read = read_item,
	.send_ip = send_ip,
};
