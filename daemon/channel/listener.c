/* SPDX-License-Identifier: MIT */
/* listener.c -- a socket that listens: made, kept and made again. */
#include "channel/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "channel/unix_path.h"
#include "openkvp/scoped.h"

#define PAUSE_FIRST_MS  100 /* before the next try to listen; doubles */
#define PAUSE_MOST_MS   5000
#define ACCEPT_PAUSE_MS 100 /* from one connection to the next */

/* A socket that listens; it may still be closing while the next one is made. */
struct door {
	uv_poll_t poll;
	int fd;
	struct listener *listener;
	dev_t device; /* by which it is known again */
	ino_t inode;
};

struct listener {
	struct channel_hub *hub;
	struct listener_events events;
	char path[UNIX_PATH_SIZE];
	struct door *door; /* NULL: none yet */
	struct watch_wait wait;
	uv_timer_t timer; /* without a door, until the next try; with one, until it opens again */
	unsigned int pause_ms;
	bool looking, pausing;
};

static void pause_over(uv_timer_t *timer);

/* --- Taking connections --- */

static void connection_came(uv_poll_t *poll, int status, int events)
{
	struct door *door = poll->data;
	struct listener *listener = door->listener;
	int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	uv_poll_stop(poll);
	listener->pausing = true;
	uv_timer_start(&listener->timer, pause_over, ACCEPT_PAUSE_MS, 0);
	if (fd < 0)
		return;
	listener->looking = false;
	listener->events.connected(listener->events.context, fd);
}

/* Takes connections if they are wanted now. */
static void update_polling(struct listener *listener)
{
	if (!listener->door)
		return;
	if (listener->looking && !listener->pausing)
		uv_poll_start(&listener->door->poll, UV_READABLE, connection_came);
	else
		uv_poll_stop(&listener->door->poll);
}

void listener_look(struct listener *listener)
{
	listener->looking = true;
	update_polling(listener);
}

void listener_rest(struct listener *listener)
{
	listener->looking = false;
	update_polling(listener);
}

/* --- The socket --- */

static bool is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR;
}

static bool is_in_place(const struct listener *listener)
{
	const struct door *door = listener->door;
	struct stat found;

	return lstat(listener->path, &found) == 0 && found.st_dev == door->device &&
	       found.st_ino == door->inode;
}

static void door_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void close_door(struct listener *listener)
{
	struct door *door = listener->door;

	if (!door)
		return;
	if (is_in_place(listener))
		unlink(listener->path);
	listener->door = NULL;
	uv_close((uv_handle_t *)&door->poll, door_closed);
	close(door->fd);
}

static void tell_fault(struct listener *listener, int error)
{
	char reason[256];

	if (error == 0 || (is_missing(error) && listener->events.folder_comes_later)) {
		listener->events.fault(listener->events.context, NULL);
		return;
	}
	snprintf(reason, sizeof(reason), "cannot listen at %s: %s", listener->path,
		 error == EADDRINUSE ? "another program does"
		 : is_missing(error) ? "there is no such folder"
				     : unix_path_reason(error));
	listener->events.fault(listener->events.context, reason);
}

static void try_later(struct listener *listener)
{
	uv_timer_start(&listener->timer, pause_over, listener->pause_ms, 0);
	listener->pause_ms = 2 * listener->pause_ms;
	if (listener->pause_ms > PAUSE_MOST_MS)
		listener->pause_ms = PAUSE_MOST_MS;
}

static void make_door(struct listener *listener, int fd)
{
	struct door *door = xcalloc(1, sizeof(*door));
	struct stat made = { 0 };

	lstat(listener->path, &made);
	*door = (struct door){
		.fd = fd,
		.listener = listener,
		.device = made.st_dev,
		.inode = made.st_ino,
	};
	uv_poll_init(listener->hub->loop, &door->poll, fd);
	door->poll.data = door;
	listener->door = door;
	listener->pause_ms = PAUSE_FIRST_MS;
	listener->pausing = false;
	update_polling(listener);
}

static void something_happened(void *context);

/* Sees to it that the socket is there, or will be. What happens to it, or to its folder, is
 * watched. */
static void keep_door(struct listener *listener)
{
	bool watched = watch_begin(listener->hub->watch, &listener->wait, listener->path,
				   something_happened, listener, NULL);
	int fd, error;

	if (listener->door && is_in_place(listener))
		return;
	close_door(listener);
	fd = unix_path_listen(listener->path, listener->hub->group);
	error = fd < 0 ? errno : 0;
	tell_fault(listener, error);
	if (fd >= 0)
		make_door(listener, fd);
	else if (!is_missing(error) || !watched)
		try_later(listener);
}

static void something_happened(void *context)
{
	keep_door(context);
}

static void pause_over(uv_timer_t *timer)
{
	struct listener *listener = timer->data;

	listener->pausing = false;
	if (!listener->door) {
		watch_end(listener->hub->watch, &listener->wait);
		keep_door(listener);
	} else {
		update_polling(listener);
	}
}

/* --- Creating --- */

struct listener *listener_create(struct channel_hub *hub, const char *path,
				 const struct listener_events *events)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));

	listener->hub = hub;
	listener->events = *events;
	listener->pause_ms = PAUSE_FIRST_MS;
	snprintf(listener->path, sizeof(listener->path), "%s", path);
	uv_timer_init(hub->loop, &listener->timer);
	listener->timer.data = listener;
	keep_door(listener);
	return listener;
}

static void timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void listener_free(struct listener **listener)
{
	struct listener *l = take(*listener);

	if (!l)
		return;
	watch_end(l->hub->watch, &l->wait);
	close_door(l);
	uv_close((uv_handle_t *)&l->timer, timer_closed);
}
