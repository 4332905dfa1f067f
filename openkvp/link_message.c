/* SPDX-License-Identifier: MIT */
/* link_message.c -- the payloads of frames. */
#include "openkvp/link_message.h"

#include <assert.h>
#include <inttypes.h>

#include "openkvp/frame.h"
#include "openkvp/wire.h"

bool okvp_link_message_read(const uint8_t *payload, size_t length,
			    struct okvp_link_message *ret_message, struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(payload, length);
	uint32_t type = wire_read_u32(&in), size_or_flags = wire_read_u32(&in);

	*ret_message = (struct okvp_link_message){ .type = type };
	switch (type) {
	case OKVP_LINK_PIPE:
		ret_message->body = wire_read_bytes(&in, size_or_flags);
		ret_message->length = size_or_flags;
		break;
	case OKVP_LINK_HELLO:
	case OKVP_LINK_HELLO_ANSWER:
		/* Flags and what follows are for versions to come: HELLO has to be understood
		 * before a version is agreed upon. */
		ret_message->lowest = wire_read_u16(&in);
		ret_message->highest = wire_read_u16(&in);
		wire_skip(&in, 4);
		break;
	case OKVP_LINK_WAKE:
		break;
	case OKVP_LINK_OWN ... OKVP_LINK_OWN_LAST:
		ret_message->type = OKVP_LINK_OWN;
		ret_message->own_type = type;
		ret_message->flags = size_or_flags;
		ret_message->length = wire_left(&in);
		ret_message->body = wire_read_bytes(&in, ret_message->length);
		break;
	default:
		return okvp_fail(err, OKVP_INVALID, "a link message of type 0x%08" PRIX32, type);
	}
	if (!wire_ok(&in))
		return okvp_fail(err, OKVP_INVALID, "a link message cut at byte %zu", length);
	return true;
}

void okvp_link_write_pipe_header(size_t length, uint8_t out[static OKVP_LINK_HEADER_SIZE])
{
	struct wire_writer header = wire_writer_on(out, OKVP_LINK_HEADER_SIZE);

	assert(length <= OKVP_FRAME_PAYLOAD_MAX - OKVP_LINK_HEADER_SIZE);
	wire_write_u32(&header, OKVP_LINK_PIPE);
	wire_write_u32(&header, (uint32_t)length);
}

void okvp_link_write_wake(uint8_t out[static OKVP_LINK_HEADER_SIZE])
{
	struct wire_writer wake = wire_writer_on(out, OKVP_LINK_HEADER_SIZE);

	wire_write_u32(&wake, OKVP_LINK_WAKE);
	wire_write_u32(&wake, 0);
}

void okvp_link_write_hello(enum okvp_link_type type, uint16_t lowest, uint16_t highest,
			   uint8_t out[static OKVP_LINK_HELLO_SIZE])
{
	struct wire_writer hello = wire_writer_on(out, OKVP_LINK_HELLO_SIZE);

	wire_write_u32(&hello, type);
	wire_write_u32(&hello, 0);
	wire_write_u16(&hello, lowest);
	wire_write_u16(&hello, highest);
	wire_write_u32(&hello, 0);
}

uint16_t okvp_link_choose(uint16_t lowest, uint16_t highest, uint16_t known)
{
	uint16_t chosen = highest < known ? highest : known;

	return chosen >= lowest ? chosen : 0;
}
