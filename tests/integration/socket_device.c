/* SPDX-License-Identifier: MIT */
/* socket_device.c -- cuse/device for kvp-bridge: the daemon (behind hv_kvp_shim) connects to a
 * SOCK_SEQPACKET socket instead of opening a device. */
#include "cuse/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

struct device {
	struct bridge *bridge;
	int listener, daemon; /* daemon: -1 for none */
};

bool device_create(int fd, struct bridge *bridge, struct device **ret_device,
		   struct okvp_error *err)
{
	struct device *device = xcalloc(1, sizeof(*device));

	device->bridge = bridge;
	device->listener = fd;
	device->daemon = -1;
	*ret_device = device;
	return true;
}

static void close_daemon(struct device *device)
{
	close(device->daemon);
	device->daemon = -1;
	bridge_daemon_closed(device->bridge);
}

void device_free(struct device **device)
{
	struct device *old = *device;

	*device = NULL;
	if (!old)
		return;
	if (old->daemon >= 0)
		close(old->daemon);
	close(old->listener);
	free(old);
}

/* One daemon at a time, as the device has it: a second one waits. */
struct pollfd device_poll(const struct device *device)
{
	short events = bridge_to_daemon(device->bridge) ? POLLIN | POLLOUT : POLLIN;

	if (device->daemon < 0)
		return (struct pollfd){ .fd = device->listener, .events = POLLIN };
	return (struct pollfd){ .fd = device->daemon, .events = events };
}

static void accept_daemon(struct device *device)
{
	device->daemon = accept4(device->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (device->daemon >= 0)
		bridge_daemon_opened(device->bridge);
}

static bool try_again(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static void read_daemon(struct device *device)
{
	uint8_t message[OKVP_HV_MESSAGE_SIZE];
	ssize_t size = recv(device->daemon, message, sizeof(message), 0);

	if (size < 0 && try_again())
		return;
	if (size != sizeof(message) || !bridge_daemon_wrote(device->bridge, message))
		close_daemon(device);
}

bool device_turn(struct device *device, short reported, struct okvp_error *err)
{
	if (reported && device->daemon < 0)
		accept_daemon(device);
	else if (reported & ~POLLOUT)
		read_daemon(device);
	return true;
}

bool device_push(struct device *device)
{
	const uint8_t *message = bridge_to_daemon(device->bridge);

	if (device->daemon < 0 || !message)
		return false;
	if (send(device->daemon, message, OKVP_HV_MESSAGE_SIZE, MSG_NOSIGNAL) > 0) {
		bridge_daemon_read(device->bridge);
		return true;
	}
	if (!try_again())
		close_daemon(device);
	return false;
}
