/* SPDX-License-Identifier: MIT */
/* pool_backing.h -- a pool file on disk and its image in memory: who sees what when. Not installed.
 *
 * A reader takes the locks only to read the file again, when its status has changed. A writer holds
 * them between begin and end:
 *
 *	begin   nobody else writes; a change that a writer could not finish is made; the image is
 *	        up to date
 *	commit  what is touched in the image goes into the redo file, then into the pool file, then
 *	        the redo file is emptied
 *	end     others may write again; without a commit the image is read again at the next use
 */
#pragma once
#include <sys/stat.h>

#include "openkvp/pool_image.h"

struct pool_backing {
	char *folder, *path, *redo_path, *next_redo_path;
	int fd, redo_fd; /* redo_fd: between begin and end */
	bool read_only;
	bool written, created; /* and not yet put on disk */
	bool trusted;          /* image is the file as long as its status is what was seen */
	struct stat seen;
	uint64_t loads; /* how often the file was read */
	struct pool_image image;
};

/* As okvp_pool_file_open() and _close(), in memory of the caller. After a failure there is nothing
 * to close. */
bool pool_backing_open(struct pool_backing *backing, const char *folder, enum okvp_pool pool,
		       bool read_only, struct okvp_error *err);
void pool_backing_close(struct pool_backing *backing);

/* Brings the image up to date for a reader. */
bool pool_backing_refresh(struct pool_backing *backing, struct okvp_error *err);

bool pool_backing_begin(struct pool_backing *backing, struct okvp_error *err);

/* Between begin and commit: takes the file from all but its owner. */
bool pool_backing_make_private(struct pool_backing *backing, struct okvp_error *err);

bool pool_backing_commit(struct pool_backing *backing, struct okvp_error *err);
void pool_backing_end(struct pool_backing *backing);

/* Puts what was written on disk. */
bool pool_backing_sync(struct pool_backing *backing, struct okvp_error *err);
