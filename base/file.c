/* SPDX-License-Identifier: MIT */
/* file.c -- reading and writing whole files. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

#define STEP 65536

bool file_read_stream(FILE *in, const char *name, size_t most, struct text *ret_text,
		      struct okvp_error *err)
{
	size_t got;

	do {
		text_reserve(ret_text, STEP);
		got = fread(ret_text->bytes + ret_text->length, 1, STEP, in);
		ret_text->length += got;
	} while (got > 0 && ret_text->length <= most);
	ret_text->bytes[ret_text->length] = '\0';
	if (ferror(in))
		return okvp_fail_errno(err, errno, "%s cannot be read", name);
	if (ret_text->length > most)
		return okvp_fail(err, OKVP_TOO_LONG, "%s has more than %zu bytes", name, most);
	return true;
}

bool file_read(const char *path, size_t most, struct text *ret_text, struct okvp_error *err)
{
	FILE *in = fopen(path, "re");
	bool ok;

	if (!in)
		return okvp_fail_errno(err, errno, "%s", path);
	ok = file_read_stream(in, path, most, ret_text, err);
	fclose(in);
	return ok;
}

static void close_descriptor(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

static bool write_through(const char *path, const void *bytes, size_t size, struct okvp_error *err)
{
	scoped(close_descriptor) int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || !write_all(fd, bytes, size))
		return okvp_fail_errno(err, errno, "%s", path);
	return true;
}

/* The new file under another name: from its first moment it is its owner's alone. */
static bool write_aside(int fd, const struct stat *before, const void *bytes, size_t size)
{
	return write_all(fd, bytes, size) && (!before || fchmod(fd, before->st_mode & 0777) == 0) &&
	       fsync(fd) == 0;
}

bool file_write(const char *path, const void *bytes, size_t size, struct okvp_error *err)
{
	scoped(xfree_text) char *aside = xprintf("%s.XXXXXX", path);
	struct stat before;
	bool there = lstat(path, &before) == 0, ok;
	int fd, why;

	if (there && !S_ISREG(before.st_mode))
		return write_through(path, bytes, size, err);
	fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0)
		return okvp_fail_errno(err, errno, "%s", path);
	ok = write_aside(fd, there ? &before : NULL, bytes, size);
	ok = close(fd) == 0 && ok && rename(aside, path) == 0;
	why = errno;
	if (ok)
		return true;
	unlink(aside);
	return okvp_fail_errno(err, why, "%s", path);
}
