/* SPDX-License-Identifier: MIT */
/* pool_redo_file.c -- redo files: packed, saved, and read with suspicion. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openkvp/frame.h"
#include "openkvp/pool_bytes.h"
#include "openkvp/pool_redo.h"
#include "openkvp/scoped.h"
#include "openkvp/wire.h"

#define HEADER_SIZE    32
#define CHECKED_BEHIND 8 /* the checksum covers what follows */
#define EXTENT_SIZE    16
#define UNPACKED_MARK  0xFFFF
#define PACKED_EXTRA   4 /* lengths before the bytes of a record */

/* Of what a file may say that it contains. */
#define POOL_SIZE_MAX ((OKVP_POOL_FILE_RECORDS_MAX + 1ULL) * OKVP_RECORD_SIZE)
#define REDO_SIZE_MAX                                                       \
	(HEADER_SIZE + OKVP_POOL_FILE_RECORDS_MAX * (uint64_t)EXTENT_SIZE + \
	 2 * (OKVP_POOL_FILE_RECORDS_MAX + 1ULL) * (OKVP_RECORD_SIZE + PACKED_EXTRA))

static void free_bytes(uint8_t **bytes)
{
	free(*bytes);
}

/* Whether a field holds nothing but zeros from its first NUL on: then each byte equals the next. */
static bool is_padded(const char *field, size_t length, size_t size)
{
	return length == size || memcmp(field + length, field + length + 1, size - length - 1) == 0;
}

static void pack_one(struct wire_writer *out, const uint8_t *bytes, size_t length)
{
	struct okvp_item item = { 0 };

	if (length == OKVP_RECORD_SIZE)
		okvp_record_read(bytes, &item);
	if (item.key && is_padded(item.key, item.key_length, OKVP_RECORD_KEY_SIZE) &&
	    is_padded(item.value, item.value_length, OKVP_RECORD_VALUE_SIZE)) {
		wire_write_u16(out, item.key_length);
		wire_write_u16(out, item.value_length);
		wire_write_bytes(out, item.key, item.key_length);
		wire_write_bytes(out, item.value, item.value_length);
		return;
	}
	wire_write_u16(out, UNPACKED_MARK);
	wire_write_u16(out, (uint16_t)length);
	wire_write_bytes(out, bytes, length);
}

static void unpack_field(struct wire_reader *in, size_t length, uint8_t *field, size_t size)
{
	const uint8_t *text = wire_read_bytes(in, length);

	if (!text || length > size)
		return;
	memcpy(field, text, length);
	memset(field + length, 0, size - length);
}

static bool unpack_one(struct wire_reader *in, uint8_t *bytes, size_t length)
{
	size_t first = wire_read_u16(in), second = wire_read_u16(in);

	if (first == UNPACKED_MARK) {
		if (second != length)
			return false;
		unpack_field(in, length, bytes, length);
		return wire_ok(in);
	}
	if (length != OKVP_RECORD_SIZE || first > OKVP_RECORD_KEY_SIZE ||
	    second > OKVP_RECORD_VALUE_SIZE)
		return false;
	unpack_field(in, first, bytes, OKVP_RECORD_KEY_SIZE);
	unpack_field(in, second, bytes + OKVP_RECORD_KEY_SIZE, OKVP_RECORD_VALUE_SIZE);
	return wire_ok(in);
}

static void pack(struct wire_writer *out, const uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at < length; at += OKVP_RECORD_SIZE)
		pack_one(out, bytes + at,
			 length - at < OKVP_RECORD_SIZE ? length - at : OKVP_RECORD_SIZE);
}

static bool unpack(struct wire_reader *in, uint8_t *bytes, size_t length)
{
	for (size_t at = 0; at < length; at += OKVP_RECORD_SIZE)
		if (!unpack_one(in, bytes + at,
				length - at < OKVP_RECORD_SIZE ? length - at : OKVP_RECORD_SIZE))
			return false;
	return true;
}

/* The most that a packed redo can take. */
static size_t packed_size_max(const struct pool_redo *redo)
{
	size_t size = HEADER_SIZE + redo->extent_count * EXTENT_SIZE + redo->old_tail_length +
		      (redo->old_tail_length / OKVP_RECORD_SIZE + 1) * PACKED_EXTRA;

	for (size_t i = 0; i < redo->extent_count; i++) {
		const struct pool_extent *extent = &redo->extent[i];
		size_t records = extent->length / OKVP_RECORD_SIZE;

		size += extent->length + extent->old_length + 2 * records * PACKED_EXTRA;
	}
	return size;
}

static uint32_t checksum(const uint8_t *bytes, size_t size)
{
	return okvp_crc32c(bytes + CHECKED_BEHIND, size - CHECKED_BEHIND);
}

