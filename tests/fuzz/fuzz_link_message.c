/* SPDX-License-Identifier: MIT */
/* fuzz_link_message.c -- what is read from a payload is what writing it gives. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/link_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t header[OKVP_LINK_HEADER_SIZE], hello[OKVP_LINK_HELLO_SIZE];
	struct okvp_link_message message;
	struct okvp_error err;

	if (!okvp_link_message_read(data, size, &message, &err)) {
		assert(err.status == OKVP_INVALID);
		return 0;
	}
	if (message.type == OKVP_LINK_PIPE) {
		assert(message.body == data + sizeof(header));
		assert(message.length <= size - sizeof(header));
		okvp_link_write_pipe_header(message.length, header);
		assert(memcmp(header, data, sizeof(header)) == 0);
	} else if (message.type == OKVP_LINK_OWN) {
		assert(message.body == data + sizeof(header));
		assert(message.length == size - sizeof(header));
		assert(message.own_type >= OKVP_LINK_OWN && message.own_type <= OKVP_LINK_OWN_LAST);
	} else if (message.type == OKVP_LINK_WAKE) {
		okvp_link_write_wake(header);
		assert(memcmp(header, data, 4) == 0);
	} else {
		okvp_link_write_hello(message.type, message.lowest, message.highest, hello);
		assert(memcmp(hello, data, 4) == 0);
		assert(memcmp(hello + 8, data + 8, 4) == 0);
	}
	return 0;
}
