/* SPDX-License-Identifier: MIT */
/* pool_redo.c -- the redo of a change: made from an image, and applied. */
#include "openkvp/pool_redo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openkvp/pool_bytes.h"
#include "openkvp/scoped.h"

void pool_redo_done(struct pool_redo *redo)
{
	free(redo->extent);
	free(redo->bytes);
	*redo = (struct pool_redo){ 0 };
}

/* How much of an extent the old file had. */
static size_t reach(uint64_t offset, size_t length, uint64_t size)
{
	uint64_t left = offset < size ? size - offset : 0;

	return left < length ? (size_t)left : length;
}

bool pool_redo_reserve(struct pool_redo *redo, size_t count, struct okvp_error *err)
{
	redo->extent = calloc(count + 1, sizeof(*redo->extent));
	if (!redo->extent)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for the redo of a change");
	redo->extent_count = count;
	return true;
}

bool pool_redo_reserve_bytes(struct pool_redo *redo, struct okvp_error *err)
{
	bool shrinks = redo->new_size < redo->old_size;
	size_t size = 1; /* there is a redo even if it changes nothing */
	uint8_t *next;

	redo->old_tail_length = shrinks ? (size_t)(redo->old_size - redo->new_size) : 0;
	size += redo->old_tail_length;
	for (size_t i = 0; i < redo->extent_count; i++) {
		struct pool_extent *extent = &redo->extent[i];

		extent->old_length = reach(extent->offset, extent->length, redo->old_size);
		size += extent->length + extent->old_length;
	}
	next = redo->bytes = malloc(size);
	if (!next)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for the redo of a change");
	for (size_t i = 0; i < redo->extent_count; i++) {
		struct pool_extent *extent = &redo->extent[i];

		extent->new_bytes = next;
		extent->old_bytes = next + extent->length;
		next = extent->old_bytes + extent->old_length;
	}
	redo->old_tail = next;
	return true;
}

static bool find_extents(const struct pool_image *image, struct pool_redo *redo,
			 struct okvp_error *err)
{
	size_t begin, run, count = 0;

	for (size_t place = 0; pool_image_touched(image, &place, &begin) > 0;)
		count++;
	if (!pool_redo_reserve(redo, count, err))
		return false;
	count = 0;
	for (size_t place = 0; (run = pool_image_touched(image, &place, &begin)) > 0; count++) {
		redo->extent[count].offset = (uint64_t)begin * OKVP_RECORD_SIZE;
		redo->extent[count].length = run * OKVP_RECORD_SIZE;
	}
	return true;
}

static bool read_old(int fd, uint8_t *bytes, size_t length, uint64_t offset, struct okvp_error *err)
{
	size_t size;

	if (!pool_bytes_read(fd, bytes, length, offset, &size, err))
		return false;
	return size == length || okvp_fail(err, OKVP_CONFLICT, "it shrank while it was locked");
}

/* Takes the new bytes from memory, which is laid out like the file, and the old ones from the file;
 * then hands the redo on. */
static bool complete(struct pool_redo *redo, const uint8_t *bytes, int fd,
		     struct pool_redo *ret_redo, struct okvp_error *err)
{
	if (!pool_redo_reserve_bytes(redo, err))
		return false;
	for (size_t i = 0; i < redo->extent_count; i++) {
		struct pool_extent *extent = &redo->extent[i];

		memcpy(extent->new_bytes, bytes + extent->offset, extent->length);
		if (!read_old(fd, extent->old_bytes, extent->old_length, extent->offset, err))
			return false;
	}
	if (!read_old(fd, redo->old_tail, redo->old_tail_length, redo->new_size, err))
		return false;
	*ret_redo = *redo;
	*redo = (struct pool_redo){ 0 };
	return true;
}

/* The size that a pool file gets: half a record at its end goes when a record takes its place or
 * the one before it goes. */
static uint64_t size_after(const struct pool_image *image, uint64_t old_size)
{
	return old_size / OKVP_RECORD_SIZE == image->count
		       ? old_size
		       : (uint64_t)image->count * OKVP_RECORD_SIZE;
}

