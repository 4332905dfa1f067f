/* SPDX-License-Identifier: MIT */
/* fuzz_hv_message.c -- what passes through the device, in both directions. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/hv_message.h"
#include "openkvp/unicode.h"

static void expect_same_text(const char *a, size_t a_length, const char *b, size_t b_length)
{
	assert(a_length == b_length && (a_length == 0 || memcmp(a, b, a_length) == 0));
	assert(okvp_utf8_valid(a, a_length));
}

static void expect_same_item(const struct okvp_item *a, const struct okvp_item *b)
{
	expect_same_text(a->key, a->key_length, b->key, b->key_length);
	expect_same_text(a->value, a->value_length, b->value, b->value_length);
}

static void try_request(const uint8_t in[static OKVP_HV_MESSAGE_SIZE])
{
	static uint8_t bytes[OKVP_HV_MESSAGE_SIZE];
	struct okvp_kvp_message message, again;
	struct okvp_error err;

	if (!okvp_hv_read_request(in, &message, NULL))
		return;
	if (okvp_hv_is_register(in)) {
		assert(okvp_utf8_valid(message.item.value, message.item.value_length));
	} else if (okvp_hv_write_request(&message, bytes, &err)) {
		assert(okvp_hv_read_request(bytes, &again, NULL));
		assert(again.operation == message.operation && again.pool == message.pool);
		assert(again.index == message.index);
		expect_same_item(&again.item, &message.item);
	} else {
		assert(err.status == OKVP_TOO_LONG);
	}
}

static void try_reply(const uint8_t in[static OKVP_HV_MESSAGE_SIZE], uint8_t operation)
{
	static uint8_t bytes[OKVP_HV_MESSAGE_SIZE];
	struct okvp_kvp_message message = { .operation = operation }, again = message;
	uint32_t status, same_status;
	struct okvp_error err;

	if (!okvp_hv_read_reply(in, &message, &status, NULL))
		return;
	if (okvp_hv_write_reply(&message, status, bytes, &err)) {
		assert(okvp_hv_read_reply(bytes, &again, &same_status, NULL));
		assert(same_status == status);
		expect_same_item(&again.item, &message.item);
	} else {
		assert(err.status == OKVP_TOO_LONG);
	}
}

static void try_ip_reply(const uint8_t in[static OKVP_HV_MESSAGE_SIZE])
{
	static uint8_t bytes[OKVP_HV_MESSAGE_SIZE];
	static struct okvp_ip_message message, again;
	struct okvp_error err;
	uint32_t status;

	message = again = (struct okvp_ip_message){ .operation = OKVP_KVP_GET_IP };
	if (!okvp_hv_read_ip_reply(in, &message, &status, NULL) || status != 0)
		return;
	if (!okvp_hv_write_ip_request(&message, bytes, &err)) {
		assert(err.status == OKVP_TOO_LONG);
		return;
	}
	memset(bytes, 0, 4); /* a reply that succeeds, otherwise the same */
	assert(okvp_hv_read_ip_reply(bytes, &again, &status, NULL));
	assert(strcmp(again.adapter.id, message.adapter.id) == 0);
	assert(again.adapter.addresses.count == message.adapter.addresses.count);
	assert(again.adapter.gateways.count == message.adapter.gateways.count);
	assert(again.adapter.dns.count == message.adapter.dns.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t in[OKVP_HV_MESSAGE_SIZE];

	memset(in, 0, sizeof(in));
	memcpy(in, data, size < sizeof(in) ? size : sizeof(in));
	try_request(in);
	try_reply(in, OKVP_KVP_SET);
	try_reply(in, OKVP_KVP_ENUMERATE);
	memset(in, 0, 4); /* most inputs are no successful reply */
	try_reply(in, OKVP_KVP_ENUMERATE);
	try_ip_reply(in);
	return 0;
}
