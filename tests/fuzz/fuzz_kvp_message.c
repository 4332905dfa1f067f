/* SPDX-License-Identifier: MIT */
/* fuzz_kvp_message.c -- a message that was read can be written and read again, unless it fills a
 * field to its last unit. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/kvp_message.h"
#include "openkvp/unicode.h"

static void expect_same_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
	assert(a_length == b_length && (a_length == 0 || memcmp(a, b, a_length) == 0));
	assert(okvp_utf8_valid(a, a_length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct okvp_kvp_message message, again;
	uint8_t bytes[OKVP_KVP_MESSAGE_SIZE];
	struct okvp_error err;

	if (!okvp_kvp_message_read(data, size, &message, &err)) {
		assert(err.status == OKVP_INVALID || err.status == OKVP_INVALID_TEXT ||
		       err.status == OKVP_UNSUPPORTED);
		return 0;
	}
	if (!okvp_kvp_message_write(&message, bytes, &err)) {
		assert(err.status == OKVP_TOO_LONG);
		return 0;
	}
	assert(okvp_kvp_message_read(bytes, sizeof(bytes), &again, NULL));
	assert(again.operation == message.operation && again.pool == message.pool);
	assert(again.index == message.index && again.item.type == message.item.type);
	expect_same_text(message.item.key, message.item.key_length, again.item.key,
			 again.item.key_length);
	expect_same_text(message.item.value, message.item.value_length, again.item.value,
			 again.item.value_length);
	return 0;
}
