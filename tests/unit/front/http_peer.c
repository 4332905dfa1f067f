/* SPDX-License-Identifier: MIT */
/* http_peer.c -- the smallest HTTP client that sees every byte. */
#include "http_peer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int connect_tcp(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static int connect_unix(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

void peer_connect(struct peer *peer, const char *address)
{
	const struct timeval patience = { .tv_sec = 30 };

	peer->fd = *address == '/' ? connect_unix(address) : connect_tcp(address);
	peer->length = 0;
	setsockopt(peer->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

void peer_close(struct peer *peer)
{
	close(peer->fd);
	peer->fd = -1;
}

void peer_send_bytes(struct peer *peer, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(peer->fd, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return; /* the other end has closed: the reply will tell */
		bytes += sent;
		length -= (size_t)sent;
	}
}

void peer_send(struct peer *peer, const char *text)
{
	peer_send_bytes(peer, text, strlen(text));
}

static bool receive_more(struct peer *peer)
{
	ssize_t got;

	assert_true(peer->length < sizeof(peer->buffer));
	got = recv(peer->fd, peer->buffer + peer->length, sizeof(peer->buffer) - peer->length, 0);
	if (got > 0)
		peer->length += (size_t)got;
	return got > 0;
}

static void consume(struct peer *peer, char *to, size_t length)
{
	memcpy(to, peer->buffer, length);
	peer->length -= length;
	memmove(peer->buffer, peer->buffer + length, peer->length);
}

/* Receives until there are so many bytes. */
static bool await_bytes(struct peer *peer, size_t length)
{
	while (peer->length < length)
		if (!receive_more(peer))
			return false;
	return true;
}

/* A body in chunks: each has its size in hexadecimal digits in front, the last has none. */
static bool receive_chunks(struct peer *peer, struct reply *reply)
{
	size_t length;

	do {
		char *end, line[32] = "";

		while (!(end = memmem(peer->buffer, peer->length, "\r\n", 2)))
			if (!receive_more(peer))
				return false;
		assert_true(end + 2 - peer->buffer < (ptrdiff_t)sizeof(line));
		consume(peer, line, (size_t)(end + 2 - peer->buffer));
		length = strtoul(line, NULL, 16);
		assert_true(reply->body_length + length < sizeof(reply->body));
		if (!await_bytes(peer, length + 2))
			return false;
		consume(peer, reply->body + reply->body_length, length);
		consume(peer, line, 2);
		reply->body_length += length;
		reply->chunks++;
	} while (length > 0);
	return true;
}

bool peer_receive(struct peer *peer, struct reply *ret_reply)
{
	const char *end, *length;
	size_t head;

	*ret_reply = (struct reply){ 0 };
	while (!(end = memmem(peer->buffer, peer->length, "\r\n\r\n", 4)))
		if (!receive_more(peer))
			return false;
	head = (size_t)(end - peer->buffer) + 4;
	assert_true(head < sizeof(ret_reply->head));
	consume(peer, ret_reply->head, head);
	assert_int_equal(sscanf(ret_reply->head, "HTTP/1.1 %d ", &ret_reply->status), 1);
	if (ret_reply->status == 100)
		return true;
	if (reply_header(ret_reply, "Transfer-Encoding"))
		return receive_chunks(peer, ret_reply);
	length = reply_header(ret_reply, "Content-Length");
	ret_reply->body_length = length ? strtoul(length, NULL, 10) : 0;
	assert_true(ret_reply->body_length < sizeof(ret_reply->body));
	if (!await_bytes(peer, ret_reply->body_length))
		return false;
	consume(peer, ret_reply->body, ret_reply->body_length);
	return true;
}

void peer_expect_end(struct peer *peer)
{
	while (receive_more(peer))
		;
	assert_int_equal(peer->length, 0);
}

const struct reply *peer_ask(struct peer *peer, const char *request)
{
	static struct reply reply;

	peer_send(peer, request);
	assert_true(peer_receive(peer, &reply));
	return &reply;
}

const char *reply_header(const struct reply *reply, const char *name)
{
	static char value[512];
	char wanted[64];
	const char *at;

	snprintf(wanted, sizeof(wanted), "\r\n%s: ", name);
	at = strcasestr(reply->head, wanted);
	if (!at)
		return NULL;
	at += strlen(wanted);
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at, "\r"), at);
	return value;
}
