/* SPDX-License-Identifier: MIT */
/* fuzz_ip_message.c -- IP information in the form of a version, the input's first byte: what was
 * read can be written in the binary form, and read again. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/ip_message.h"
#include "openkvp/unicode.h"

static void check(const struct okvp_ip_message *message)
{
	const struct okvp_adapter *adapter = &message->adapter;

	assert(okvp_utf8_valid(adapter->id, strlen(adapter->id)));
	assert(adapter->addresses.count <= 2 * OKVP_ADDRESSES_MAX);
	assert(adapter->dns.count <= 2 * OKVP_ADDRESSES_MAX);
	assert(adapter->gateways.count <= 2 * OKVP_GATEWAYS_MAX);
	for (size_t i = 0; i < adapter->addresses.count; i++) {
		const struct okvp_address *address = &adapter->addresses.address[i];

		assert(address->prefix <= 8 * okvp_address_size(address->family));
		assert(address->origin <= OKVP_ORIGIN_STATIC);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct okvp_version binary = { 5, 0 };
	struct okvp_ip_message message, again;
	static uint8_t bytes[OKVP_IP_SIZE_MAX];
	struct okvp_error err;
	size_t written;

	if (size == 0)
		return 0;
	if (!okvp_ip_message_read(data + 1, size - 1, (struct okvp_version){ data[0], 0 }, &message,
				  &err)) {
		assert(err.status == OKVP_INVALID || err.status == OKVP_INVALID_TEXT ||
		       err.status == OKVP_UNSUPPORTED);
		return 0;
	}
	check(&message);
	written = okvp_ip_message_write(&message, binary, bytes, &err);
	if (written == 0) {
		assert(err.status == OKVP_TOO_LONG); /* an id that fills its field to the end */
		return 0;
	}
	assert(okvp_ip_message_read(bytes, written, binary, &again, NULL));
	assert(again.operation == message.operation && again.pool == message.pool);
	assert(strcmp(again.adapter.id, message.adapter.id) == 0);
	assert(again.adapter.addresses.count == message.adapter.addresses.count);
	assert(again.adapter.dns.count == message.adapter.dns.count);
	assert(again.adapter.gateways.count == message.adapter.gateways.count);
	return 0;
}
