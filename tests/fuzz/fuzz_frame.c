/* SPDX-License-Identifier: MIT */
/* fuzz_frame.c -- a stream is read the same in whatever pieces it comes. */
#include "fuzz.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "openkvp/frame.h"

/* Gives a right checksum to most of what looks like a frame: chance finds none. */
static void mend_checksums(uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at + OKVP_FRAME_HEADER_SIZE <= size; at++) {
		uint32_t crc;

		if (memcmp(bytes + at, "OVKP", 4) != 0 || bytes[at + 4] == 0xFF)
			continue;
		crc = okvp_crc32c(bytes + at, 16);
		for (int i = 0; i < 4; i++)
			bytes[at + 16 + i] = (uint8_t)(crc >> 8 * i);
	}
}

struct result {
	size_t frames, taken, skipped, left, digest; /* taken: bytes of frames */
};

static struct result read_in_pieces(const uint8_t *bytes, size_t size, size_t piece)
{
	struct okvp_frame_reader reader = { 0 };
	struct result result = { 0 };
	struct okvp_frame frame;

	for (size_t at = 0; at < size; at += piece) {
		size_t now = size - at < piece ? size - at : piece;

		assert(okvp_frame_reader_feed(&reader, bytes + at, now, NULL));
		while (okvp_frame_reader_next(&reader, &frame)) {
			result.frames++;
			result.taken += OKVP_FRAME_HEADER_SIZE + frame.length;
			result.digest = result.digest * 31 + frame.epoch + frame.sequence +
					okvp_crc32c(frame.payload, frame.length);
		}
	}
	result.left = reader.end - reader.begin;
	while (okvp_frame_reader_partial(&reader)) {
		okvp_frame_reader_give_up(&reader);
		while (okvp_frame_reader_next(&reader, &frame))
			result.digest += okvp_crc32c(frame.payload, frame.length);
	}
	result.skipped = reader.skipped;
	okvp_frame_reader_done(&reader);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result at_once, in_pieces;
	uint8_t *bytes;

	if (size < 2)
		return 0;
	bytes = malloc(size - 1);
	assert(bytes);
	memcpy(bytes, data + 1, size - 1);
	mend_checksums(bytes, size - 1);
	at_once = read_in_pieces(bytes, size - 1, size - 1);
	in_pieces = read_in_pieces(bytes, size - 1, data[0] + 1u);
	assert(memcmp(&at_once, &in_pieces, sizeof(at_once)) == 0);
	assert(at_once.taken + at_once.skipped <= size - 1);
	free(bytes);
	return 0;
}
