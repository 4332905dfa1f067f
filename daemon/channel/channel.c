/* SPDX-License-Identifier: MIT */
/* channel.c -- an address, its transport, and the session on it. */
#include "channel/channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "channel/session.h"
#include "channel/transport.h"
#include "openkvp/scoped.h"

static const struct transport_kind *const transports[] = {
	&unix_connect_transport,
	&unix_listen_transport,
};

struct channel {
	const struct transport_kind *kind;
	struct transport *transport;
	struct session *session;
};

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

/* Finds the transport of an address and checks the rest of it. */
static const struct transport_kind *resolve(const char *address, const char **ret_rest,
					    struct okvp_error *err)
{
	const struct transport_kind *kind = find_transport(address, ret_rest);

	if (!kind) {
		okvp_fail(err, OKVP_INVALID,
			  "channel '%s': it must begin with 'unix:' or 'unix-listen:'", address);
		return NULL;
	}
	return kind->check(*ret_rest, err) ? kind : NULL;
}

bool channel_address_check(const char *address, struct okvp_error *err)
{
	const char *rest;

	if (strlen(address) > CHANNEL_ADDRESS_MAX)
		return okvp_fail(err, OKVP_TOO_LONG, "a channel's address has at most %d bytes",
				 CHANNEL_ADDRESS_MAX);
	return *address == '\0' || resolve(address, &rest, err);
}

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

static bool send_bytes(void *context, const void *bytes, size_t size)
{
	struct channel *channel = context;

	return channel->kind->send(channel->transport, bytes, size);
}

static void pause_stream(void *context, bool paused)
{
	struct channel *channel = context;

	channel->kind->pause(channel->transport, paused);
}

static void reconnect(void *context)
{
	struct channel *channel = context;

	channel->kind->reconnect(channel->transport);
}

bool channel_open(uv_loop_t *loop, const char *address, const struct channel_settings *settings,
		  const struct channel_events *events, struct channel **ret_channel,
		  struct okvp_error *err)
{
	const char *rest = NULL;
	const struct transport_kind *kind = resolve(address, &rest, err);
	struct channel *channel;

	if (!kind)
		return false;
	channel = xcalloc(1, sizeof(*channel));
	channel->kind = kind;
	channel->session = session_create(
		loop, settings, events,
		&(struct session_stream){ send_bytes, pause_stream, reconnect, channel });
	if (!kind->open(loop, rest,
			&(struct transport_events){ connected, received, closed, channel },
			&channel->transport, err)) {
		channel_close(&channel);
		return false;
	}
	*ret_channel = channel;
	return true;
}

void channel_close(struct channel **channel)
{
	struct channel *c = take(*channel);

	if (!c)
		return;
	if (c->transport)
		c->kind->close(&c->transport);
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

bool channel_ready(const struct channel *channel)
{
	return session_ready(channel->session);
}

bool channel_send(struct channel *channel, const struct okvp_kvp_message *request,
		  struct okvp_error *err)
{
	return session_send(channel->session, request, err);
}
