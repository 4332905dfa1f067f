/* SPDX-License-Identifier: MIT */
/* pool_backing.c -- opens, locks, reads and writes a pool file, and notices who else did. */
#include "openkvp/pool_backing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "openkvp/pool_bytes.h"
#include "openkvp/pool_lock.h"
#include "openkvp/pool_redo.h"
#include "openkvp/scoped.h"

#define FOLDER_MODE 0755
#define FILE_MODE   0644
#define PRIVATE     0077 /* rights that a private file does not give */
#define REOPENS_MAX 16

/* How coarsely a file system stamps what is written: two writes within this time may have the same
 * stamp. A stamp without nanoseconds comes from one that has none. */
#define COARSE_NS      20000000LL
#define VERY_COARSE_NS 2000000000LL
#define SECOND_NS      1000000000LL

static int64_t stamp_ns(const struct timespec *time)
{
	return (int64_t)time->tv_sec * SECOND_NS + time->tv_nsec;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return stamp_ns(&now);
}

/* Whether a write that comes after this moment would change the stamp. */
static bool is_telling(const struct timespec *mtime, int64_t now)
{
	int64_t age = now - stamp_ns(mtime);

	return llabs(age) > (mtime->tv_nsec == 0 ? VERY_COARSE_NS : COARSE_NS);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_current(const struct pool_backing *backing)
{
	struct stat st;

	return backing->trusted && stat(backing->path, &st) == 0 &&
	       same_file(&st, &backing->seen) && st.st_size == backing->seen.st_size &&
	       stamp_ns(&st.st_mtim) == stamp_ns(&backing->seen.st_mtim);
}

static void close_descriptor(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Makes the file, with its mode whatever the umask is: other programs of the guest read it. */
static int make_file(struct pool_backing *backing)
{
	int fd;

	if (mkdir(backing->folder, FOLDER_MODE) == 0)
		chmod(backing->folder, FOLDER_MODE);
	fd = open(backing->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd >= 0) {
		fchmod(fd, FILE_MODE);
		backing->written = backing->created = true;
	}
	return fd;
}

static bool open_file(struct pool_backing *backing, struct okvp_error *err)
{
	int fd = open(backing->path, (backing->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && !backing->read_only) {
		fd = make_file(backing);
		if (fd < 0 && errno == EEXIST)
			fd = open(backing->path, O_RDWR | O_CLOEXEC);
	}
	if (fd < 0)
		return okvp_fail_errno(err, errno, "open");
	close_descriptor(&backing->fd);
	backing->fd = fd;
	backing->trusted = false;
	return true;
}

static bool make_names(struct pool_backing *backing, const char *folder, enum okvp_pool pool)
{
	if (asprintf(&backing->path, "%s/.kvp_pool_%d", folder, (int)pool) < 0)
		backing->path = NULL;
	if (backing->path && asprintf(&backing->redo_path, "%s.redo", backing->path) < 0)
		backing->redo_path = NULL;
	if (backing->path && asprintf(&backing->next_redo_path, "%s.redo.new", backing->path) < 0)
		backing->next_redo_path = NULL;
	backing->folder = strdup(folder);
	return backing->path && backing->redo_path && backing->next_redo_path && backing->folder;
}

bool pool_backing_open(struct pool_backing *backing, const char *folder, enum okvp_pool pool,
		       bool read_only, struct okvp_error *err)
{
	*backing = (struct pool_backing){ .fd = -1, .redo_fd = -1, .read_only = read_only };
	if (!make_names(backing, folder, pool))
		okvp_fail(err, OKVP_NO_MEMORY, "no memory for a pool file");
	else if (open_file(backing, err))
		return true;
	else
		okvp_fail_in(err, "'%s'", backing->path);
	pool_backing_close(backing);
	return false;
}

void pool_backing_close(struct pool_backing *backing)
{
	close_descriptor(&backing->fd);
	pool_image_done(&backing->image);
	free(backing->folder);
	free(backing->path);
	free(backing->redo_path);
	free(backing->next_redo_path);
}

/* Locks the file that has the name now: somebody may have put another one in its place. */
static bool lock_file(struct pool_backing *backing, bool exclusive, struct okvp_error *err)
{
	for (int i = 0; i < REOPENS_MAX; i++) {
		struct stat named, opened;

		if (!pool_lock(backing->fd, exclusive, err))
			return false;
		if (fstat(backing->fd, &opened) == 0 && stat(backing->path, &named) == 0 &&
		    same_file(&named, &opened))
			return true;
		pool_unlock(backing->fd);
		if (!open_file(backing, err))
			return false;
	}
	return okvp_fail(err, OKVP_CONFLICT, "other files take its place again and again");
}

/* Puts another redo into the place of the one that is there: at no time there is none. */
static bool replace_redo(struct pool_backing *backing, const struct pool_redo *redo,
			 struct okvp_error *err)
{
	int fd = open(backing->next_redo_path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		      0600);

	if (fd < 0)
		return okvp_fail_errno(err, errno, "redo file");
	close_descriptor(&backing->redo_fd);
	backing->redo_fd = fd;
	if (!pool_redo_save(redo, fd, backing->seen.st_mode, err))
		return false;
	return rename(backing->next_redo_path, backing->redo_path) == 0 ||
	       okvp_fail_errno(err, errno, "redo file");
}

/* Writes a change to the end which was begun before others appended. They may stand at another
 * place then, so that the first redo does not fit what is half moved: all of it is a change of its
 * own. */
static bool write_moved(struct pool_backing *backing, const struct pool_redo *redo, size_t reached,
			uint64_t new_size, struct okvp_error *err)
{
	uint64_t from = reached < redo->new_size ? reached : redo->new_size;
	scoped(pool_redo_done) struct pool_redo moved = { 0 };

	if (redo->extent_count > 0 && redo->extent[0].offset < from)
		from = redo->extent[0].offset;
	return pool_redo_make_from(from - from % OKVP_RECORD_SIZE, backing->image.records, new_size,
				   backing->fd, (uint64_t)backing->seen.st_size, &moved, err) &&
	       replace_redo(backing, &moved, err) && pool_redo_write(&moved, backing->fd, err);
}

/* Makes a change that a writer could not finish, in memory and, if the lock is exclusive, in the
 * file. */
static bool make_again(struct pool_backing *backing, const struct pool_redo *redo, bool exclusive,
		       size_t *size, struct okvp_error *err)
{
	uint8_t *records = backing->image.records;
	size_t reached, was = *size;

	if (!pool_redo_fits(redo, records, was, &reached))
		return true;
	*size = pool_redo_overlay(redo, records, was, reached);
	if (!exclusive)
		return true;
	backing->written = true;
	return reached == was ? pool_redo_write(redo, backing->fd, err)
			      : write_moved(backing, redo, reached, *size, err);
}

/* Takes up a change that a writer could not finish. A reader sees it in memory only. */
static bool replay(struct pool_backing *backing, int redo_fd, bool exclusive, size_t *size,
		   struct okvp_error *err)
{
	scoped(pool_redo_done) struct pool_redo redo = { 0 };

	if (!pool_redo_load(redo_fd, &redo, err))
		return false;
	if (redo.bytes) {
		size_t records = (redo.new_size + *size) / OKVP_RECORD_SIZE + 2;

		if (!pool_image_reserve(&backing->image, records, err) ||
		    !make_again(backing, &redo, exclusive, size, err))
			return false;
	}
	return !exclusive || pool_redo_clear(backing->redo_fd, err);
}

/* Reads the file, which is locked. */
static bool load(struct pool_backing *backing, int redo_fd, bool exclusive, struct okvp_error *err)
{
	struct pool_image *image = &backing->image;
	int64_t now = now_ns();
	size_t size;

	backing->trusted = false;
	backing->loads++;
	if (fstat(backing->fd, &backing->seen) < 0)
		return okvp_fail_errno(err, errno, "status");
	size = (size_t)backing->seen.st_size;
	if (size / OKVP_RECORD_SIZE > OKVP_POOL_FILE_RECORDS_MAX)
		return okvp_fail(err, OKVP_LIMIT, "it has more than %d records",
				 OKVP_POOL_FILE_RECORDS_MAX);
	if (!pool_image_reserve(image, size / OKVP_RECORD_SIZE + 1, err) ||
	    !pool_bytes_read(backing->fd, image->records, size, 0, &size, err) ||
	    (redo_fd >= 0 && !replay(backing, redo_fd, exclusive, &size, err)) ||
	    !pool_image_index(image, size / OKVP_RECORD_SIZE, err))
		return false;
	backing->trusted = is_telling(&backing->seen.st_mtim, now);
	return true;
}

static bool load_for_reader(struct pool_backing *backing, struct okvp_error *err)
{
	scoped(close_descriptor) int redo_fd =
		open(backing->redo_path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (redo_fd < 0 && errno != ENOENT)
		return okvp_fail_errno(err, errno, "redo file");
	return load(backing, redo_fd, false, err);
}

bool pool_backing_refresh(struct pool_backing *backing, struct okvp_error *err)
{
	bool ok;

	if (is_current(backing))
		return true;
	if (!lock_file(backing, false, err))
		return okvp_fail_in(err, "'%s'", backing->path);
	ok = load_for_reader(backing, err);
	pool_unlock(backing->fd);
	return ok || okvp_fail_in(err, "'%s'", backing->path);
}

static bool open_redo(struct pool_backing *backing, struct okvp_error *err)
{
	backing->redo_fd =
		open(backing->redo_path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return backing->redo_fd >= 0 || okvp_fail_errno(err, errno, "redo file");
}

static bool is_empty(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == 0;
}

static bool prepare_to_write(struct pool_backing *backing, struct okvp_error *err)
{
	if (!open_redo(backing, err))
		return false;
	if (is_empty(backing->redo_fd) && is_current(backing))
		return true;
	return load(backing, backing->redo_fd, true, err);
}

bool pool_backing_begin(struct pool_backing *backing, struct okvp_error *err)
{
	if (backing->read_only)
		return okvp_fail(err, OKVP_DENIED, "'%s' is opened for reading only",
				 backing->path);
	if (!lock_file(backing, true, err))
		return okvp_fail_in(err, "'%s'", backing->path);
	if (prepare_to_write(backing, err))
		return true;
	pool_backing_end(backing);
	return okvp_fail_in(err, "'%s'", backing->path);
}

bool pool_backing_make_private(struct pool_backing *backing, struct okvp_error *err)
{
	struct stat st;

	if (fstat(backing->fd, &st) < 0)
		return okvp_fail_errno(err, errno, "'%s': status", backing->path);
	if ((st.st_mode & PRIVATE) == 0)
		return true;
	if (fchmod(backing->fd, st.st_mode & 0777 & ~(mode_t)PRIVATE) < 0)
		return okvp_fail_errno(err, errno, "'%s' cannot be taken from others",
				       backing->path);
	return true;
}

/* Gives what was just written a stamp of its own, finer than the kernel's, so that whatever another
 * program writes next is noticed however soon it comes. Without the right to do that the image is
 * read again until the kernel's stamp is old enough. */
static void stamp(struct pool_backing *backing)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT } };

	clock_gettime(CLOCK_REALTIME, &times[1]);
	backing->trusted = futimens(backing->fd, times) == 0 &&
			   fstat(backing->fd, &backing->seen) == 0 &&
			   stamp_ns(&backing->seen.st_mtim) == stamp_ns(&times[1]);
}

static bool write_change(struct pool_backing *backing, struct okvp_error *err)
{
	scoped(pool_redo_done) struct pool_redo redo = { 0 };
	struct stat st;

	if (fstat(backing->fd, &st) < 0)
		return okvp_fail_errno(err, errno, "status");
	if (!pool_redo_make(&backing->image, backing->fd, (uint64_t)st.st_size, &redo, err) ||
	    !pool_redo_save(&redo, backing->redo_fd, st.st_mode, err))
		return false;
	backing->written = true;
	if (!pool_redo_write(&redo, backing->fd, err)) {
		/* A full disk: what was there before has its room. If even that cannot be
		 * written, the redo file stays, and the change is made as soon as it can. */
		if (pool_redo_write_back(&redo, backing->fd, NULL))
			pool_redo_clear(backing->redo_fd, NULL);
		return false;
	}
	/* One that cannot be emptied is replayed, which changes nothing. */
	pool_redo_clear(backing->redo_fd, NULL);
	return true;
}

bool pool_backing_commit(struct pool_backing *backing, struct okvp_error *err)
{
	if (!backing->image.changed)
		return true;
	if (!write_change(backing, err))
		return okvp_fail_in(err, "'%s'", backing->path);
	pool_image_clean(&backing->image);
	stamp(backing);
	return true;
}

void pool_backing_end(struct pool_backing *backing)
{
	if (backing->image.changed)
		backing->trusted = false;
	close_descriptor(&backing->redo_fd);
	pool_unlock(backing->fd);
}

static bool sync_path(const char *path, int flags)
{
	scoped(close_descriptor) int fd = open(path, flags | O_CLOEXEC);

	return fd < 0 ? errno == ENOENT : fsync(fd) == 0;
}

/* The redo file is part of it: one that came back full after a loss of power could be taken for a
 * change that is still to be made. */
bool pool_backing_sync(struct pool_backing *backing, struct okvp_error *err)
{
	if (!backing->written)
		return true;
	if (fdatasync(backing->fd) < 0 || !sync_path(backing->redo_path, O_RDONLY) ||
	    (backing->created && !sync_path(backing->folder, O_RDONLY | O_DIRECTORY)))
		return okvp_fail_errno(err, errno, "'%s'", backing->path);
	backing->written = backing->created = false;
	return true;
}
