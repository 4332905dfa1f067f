/* SPDX-License-Identifier: MIT */
/* vsock.c -- a byte stream over AF_VSOCK (vsock:): the guest calls, and is known by its CID.
 *
 * A guest that was reset leaves a connection behind of which nobody tells. So the newest call
 * counts, and takes the place of the one before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "channel/transport.h"

#define CALL_PAUSE_MS 100  /* from one connection to the next, whatever a guest does */
#define PORT_PAUSE_MS 5000 /* to the next try to listen */

struct vsock {
	struct transport transport;
	struct vsock_caller caller;
	bool added;
	int waiting;      /* the newest call; -1: none */
	uv_timer_t timer; /* while it runs, a call waits */
};

static void heed_port(struct vsock *v);

static bool read_cid(const char *text, uint32_t *ret_cid)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	*ret_cid = (uint32_t)number;
	return *text >= '1' && *text <= '9' && *end == '\0' && errno == 0 &&
	       number < VMADDR_CID_ANY && number != VMADDR_CID_HOST;
}

static bool check(const char *rest, struct okvp_error *err)
{
	uint32_t cid;

	return read_cid(rest, &cid) ||
	       okvp_fail(err, OKVP_INVALID,
			 "channel 'vsock:%s': the guest's CID is needed, a number from 3 to "
			 "4294967294, or 1 for programs of this host",
			 rest);
}

static void timer_ran(uv_timer_t *timer)
{
	heed_port(timer->data);
}

/* Takes the call that waits, when it may; an older stream makes room first. */
static void take_call(struct vsock *v)
{
	int fd = v->waiting;

	if (fd < 0 || uv_is_active((uv_handle_t *)&v->timer))
		return;
	if (v->transport.stream) {
		transport_end(&v->transport, "the guest has connected anew");
		return;
	}
	v->waiting = -1;
	uv_timer_start(&v->timer, timer_ran, CALL_PAUSE_MS, 0);
	transport_connected(&v->transport, fd);
}

static void called(void *context, int fd)
{
	struct vsock *v = context;

	if (v->waiting >= 0)
		close(v->waiting);
	v->waiting = fd;
	take_call(v);
}

/* Sees to it that calls come, and takes one. */
static void heed_port(struct vsock *v)
{
	struct okvp_error err;

	if (!v->added)
		v->added = vsock_port_add(v->transport.hub->vsock_port, &v->caller, &err);
	transport_fault(v, v->added ? NULL : err.message);
	if (v->added)
		take_call(v);
	else
		uv_timer_start(&v->timer, timer_ran, PORT_PAUSE_MS, 0);
}

/* A call that waits is taken soon; not at once, since the end of the stream is still being told. */
static void look(struct transport *transport)
{
	struct vsock *v = (struct vsock *)transport;

	if (v->waiting >= 0 && !uv_is_active((uv_handle_t *)&v->timer))
		uv_timer_start(&v->timer, timer_ran, 0, 0);
}

static struct transport *open_vsock(struct channel_hub *hub, const char *rest,
				    const struct transport_events *events)
{
	struct vsock *v = transport_create(sizeof(*v), &vsock_transport, hub, events);

	read_cid(rest, &v->caller.cid);
	v->caller.called = called;
	v->caller.context = v;
	v->waiting = -1;
	uv_timer_init(hub->loop, &v->timer);
	v->timer.data = v;
	heed_port(v);
	return &v->transport;
}

static void timer_closed(uv_handle_t *handle)
{
	transport_free(handle->data);
}

static void close_vsock(struct transport *transport)
{
	struct vsock *v = (struct vsock *)transport;

	if (v->added)
		vsock_port_remove(transport->hub->vsock_port, &v->caller);
	if (v->waiting >= 0)
		close(v->waiting);
	uv_close((uv_handle_t *)&v->timer, timer_closed);
}

const struct transport_kind vsock_transport = {
	.prefix = "vsock:",
	.example = "vsock:CID",
	.check = check,
	.open = open_vsock,
	.look = look,
	.close = close_vsock,
};
