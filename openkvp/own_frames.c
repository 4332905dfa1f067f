/* SPDX-License-Identifier: MIT */
/* own_frames.c -- openkvp's own messages, taken apart into frames and put together. */
#include "openkvp/own_message.h"

#include <stdlib.h>
#include <string.h>

bool okvp_own_is_request(uint32_t type)
{
	return type >= OKVP_OWN_BATCH && type <= OKVP_LINK_OWN_LAST && !(type & OKVP_OWN_ANSWER);
}

size_t okvp_own_write_head(const struct okvp_own_message *message, uint32_t epoch, size_t offset,
			   uint8_t out[static OKVP_OWN_HEAD_SIZE])
{
	size_t left = message->length - offset;
	size_t piece = left < OKVP_OWN_PIECE_MAX ? left : OKVP_OWN_PIECE_MAX;
	struct okvp_frame frame = {
		.epoch = epoch,
		.sequence = message->sequence,
		.length = OKVP_LINK_HEADER_SIZE + piece,
	};
	struct wire_writer head =
		wire_writer_on(out + OKVP_FRAME_HEADER_SIZE, OKVP_LINK_HEADER_SIZE);

	okvp_frame_write_header(&frame, out);
	wire_write_u32(&head, message->type);
	wire_write_u32(&head, piece < left ? OKVP_OWN_MORE : 0);
	return piece;
}

void okvp_own_assembly_done(struct okvp_own_assembly *assembly)
{
	free(assembly->bytes);
	*assembly = (struct okvp_own_assembly){ 0 };
}

static bool append(struct okvp_own_assembly *assembly, const struct okvp_link_message *piece,
		   struct okvp_error *err)
{
	size_t need = assembly->size + piece->length;
	size_t room = assembly->room ? assembly->room : 2 * OKVP_OWN_PIECE_MAX;
	uint8_t *bytes;

	if (need > OKVP_OWN_BODY_MAX)
		return okvp_fail(err, OKVP_LIMIT, "a message of more than %d bytes",
				 OKVP_OWN_BODY_MAX);
	while (room < need)
		room *= 2;
	if (room != assembly->room) {
		bytes = realloc(assembly->bytes, room);
		if (!bytes)
			return okvp_fail(err, OKVP_NO_MEMORY, "a message of %zu bytes", need);
		assembly->bytes = bytes;
		assembly->room = room;
	}
	memcpy(assembly->bytes + assembly->size, piece->body, piece->length);
	assembly->size = need;
	return true;
}

/* Begins with a piece what does not go on with what was begun. */
static void begin(struct okvp_own_assembly *assembly, const struct okvp_link_message *piece,
		  uint32_t sequence)
{
	if (assembly->begun && assembly->type == piece->own_type && assembly->sequence == sequence)
		return;
	okvp_own_assembly_done(assembly);
	assembly->begun = true;
	assembly->type = piece->own_type;
	assembly->sequence = sequence;
}

bool okvp_own_assemble(struct okvp_own_assembly *assembly, const struct okvp_link_message *piece,
		       uint32_t sequence, struct okvp_own_message *ret_message,
		       struct okvp_error *err)
{
	bool more = piece->flags & OKVP_OWN_MORE;

	if (err)
		err->status = OKVP_OK;
	begin(assembly, piece, sequence);
	assembly->begun = more;
	*ret_message =
		(struct okvp_own_message){ piece->own_type, sequence, piece->body, piece->length };
	if (!more && assembly->size == 0)
		return !assembly->dropped; /* the usual case: nothing is copied */
	if (!assembly->dropped && !append(assembly, piece, err)) {
		free(assembly->bytes);
		assembly->bytes = NULL;
		assembly->size = assembly->room = 0;
		assembly->dropped = true;
		return false;
	}
	ret_message->body = assembly->bytes;
	ret_message->length = assembly->size;
	return !more && !assembly->dropped;
}
