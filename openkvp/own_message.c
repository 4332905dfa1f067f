/* SPDX-License-Identifier: MIT */
/* own_message.c -- the bodies of openkvp's own messages. */
#include "openkvp/own_message.h"

#include <string.h>

#include "openkvp/unicode.h"

static bool too_short(struct okvp_error *err)
{
	return okvp_fail(err, OKVP_INVALID, "a message that is too short");
}

static bool read_pool(struct wire_reader *in, enum okvp_pool *ret_pool, struct okvp_error *err)
{
	uint8_t pool = wire_read_u8(in);

	*ret_pool = (enum okvp_pool)pool;
	return pool < OKVP_OWN_POOLS ||
	       okvp_fail(err, OKVP_INVALID, "a message about pool %u", pool);
}

/* --- Records --- */

size_t okvp_own_record_size(const struct okvp_item *item)
{
	return OKVP_RECORD_HEAD_SIZE + (size_t)item->key_length + item->value_length;
}

void okvp_own_write_record(struct wire_writer *out, const struct okvp_own_record *record)
{
	const struct okvp_item *item = &record->item;

	wire_write_u16(out, item->key_length);
	wire_write_u16(out, item->value_length);
	wire_write_u8(out, (uint8_t)item->type);
	wire_write_u8(out, record->flags);
	wire_write_bytes(out, item->key, item->key_length);
	wire_write_bytes(out, item->value, item->value_length);
}

static bool read_record(struct wire_reader *in, struct okvp_own_record *ret_record)
{
	struct okvp_item *item = &ret_record->item;

	item->key_length = wire_read_u16(in);
	item->value_length = wire_read_u16(in);
	item->type = wire_read_u8(in) == OKVP_U32 ? OKVP_U32 : OKVP_TEXT;
	ret_record->flags = wire_read_u8(in);
	item->key = (const char *)wire_read_bytes(in, item->key_length);
	item->value = (const char *)wire_read_bytes(in, item->value_length);
	return wire_ok(in);
}

static bool check_text(const char *what, const char *text, size_t length, size_t most,
		       struct okvp_error *err)
{
	if (length > most)
		return okvp_fail(err, OKVP_TOO_LONG, "a %s of %zu bytes", what, length);
	if ((length > 0 && memchr(text, '\0', length)) || !okvp_utf8_valid(text, length))
		return okvp_fail(err, OKVP_INVALID_TEXT, "a %s that is not UTF-8, or has a NUL",
				 what);
	return true;
}

static bool check_record(const struct okvp_own_record *record, struct okvp_error *err)
{
	const struct okvp_item *item = &record->item;

	return check_text("key", item->key, item->key_length, OKVP_OWN_KEY_MAX, err) &&
	       check_text("value", item->value, item->value_length, OKVP_OWN_VALUE_MAX, err);
}

/* Checks all records, so that whoever takes them one by one need not. */
static bool read_records(struct wire_reader in, size_t count, struct okvp_own_records *ret_records,
			 struct okvp_error *err)
{
	*ret_records = (struct okvp_own_records){ in, count };
	for (size_t i = 0; i < count; i++) {
		struct okvp_own_record record;

		if (!read_record(&in, &record))
			return too_short(err);
		if (!check_record(&record, err))
			return false;
	}
	return true;
}

bool okvp_own_next_record(struct okvp_own_records *records, struct okvp_own_record *ret_record)
{
	if (records->left == 0)
		return false;
	records->left--;
	return read_record(&records->in, ret_record);
}

/* --- STATE --- */

void okvp_own_write_state(struct wire_writer *out, const struct okvp_own_state *state)
{
	wire_write_u16(out, state->key_bytes);
	wire_write_u16(out, state->value_bytes);
	wire_write_u32(out, state->abilities);
	for (size_t i = 0; i < OKVP_OWN_POOLS; i++) {
		wire_write_u32(out, state->pool[i].count);
		wire_write_u64(out, state->pool[i].digest);
	}
}

bool okvp_own_read_state(const uint8_t *body, size_t length, struct okvp_own_state *ret_state,
			 struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	ret_state->key_bytes = wire_read_u16(&in);
	ret_state->value_bytes = wire_read_u16(&in);
	ret_state->abilities = wire_read_u32(&in);
	for (size_t i = 0; i < OKVP_OWN_POOLS; i++) {
		ret_state->pool[i].count = wire_read_u32(&in);
		ret_state->pool[i].digest = wire_read_u64(&in);
	}
	return wire_ok(&in) || too_short(err);
}

/* --- CHANGED --- */

enum { CHANGED_UNTOLD = 1 };

void okvp_own_write_changed(struct wire_writer *out, const struct okvp_own_changed *changed)
{
	wire_write_u8(out, (uint8_t)changed->pool);
	wire_write_u8(out, changed->untold ? CHANGED_UNTOLD : 0);
	wire_write_u16(out, 0);
	wire_write_u64(out, changed->before);
	wire_write_u64(out, changed->after);
	wire_write_u32(out, changed->count);
	wire_write_u32(out, changed->at);
	wire_write_u32(out, changed->gone);
	wire_write_u32(out, changed->come);
}

