/* SPDX-License-Identifier: MIT */
/* frame.c -- frames on a byte stream: found, checked and put together. */
#include "openkvp/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/wire.h"

#define CHECKED_SIZE (OKVP_FRAME_HEADER_SIZE - 4) /* of a header, what its checksum covers */
#define FIRST_ROOM   4096

uint32_t okvp_crc32c(const void *bytes, size_t size)
{
	/* The remainders of four bits; polynomial 0x1EDC6F41, reflected. */
	static const uint32_t table[] = {
		0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3,
		0x61C69362, 0x7198540D, 0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9,
		0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
	};
	const uint8_t *in = bytes;
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= in[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

void okvp_frame_write_header(const struct okvp_frame *frame,
			     uint8_t out[static OKVP_FRAME_HEADER_SIZE])
{
	struct wire_writer header = wire_writer_on(out, OKVP_FRAME_HEADER_SIZE);

	assert(frame->length <= OKVP_FRAME_PAYLOAD_MAX);
	wire_write_u32(&header, OKVP_FRAME_MAGIC);
	wire_write_u32(&header, frame->epoch);
	wire_write_u32(&header, frame->sequence);
	wire_write_u32(&header, (uint32_t)frame->length);
	wire_write_u32(&header, okvp_crc32c(out, CHECKED_SIZE));
}

/* What some bytes may be the beginning of. */
enum beginning { NO_FRAME, PART_OF_A_FRAME, WHOLE_FRAME };

static enum beginning look_at(const uint8_t *bytes, size_t size, struct okvp_frame *ret_frame)
{
	static const uint8_t magic[] = {
		OKVP_FRAME_MAGIC & 0xFF,
		OKVP_FRAME_MAGIC >> 8 & 0xFF,
		OKVP_FRAME_MAGIC >> 16 & 0xFF,
		OKVP_FRAME_MAGIC >> 24,
	};
	struct wire_reader in = wire_reader_on(bytes, size);

	if (memcmp(bytes, magic, size < sizeof(magic) ? size : sizeof(magic)) != 0)
		return NO_FRAME;
	if (size < OKVP_FRAME_HEADER_SIZE)
		return PART_OF_A_FRAME;
	wire_skip(&in, sizeof(magic));
	ret_frame->epoch = wire_read_u32(&in);
	ret_frame->sequence = wire_read_u32(&in);
	ret_frame->length = wire_read_u32(&in);
	if (wire_read_u32(&in) != okvp_crc32c(bytes, CHECKED_SIZE) ||
	    ret_frame->length > OKVP_FRAME_PAYLOAD_MAX)
		return NO_FRAME;
	ret_frame->payload = wire_read_bytes(&in, ret_frame->length);
	return ret_frame->payload ? WHOLE_FRAME : PART_OF_A_FRAME;
}

static bool make_room(struct okvp_frame_reader *reader, size_t more, struct okvp_error *err)
{
	size_t need = reader->end + more;
	size_t size = reader->size ? reader->size : FIRST_ROOM;
	uint8_t *buffer;

	if (need <= reader->size)
		return true;
	while (size < need)
		size *= 2;
	buffer = realloc(reader->buffer, size);
	if (!buffer)
		return okvp_fail(err, OKVP_NO_MEMORY, "a frame of %zu bytes", need);
	reader->buffer = buffer;
	reader->size = size;
	return true;
}

bool okvp_frame_reader_feed(struct okvp_frame_reader *reader, const void *bytes, size_t size,
			    struct okvp_error *err)
{
	if (size == 0)
		return true;
	if (reader->begin > 0) {
		reader->end -= reader->begin;
		memmove(reader->buffer, reader->buffer + reader->begin, reader->end);
		reader->begin = 0;
	}
	if (!make_room(reader, size, err))
		return false;
	memcpy(reader->buffer + reader->end, bytes, size);
	reader->end += size;
	return true;
}

static void skip_byte(struct okvp_frame_reader *reader)
{
	reader->begin++;
	reader->skipped++;
}

/* An idle connection holds no memory. */
static void release(struct okvp_frame_reader *reader)
{
	uint64_t skipped = reader->skipped;

	okvp_frame_reader_done(reader);
	reader->skipped = skipped;
}

bool okvp_frame_reader_next(struct okvp_frame_reader *reader, struct okvp_frame *ret_frame)
{
	while (okvp_frame_reader_partial(reader)) {
		struct okvp_frame frame;

		switch (look_at(reader->buffer + reader->begin, reader->end - reader->begin,
				&frame)) {
		case NO_FRAME:
			skip_byte(reader);
			break;
		case PART_OF_A_FRAME:
			return false;
		case WHOLE_FRAME:
			reader->begin += OKVP_FRAME_HEADER_SIZE + frame.length;
			*ret_frame = frame;
			return true;
		}
	}
	release(reader);
	return false;
}

bool okvp_frame_reader_partial(const struct okvp_frame_reader *reader)
{
	return reader->begin < reader->end;
}

void okvp_frame_reader_give_up(struct okvp_frame_reader *reader)
{
	if (okvp_frame_reader_partial(reader))
		skip_byte(reader);
}

void okvp_frame_reader_done(struct okvp_frame_reader *reader)
{
	free(reader->buffer);
	*reader = (struct okvp_frame_reader){ 0 };
}
