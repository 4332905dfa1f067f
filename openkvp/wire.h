/* SPDX-License-Identifier: MIT */
/* wire.h -- bounds-checked reading and writing of little-endian bytes, under all codecs.
 *
 * A cursor remembers an overrun: reads past the end give 0 or an empty field, writes past the end
 * are dropped, and wire_ok() is false from then on. So a codec reads like its format's drawing and
 * asks once, at its end. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct wire_reader {
	const uint8_t *bytes;
	size_t size, at;
	bool overrun;
};

struct wire_writer {
	uint8_t *bytes;
	size_t size, at;
	bool overrun;
};

static inline struct wire_reader wire_reader_on(const void *bytes, size_t size)
{
	struct wire_reader in = { (const uint8_t *)bytes, size, 0, false };

	return in;
}

static inline struct wire_writer wire_writer_on(void *bytes, size_t size)
{
	struct wire_writer out = { (uint8_t *)bytes, size, 0, false };

	return out;
}

static inline size_t wire_left(const struct wire_reader *in)
{
	return in->size - in->at;
}

static inline bool wire_ok(const struct wire_reader *in)
{
	return !in->overrun;
}

/* The next size bytes, borrowed from the input; NULL past the end. */
static inline const uint8_t *wire_read_bytes(struct wire_reader *in, size_t size)
{
	if (in->overrun || wire_left(in) < size) {
		in->overrun = true;
		return NULL;
	}
	in->at += size;
	return in->bytes + in->at - size;
}

static inline void wire_skip(struct wire_reader *in, size_t size)
{
	wire_read_bytes(in, size);
}

static inline uint8_t wire_read_u8(struct wire_reader *in)
{
	const uint8_t *b = wire_read_bytes(in, 1);

	return b ? b[0] : 0;
}

static inline uint16_t wire_read_u16(struct wire_reader *in)
{
	const uint8_t *b = wire_read_bytes(in, 2);

	return b ? (uint16_t)(b[0] | b[1] << 8) : 0;
}

static inline uint32_t wire_read_u32(struct wire_reader *in)
{
	const uint8_t *b = wire_read_bytes(in, 4);

	return b ? b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24 : 0;
}

static inline uint64_t wire_read_u64(struct wire_reader *in)
{
	uint64_t low = wire_read_u32(in);

	return low | (uint64_t)wire_read_u32(in) << 32;
}

static inline bool wire_written(const struct wire_writer *out)
{
	return !out->overrun;
}

/* Room for the next size bytes, for the caller to fill; NULL past the end. */
static inline uint8_t *wire_write_room(struct wire_writer *out, size_t size)
{
	if (out->overrun || out->size - out->at < size) {
		out->overrun = true;
		return NULL;
	}
	out->at += size;
	return out->bytes + out->at - size;
}

static inline void wire_write_bytes(struct wire_writer *out, const void *bytes, size_t size)
{
	uint8_t *room = wire_write_room(out, size);

	if (room && size > 0)
		memcpy(room, bytes, size);
}

static inline void wire_write_zeros(struct wire_writer *out, size_t size)
{
	uint8_t *room = wire_write_room(out, size);

	if (room)
		memset(room, 0, size);
}

static inline void wire_write_u8(struct wire_writer *out, uint8_t value)
{
	wire_write_bytes(out, &value, 1);
}

static inline void wire_write_u16(struct wire_writer *out, uint16_t value)
{
	uint8_t bytes[] = { (uint8_t)value, (uint8_t)(value >> 8) };

	wire_write_bytes(out, bytes, sizeof(bytes));
}

static inline void wire_write_u32(struct wire_writer *out, uint32_t value)
{
	wire_write_u16(out, (uint16_t)value);
	wire_write_u16(out, (uint16_t)(value >> 16));
}

static inline void wire_write_u64(struct wire_writer *out, uint64_t value)
{
	wire_write_u32(out, (uint32_t)value);
	wire_write_u32(out, (uint32_t)(value >> 32));
}
