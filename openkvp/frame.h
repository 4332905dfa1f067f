/* SPDX-License-Identifier: MIT */
/* frame.h -- how messages travel on a byte stream (a socket, a virtio-serial port, a vsock).
 *
 *	0   u32 magic      OKVP_FRAME_MAGIC
 *	4   u32 epoch      chosen by the host at each connect, repeated by the guest
 *	8   u32 sequence   a request's number; its answer repeats it
 *	12  u32 length     of the payload, at most OKVP_FRAME_PAYLOAD_MAX
 *	16  u32 crc32c     of the 16 bytes before
 *	20  payload        see link_message.h
 *
 * All numbers are little-endian. A reader that meets anything else hunts byte by byte for the next
 * magic with a right checksum: a virtio-serial port keeps half a frame of an earlier connection,
 * and nothing tells a guest that the host has reconnected. */
#pragma once
#include "openkvp/error.h"
#include "openkvp/linkage.h"

#include <stddef.h>
#include <stdint.h>

OKVP_BEGIN_DECLS

#define OKVP_FRAME_MAGIC       0x504B564Fu /* "OVKP" on the wire */
#define OKVP_FRAME_HEADER_SIZE 20
#define OKVP_FRAME_PAYLOAD_MAX 65536
#define OKVP_FRAME_SIZE_MAX    (OKVP_FRAME_HEADER_SIZE + OKVP_FRAME_PAYLOAD_MAX)

/* A frame that is not complete this long after its first byte is given up: OKVP_FRAME_PARTIAL_MS
 * is the caller's timer, okvp_frame_reader_give_up() what it calls. */
#define OKVP_FRAME_PARTIAL_MS 2000

struct okvp_frame {
	uint32_t epoch, sequence;
	const uint8_t *payload; /* borrowed */
	size_t length;          /* bytes */
};

/* CRC-32C (Castagnoli) of some bytes. */
uint32_t okvp_crc32c(const void *bytes, size_t size);

/* Writes a header for frame->length bytes that follow it. */
void okvp_frame_write_header(const struct okvp_frame *frame,
			     uint8_t out[OKVP_AT_LEAST OKVP_FRAME_HEADER_SIZE]);

/* Puts frames together from the pieces in which a stream delivers them. All zeros is a reader
 * before its first byte. It holds memory only while a frame is begun and not finished. */
struct okvp_frame_reader {
	uint8_t *buffer; /* owned */
	size_t size, begin, end;
	uint64_t skipped; /* bytes that belonged to no frame, since the beginning */
};

/* Takes bytes in. False (OKVP_NO_MEMORY) leaves the reader as it was. */
bool okvp_frame_reader_feed(struct okvp_frame_reader *reader, const void *bytes, size_t size,
			    struct okvp_error *err);

/* The next whole frame; false when there is none yet. Its payload is valid until the next call on
 * this reader. */
bool okvp_frame_reader_next(struct okvp_frame_reader *reader, struct okvp_frame *ret_frame);

/* Whether bytes wait for the rest of their frame; ask when next() has said that there is none. */
bool okvp_frame_reader_partial(const struct okvp_frame_reader *reader);

/* Gives up the frame that was begun: the hunt goes on behind its first byte, within what came. */
void okvp_frame_reader_give_up(struct okvp_frame_reader *reader);

/* Forgets everything and releases the memory. */
void okvp_frame_reader_done(struct okvp_frame_reader *reader);

OKVP_END_DECLS
