/* SPDX-License-Identifier: MIT */
/* unix_path.h -- for transports: unix stream sockets by their path. */
#pragma once
#include <sys/un.h>

#include "openkvp/error.h"

#define UNIX_PATH_SIZE sizeof(((struct sockaddr_un *)0)->sun_path)

/* Whether a path is absolute, and short enough for a socket when `more` bytes are put behind it. */
bool unix_path_check(const char *path, size_t more, struct okvp_error *err);

/* A connected socket that does not block, or -1 and errno; ENOTSOCK when the file is none. */
int unix_path_connect(const char *path);

/* A listening one, for this process's group or another (-1: the process's). A socket that is there,
 * and at which nobody listens any more, is replaced; a live one, EADDRINUSE, or another kind of
 * file, ENOTSOCK, stays. */
int unix_path_listen(const char *path, int group);

/* What an errno of the two says, for people. */
const char *unix_path_reason(int error);
