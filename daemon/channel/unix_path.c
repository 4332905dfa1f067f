/* SPDX-License-Identifier: MIT */
/* unix_path.c -- connecting to a unix socket, and listening at one. */
#include "channel/unix_path.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG     8
#define SOCKET_MODE 0660

bool unix_path_check(const char *path, size_t more, struct okvp_error *err)
{
	size_t length = strlen(path);

	if (path[0] != '/' || path[length - 1] == '/')
		return okvp_fail(err, OKVP_INVALID,
				 "channel '%s': an absolute path of a socket is needed", path);
	if (length + more >= UNIX_PATH_SIZE)
		return okvp_fail(err, OKVP_TOO_LONG, "channel '%s': the path has at most %zu bytes",
				 path, UNIX_PATH_SIZE - 1 - more);
	return true;
}

static int make_socket(const char *path, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strncpy(ret_address->sun_path, path, UNIX_PATH_SIZE - 1);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* Closes a socket that came to nothing. */
static int give_up(int fd)
{
	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

/* To connect to a file of another kind is refused, or denied, as to a socket; and its name is in
 * use. */
static int give_up_at(const char *path, int fd)
{
	int error = errno;
	struct stat found;

	errno = stat(path, &found) == 0 && !S_ISSOCK(found.st_mode) ? ENOTSOCK : error;
	return give_up(fd);
}

int unix_path_connect(const char *path)
{
	struct sockaddr_un address;
	int fd = make_socket(path, &address);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	return give_up_at(path, fd);
}

static void remove_stale(const char *path)
{
	struct stat found;
	int fd;

	if (lstat(path, &found) < 0 || !S_ISSOCK(found.st_mode))
		return;
	fd = unix_path_connect(path);
	if (fd >= 0)
		close(fd);
	else if (errno == ECONNREFUSED)
		unlink(path);
}

/* Opens a socket that is bound for those who may connect. */
static bool admit(int fd, const char *path, int group)
{
	return chmod(path, SOCKET_MODE) == 0 &&
	       (group < 0 || chown(path, (uid_t)-1, (gid_t)group) == 0) && listen(fd, BACKLOG) == 0;
}

int unix_path_listen(const char *path, int group)
{
	struct sockaddr_un address;
	int fd = make_socket(path, &address), error;

	if (fd < 0)
		return -1;
	remove_stale(path);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return give_up_at(path, fd);
	if (admit(fd, path, group))
		return fd;
	error = errno;
	unlink(path);
	errno = error;
	return give_up(fd);
}

const char *unix_path_reason(int error)
{
	return error == ENOTSOCK ? "the file there is no socket" : strerror(error);
}
