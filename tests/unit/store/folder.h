/* SPDX-License-Identifier: MIT */
/* folder.h -- a folder for a test's files, gone afterwards. */
#pragma once
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

/* The caller frees it, with folder_remove(). */
static inline char *folder_make(void)
{
	const char *parent = getenv("TMPDIR");
	char *folder = xprintf("%s/openkvp-test-XXXXXX", parent ? parent : "/tmp");

	if (!mkdtemp(folder))
		abort();
	return folder;
}

static inline int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline void folder_remove(char **folder)
{
	if (*folder)
		nftw(*folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	xfree_text(folder);
}
