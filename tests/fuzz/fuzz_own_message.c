/* SPDX-License-Identifier: MIT */
/* fuzz_own_message.c -- the bodies of openkvp's own messages; which it is, the input's first byte
 * says. What was read is written as it was, up to bytes that nobody looks at. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/own_message.h"
#include "openkvp/unicode.h"

/* Everything that was read must lie in the input and be what it says. */
static void check_records(struct okvp_own_records records, struct wire_writer *out)
{
	struct okvp_own_record record;

	while (okvp_own_next_record(&records, &record)) {
		assert(okvp_utf8_valid(record.item.key, record.item.key_length));
		assert(okvp_utf8_valid(record.item.value, record.item.value_length));
		okvp_own_write_record(out, &record);
	}
}

static bool try_state(const uint8_t *body, size_t size, struct wire_writer *out,
		      struct okvp_error *err)
{
	struct okvp_own_state state;

	if (!okvp_own_read_state(body, size, &state, err))
		return false;
	okvp_own_write_state(out, &state);
	assert(memcmp(body, out->bytes, out->at) == 0);
	return true;
}

static bool try_changed(const uint8_t *body, size_t size, struct wire_writer *out,
			struct okvp_error *err)
{
	struct okvp_own_changed changed, again;

	if (!okvp_own_read_changed(body, size, &changed, err))
		return false;
	okvp_own_write_changed(out, &changed);
	check_records(changed.records, out);
	assert(okvp_own_read_changed(out->bytes, out->at, &again, NULL));
	return true;
}

static bool try_batch(const uint8_t *body, size_t size, struct wire_writer *out,
		      struct okvp_error *err)
{
	struct okvp_own_batch batch, again;

	if (!okvp_own_read_batch(body, size, &batch, err))
		return false;
	okvp_own_write_batch(out, &batch);
	check_records(batch.records, out);
	assert(okvp_own_read_batch(out->bytes, out->at, &again, NULL));
	return true;
}

static bool try_batch_answer(const uint8_t *body, size_t size, struct wire_writer *out,
			     struct okvp_error *err)
{
	struct okvp_own_batch_answer answer, again;

	if (!okvp_own_read_batch_answer(body, size, &answer, err))
		return false;
	okvp_own_write_batch_answer(out, &answer);
	assert(okvp_own_read_batch_answer(out->bytes, out->at, &again, NULL));
	return true;
}

static bool try_read(const uint8_t *body, size_t size, struct wire_writer *out,
		     struct okvp_error *err)
{
	struct okvp_own_read read, again;

	if (!okvp_own_read_read(body, size, &read, err))
		return false;
	okvp_own_write_read(out, &read);
	assert(okvp_own_read_read(out->bytes, out->at, &again, NULL));
	return true;
}

static bool try_read_answer(const uint8_t *body, size_t size, struct wire_writer *out,
			    struct okvp_error *err)
{
	struct okvp_own_read_answer answer, again;

	if (!okvp_own_read_read_answer(body, size, &answer, err))
		return false;
	okvp_own_write_read_answer(out, &answer);
	check_records(answer.records, out);
	assert(okvp_own_read_read_answer(out->bytes, out->at, &again, NULL));
	return true;
}

static bool try_result(const uint8_t *body, size_t size, struct wire_writer *out,
		       struct okvp_error *err)
{
	struct okvp_own_result result, again;

	if (!okvp_own_read_result(body, size, &result, err))
		return false;
	okvp_own_write_result(out, &result);
	assert(okvp_own_read_result(out->bytes, out->at, &again, NULL));
	return true;
}

static bool try_adapters(const uint8_t *body, size_t size, struct wire_writer *out,
			 struct okvp_error *err)
{
	struct okvp_own_adapters adapters, again;
	struct okvp_adapter adapter;

	if (!okvp_own_read_adapters(body, size, &adapters, err))
		return false;
	okvp_own_write_adapters_head(out, adapters.left);
	while (okvp_own_next_adapter(&adapters, &adapter)) {
		assert(okvp_utf8_valid(adapter.name, strlen(adapter.name)));
		okvp_own_write_adapter(out, &adapter);
	}
	assert(okvp_own_read_adapters(out->bytes, out->at, &again, NULL));
	return true;
}

static bool try_adapter(const uint8_t *body, size_t size, struct wire_writer *out,
			struct okvp_error *err)
{
	struct okvp_adapter adapter, again;

	if (!okvp_own_read_adapter(body, size, &adapter, err))
		return false;
	okvp_own_write_adapter(out, &adapter);
	assert(okvp_own_read_adapter(out->bytes, out->at, &again, NULL));
	assert(memcmp(&adapter, &again, sizeof(again)) == 0);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool (*const tries[])(const uint8_t *body, size_t size, struct wire_writer *out,
				     struct okvp_error *err) = {
		try_state,       try_changed, try_batch,    try_batch_answer, try_read,
		try_read_answer, try_result,  try_adapters, try_adapter,
	};
	uint8_t *room = malloc(size + OKVP_OWN_BATCH_ANSWER_SIZE(OKVP_OWN_BATCH_MAX));
	struct wire_writer out = wire_writer_on(room, size + 8 + 4 * OKVP_OWN_BATCH_MAX);
	struct okvp_error err;

	assert(room);
	if (size > 0 && data[0] < sizeof(tries) / sizeof(*tries) &&
	    !tries[data[0]](data + 1, size - 1, &out, &err))
		assert(err.status == OKVP_INVALID || err.status == OKVP_INVALID_TEXT ||
		       err.status == OKVP_TOO_LONG);
	assert(wire_written(&out));
	free(room);
	return 0;
}
