/* SPDX-License-Identifier: MIT */
/* serve.c -- connect, serve, wait a little longer each time, and again. */
#include "agent/serve.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "agent/pools.h"
#include "agent/session.h"
#include "base/attempts.h"
#include "base/connect.h"
#include "base/log.h"
#include "base/signals.h"
#include "openkvp/scoped.h"

struct service {
	struct connector *connector;
	struct pools *pools;
	int signal_fd;
	struct attempts attempts;
};

static void close_service(struct service *service)
{
	if (service->pools)
		pools_sync(service->pools);
	pools_close(&service->pools);
	connector_free(&service->connector);
	if (service->signal_fd >= 0)
		close(service->signal_fd);
}

/* Until it makes sense to try to connect: somebody waits at our socket, or the pause is over. False
 * when a signal came. */
static bool wait_for_host(const struct service *service)
{
	int listener = connector_listener(service->connector);
	struct pollfd polls[] = { { .fd = service->signal_fd, .events = POLLIN },
				  { .fd = listener, .events = POLLIN } };

	while (poll(polls, 2, listener >= 0 ? -1 : service->attempts.pause_ms) < 0)
		if (errno != EINTR)
			return false;
	return polls[0].revents == 0;
}

/* Serves one connection; false when a signal ended it. */
static bool serve_connection(struct service *service, int fd)
{
	struct session_result result = session_run(fd, service->signal_fd, service->pools);

	close(fd);
	pools_sync(service->pools);
	if (result.end == SESSION_STOPPED)
		return false;
	okvp_fail_in(&result.why, "%s", connector_name(service->connector));
	attempts_ended(&service->attempts, result.contact_ms, &result.why);
	return true;
}

bool serve(const char *folder, const char *connect, struct okvp_error *err)
{
	scoped(close_service) struct service service = { .signal_fd = signals_open() };
	bool going = true;

	if (service.signal_fd < 0)
		return okvp_fail_errno(err, errno, "signals");
	if (!pools_open(folder, &service.pools, err) ||
	    !connector_create(connect, &service.connector, err))
		return false;
	log_info("", "serving %s over %s", folder, connector_name(service.connector));
	while (going && wait_for_host(&service)) {
		struct okvp_error why;
		int fd;

		if (connector_open(service.connector, &fd, &why))
			going = serve_connection(&service, fd);
		else
			attempts_ended(&service.attempts, 0, &why);
	}
	return true;
}