static size_t pack_redo(const struct pool_redo *redo, uint8_t *bytes, size_t room)
{
	struct wire_writer out = wire_writer_on(bytes, room);
	size_t size;

	wire_write_u32(&out, POOL_REDO_MAGIC);
	wire_write_u32(&out, 0);
	wire_write_u64(&out, redo->old_size);
	wire_write_u64(&out, redo->new_size);
	wire_write_u32(&out, (uint32_t)redo->extent_count);
	wire_write_u32(&out, 0);
	for (size_t i = 0; i < redo->extent_count; i++) {
		wire_write_u64(&out, redo->extent[i].offset);
		wire_write_u64(&out, redo->extent[i].length);
	}
	for (size_t i = 0; i < redo->extent_count; i++)
		pack(&out, redo->extent[i].new_bytes, redo->extent[i].length);
	for (size_t i = 0; i < redo->extent_count; i++)
		pack(&out, redo->extent[i].old_bytes, redo->extent[i].old_length);
	pack(&out, redo->old_tail, redo->old_tail_length);
	size = out.at;
	out.at = sizeof(uint32_t);
	wire_write_u32(&out, checksum(bytes, size));
	return size;
}

bool pool_redo_save(const struct pool_redo *redo, int redo_fd, mode_t mode, struct okvp_error *err)
{
	size_t room = packed_size_max(redo);
	scoped(free_bytes) uint8_t *bytes = malloc(room);
	struct stat st;

	if (!bytes)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for the redo of a change");
	if (fstat(redo_fd, &st) < 0 ||
	    ((st.st_mode & 0777) != (mode & 0777) && fchmod(redo_fd, mode & 0777) < 0))
		return okvp_fail_errno(err, errno, "mode of the redo file");
	if (pool_bytes_write(redo_fd, bytes, pack_redo(redo, bytes, room), 0, err))
		return true;
	pool_redo_clear(redo_fd, NULL);
	return okvp_fail_in(err, "redo file");
}

/* Takes the places of the extents from a file, which is taken for a stranger's: they are whole
 * records, in order, and within the new file. */
static bool unpack_extents(struct wire_reader *in, struct pool_redo *redo)
{
	uint64_t end = 0;

	for (size_t i = 0; i < redo->extent_count; i++) {
		uint64_t offset = wire_read_u64(in), length = wire_read_u64(in);

		if (!wire_ok(in) || offset < end || offset > redo->new_size ||
		    length > redo->new_size - offset || length % OKVP_RECORD_SIZE != 0)
			return false;
		end = offset + length;
		redo->extent[i].offset = offset;
		redo->extent[i].length = (size_t)length;
	}
	return true;
}

static bool unpack_bytes(struct wire_reader *in, struct pool_redo *redo)
{
	for (size_t i = 0; i < redo->extent_count; i++)
		if (!unpack(in, redo->extent[i].new_bytes, redo->extent[i].length))
			return false;
	for (size_t i = 0; i < redo->extent_count; i++)
		if (!unpack(in, redo->extent[i].old_bytes, redo->extent[i].old_length))
			return false;
	return unpack(in, redo->old_tail, redo->old_tail_length) && wire_left(in) == 0;
}

/* What is not a whole redo leaves none behind. */
static bool unpack_redo(const uint8_t *bytes, size_t size, struct pool_redo *ret_redo,
			struct okvp_error *err)
{
	struct wire_reader in = wire_reader_on(bytes, size);
	uint32_t magic = wire_read_u32(&in), crc = wire_read_u32(&in), count;
	scoped(pool_redo_done) struct pool_redo redo = { 0 };

	redo.old_size = wire_read_u64(&in);
	redo.new_size = wire_read_u64(&in);
	count = wire_read_u32(&in);
	wire_skip(&in, 4);
	if (!wire_ok(&in) || magic != POOL_REDO_MAGIC || checksum(bytes, size) != crc ||
	    redo.old_size > POOL_SIZE_MAX || redo.new_size > POOL_SIZE_MAX ||
	    count > wire_left(&in) / EXTENT_SIZE)
		return true;
	if (!pool_redo_reserve(&redo, count, err))
		return false;
	if (!unpack_extents(&in, &redo))
		return true;
	if (!pool_redo_reserve_bytes(&redo, err))
		return false;
	if (!unpack_bytes(&in, &redo))
		return true;
	*ret_redo = redo;
	redo = (struct pool_redo){ 0 };
	return true;
}

bool pool_redo_load(int redo_fd, struct pool_redo *ret_redo, struct okvp_error *err)
{
	scoped(free_bytes) uint8_t *bytes = NULL;
	struct stat st;
	size_t size;

	*ret_redo = (struct pool_redo){ 0 };
	if (fstat(redo_fd, &st) < 0)
		return okvp_fail_errno(err, errno, "redo file");
	if (st.st_size < HEADER_SIZE || (uint64_t)st.st_size > REDO_SIZE_MAX)
		return true;
	bytes = malloc((size_t)st.st_size);
	if (!bytes)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for the redo of a change");
	if (!pool_bytes_read(redo_fd, bytes, (size_t)st.st_size, 0, &size, err))
		return okvp_fail_in(err, "redo file");
	return unpack_redo(bytes, size, ret_redo, err);
}

bool pool_redo_clear(int redo_fd, struct okvp_error *err)
{
	return ftruncate(redo_fd, 0) == 0 || okvp_fail_errno(err, errno, "redo file");
}
