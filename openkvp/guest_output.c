/* SPDX-License-Identifier: MIT */
/* guest_output.c -- frames on their way out. */
#include "openkvp/guest_output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/frame.h"
#include "openkvp/wire.h"

#define FIRST_ROOM 4096

/* Where the last frame begins of which something was sent: those before it are gone. */
static size_t begin_of_begun_frame(const struct guest_output *output, size_t *ret_end)
{
	size_t begin = 0, end = 0;

	while (end < output->sent) {
		struct wire_reader in = wire_reader_on(output->bytes + end, output->end - end);

		wire_skip(&in, 12);
		begin = end;
		end += OKVP_FRAME_HEADER_SIZE + wire_read_u32(&in);
	}
	*ret_end = end;
	return begin;
}

/* Moves what is still needed to the front. */
static void compact(struct guest_output *output)
{
	size_t end, begin = begin_of_begun_frame(output, &end);

	output->sent -= begin;
	output->end -= begin;
	memmove(output->bytes, output->bytes + begin, output->end);
}

uint8_t *guest_output_add(struct guest_output *output, size_t size)
{
	size_t room = output->room ? output->room : FIRST_ROOM, need;
	uint8_t *bytes;

	if (output->end + size > output->room && output->sent > 0)
		compact(output);
	need = output->end + size;
	while (room < need)
		room *= 2;
	if (room != output->room) {
		bytes = realloc(output->bytes, room);
		if (!bytes)
			return NULL;
		output->bytes = bytes;
		output->room = room;
	}
	output->end = need;
	return output->bytes + need - size;
}

const uint8_t *guest_output_bytes(const struct guest_output *output, size_t *ret_size)
{
	*ret_size = output->end - output->sent;
	return *ret_size > 0 ? output->bytes + output->sent : NULL;
}

void guest_output_sent(struct guest_output *output, size_t size)
{
	assert(size <= output->end - output->sent);
	output->sent += size;
	if (output->sent == output->end)
		guest_output_done(output);
}

void guest_output_drop(struct guest_output *output)
{
	begin_of_begun_frame(output, &output->end);
	if (output->sent == output->end)
		guest_output_done(output);
}

void guest_output_done(struct guest_output *output)
{
	free(output->bytes);
	*output = (struct guest_output){ 0 };
}