bool pool_redo_make(const struct pool_image *image, int fd, uint64_t old_size,
		    struct pool_redo *ret_redo, struct okvp_error *err)
{
	scoped(pool_redo_done) struct pool_redo redo = {
		.old_size = old_size,
		.new_size = size_after(image, old_size),
	};

	return find_extents(image, &redo, err) &&
	       complete(&redo, image->records, fd, ret_redo, err);
}

bool pool_redo_make_from(uint64_t offset, const uint8_t *bytes, uint64_t new_size, int fd,
			 uint64_t old_size, struct pool_redo *ret_redo, struct okvp_error *err)
{
	scoped(pool_redo_done) struct pool_redo redo = {
		.old_size = old_size,
		.new_size = new_size,
	};

	if (!pool_redo_reserve(&redo, 1, err))
		return false;
	redo.extent[0].offset = offset;
	redo.extent[0].length = (size_t)(new_size - offset);
	return complete(&redo, bytes, fd, ret_redo, err);
}

static bool is_old_or_new(const struct pool_extent *extent, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != extent->new_bytes[i] &&
		    (i >= extent->old_length || bytes[i] != extent->old_bytes[i]))
			return false;
	return true;
}

/* Whether a file of this size, to which nobody has appended, is in the middle of the change. */
static bool is_mixture(const struct pool_redo *redo, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < redo->extent_count; i++) {
		const struct pool_extent *extent = &redo->extent[i];

		if (!is_old_or_new(extent, bytes + extent->offset,
				   reach(extent->offset, extent->length, size)))
			return false;
	}
	return size <= redo->new_size ||
	       memcmp(bytes + redo->new_size, redo->old_tail, size - redo->new_size) == 0;
}

bool pool_redo_fits(const struct pool_redo *redo, const uint8_t *bytes, size_t size,
		    size_t *ret_reached)
{
	bool grows = redo->new_size > redo->old_size;
	uint64_t least = grows ? redo->old_size : redo->new_size;
	uint64_t most = grows ? redo->new_size : redo->old_size;

	for (size_t appended = 0; appended + least <= size; appended += OKVP_RECORD_SIZE)
		if (size - appended <= most && is_mixture(redo, bytes, size - appended)) {
			*ret_reached = size - appended;
			return true;
		}
	return false;
}

size_t pool_redo_overlay(const struct pool_redo *redo, uint8_t *bytes, size_t size, size_t reached)
{
	memmove(bytes + redo->new_size, bytes + reached, size - reached);
	if (reached < redo->new_size)
		memset(bytes + reached, 0, redo->new_size - reached);
	for (size_t i = 0; i < redo->extent_count; i++)
		memcpy(bytes + redo->extent[i].offset, redo->extent[i].new_bytes,
		       redo->extent[i].length);
	return (size_t)redo->new_size + (size - reached);
}

static bool shrink(int fd, uint64_t from, uint64_t to, struct okvp_error *err)
{
	if (to < from && ftruncate(fd, (off_t)to) < 0)
		return okvp_fail_errno(err, errno, "shrink");
	return true;
}

bool pool_redo_write(const struct pool_redo *redo, int fd, struct okvp_error *err)
{
	for (size_t i = 0; i < redo->extent_count; i++)
		if (!pool_bytes_write(fd, redo->extent[i].new_bytes, redo->extent[i].length,
				      redo->extent[i].offset, err))
			return false;
	return shrink(fd, redo->old_size, redo->new_size, err);
}

bool pool_redo_write_back(const struct pool_redo *redo, int fd, struct okvp_error *err)
{
	for (size_t i = 0; i < redo->extent_count; i++)
		if (!pool_bytes_write(fd, redo->extent[i].old_bytes, redo->extent[i].old_length,
				      redo->extent[i].offset, err))
			return false;
	return shrink(fd, redo->new_size, redo->old_size, err);
}
