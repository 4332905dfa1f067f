/* SPDX-License-Identifier: MIT */
/* channel.c -- an address, its transport, and the session on it. */
#include "channel/channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "channel/session.h"
#include "channel/transport.h"
#include "openkvp/scoped.h"

static const struct transport_kind *const transports[] = {
	&unix_connect_transport,
	&unix_listen_transport,
	&vsock_transport,
	&hybrid_vsock_transport,
};

struct channel {
	struct channel_events events;
	struct transport *transport;
	struct session *session;
};

/* --- The hub --- */

struct channel_hub *channel_hub_create(uv_loop_t *loop, const struct channel_hub_settings *settings)
{
	struct channel_hub *hub = xcalloc(1, sizeof(*hub));

	hub->loop = loop;
	hub->port = settings->vsock_port;
	hub->group = settings->socket_group;
	hub->watch = watch_create(loop);
	hub->vsock_port = vsock_port_create(loop, hub->port);
	return hub;
}

void channel_hub_free(struct channel_hub **hub)
{
	struct channel_hub *h = take(*hub);

	if (!h)
		return;
	vsock_port_free(&h->vsock_port);
	watch_free(&h->watch);
	free(h);
}

/* --- Addresses --- */

static const struct transport_kind *find_transport(const char *address, const char **ret_rest)
{
	for (size_t i = 0; i < count_of(transports); i++) {
		size_t length = strlen(transports[i]->prefix);

		if (strncmp(address, transports[i]->prefix, length) == 0) {
			*ret_rest = address + length;
			return transports[i];
		}
	}
	return NULL;
}

static void fail_kind(const char *address, struct okvp_error *err)
{
	struct text examples scoped(text_done) = { 0 };

	for (size_t i = 0; i < count_of(transports); i++)
		text_printf(&examples, "%s%s", i == 0 ? "" : ", ", transports[i]->example);
	okvp_fail(err, OKVP_INVALID, "channel '%s' is none of %s", address, examples.bytes);
}

/* Finds the transport of an address and checks the rest of it. */
static const struct transport_kind *resolve(const char *address, const char **ret_rest,
					    struct okvp_error *err)
{
	const struct transport_kind *kind = find_transport(address, ret_rest);

	if (kind)
		return kind->check(*ret_rest, err) ? kind : NULL;
	fail_kind(address, err);
	return NULL;
}

bool channel_address_check(const char *address, struct okvp_error *err)
{
	const char *rest;

	if (strlen(address) > CHANNEL_ADDRESS_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "a channel's address has at most %d bytes",
				 CHANNEL_ADDRESS_MAX);
	return *address == '\0' || resolve(address, &rest, err);
}

/* --- Between transport and session --- */

static void connected(void *context)
{
	struct channel *channel = context;

	session_begin(channel->session);
}

static void received(void *context, const void *bytes, size_t size)
{
	struct channel *channel = context;

	session_receive(channel->session, bytes, size);
}

static void closed(void *context, const char *reason)
{
	struct channel *channel = context;

	session_end(channel->session, reason);
}

static void fault(void *context, const char *reason)
{
	struct channel *channel = context;

	channel->events.fault(channel->events.context, reason);
}

static bool send_bytes(void *context, const void *bytes, size_t size)
{
	struct channel *channel = context;

	return transport_send(channel->transport, bytes, size);
}

static void pause_stream(void *context, bool paused)
{
	struct channel *channel = context;

	transport_pause(channel->transport, paused);
}

static void reconnect(void *context)
{
	struct channel *channel = context;

	transport_reconnect(channel->transport);
}

/* --- Channels --- */

bool channel_open(struct channel_hub *hub, const char *address,
		  const struct channel_settings *settings, const struct channel_events *events,
		  struct channel **ret_channel, struct okvp_error *err)
{
	const char *rest = NULL;
	const struct transport_kind *kind = resolve(address, &rest, err);
	struct channel *channel;

	if (!kind)
		return false;
	channel = xcalloc(1, sizeof(*channel));
	channel->events = *events;
	channel->session = session_create(
		hub->loop, settings, events,
		&(struct session_stream){ send_bytes, pause_stream, reconnect, channel });
	channel->transport = kind->open(
		hub, rest,
		&(struct transport_events){ connected, received, closed, fault, channel });
	*ret_channel = channel;
	return true;
}

void channel_close(struct channel **channel)
{
	struct channel *c = take(*channel);

	if (!c)
		return;
	transport_close(&c->transport);
	session_close(&c->session);
	free(c);
}

enum channel_state channel_state(const struct channel *channel)
{
	return session_state(channel->session);
}

struct okvp_version channel_framework_version(const struct channel *channel)
{
	return session_framework_version(channel->session);
}

struct okvp_version channel_message_version(const struct channel *channel)
{
	return session_message_version(channel->session);
}

unsigned int channel_own_version(const struct channel *channel)
{
	return session_own_version(channel->session);
}

struct channel_abilities channel_abilities(const struct channel *channel)
{
	return session_abilities(channel->session);
}

bool channel_ready(const struct channel *channel, enum channel_request kind)
{
	return session_ready(channel->session, kind);
}

bool channel_send_batch(struct channel *channel, enum okvp_pool pool,
			const struct okvp_own_record *changes, size_t count, struct okvp_error *err)
{
	return session_send_batch(channel->session, pool, changes, count, err);
}

void channel_read(struct channel *channel, enum okvp_pool pool, uint32_t first)
{
	session_read(channel->session, pool, first);
}

bool channel_send_ip(struct channel *channel, enum okvp_kvp_operation operation,
		     const struct okvp_adapter *adapter, struct okvp_error *err)
{
	return session_send_ip(channel->session, operation, adapter, err);
}

bool channel_part_next(struct channel_part *part, struct okvp_item *ret_item)
{
	struct okvp_own_record record;

	if (part->one) {
		*ret_item = *part->one;
		part->one = NULL;
		return true;
	}
	if (!okvp_own_next_record(&part->many, &record))
		return false;
	*ret_item = record.item;
	return true;
}
