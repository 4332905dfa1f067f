/* SPDX-License-Identifier: MIT */
/* unix_socket.c -- a byte stream over a unix socket: connecting (unix:) or listening
 * (unix-listen:). */
#include "channel/transport.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS  5000
#define QUEUE_MAX      (1024 * 1024) /* bytes that may wait to be sent */
#define READ_SIZE      65536
#define SOCKET_MODE    0660

/* A transport outlives its closing by one turn of the loop: each open handle counts. */
struct transport {
	struct transport_events events; /* no callbacks once closing */
	uv_loop_t *loop;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	bool listens, closing, retrying;
	unsigned int retry_ms;
	uv_timer_t retry;
	uv_pipe_t listener;    /* when listens */
	struct stream *stream; /* NULL: none */
	unsigned int handles;
};

/* One connection; it may still be closing while the next one is made. */
struct stream {
	uv_pipe_t pipe;
	struct transport *transport; /* NULL: no longer wanted */
	bool connected;
	uv_connect_t connect;
};

struct sending {
	uv_write_t request;
	char bytes[];
};

static void begin(struct transport *transport);

static bool check(const char *rest, struct okvp_error *err)
{
	if (rest[0] != '/')
		return okvp_fail(err, OKVP_INVALID,
				 "channel '%s': an absolute path of a socket is needed", rest);
	if (strlen(rest) >= sizeof(((struct transport *)0)->path))
		return okvp_fail(err, OKVP_TOO_LONG,
				 "channel '%s': a socket's path has at most %zu bytes", rest,
				 sizeof(((struct transport *)0)->path) - 1);
	return true;
}

static void handle_closed(struct transport *transport)
{
	if (--transport->handles == 0)
		free(transport);
}

static void retry_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static void stream_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;

	free(stream);
}

static void retry_now(uv_timer_t *timer)
{
	struct transport *transport = timer->data;

	transport->retrying = false;
	begin(transport);
}

static void retry_later(struct transport *transport)
{
	if (transport->closing || transport->retrying)
		return;
	transport->retrying = true;
	uv_timer_start(&transport->retry, retry_now, transport->retry_ms, 0);
	transport->retry_ms *= 2;
	if (transport->retry_ms > RETRY_MOST_MS)
		transport->retry_ms = RETRY_MOST_MS;
}

/* Ends the stream, tells the channel if it knew of it, and goes on to the next. */
static void end_stream(struct transport *transport, const char *reason)
{
	struct stream *stream = take(transport->stream);
	bool was_connected = stream->connected;

	stream->transport = NULL;
	uv_close((uv_handle_t *)&stream->pipe, stream_closed);
	if (was_connected && !transport->closing)
		transport->events.closed(transport->events.context, reason);
	if (transport->closing) /* perhaps by what was just told */
		return;
	if (transport->listens)
		begin(transport);
	else
		retry_later(transport);
}

/* All reading happens on one thread and is done with when the callback returns. */
static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
	static _Thread_local char buffer[READ_SIZE];

	*ret_buffer = uv_buf_init(buffer, sizeof(buffer));
}

static void bytes_came(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer)
{
	struct stream *stream = handle->data;
	struct transport *transport = stream->transport;

	if (!transport || count == 0)
		return;
	if (count < 0) {
		end_stream(transport, count == UV_EOF ? "the other end closed the connection"
						      : uv_strerror((int)count));
		return;
	}
	transport->events.received(transport->events.context, buffer->base, (size_t)count);
}

static void stream_ready(struct transport *transport)
{
	transport->stream->connected = true;
	transport->retry_ms = RETRY_FIRST_MS;
	uv_read_start((uv_stream_t *)&transport->stream->pipe, give_buffer, bytes_came);
	transport->events.connected(transport->events.context);
}

static struct stream *make_stream(struct transport *transport)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));

	stream->transport = transport;
	uv_pipe_init(transport->loop, &stream->pipe, 0);
	stream->pipe.data = stream;
	transport->stream = stream;
	return stream;
}

static void connect_ended(uv_connect_t *request, int status)
{
	struct stream *stream = request->data;

	if (!stream->transport)
		return;
	if (status < 0)
		end_stream(stream->transport, uv_strerror(status));
	else
		stream_ready(stream->transport);
}

/* Takes a waiting connection, if there is one and none is open: the others wait in the backlog. */
static void accept_waiting(struct transport *transport)
{
	struct stream *stream = make_stream(transport);

	if (uv_accept((uv_stream_t *)&transport->listener, (uv_stream_t *)&stream->pipe) == 0) {
		stream_ready(transport);
		return;
	}
	transport->stream = NULL;
	stream->transport = NULL;
	uv_close((uv_handle_t *)&stream->pipe, stream_closed);
}

static void connection_came(uv_stream_t *listener, int status)
{
	struct transport *transport = listener->data;

	if (status == 0 && !transport->stream && !transport->closing)
		accept_waiting(transport);
}

