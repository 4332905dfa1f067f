/* SPDX-License-Identifier: MIT */
/* dialer.c -- try to connect, wait for the socket or for a while, try again. */
#include "channel/dialer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "channel/unix_path.h"
#include "openkvp/scoped.h"

#define PAUSE_FIRST_MS 100
#define PAUSE_MOST_MS  5000

struct dialer {
	struct channel_hub *hub;
	struct dialer_events events;
	char path[UNIX_PATH_SIZE];
	uv_timer_t timer;
	unsigned int pause_ms; /* before the next try */
	struct watch_wait wait;
};

static void try(struct dialer *dialer);

static bool is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

static void tell_fault(struct dialer *dialer, int error)
{
	char reason[256];

	if (error == 0 || is_missing(error) || error == ECONNREFUSED) {
		dialer->events.fault(dialer->events.context, NULL);
		return;
	}
	snprintf(reason, sizeof(reason), "%s: %s", dialer->path,
		 error == EAGAIN ? "others wait to be connected; another program uses it"
				 : unix_path_reason(error));
	dialer->events.fault(dialer->events.context, reason);
}

static void pause_over(uv_timer_t *timer)
{
	try(timer->data);
}

static void something_happened(void *context)
{
	struct dialer *dialer = context;

	dialer->pause_ms = PAUSE_FIRST_MS;
	try(dialer);
}

void dialer_look(struct dialer *dialer)
{
	if (dialer->wait.at)
		return; /* it waits for the socket already */
	uv_timer_start(&dialer->timer, pause_over, dialer->pause_ms, 0);
	dialer->pause_ms = dialer->pause_ms == 0 ? PAUSE_FIRST_MS : 2 * dialer->pause_ms;
	if (dialer->pause_ms > PAUSE_MOST_MS)
		dialer->pause_ms = PAUSE_MOST_MS;
}

static void try(struct dialer *dialer)
{
	int fd = unix_path_connect(dialer->path), error = fd < 0 ? errno : 0;

	if (is_missing(error) && watch_begin(dialer->hub->watch, &dialer->wait, dialer->path,
					     something_happened, dialer, NULL)) {
		fd = unix_path_connect(dialer->path); /* it may have come just before */
		error = fd < 0 ? errno : 0;
		if (is_missing(error)) {
			tell_fault(dialer, error);
			return;
		}
		watch_end(dialer->hub->watch, &dialer->wait);
	}
	tell_fault(dialer, error);
	if (fd < 0)
		dialer_look(dialer);
	else
		dialer->events.connected(dialer->events.context, fd);
}

void dialer_rest(struct dialer *dialer)
{
	uv_timer_stop(&dialer->timer);
	watch_end(dialer->hub->watch, &dialer->wait);
}

void dialer_succeeded(struct dialer *dialer)
{
	dialer->pause_ms = PAUSE_FIRST_MS;
}

struct dialer *dialer_create(struct channel_hub *hub, const char *path,
			     const struct dialer_events *events)
{
	struct dialer *dialer = xcalloc(1, sizeof(*dialer));

	dialer->hub = hub;
	dialer->events = *events;
	snprintf(dialer->path, sizeof(dialer->path), "%s", path);
	uv_timer_init(hub->loop, &dialer->timer);
	dialer->timer.data = dialer;
	return dialer;
}

static void timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void dialer_free(struct dialer **dialer)
{
	struct dialer *d = take(*dialer);

	if (!d)
		return;
	dialer_rest(d);
	uv_close((uv_handle_t *)&d->timer, timer_closed);
}
