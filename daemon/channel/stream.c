/* SPDX-License-Identifier: MIT */
/* stream.c -- reading and writing a connection by libuv, which reads any stream socket as a pipe.
 */
#include "channel/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "openkvp/scoped.h"

#define QUEUE_MAX (1024 * 1024) /* bytes that may wait to be sent */
#define READ_SIZE 65536

struct stream {
	uv_pipe_t pipe;
	struct stream_events events;
	bool closed;
};

struct sending {
	uv_write_t request;
	char bytes[];
};

static uv_stream_t *uv_stream(struct stream *stream)
{
	return (uv_stream_t *)&stream->pipe;
}

/* All reading happens on one thread and is done with when the callback returns: a silent guest
 * holds no buffer. */
static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buffer)
{
	static _Thread_local char buffer[READ_SIZE];

	*ret_buffer = uv_buf_init(buffer, sizeof(buffer));
}

static void bytes_came(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer)
{
	struct stream *stream = handle->data;

	if (stream->closed || count == 0)
		return;
	if (count > 0)
		stream->events.received(stream->events.context, buffer->base, (size_t)count);
	else
		stream->events.ended(stream->events.context,
				     count == UV_EOF ? "the other end closed the connection"
						     : uv_strerror((int)count));
}

struct stream *stream_open(uv_loop_t *loop, int fd, const struct stream_events *events)
{
	struct stream *stream = xcalloc(1, sizeof(*stream));

	stream->events = *events;
	uv_pipe_init(loop, &stream->pipe, 0);
	stream->pipe.data = stream;
	if (uv_pipe_open(&stream->pipe, fd) != 0)
		abort(); /* it is no descriptor */
	uv_read_start(uv_stream(stream), give_buffer, bytes_came);
	return stream;
}

static void stream_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void stream_close(struct stream **stream)
{
	struct stream *s = take(*stream);

	if (!s)
		return;
	s->closed = true;
	uv_close((uv_handle_t *)&s->pipe, stream_closed);
}

static void sent(uv_write_t *request, int status)
{
	free(request->data);
}

/* What could not be written at once. */
static bool send_later(struct stream *stream, const char *bytes, size_t size)
{
	struct sending *sending = xmalloc(sizeof(*sending) + size);
	uv_buf_t buffer = uv_buf_init(sending->bytes, (unsigned int)size);

	sending->request.data = sending;
	memcpy(sending->bytes, bytes, size);
	if (uv_write(&sending->request, uv_stream(stream), &buffer, 1, sent) == 0)
		return true;
	free(sending);
	return false;
}

bool stream_send(struct stream *stream, const void *bytes, size_t size)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned int)size);
	int written;

	if (uv_stream_get_write_queue_size(uv_stream(stream)) + size > QUEUE_MAX)
		return false;
	written = uv_try_write(uv_stream(stream), &buffer, 1);
	if (written < 0 && written != UV_EAGAIN)
		return false;
	written = written < 0 ? 0 : written;
	return (size_t)written == size ||
	       send_later(stream, (const char *)bytes + written, size - (size_t)written);
}

void stream_pause(struct stream *stream, bool paused)
{
	if (paused)
		uv_read_stop(uv_stream(stream));
	else
		uv_read_start(uv_stream(stream), give_buffer, bytes_came);
}
