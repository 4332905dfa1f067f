/* SPDX-License-Identifier: MIT */
/* vsock.c -- addresses and sockets of AF_VSOCK. */
#include "base/vsock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#define DEVICE           "/dev/vsock" /* there when the driver is */
#define PRIVILEGED_FIRST 512
#define PRIVILEGED_LAST  1023
#define CONNECT_MS       2000

bool vsock_exists(void)
{
	return access(DEVICE, F_OK) == 0;
}

/* Reads ":NUMBER" and moves on. */
static bool read_number(const char **text, uint32_t *ret_number)
{
	unsigned long number;
	char *end;

	if ((*text)[0] != ':' || (*text)[1] < '0' || (*text)[1] > '9')
		return false;
	errno = 0;
	number = strtoul(*text + 1, &end, 10);
	*ret_number = (uint32_t)number;
	*text = end;
	return errno == 0 && number < VMADDR_PORT_ANY;
}

bool vsock_read_port(const char *text, uint32_t *ret_port)
{
	*ret_port = VSOCK_PORT;
	return *text == '\0' || (read_number(&text, ret_port) && *text == '\0');
}

bool vsock_read_place(const char *text, struct vsock_place *ret_place)
{
	*ret_place = (struct vsock_place){ VSOCK_HOST, VSOCK_PORT };
	return *text == '\0' ||
	       (read_number(&text, &ret_place->cid) && vsock_read_port(text, &ret_place->port));
}

static int make_socket(void)
{
	return socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static bool bind_to(int fd, uint32_t port)
{
	const struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port,
	};

	return bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool bind_privileged(int fd, struct okvp_error *err)
{
	for (uint32_t port = PRIVILEGED_LAST; port >= PRIVILEGED_FIRST; port--) {
		if (bind_to(fd, port))
			return true;
		if (errno != EADDRINUSE)
			break;
	}
	return okvp_fail_errno(err, errno, "a port below 1024, which root may have");
}

static bool unavailable(int error, struct okvp_error *err)
{
	return okvp_fail(err, OKVP_UNAVAILABLE, "the host is not there: %s", strerror(error));
}

/* Waits for a connection that does not come at once. */
static bool await_connection(int fd, struct okvp_error *err)
{
	struct pollfd poll_it = { .fd = fd, .events = POLLOUT };
	int error = ETIMEDOUT;
	socklen_t size = sizeof(error);

	if (poll(&poll_it, 1, CONNECT_MS) == 1 &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
		return true;
	return unavailable(error, err);
}

static bool connect_from(int fd, const struct vsock_place *place, struct okvp_error *err)
{
	const struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = place->cid,
		.svm_port = place->port,
	};

	if (!bind_privileged(fd, err))
		return false;
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return true;
	return errno == EINPROGRESS ? await_connection(fd, err) : unavailable(errno, err);
}

bool vsock_connect(const struct vsock_place *place, int *ret_fd, struct okvp_error *err)
{
	int fd = make_socket();

	if (fd < 0)
		return okvp_fail_errno(err, errno, "vsock");
	if (!connect_from(fd, place, err)) {
		close(fd);
		return false;
	}
	*ret_fd = fd;
	return true;
}

bool vsock_listen(uint32_t port, int *ret_fd, struct okvp_error *err)
{
	int fd = make_socket();

	if (fd >= 0 && bind_to(fd, port) && listen(fd, 1) == 0) {
		*ret_fd = fd;
		return true;
	}
	okvp_fail_errno(err, errno, "listen");
	if (fd >= 0)
		close(fd);
	return false;
}

bool vsock_accept(int listener, int *ret_fd, struct okvp_error *err)
{
	struct sockaddr_vm peer = { 0 };
	socklen_t size = sizeof(peer);
	int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return unavailable(errno, err);
	if (peer.svm_cid != VMADDR_CID_HOST) {
		close(fd);
		return okvp_fail(err, OKVP_UNAVAILABLE, "CID %u has called, and is not the host",
				 peer.svm_cid);
	}
	*ret_fd = fd;
	return true;
}