bool okvp_own_read_changed(const uint8_t *body, size_t length, struct okvp_own_changed *ret_changed,
			   struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	if (!read_pool(&in, &ret_changed->pool, err))
		return false;
	ret_changed->untold = wire_read_u8(&in) & CHANGED_UNTOLD;
	wire_skip(&in, 2);
	ret_changed->before = wire_read_u64(&in);
	ret_changed->after = wire_read_u64(&in);
	ret_changed->count = wire_read_u32(&in);
	ret_changed->at = wire_read_u32(&in);
	ret_changed->gone = wire_read_u32(&in);
	ret_changed->come = wire_read_u32(&in);
	if (!wire_ok(&in))
		return too_short(err);
	return read_records(in, ret_changed->come, &ret_changed->records, err);
}

/* --- BATCH --- */

void okvp_own_write_batch(struct wire_writer *out, const struct okvp_own_batch *batch)
{
	wire_write_u8(out, (uint8_t)batch->pool);
	wire_write_u8(out, 0);
	wire_write_u16(out, batch->count);
}

bool okvp_own_read_batch(const uint8_t *body, size_t length, struct okvp_own_batch *ret_batch,
			 struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	if (!read_pool(&in, &ret_batch->pool, err))
		return false;
	wire_skip(&in, 1);
	ret_batch->count = wire_read_u16(&in);
	if (!wire_ok(&in))
		return too_short(err);
	if (ret_batch->count == 0 || ret_batch->count > OKVP_OWN_BATCH_MAX)
		return okvp_fail(err, OKVP_INVALID, "a batch of %u records", ret_batch->count);
	return read_records(in, ret_batch->count, &ret_batch->records, err);
}

void okvp_own_write_batch_answer(struct wire_writer *out,
				 const struct okvp_own_batch_answer *answer)
{
	wire_write_u32(out, answer->status);
	wire_write_u16(out, answer->count);
	wire_write_u16(out, 0);
	for (size_t i = 0; i < answer->count; i++)
		wire_write_u32(out, answer->of[i]);
}

bool okvp_own_read_batch_answer(const uint8_t *body, size_t length,
				struct okvp_own_batch_answer *ret_answer, struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	ret_answer->status = wire_read_u32(&in);
	ret_answer->count = wire_read_u16(&in);
	wire_skip(&in, 2);
	if (ret_answer->count > OKVP_OWN_BATCH_MAX)
		return okvp_fail(err, OKVP_INVALID, "an answer to %u records", ret_answer->count);
	for (size_t i = 0; i < ret_answer->count; i++)
		ret_answer->of[i] = wire_read_u32(&in);
	return wire_ok(&in) || too_short(err);
}

/* --- READ --- */

void okvp_own_write_read(struct wire_writer *out, const struct okvp_own_read *read)
{
	wire_write_u32(out, (uint32_t)read->pool);
	wire_write_u32(out, read->first);
}

bool okvp_own_read_read(const uint8_t *body, size_t length, struct okvp_own_read *ret_read,
			struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	if (!read_pool(&in, &ret_read->pool, err))
		return false;
	wire_skip(&in, 3);
	ret_read->first = wire_read_u32(&in);
	return wire_ok(&in) || too_short(err);
}

void okvp_own_write_read_answer(struct wire_writer *out, const struct okvp_own_read_answer *answer)
{
	wire_write_u32(out, answer->status);
	wire_write_u32(out, (uint32_t)answer->pool);
	wire_write_u64(out, answer->digest);
	wire_write_u32(out, answer->total);
	wire_write_u32(out, answer->first);
	wire_write_u32(out, answer->count);
}

bool okvp_own_read_read_answer(const uint8_t *body, size_t length,
			       struct okvp_own_read_answer *ret_answer, struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	*ret_answer = (struct okvp_own_read_answer){ .status = wire_read_u32(&in) };
	if (ret_answer->status != 0)
		return wire_ok(&in) || too_short(err);
	if (!read_pool(&in, &ret_answer->pool, err))
		return false;
	wire_skip(&in, 3);
	ret_answer->digest = wire_read_u64(&in);
	ret_answer->total = wire_read_u32(&in);
	ret_answer->first = wire_read_u32(&in);
	ret_answer->count = wire_read_u32(&in);
	if (!wire_ok(&in))
		return too_short(err);
	return read_records(in, ret_answer->count, &ret_answer->records, err);
}

/* --- A status and a sentence --- */

void okvp_own_write_result(struct wire_writer *out, const struct okvp_own_result *result)
{
	size_t length = okvp_utf8_prefix(result->text, result->text_length, OKVP_OWN_TEXT_MAX);

	wire_write_u32(out, result->status);
	wire_write_u16(out, (uint16_t)length);
	wire_write_bytes(out, result->text, length);
}

bool okvp_own_read_result(const uint8_t *body, size_t length, struct okvp_own_result *ret_result,
			  struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(body, length);

	*ret_result = (struct okvp_own_result){ .status = wire_read_u32(&in), .text = "" };
	if (!wire_ok(&in))
		return too_short(err);
	if (wire_left(&in) == 0)
		return true;
	ret_result->text_length = wire_read_u16(&in);
	ret_result->text = (const char *)wire_read_bytes(&in, ret_result->text_length);
	if (!wire_ok(&in))
		return too_short(err);
	return check_text("sentence", ret_result->text, ret_result->text_length, OKVP_OWN_TEXT_MAX,
			  err);
}
