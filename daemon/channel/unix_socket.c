/* SPDX-License-Identifier: MIT */
/* unix_socket.c -- a byte stream over a unix socket: connecting (unix:) or listening
 * (unix-listen:). */
#include "channel/dialer.h"
#include "channel/listener.h"
#include "channel/transport.h"
#include "channel/unix_path.h"

struct unix_socket {
	struct transport transport;
	struct dialer *dialer;     /* unix: */
	struct listener *listener; /* unix-listen: */
};

static bool check(const char *rest, struct okvp_error *err)
{
	return unix_path_check(rest, 0, err);
}

static void close_socket(struct transport *transport)
{
	struct unix_socket *s = (struct unix_socket *)transport;

	dialer_free(&s->dialer);
	listener_free(&s->listener);
	transport_free(transport);
}

/* --- unix: --- */

static void dialed(void *context, int fd)
{
	struct unix_socket *s = context;

	dialer_succeeded(s->dialer);
	transport_connected(&s->transport, fd);
}

static void dial(struct transport *transport)
{
	dialer_look(((struct unix_socket *)transport)->dialer);
}

static struct transport *open_connecting(struct channel_hub *hub, const char *rest,
					 const struct transport_events *events)
{
	struct unix_socket *s = transport_create(sizeof(*s), &unix_connect_transport, hub, events);

	s->dialer = dialer_create(hub, rest, &(struct dialer_events){ dialed, transport_fault, s });
	dialer_look(s->dialer);
	return &s->transport;
}

const struct transport_kind unix_connect_transport = {
	.prefix = "unix:",
	.example = "unix:/path",
	.check = check,
	.open = open_connecting,
	.look = dial,
	.close = close_socket,
};

/* --- unix-listen: --- */

static void accepted(void *context, int fd)
{
	struct unix_socket *s = context;

	transport_connected(&s->transport, fd);
}

static void listen_again(struct transport *transport)
{
	listener_look(((struct unix_socket *)transport)->listener);
}

static struct transport *open_listening(struct channel_hub *hub, const char *rest,
					const struct transport_events *events)
{
	struct unix_socket *s = transport_create(sizeof(*s), &unix_listen_transport, hub, events);

	s->listener = listener_create(hub, rest,
				      &(struct listener_events){
					      .connected = accepted,
					      .fault = transport_fault,
					      .context = s,
				      });
	listener_look(s->listener);
	return &s->transport;
}

const struct transport_kind unix_listen_transport = {
	.prefix = "unix-listen:",
	.example = "unix-listen:/path",
	.check = check,
	.open = open_listening,
	.look = listen_again,
	.close = close_socket,
};
