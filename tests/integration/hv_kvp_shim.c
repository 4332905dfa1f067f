/* SPDX-License-Identifier: MIT */
/* hv_kvp_shim.c -- for LD_PRELOAD: a program that opens /dev/vmbus/hv_kvp gets a connection to the
 * SOCK_SEQPACKET socket named by KVP_DEVICE_SOCKET. So the stock daemon runs without its driver. */
#undef _FILE_OFFSET_BITS /* it would make this open64(), which the daemon does not call */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DEVICE "/dev/vmbus/hv_kvp"

static int connect_device(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("KVP_DEVICE_SOCKET");
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path ? path : "");
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		errno = ENODEV;
		return -1;
	}
	return fd;
}

int open(const char *path, int flags, ...)
{
	int (*real_open)(const char *, int, ...) =
		(int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
	mode_t mode = 0;
	va_list args;

	if (strcmp(path, DEVICE) == 0)
		return connect_device();
	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return real_open(path, flags, mode);
}
