/* SPDX-License-Identifier: MIT */
/* temp_folder.h -- a folder for one test, and files in it. */
#pragma once
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int temp_folder_remove_entry(const char *path, const struct stat *st, int type,
					   struct FTW *ftw)
{
	return remove(path);
}

/* Makes a folder; the text is the caller's until temp_folder_remove(). */
static inline char *temp_folder_create(void)
{
	const char *parent = getenv("TMPDIR");
	char *path = NULL;

	if (asprintf(&path, "%s/openkvp-test.XXXXXX", parent ? parent : "/tmp") < 0 ||
	    !mkdtemp(path))
		abort();
	return path;
}

static inline void temp_folder_remove(char *path)
{
	nftw(path, temp_folder_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
}

/* The path of a file in a folder, valid to the end of the caller's block. */
#define TEMP_FOLDER_PATH_SIZE 512
#define temp_folder_file(folder, name) \
	temp_folder_join((char[TEMP_FOLDER_PATH_SIZE]){ "" }, (folder), (name))

static inline const char *temp_folder_join(char *path, const char *folder, const char *name)
{
	snprintf(path, TEMP_FOLDER_PATH_SIZE, "%s/%s", folder, name);
	return path;
}

static inline void temp_folder_write(const char *folder, const char *name, const void *bytes,
				     size_t size)
{
	int fd = open(temp_folder_file(folder, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* The size of a file, and its beginning in bytes. */
static inline size_t temp_folder_read(const char *folder, const char *name, void *bytes,
				      size_t room)
{
	int fd = open(temp_folder_file(folder, name), O_RDONLY);
	ssize_t size;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		abort();
	size = read(fd, bytes, room);
	close(fd);
	return size < 0 ? 0 : (size_t)st.st_size;
}
