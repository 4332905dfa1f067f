/* SPDX-License-Identifier: MIT */
/* bridge_main.c -- kvp-bridge: openkvp-cuse with a socket in the place of its device. Prints a
 * line when the daemon may come. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cuse/serve.h"

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	unlink(path);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    listen(fd, 1) == 0)
		return fd;
	return -1;
}

int main(int argc, char *argv[])
{
	struct okvp_error err;
	int fd;

	if (argc != 5 || strcmp(argv[1], "--connect") != 0 ||
	    strcmp(argv[3], "--device-socket") != 0) {
		fputs("usage: kvp-bridge --connect WHERE --device-socket PATH\n", stderr);
		return 2;
	}
	fd = listen_at(argv[4]);
	if (fd < 0) {
		fprintf(stderr, "kvp-bridge: %s: %s\n", argv[4], strerror(errno));
		return 1;
	}
	puts("listening");
	fflush(stdout);
	if (serve(fd, argv[2], &err))
		return 0;
	fprintf(stderr, "kvp-bridge: %s\n", err.message);
	return 1;
}
