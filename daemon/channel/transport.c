/* SPDX-License-Identifier: MIT */
/* transport.c -- what all kinds of byte stream have in common: the stream, and when it ends. */
#include "channel/transport.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

void *transport_create(size_t size, const struct transport_kind *kind, struct channel_hub *hub,
		       const struct transport_events *events)
{
	struct transport *transport = xcalloc(1, size);

	transport->kind = kind;
	transport->hub = hub;
	transport->events = *events;
	return transport;
}

void transport_free(struct transport *transport)
{
	free(transport->fault);
	free(transport);
}

void transport_close(struct transport **transport)
{
	struct transport *t = take(*transport);

	if (!t)
		return;
	stream_close(&t->stream);
	t->kind->close(t);
}

static void received(void *context, const void *bytes, size_t size)
{
	struct transport *transport = context;

	transport->events.received(transport->events.context, bytes, size);
}

static void ended(void *context, const char *reason)
{
	transport_end(context, reason);
}

void transport_connected(struct transport *transport, int fd)
{
	transport->stream = stream_open(transport->hub->loop, fd,
					&(struct stream_events){ received, ended, transport });
	transport->events.connected(transport->events.context);
}

void transport_end(struct transport *transport, const char *reason)
{
	if (!transport->stream)
		return;
	stream_close(&transport->stream);
	transport->kind->look(transport);
	transport->events.closed(transport->events.context, reason);
}

void transport_fault(void *context, const char *reason)
{
	struct transport *transport = context;
	bool same = reason ? transport->fault && strcmp(reason, transport->fault) == 0
			   : !transport->fault;

	if (same)
		return;
	free(transport->fault);
	transport->fault = reason ? xstrdup(reason) : NULL;
	transport->events.fault(transport->events.context, reason);
}

bool transport_send(struct transport *transport, const void *bytes, size_t size)
{
	return transport->stream && stream_send(transport->stream, bytes, size);
}

void transport_reconnect(struct transport *transport)
{
	transport_end(transport, "closed here");
}

void transport_pause(struct transport *transport, bool paused)
{
	if (transport->stream)
		stream_pause(transport->stream, paused);
}
