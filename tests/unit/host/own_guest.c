/* SPDX-License-Identifier: MIT */
/* own_guest.c -- a guest that tells what changes. */
#include "own_guest.h"

#include <stdio.h>

#include "openkvp/digest.h"

#define BODY_SIZE 65536

static uint8_t body[BODY_SIZE];

static struct okvp_item item_at(const struct guest *guest, size_t i)
{
	return (struct okvp_item){
		.key = guest->item[i].key,
		.key_length = (uint16_t)strlen(guest->item[i].key),
		.value = guest->item[i].value,
		.value_length = (uint16_t)strlen(guest->item[i].value),
	};
}

static uint32_t count_of_pool(const struct guest *guest, uint8_t pool, uint64_t *ret_digest)
{
	uint32_t count = 0;

	*ret_digest = 0;
	for (size_t i = 0; i < guest->count; i++) {
		const struct okvp_item item = item_at(guest, i);

		if (guest->item[i].pool == pool)
			*ret_digest += okvp_digest_of((enum okvp_pool)pool, count++, &item);
	}
	return count;
}

/* Writes the records of a pool from an index on. */
static void put_records(const struct guest *guest, uint8_t pool, uint32_t first, uint32_t count,
			struct wire_writer *out)
{
	for (size_t i = 0; i < guest->count && count > 0; i++) {
		const struct okvp_own_record record = { .item = item_at(guest, i) };

		if (guest->item[i].pool != pool || (first > 0 && first--))
			continue;
		okvp_own_write_record(out, &record);
		count--;
	}
}

static void send_message(struct guest *guest, uint32_t type, uint32_t sequence,
			 const struct wire_writer *out)
{
	const struct okvp_own_message message = { type, sequence, body, out->at };

	assert_true(wire_written(out));
	assert_true(okvp_guest_session_send(guest->session, &message, NULL));
}

void own_guest_stand(struct guest *guest)
{
	uint64_t greeting = okvp_guest_session_greeting(guest->session);
	struct okvp_own_state state = { .key_bytes = OKVP_LINUX_KEY_BYTES,
					.value_bytes = OKVP_LINUX_VALUE_BYTES };
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	if (okvp_guest_session_own(guest->session) == 0 || greeting == guest->greeting)
		return;
	guest->greeting = greeting;
	for (uint8_t pool = 0; pool < OKVP_OWN_POOLS; pool++) {
		state.pool[pool].count = count_of_pool(guest, pool, &state.pool[pool].digest);
		if (guest->unreadable[pool]) {
			state.pool[pool].count = OKVP_OWN_UNREAD_COUNT;
			state.pool[pool].digest = OKVP_OWN_UNREAD_DIGEST;
		}
		guest->told[pool] = state.pool[pool].digest;
	}
	okvp_own_write_state(&out, &state);
	send_message(guest, OKVP_OWN_STATE, 0, &out);
}

static struct okvp_kvp_message request_of(uint8_t pool, const struct okvp_own_record *record)
{
	struct okvp_kvp_message request = { .pool = pool, .item = record->item };

	request.operation = record->flags & OKVP_RECORD_REMOVE ? OKVP_KVP_DELETE : OKVP_KVP_SET;
	return request;
}

static bool refuses(const struct guest *guest, const struct okvp_own_record *record)
{
	return guest->refuses && strlen(guest->refuses) == record->item.key_length &&
	       memcmp(guest->refuses, record->item.key, record->item.key_length) == 0;
}

static void serve_batch(struct guest *guest, const struct okvp_own_message *message)
{
	struct okvp_own_batch_answer answer = { .status = OKVP_IC_OK };
	struct okvp_own_record record;
	struct okvp_own_batch batch;
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	assert_true(okvp_own_read_batch(message->body, message->length, &batch, NULL));
	guest->batches++;
	guest->last_batch = batch.count;
	for (struct okvp_own_records r = batch.records; okvp_own_next_record(&r, &record);) {
		bool bad = refuses(guest, &record);

		answer.of[answer.count++] = bad ? OKVP_IC_FAIL : OKVP_IC_CANCELLED;
		if (bad)
			answer.status = OKVP_IC_FAIL;
	}
	while (answer.status == OKVP_IC_OK && okvp_own_next_record(&batch.records, &record)) {
		struct okvp_kvp_message request = request_of((uint8_t)batch.pool, &record);

		guest_apply(guest, &request);
	}
	count_of_pool(guest, (uint8_t)batch.pool, &guest->told[batch.pool]);
	okvp_own_write_batch_answer(&out, &answer);
	send_message(guest, OKVP_OWN_BATCH + OKVP_OWN_ANSWER, message->sequence, &out);
}

static void serve_read(struct guest *guest, const struct okvp_own_message *message)
{
	struct wire_writer out = wire_writer_on(body, sizeof(body));
	struct okvp_own_read_answer answer = { .status = OKVP_IC_OK };
	struct okvp_own_read read;

	assert_true(okvp_own_read_read(message->body, message->length, &read, NULL));
	guest->reads[read.pool]++;
	if (guest->unreadable[read.pool])
		answer.status = OKVP_IC_FAIL;
	answer.pool = read.pool;
	answer.first = read.first;
	answer.total = count_of_pool(guest, (uint8_t)read.pool, &answer.digest);
	answer.count = answer.total - read.first;
	if (guest->part > 0 && answer.count > guest->part)
		answer.count = guest->part;
	okvp_own_write_read_answer(&out, &answer);
	put_records(guest, (uint8_t)read.pool, read.first, answer.count, &out);
	send_message(guest, OKVP_OWN_READ + OKVP_OWN_ANSWER, message->sequence, &out);
	if (guest->goes && read.pool == OKVP_POOL_EXTERNAL) {
		guest_remove(guest, read.pool, guest->goes);
		guest->goes = NULL;
	}
}

void own_guest_serve(struct guest *guest)
{
	struct okvp_own_message message;

	while (!guest->silent && okvp_guest_session_next_own(guest->session, &message)) {
		if (message.type == OKVP_OWN_BATCH)
			serve_batch(guest, &message);
		else if (message.type == OKVP_OWN_READ)
			serve_read(guest, &message);
		else
			fail_msg("an own message of type 0x%X", message.type);
	}
}

static void tell(struct fixture *fixture, struct okvp_own_changed *changed)
{
	struct guest *guest = &fixture->guest;
	uint8_t pool = (uint8_t)changed->pool;
	struct wire_writer out = wire_writer_on(body, sizeof(body));

	changed->before = guest->told[pool];
	changed->count = count_of_pool(guest, pool, &changed->after);
	guest->told[pool] = changed->after;
	okvp_own_write_changed(&out, changed);
	put_records(guest, pool, changed->at, changed->come, &out);
	send_message(guest, OKVP_OWN_CHANGED, 0, &out);
	guest_write(guest);
}

void own_guest_tell(struct fixture *fixture, uint8_t pool, uint32_t at, uint32_t gone,
		    uint32_t come)
{
	struct okvp_own_changed changed = { .pool = pool, .at = at, .gone = gone, .come = come };

	tell(fixture, &changed);
}

void own_guest_tell_nothing(struct fixture *fixture, uint8_t pool)
{
	struct okvp_own_changed changed = { .pool = pool, .untold = true };

	tell(fixture, &changed);
}
