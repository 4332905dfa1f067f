/* SPDX-License-Identifier: MIT */
/* http_peer.h -- the smallest HTTP client that sees every byte. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct peer {
	int fd;
	char buffer[524288]; /* received and not yet consumed */
	size_t length;
};

struct reply {
	int status;
	char head[4096]; /* status line and headers */
	char body[524288];
	size_t body_length;
	int chunks; /* 0: the body came in one */
};

/* Connects to "127.0.0.1:1234" or a path; fails the test when it cannot. */
void peer_connect(struct peer *peer, const char *address);
void peer_close(struct peer *peer);

void peer_send(struct peer *peer, const char *text);
void peer_send_bytes(struct peer *peer, const char *bytes, size_t length);

/* Receives one reply; false when the connection ended before it was whole. */
bool peer_receive(struct peer *peer, struct reply *ret_reply);

/* Waits for the end of the connection. */
void peer_expect_end(struct peer *peer);

/* Sends a request and expects a reply; the reply is good until the next call. */
const struct reply *peer_ask(struct peer *peer, const char *request);

/* The value of a header of a reply, good until the next call; NULL: absent. */
const char *reply_header(const struct reply *reply, const char *name);
