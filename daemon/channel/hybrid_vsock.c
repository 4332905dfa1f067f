/* SPDX-License-Identifier: MIT */
/* hybrid_vsock.c -- a byte stream over the vsock of Firecracker and Cloud Hypervisor (hybrid:),
 * which is a unix socket on the host's side. Both ways are tried, and what comes first counts:
 *
 *	the guest calls    the hypervisor connects to PATH_PORT, where openkvpd listens
 *	openkvpd calls     connects to PATH and sends "CONNECT PORT\n"; when a program of the guest
 *	                   listens at that port, the answer is "OK NUMBER\n", else an end */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "channel/dialer.h"
#include "channel/listener.h"
#include "channel/transport.h"
#include "channel/unix_path.h"
#include "openkvp/scoped.h"

#define ANSWER_MS   5000 /* for "OK NUMBER\n" */
#define ANSWER_SIZE 32
#define PORT_DIGITS 10

/* A connection to PATH on which the answer has not come. */
struct handshake {
	uv_poll_t poll;
	uv_timer_t deadline;
	unsigned int handles;
	struct hybrid *hybrid;
	int fd;
	char answer[ANSWER_SIZE];
	size_t length;
};

struct hybrid {
	struct transport transport;
	struct dialer *dialer;
	struct listener *listener;
	struct handshake *handshake; /* NULL: none */
};

static bool check(const char *rest, struct okvp_error *err)
{
	return unix_path_check(rest, sizeof("_") - 1 + PORT_DIGITS, err);
}

/* --- The handshake --- */

static void handshake_closed(uv_handle_t *handle)
{
	struct handshake *handshake = handle->data;

	if (--handshake->handles == 0)
		free(handshake);
}

/* Ends the handshake and returns its descriptor. */
static int end_handshake(struct hybrid *hybrid)
{
	struct handshake *handshake = take(hybrid->handshake);

	uv_close((uv_handle_t *)&handshake->poll, handshake_closed);
	uv_close((uv_handle_t *)&handshake->deadline, handshake_closed);
	return handshake->fd;
}

static void give_up(struct hybrid *hybrid)
{
	close(end_handshake(hybrid));
	dialer_look(hybrid->dialer);
}

static void timed_out(uv_timer_t *timer)
{
	struct handshake *handshake = timer->data;

	give_up(handshake->hybrid);
}

static void shake_hands(struct hybrid *hybrid)
{
	int fd = end_handshake(hybrid);

	dialer_succeeded(hybrid->dialer);
	listener_rest(hybrid->listener);
	transport_connected(&hybrid->transport, fd);
}

/* Reads no byte beyond the line: what follows is the guest's. */
static void answer_came(uv_poll_t *poll, int status, int events)
{
	struct handshake *handshake = poll->data;
	struct hybrid *hybrid = handshake->hybrid;
	char byte = '\0';
	ssize_t size;

	while ((size = read(handshake->fd, &byte, 1)) == 1 && byte != '\n' &&
	       handshake->length < ANSWER_SIZE)
		handshake->answer[handshake->length++] = byte;
	if (size < 0 && errno == EAGAIN)
		return;
	if (byte == '\n' && handshake->length > 3 && memcmp(handshake->answer, "OK ", 3) == 0)
		shake_hands(hybrid);
	else
		give_up(hybrid);
}

static void begin_handshake(struct hybrid *hybrid, int fd)
{
	struct handshake *handshake = xcalloc(1, sizeof(*handshake));
	uv_loop_t *loop = hybrid->transport.hub->loop;

	handshake->hybrid = hybrid;
	handshake->fd = fd;
	handshake->handles = 2;
	uv_poll_init(loop, &handshake->poll, fd);
	handshake->poll.data = handshake;
	uv_poll_start(&handshake->poll, UV_READABLE, answer_came);
	uv_timer_init(loop, &handshake->deadline);
	handshake->deadline.data = handshake;
	uv_timer_start(&handshake->deadline, timed_out, ANSWER_MS, 0);
	hybrid->handshake = handshake;
}

/* --- Connections --- */

static void dialed(void *context, int fd)
{
	struct hybrid *hybrid = context;

	begin_handshake(hybrid, fd);
	if (dprintf(fd, "CONNECT %u\n", hybrid->transport.hub->port) < 0)
		give_up(hybrid);
}

static void accepted(void *context, int fd)
{
	struct hybrid *hybrid = context;

	dialer_rest(hybrid->dialer);
	if (hybrid->handshake)
		close(end_handshake(hybrid));
	transport_connected(&hybrid->transport, fd);
}

static void look(struct transport *transport)
{
	struct hybrid *hybrid = (struct hybrid *)transport;

	dialer_look(hybrid->dialer);
	listener_look(hybrid->listener);
}

/* --- Opening and closing --- */

/* Only one of the two ways has to be open: what is wrong with the other is told by nobody. */
static void dialer_fault(void *context, const char *reason)
{
}

static struct transport *open_hybrid(struct channel_hub *hub, const char *rest,
				     const struct transport_events *events)
{
	struct hybrid *hybrid =
		transport_create(sizeof(*hybrid), &hybrid_vsock_transport, hub, events);
	char path[UNIX_PATH_SIZE];

	snprintf(path, sizeof(path), "%s_%u", rest, hub->port);
	hybrid->dialer =
		dialer_create(hub, rest, &(struct dialer_events){ dialed, dialer_fault, hybrid });
	hybrid->listener = listener_create(hub, path,
					   &(struct listener_events){
						   .connected = accepted,
						   .fault = transport_fault,
						   .folder_comes_later = true, /* with the VM */
						   .context = hybrid,
					   });
	look(&hybrid->transport);
	return &hybrid->transport;
}

static void close_hybrid(struct transport *transport)
{
	struct hybrid *hybrid = (struct hybrid *)transport;

	if (hybrid->handshake)
		close(end_handshake(hybrid));
	dialer_free(&hybrid->dialer);
	listener_free(&hybrid->listener);
	transport_free(transport);
}

const struct transport_kind hybrid_vsock_transport = {
	.prefix = "hybrid:",
	.example = "hybrid:/path",
	.check = check,
	.open = open_hybrid,
	.look = look,
	.close = close_hybrid,
};
