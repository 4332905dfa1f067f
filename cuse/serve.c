/* SPDX-License-Identifier: MIT */
/* serve.c -- poll(2) over signals, device and host. */
#include "cuse/serve.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "cuse/device.h"
#include "cuse/host_link.h"
#include "openkvp/scoped.h"

enum { SIGNAL, DEVICE, HOST, END_COUNT };

struct service {
	int signal_fd;
	bool stopped;
	struct bridge *bridge;
	struct device *device;
	struct host_link *host;
	enum bridge_state state; /* that was told last */
};

static void close_service(struct service *service)
{
	device_free(&service->device);
	host_link_free(&service->host);
	bridge_free(&service->bridge);
	if (service->signal_fd >= 0)
		close(service->signal_fd);
}

static bool open_service(struct service *service, int device_fd, const char *connect,
			 struct okvp_error *err)
{
	service->bridge = bridge_create();
	if (!service->bridge)
		return okvp_fail(err, OKVP_NO_MEMORY, "no memory for a bridge");
	if (service->signal_fd < 0)
		return okvp_fail_errno(err, errno, "signals");
	return host_link_create(connect, bridge_session(service->bridge), &service->host, err) &&
	       device_create(device_fd, service->bridge, &service->device, err);
}

/* Tells of a daemon that comes and goes. */
static void follow_state(struct service *service)
{
	enum bridge_state state = bridge_state(service->bridge);

	if (state == service->state)
		return;
	if (state == BRIDGE_READY)
		log_info("daemon", "it has registered");
	else if (state == BRIDGE_NO_DAEMON)
		log_info("daemon", "it has gone; the host waits for another one");
	service->state = state;
}

/* The earlier of two times to wait, of which -1 is none. */
static int earlier(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int time_to_wait(const struct service *service)
{
	return earlier(bridge_time_left(service->bridge, clock_monotonic_ms()),
		       host_link_time_left(service->host));
}

/* Moves on what can be moved without waiting. */
static void advance(struct service *service)
{
	do {
		bridge_advance(service->bridge, clock_monotonic_ms());
	} while (device_push(service->device));
	host_link_write(service->host);
}

/* One turn of the loop; false when the device is gone. */
static bool take_turn(struct service *service, struct okvp_error *err)
{
	struct pollfd polls[END_COUNT] = {
		[SIGNAL] = { .fd = service->signal_fd, .events = POLLIN },
		[DEVICE] = device_poll(service->device),
		[HOST] = host_link_poll(service->host),
	};

	if (poll(polls, END_COUNT, time_to_wait(service)) < 0)
		return errno == EINTR || okvp_fail_errno(err, errno, "poll");
	service->stopped = polls[SIGNAL].revents != 0;
	if (!device_turn(service->device, polls[DEVICE].revents, err))
		return false;
	host_link_turn(service->host, polls[HOST].revents);
	advance(service);
	follow_state(service);
	return true;
}

bool serve(int device_fd, const char *connect, struct okvp_error *err)
{
	scoped(close_service) struct service service = { .signal_fd = signals_open() };

	if (!open_service(&service, device_fd, connect, err))
		return false;
	log_info("", "the host is at %s", host_link_name(service.host));
	while (!service.stopped)
		if (!take_turn(&service, err))
			return false;
	return true;
}
