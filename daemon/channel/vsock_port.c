/* SPDX-License-Identifier: MIT */
/* vsock_port.c -- listens, and hands each call to the VM with the caller's CID. */
#include "channel/vsock_port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "base/log.h"
#include "base/map.h"
#include "base/memory.h"
#include "openkvp/scoped.h"

#define BACKLOG         128
#define CALLS_AT_ONCE   64   /* then the rest of the loop has its turn */
#define PRIVILEGED_PORT 1023 /* the highest */
#define PAUSE_MS        100  /* when the system has no descriptor to give */

/* A descriptor that listens; it may still be closing while the next one is made. */
struct listening {
	uv_poll_t poll;
	int fd;
};

struct vsock_port {
	uv_loop_t *loop;
	uint32_t number;
	struct map callers;          /* CID -> const struct vsock_caller */
	struct listening *listening; /* NULL: no VM is there */
	uv_timer_t pause;
};

/* Hands a call on; false when nobody wants it. */
static bool hand_on(struct vsock_port *port, const struct sockaddr_vm *peer, int fd)
{
	const struct vsock_caller *caller =
		map_find(&port->callers, &peer->svm_cid, sizeof(peer->svm_cid));

	if (!caller)
		log_info("vsock", "CID %u calls; no VM has it", peer->svm_cid);
	else if (peer->svm_port > PRIVILEGED_PORT)
		log_info("vsock", "CID %u calls from port %u; only ports up to %d are heard",
			 peer->svm_cid, peer->svm_port, PRIVILEGED_PORT);
	else
		caller->called(caller->context, fd);
	return caller && peer->svm_port <= PRIVILEGED_PORT;
}

static void calls_came(uv_poll_t *poll, int status, int events);

static void pause_over(uv_timer_t *timer)
{
	struct vsock_port *port = timer->data;

	if (port->listening)
		uv_poll_start(&port->listening->poll, UV_READABLE, calls_came);
}

static void calls_came(uv_poll_t *poll, int status, int events)
{
	struct vsock_port *port = poll->data;

	/* Handing on may change who is there. */
	for (int i = 0; i < CALLS_AT_ONCE && port->listening; i++) {
		struct sockaddr_vm peer = { 0 };
		socklen_t size = sizeof(peer);
		int fd = accept4(port->listening->fd, (struct sockaddr *)&peer, &size,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			uv_poll_stop(poll);
			uv_timer_start(&port->pause, pause_over, PAUSE_MS, 0);
		}
		if (fd < 0)
			return;
		if (!hand_on(port, &peer, fd))
			close(fd);
	}
}

/* --- Opening and closing --- */

static bool fail(struct vsock_port *port, struct okvp_error *err)
{
	if (errno == EADDRINUSE)
		return okvp_fail(err, OKVP_BUSY, "another program has port %u of vsock",
				 port->number);
	return okvp_fail(err, OKVP_UNAVAILABLE, "this host has no vsock: %s", strerror(errno));
}

static bool open_port(struct vsock_port *port, struct okvp_error *err)
{
	const struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = port->number,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct listening *listening;

	if (fd < 0)
		return fail(port, err);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, BACKLOG) < 0) {
		fail(port, err);
		close(fd);
		return false;
	}
	listening = xcalloc(1, sizeof(*listening));
	listening->fd = fd;
	uv_poll_init(port->loop, &listening->poll, fd);
	listening->poll.data = port;
	uv_poll_start(&listening->poll, UV_READABLE, calls_came);
	port->listening = listening;
	return true;
}

static void listening_closed(uv_handle_t *handle)
{
	free(handle);
}

static void close_port(struct vsock_port *port)
{
	struct listening *listening = take(port->listening);

	if (!listening)
		return;
	uv_close((uv_handle_t *)&listening->poll, listening_closed);
	close(listening->fd);
}

bool vsock_port_add(struct vsock_port *port, const struct vsock_caller *caller,
		    struct okvp_error *err)
{
	if (map_find(&port->callers, &caller->cid, sizeof(caller->cid)))
		return okvp_fail(err, OKVP_BUSY, "another VM has CID %u", caller->cid);
	if (!port->listening && !open_port(port, err))
		return false;
	map_put(&port->callers, &caller->cid, sizeof(caller->cid), (void *)(uintptr_t)caller);
	return true;
}

void vsock_port_remove(struct vsock_port *port, const struct vsock_caller *caller)
{
	map_remove(&port->callers, &caller->cid, sizeof(caller->cid));
	if (port->callers.count == 0)
		close_port(port);
}

struct vsock_port *vsock_port_create(uv_loop_t *loop, uint32_t number)
{
	struct vsock_port *port = xcalloc(1, sizeof(*port));

	port->loop = loop;
	port->number = number;
	uv_timer_init(loop, &port->pause);
	port->pause.data = port;
	return port;
}

static void pause_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void vsock_port_free(struct vsock_port **port)
{
	struct vsock_port *p = take(*port);

	if (!p)
		return;
	close_port(p);
	map_done(&p->callers);
	uv_close((uv_handle_t *)&p->pause, pause_closed);
}
