/* SPDX-License-Identifier: MIT */
/* pool_redo.h -- a change of a pool file as bytes that can be written again. Not installed.
 *
 * The redo file:
 *
 *	0    u32 magic            POOL_REDO_MAGIC
 *	4    u32 crc32c           of all that follows
 *	8    u64 old size, u64 new size of the pool file
 *	24   u32 extent count, u32 0
 *	32   { u64 offset, u64 length } extents, in order; whole records
 *	     the new records of all extents, packed
 *	     the old records of all extents as far as the old file reached, packed
 *	     what the old file had behind the end of the new one, packed
 *
 * Packed is a record that is zero-padded as its texts, and everything else as it is:
 *
 *	u16 key length, u16 value length, key, value
 *	u16 0xFFFF, u16 length, bytes
 *
 * The old bytes tell a pool file in which this change is half written, and is to be written again,
 * from one that somebody has changed since without looking for a redo file. Whole records that
 * somebody has appended, as cloud-init does, do no harm: the change is made, and they stand behind
 * it. */
#pragma once
#include <sys/types.h>

#include "openkvp/pool_image.h"

#define POOL_REDO_MAGIC 0x5256504Bu /* "KPVR" in the file */

/* A stretch of the pool file that changes. */
struct pool_extent {
	uint64_t offset;
	size_t length, old_length; /* old_length: as far as the old file reached */
	uint8_t *new_bytes, *old_bytes;
};

/* All zeros is none. */
struct pool_redo {
	uint64_t old_size, new_size;
	struct pool_extent *extent;
	size_t extent_count;
	uint8_t *old_tail; /* of the old file, behind the end of the new one ... */
	size_t old_tail_length;
	uint8_t *bytes; /* all of them; not NULL if there is a redo */
};

void pool_redo_done(struct pool_redo *redo);

/* Makes room for extents; and, when their places are known, for their bytes. */
bool pool_redo_reserve(struct pool_redo *redo, size_t count, struct okvp_error *err);
bool pool_redo_reserve_bytes(struct pool_redo *redo, struct okvp_error *err);

/* Makes the redo of what is touched in an image, against the pool file behind fd. */
bool pool_redo_make(const struct pool_image *image, int fd, uint64_t old_size,
		    struct pool_redo *ret_redo, struct okvp_error *err);

/* Makes the redo of a pool file whose records from this offset on, a multiple of a record's size,
 * become the ones that stand there in bytes. */
bool pool_redo_make_from(uint64_t offset, const uint8_t *bytes, uint64_t new_size, int fd,
			 uint64_t old_size, struct pool_redo *ret_redo, struct okvp_error *err);

/* Writes it into a redo file, which is empty, and lets nobody read that who may not read the pool
 * file, whose mode is given. A failure leaves it empty. */
bool pool_redo_save(const struct pool_redo *redo, int redo_fd, mode_t mode, struct okvp_error *err);

/* Reads a redo file. One that is empty, or was not completely written, is none. */
bool pool_redo_load(int redo_fd, struct pool_redo *ret_redo, struct okvp_error *err);

/* Empties a redo file. */
bool pool_redo_clear(int redo_fd, struct okvp_error *err);

/* Whether the bytes of a pool file are those from before the change, those from after it, or a
 * mixture, and behind them whole records that others have appended since: those begin at
 * *ret_reached, which is size when there are none. */
bool pool_redo_fits(const struct pool_redo *redo, const uint8_t *bytes, size_t size,
		    size_t *ret_reached);

/* Makes the change in memory that holds size bytes of the pool file. Returns the new size, for
 * which there must be room: new_size, and what others have appended. */
size_t pool_redo_overlay(const struct pool_redo *redo, uint8_t *bytes, size_t size, size_t reached);

/* Makes the change in a pool file to which nobody has appended, or takes it back. */
bool pool_redo_write(const struct pool_redo *redo, int fd, struct okvp_error *err);
bool pool_redo_write_back(const struct pool_redo *redo, int fd, struct okvp_error *err);
