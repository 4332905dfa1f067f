/* SPDX-License-Identifier: MIT */
/* own_guest.c -- openkvp's own protocol (docs/protocol.md), as far as a guest needs it that only
 * publishes: what the host sets is accepted and forgotten. */
#include <string.h>

#include "base/clock.h"
#include "guests.h"
#include "openkvp/digest.h"

static uint8_t body[OKVP_OWN_BODY_MAX];

static void say(struct guest *guest, uint32_t type, uint32_t sequence,
		const struct wire_writer *out)
{
	const struct okvp_own_message message = { type, sequence, body, out->at };
	struct okvp_error err;

	if (!wire_written(out) || !okvp_guest_session_send(guest->stream.session, &message, &err))
		die("a message of type 0x%X cannot be sent", type);
	guest->said_ms = clock_monotonic_ms();
}

/* --- Pools --- */

/* What an item adds to the digest of pool 1. */
static uint64_t digest_of(const struct guest *guest, unsigned int i)
{
	struct okvp_item item;
	struct guest_text text;

	return guest_find(guest, OKVP_POOL_GUEST, i, &text, &item)
		       ? okvp_digest_of(OKVP_POOL_GUEST, i, &item)
		       : 0;
}

void own_guest_init(struct guest *guest)
{
	guest->digest = 0;
	for (unsigned int i = 0; i < guest_items; i++)
		guest->digest += digest_of(guest, i);
}

static uint32_t count_pool(const struct guest *guest, enum okvp_pool pool, uint64_t *ret_digest)
{
	struct guest_text text;
	struct okvp_item item;
	uint32_t count = 0;

	*ret_digest = 0;
	for (; guest_find(guest, pool, count, &text, &item); count++)
		*ret_digest += okvp_digest_of(pool, count, &item);
	return count;
}

static void write_record(const struct guest *guest, enum okvp_pool pool, unsigned int i,
			 struct wire_writer *out)
{
	struct okvp_own_record record = { 0 };
	struct guest_text text;

	guest_find(guest, pool, i, &text, &record.item);
	okvp_own_write_record(out, &record);
}

/* --- The beginning --- */

static void stand(struct guest *guest)
{
	struct okvp_own_state state = { .key_bytes = OKVP_LINUX_KEY_BYTES,
					.value_bytes = OKVP_LINUX_VALUE_BYTES };
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	for (enum okvp_pool pool = 0; pool < OKVP_OWN_POOLS; pool++)
		state.pool[pool].count = count_pool(guest, pool, &state.pool[pool].digest);
	okvp_own_write_state(&out, &state);
	say(guest, OKVP_OWN_STATE, 0, &out);
	out = wire_writer_on(body, sizeof(body));
	okvp_own_write_adapters_head(&out, 0);
	say(guest, OKVP_OWN_ADAPTERS, 0, &out);
}

/* --- What the host asks --- */

static void answer_read(struct guest *guest, const struct okvp_own_message *request)
{
	struct okvp_own_read_answer answer = { .status = OKVP_IC_OK };
	struct wire_writer out = wire_writer_on(body, sizeof(body));
	struct okvp_own_read read;
	struct okvp_error err;

	if (!okvp_own_read_read(request->body, request->length, &read, &err))
		die("%s", err.message);
	answer.pool = read.pool;
	answer.first = read.first;
	answer.total = count_pool(guest, read.pool, &answer.digest);
	answer.count = answer.total - read.first;
	okvp_own_write_read_answer(&out, &answer);
	for (uint32_t i = read.first; i < answer.total; i++)
		write_record(guest, read.pool, i, &out);
	say(guest, request->type + OKVP_OWN_ANSWER, request->sequence, &out);
}

static void answer_batch(struct guest *guest, const struct okvp_own_message *request)
{
	struct okvp_own_batch_answer answer = { .status = OKVP_IC_OK };
	struct wire_writer out = wire_writer_on(body, sizeof(body));
	struct okvp_own_batch batch;
	struct okvp_error err;

	if (!okvp_own_read_batch(request->body, request->length, &batch, &err))
		die("%s", err.message);
	answer.count = batch.count;
	okvp_own_write_batch_answer(&out, &answer);
	say(guest, request->type + OKVP_OWN_ANSWER, request->sequence, &out);
}

static void answer_not_supported(struct guest *guest, const struct okvp_own_message *request)
{
	const struct okvp_own_result result = { .status = OKVP_IC_NOT_SUPPORTED, .text = "" };
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	okvp_own_write_result(&out, &result);
	say(guest, request->type + OKVP_OWN_ANSWER, request->sequence, &out);
}

void own_guest_serve(struct guest *guest)
{
	struct okvp_guest_session *session = guest->stream.session;
	struct okvp_own_message message;

	if (okvp_guest_session_own(session) == 0)
		return;
	if (guest->greeting != okvp_guest_session_greeting(session)) {
		guest->greeting = okvp_guest_session_greeting(session);
		stand(guest);
	}
	while (okvp_guest_session_next_own(session, &message)) {
		if (message.type == OKVP_OWN_READ)
			answer_read(guest, &message);
		else if (message.type == OKVP_OWN_BATCH)
			answer_batch(guest, &message);
		else if (okvp_own_is_request(message.type))
			answer_not_supported(guest, &message);
	}
	if (clock_monotonic_ms() >= guest->said_ms + OKVP_OWN_HEARTBEAT_MS) {
		const struct wire_writer out = wire_writer_on(body, sizeof(body));

		say(guest, OKVP_OWN_HEARTBEAT, 0, &out);
	}
}

void own_guest_change(struct guest *guest, unsigned int i)
{
	struct okvp_own_changed changed = { .pool = OKVP_POOL_GUEST,
					    .before = guest->digest,
					    .count = guest_items,
					    .at = i,
					    .gone = 1,
					    .come = 1 };
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	guest->digest -= digest_of(guest, i);
	guest->sequence[i]++;
	guest->digest += digest_of(guest, i);
	changed.after = guest->digest;
	okvp_own_write_changed(&out, &changed);
	write_record(guest, OKVP_POOL_GUEST, i, &out);
	say(guest, OKVP_OWN_CHANGED, 0, &out);
}
