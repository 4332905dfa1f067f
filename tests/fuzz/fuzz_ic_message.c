/* SPDX-License-Identifier: MIT */
/* fuzz_ic_message.c -- integration messages and negotiations survive reading and writing. */
#include "fuzz.h"

#include <assert.h>
#include <string.h>

#include "openkvp/ic_message.h"

static void try_negotiation(const uint8_t *body, size_t size)
{
	static const struct okvp_negotiation known = {
		.framework_count = 2,
		.framework = { { 3, 0 }, { 1, 0 } },
		.message_count = 2,
		.message = { { 4, 0 }, { 3, 0 } },
	};
	uint8_t bytes[8 + 2 * 4 * OKVP_IC_VERSIONS_MAX];
	struct okvp_negotiation offered, answer, agreed;
	size_t written;

	if (!okvp_negotiation_read(body, size, &offered, NULL))
		return;
	written = okvp_negotiation_write(&offered, bytes, sizeof(bytes));
	assert(written >= 8 && written <= size);
	assert(memcmp(bytes, body, 4) == 0 && memcmp(bytes + 8, body + 8, written - 8) == 0);
	if (okvp_negotiation_choose(&offered, &known, &answer)) {
		assert(answer.framework_count == 1 && answer.message_count == 1);
		assert(okvp_negotiation_choose(&answer, &offered, &agreed));
	} else {
		assert(answer.framework_count == 0 && answer.message_count == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[OKVP_IC_HEADER_SIZE];
	struct okvp_ic_header header;
	const uint8_t *body;
	char text[64];

	if (!okvp_ic_read(data, size, &header, &body, NULL))
		return 0;
	assert(body == data + sizeof(bytes) && header.size <= size - sizeof(bytes));
	okvp_ic_write_header(&header, bytes);
	assert(memcmp(bytes, data, 18) == 0);
	assert(strlen(okvp_ic_status_text(header.status, text)) < sizeof(text));
	try_negotiation(body, header.size);
	return 0;
}