static void begin(struct transport *transport)
{
	if (transport->listens) {
		accept_waiting(transport);
		return;
	}
	make_stream(transport);
	transport->stream->connect.data = transport->stream;
	uv_pipe_connect(&transport->stream->connect, &transport->stream->pipe, transport->path,
			connect_ended);
}

/* Removes a socket that nobody listens on any more; a live one, or another kind of file, stays. */
static void remove_stale(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat found;
	int fd;

	if (lstat(path, &found) < 0 || !S_ISSOCK(found.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 && errno == ECONNREFUSED)
		unlink(path);
	close(fd);
}

static bool listen_on(struct transport *transport, struct okvp_error *err)
{
	int failed;

	remove_stale(transport->path);
	uv_pipe_init(transport->loop, &transport->listener, 0);
	transport->listener.data = transport;
	transport->handles++;
	failed = uv_pipe_bind(&transport->listener, transport->path);
	if (failed == 0)
		failed = uv_listen((uv_stream_t *)&transport->listener, 8, connection_came);
	if (failed != 0)
		return okvp_fail(err, OKVP_IO, "channel 'unix-listen:%s': %s", transport->path,
				 uv_strerror(failed));
	chmod(transport->path, SOCKET_MODE);
	return true;
}

static void close_transport(struct transport **transport)
{
	struct transport *t = take(*transport);

	if (!t)
		return;
	t->closing = true;
	if (t->stream)
		end_stream(t, "");
	if (t->listens) {
		uv_close((uv_handle_t *)&t->listener, retry_closed);
		unlink(t->path);
	}
	uv_close((uv_handle_t *)&t->retry, retry_closed);
}

static struct transport *create(uv_loop_t *loop, const char *path,
				const struct transport_events *events)
{
	struct transport *transport = xcalloc(1, sizeof(*transport));

	transport->events = *events;
	transport->loop = loop;
	transport->retry_ms = RETRY_FIRST_MS;
	memcpy(transport->path, path, strlen(path) + 1);
	uv_timer_init(loop, &transport->retry);
	transport->retry.data = transport;
	transport->handles = 1;
	return transport;
}

static bool open_connecting(uv_loop_t *loop, const char *rest,
			    const struct transport_events *events, struct transport **ret_transport,
			    struct okvp_error *err)
{
	struct transport *transport = create(loop, rest, events);

	begin(transport);
	*ret_transport = transport;
	return true;
}

static bool open_listening(uv_loop_t *loop, const char *rest, const struct transport_events *events,
			   struct transport **ret_transport, struct okvp_error *err)
{
	struct transport *transport = create(loop, rest, events);

	transport->listens = true;
	if (!listen_on(transport, err)) {
		close_transport(&transport);
		return false;
	}
	*ret_transport = transport;
	return true;
}

static void sent(uv_write_t *request, int status)
{
	free(request->data);
}

static bool send_bytes(struct transport *transport, const void *bytes, size_t size)
{
	struct stream *stream = transport->stream;
	uv_stream_t *pipe;
	struct sending *sending;
	uv_buf_t buffer;
	int written;

	if (!stream || !stream->connected)
		return false;
	pipe = (uv_stream_t *)&stream->pipe;
	if (uv_stream_get_write_queue_size(pipe) + size > QUEUE_MAX)
		return false;
	buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned int)size);
	written = uv_try_write(pipe, &buffer, 1); /* nothing is copied in the usual case */
	if (written < 0 && written != UV_EAGAIN)
		return false;
	written = written < 0 ? 0 : written;
	if ((size_t)written == size)
		return true;
	sending = xmalloc(sizeof(*sending) + size - (size_t)written);
	sending->request.data = sending;
	memcpy(sending->bytes, (const char *)bytes + written, size - (size_t)written);
	buffer = uv_buf_init(sending->bytes, (unsigned int)(size - (size_t)written));
	if (uv_write(&sending->request, pipe, &buffer, 1, sent) == 0)
		return true;
	free(sending);
	return false;
}

static void reconnect(struct transport *transport)
{
	if (transport->stream && transport->stream->connected)
		end_stream(transport, "closed here");
}

static void pause_reading(struct transport *transport, bool paused)
{
	struct stream *stream = transport->stream;

	if (!stream || !stream->connected)
		return;
	if (paused)
		uv_read_stop((uv_stream_t *)&stream->pipe);
	else
		uv_read_start((uv_stream_t *)&stream->pipe, give_buffer, bytes_came);
}

const struct transport_kind unix_connect_transport = {
	.prefix = "unix:",
	.check = check,
	.open = open_connecting,
	.close = close_transport,
	.send = send_bytes,
	.reconnect = reconnect,
	.pause = pause_reading,
};

const struct transport_kind unix_listen_transport = {
	.prefix = "unix-listen:",
	.check = check,
	.open = open_listening,
	.close = close_transport,
	.send = send_bytes,
	.reconnect = reconnect,
	.pause = pause_reading,
};
