/* SPDX-License-Identifier: MIT */
/* serve.c -- connect, serve, wait a little longer each time, and again. */
#include "agent/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent/connect.h"
#include "agent/pools.h"
#include "agent/session.h"
#include "base/log.h"
#include "openkvp/scoped.h"

#define FIRST_PAUSE_MS 100
#define LAST_PAUSE_MS  5000
#define CONTACT_MS     10000 /* after so much of it the pauses begin anew */

struct service {
	struct connector *connector;
	struct pools *pools;
	int signal_fd;
	int pause_ms;           /* 0: at once */
	struct okvp_error told; /* the trouble that was logged last */
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

/* Turns the signals that end the agent into something that poll(2) sees. A host that goes while we
 * write to it is no reason to end. */
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

/* Says what is wrong, once for as long as it does not change. */
static void tell(struct service *service, const struct okvp_error *err)
{
	if (strcmp(err->message, service->told.message) == 0)
		return;
	log_warning("", "%s", err->message);
	service->told = *err;
}

/* Until it makes sense to try to connect: somebody waits at our socket, or the pause is over. False
 * when a signal came. */
static bool wait_for_host(const struct service *service)
{
	int listener = connector_listener(service->connector);
	struct pollfd polls[] = { { .fd = service->signal_fd, .events = POLLIN },
				  { .fd = listener, .events = POLLIN } };

	while (poll(polls, 2, listener >= 0 ? -1 : service->pause_ms) < 0)
		if (errno != EINTR)
			return false;
	return polls[0].revents == 0;
}

static void lengthen_pause(struct service *service)
{
	service->pause_ms = service->pause_ms == 0 ? FIRST_PAUSE_MS : 2 * service->pause_ms;
	if (service->pause_ms > LAST_PAUSE_MS)
		service->pause_ms = LAST_PAUSE_MS;
}

/* Serves one connection; false when a signal ended it. */
static bool serve_connection(struct service *service, int fd)
{
	struct session_result result = session_run(fd, service->signal_fd, service->pools);

	close(fd);
	pools_sync(service->pools);
	if (result.contact_ms > 0)
		service->told.message[0] = '\0';
	if (result.contact_ms >= CONTACT_MS)
		service->pause_ms = 0;
	if (result.end == SESSION_STOPPED)
		return false;
	okvp_fail_in(&result.why, "%s", connector_name(service->connector));
	tell(service, &result.why);
	return true;
}

bool serve(const char *folder, const char *connect, struct okvp_error *err)
{
	scoped(close_service) struct service service = { .signal_fd = open_signals() };
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
			tell(&service, &why);
		lengthen_pause(&service);
	}
	return true;
}
