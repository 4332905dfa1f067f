/* SPDX-License-Identifier: MIT */
/* pool_file.h -- a guest's pool files, as the Hyper-V daemon of Linux keeps them.
 *
 * /var/lib/hyperv/.kvp_pool_N is a sequence of records of OKVP_RECORD_SIZE bytes without a header:
 *
 *	0    key, UTF-8, NUL-padded     512 bytes
 *	512  value, UTF-8, NUL-padded  2048 bytes
 *
 * Others write these files too. What they do is tolerated when reading: any bytes after a NUL, the
 * same key several times (the last one counts, all are listed), half a record at the end (ignored).
 * What this module writes is zero-padded. An existing file keeps its inode, and its mode too, until
 * it is about to receive a secret: then nobody but its owner may read it, for good.
 *
 * Locking: the Linux daemon takes fcntl() locks and cloud-init flock(), which do not exclude each
 * other; both are taken here, for the shortest possible time. A lock that is not had within
 * OKVP_POOL_FILE_LOCK_MS is OKVP_BUSY.
 *
 * A writer that is killed at any instruction loses and tears nothing: what is about to be written
 * goes first, with a checksum, into a redo file beside the pool file (its name and ".redo");
 * whoever takes the locks next finds it there and writes it again. What others have appended
 * meanwhile stays, behind it. fsync is the caller's choice: see okvp_pool_file_sync(). */
#pragma once
#include "openkvp/item.h"
#include "openkvp/linkage.h"
#include "openkvp/pool.h"

OKVP_BEGIN_DECLS

#define OKVP_RECORD_KEY_SIZE   512
#define OKVP_RECORD_VALUE_SIZE 2048
#define OKVP_RECORD_SIZE       (OKVP_RECORD_KEY_SIZE + OKVP_RECORD_VALUE_SIZE)

#define OKVP_POOL_FILE_LOCK_MS     5000
#define OKVP_POOL_FILE_RECORDS_MAX 65536 /* more is OKVP_LIMIT */

#define OKVP_POOL_FOLDER "/var/lib/hyperv"

struct okvp_pool_file; /* one process may open a file several times; not for two threads at once */

/* One change of a batch. */
struct okvp_pool_change {
	bool remove;           /* else: set, whether the key exists or not */
	bool secret;           /* set: the file becomes 0600 before it is written */
	struct okvp_item item; /* remove: only the key counts */
};

/* Opens the file of a pool in a folder, and makes the folder (0755) and the file (0644) where they
 * are missing. With read_only nothing is made or changed, and a missing file is OKVP_NOT_FOUND. */
bool okvp_pool_file_open(const char *folder, enum okvp_pool pool, bool read_only,
			 struct okvp_pool_file **ret_file, struct okvp_error *err);
void okvp_pool_file_close(struct okvp_pool_file **file);

/* How many records there are. This and the calls below see what other writers did until now. */
bool okvp_pool_file_count(struct okvp_pool_file *file, size_t *ret_count, struct okvp_error *err);

/* The record at an index from 0, in file order; OKVP_NOT_FOUND past the end. The item is borrowed
 * until the next call on this file; a text that is not valid UTF-8 is given as it is. */
bool okvp_pool_file_at(struct okvp_pool_file *file, size_t index, struct okvp_item *ret_item,
		       struct okvp_error *err);

/* Calls each() for all records in file order, as they are at one moment. */
bool okvp_pool_file_each(struct okvp_pool_file *file,
			 void (*each)(void *context, const struct okvp_item *item), void *context,
			 struct okvp_error *err);

/* A number that grows when what other writers did is taken in, by any of these calls. */
uint64_t okvp_pool_file_version(const struct okvp_pool_file *file);

/* The last record with this key, borrowed likewise; OKVP_NOT_FOUND. */
bool okvp_pool_file_get(struct okvp_pool_file *file, const char *key, size_t key_length,
			struct okvp_item *ret_item, struct okvp_error *err);

/* Sets the value of the last record with the item's key, or appends a record. OKVP_TOO_LONG when a
 * text leaves no room for its NUL, OKVP_INVALID_TEXT when it contains one. */
bool okvp_pool_file_set(struct okvp_pool_file *file, const struct okvp_item *item,
			struct okvp_error *err);

/* Removes every record with this key, keeping the order of the others; OKVP_NOT_FOUND if none. */
bool okvp_pool_file_delete(struct okvp_pool_file *file, const char *key, size_t key_length,
			   struct okvp_error *err);

/* Makes all changes in order, or none. Removing a key that is not there is no error here. */
bool okvp_pool_file_apply(struct okvp_pool_file *file, const struct okvp_pool_change *changes,
			  size_t count, struct okvp_error *err);

/* Keeps all other writers out from here until the end: what the calls in between see stays as it is
 * until they change it. Each change in between is made at once; when one fails for another reason
 * than OKVP_NOT_FOUND, there is nothing left to do but to end. */
bool okvp_pool_file_begin(struct okvp_pool_file *file, struct okvp_error *err);
void okvp_pool_file_end(struct okvp_pool_file *file);

/* Puts what was written on disk, against a loss of power; does nothing if nothing was written. */
bool okvp_pool_file_sync(struct okvp_pool_file *file, struct okvp_error *err);

/* The codec of one record. Reading takes what stands before the first NUL of each field (or all of
 * it); the item is borrowed from the record. */
void okvp_record_read(const uint8_t record[OKVP_AT_LEAST OKVP_RECORD_SIZE],
		      struct okvp_item *ret_item);
bool okvp_record_write(const struct okvp_item *item, uint8_t record[OKVP_AT_LEAST OKVP_RECORD_SIZE],
		       struct okvp_error *err);

OKVP_END_DECLS
