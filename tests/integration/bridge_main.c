/* SPDX-License-Identifier: MIT */
/* bridge_main.c -- kvp-bridge: a host on a unix socket, and the stock daemon (behind hv_kvp_shim)
 * on another. Prints a line when the daemon may come. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cuse/bridge_loop.h"

#define RETRY_MS 50

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int unix_socket(const char *path, int type,
		       int (*use)(int fd, const struct sockaddr *address, socklen_t size))
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && use(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static void run(struct bridge *bridge, struct bridge_ends *ends, const char *host_path)
{
	enum bridge_loop_end end = BRIDGE_HOST_LOST;

	while (end == BRIDGE_HOST_LOST) {
		struct pollfd stop = { .fd = ends->signal, .events = POLLIN };

		ends->host = unix_socket(host_path, SOCK_STREAM, connect);
		if (ends->host >= 0) {
			end = bridge_run(bridge, ends);
			close(ends->host);
			okvp_guest_session_reset(bridge_session(bridge));
		}
		if (end == BRIDGE_HOST_LOST && poll(&stop, 1, RETRY_MS) > 0)
			end = BRIDGE_STOPPED;
	}
}

int main(int argc, char *argv[])
{
	struct bridge_ends ends = { .host = -1, .daemon = -1 };
	struct bridge *bridge = bridge_create();

	if (argc != 5 || strcmp(argv[1], "--connect") != 0 || strncmp(argv[2], "unix:", 5) != 0 ||
	    strcmp(argv[3], "--device-socket") != 0) {
		fputs("usage: kvp-bridge --connect unix:PATH --device-socket PATH\n", stderr);
		return 2;
	}
	ends.signal = open_signals();
	unlink(argv[4]);
	ends.listener = unix_socket(argv[4], SOCK_SEQPACKET, bind);
	if (!bridge || ends.listener < 0 || listen(ends.listener, 1) < 0) {
		fprintf(stderr, "kvp-bridge: %s: %s\n", argv[4], strerror(errno));
		return 1;
	}
	puts("listening");
	fflush(stdout);
	run(bridge, &ends, argv[2] + 5);
	close(ends.listener);
	if (ends.daemon >= 0)
		close(ends.daemon);
	bridge_free(&bridge);
	return 0;
}
