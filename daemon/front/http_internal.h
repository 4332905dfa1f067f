/* SPDX-License-Identifier: MIT */
/* http_internal.h -- the inside of the HTTP server: clients, and their requests on the way from the
 * first header to the last byte of the answer.
 *
 * A request takes these steps; libmicrohttpd calls exchange_continue() for each:
 *
 *	HEAD -> [CHECKING ->] BODY -> ... -> ANSWERING -> exchange_completed()
 *
 * In CHECKING (a password) and ANSWERING somebody else may have the request. Its connection then
 * sleeps, and he wakes it. Whoever of the two comes second finds out by the baton:
 *
 *	RUNNING: neither has come      SLEEPING: the connection sleeps
 *	WOKEN: he has done his part    ABANDONED: the server stops, or the client has gone */
#pragma once
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "auth/credentials.h"
#include "front/http_listener.h"
#include "front/http_server.h"

enum {
	HEAD_MS = 15000,                /* for the headers, from the first byte */
	BODY_MS = 60000,                /* for the whole request, from its first line */
	ANONYMOUS_BODY_MAX = 64 * 1024, /* of somebody who has not said who he is */
	DISCARD_FACTOR = 4, /* so many times the bound of a body are read to say what was wrong */
	STOP_MS = 10000,    /* for those that are being answered when the server stops */
};

#define PEER_SIZE 64

/* A connection and who is at its other end. */
struct client {
	struct client *next, **link; /* among those of the server */
	int fd;                      /* libmicrohttpd's */
	bool local, secure, admitted;
	unsigned int services; /* of its listener */
	char peer[PEER_SIZE];
	struct principal principal;
	_Atomic uint64_t deadline_ms; /* what he is doing has to be done by then; 0: no matter */
	struct arena *spare;          /* for his next request */
	const char *raw_path;         /* of that request, in spare */
};

enum step { STEP_HEAD, STEP_CHECKING, STEP_BODY, STEP_ANSWERING };
enum baton { BATON_RUNNING, BATON_SLEEPING, BATON_WOKEN, BATON_ABANDONED };

/* Why the server itself answers a request. */
struct refusal {
	unsigned int http_status;
	enum okvp_status status;
	const char *title, *message;
	bool close; /* the connection, too */
};

struct http_exchange {
	struct http_request request;
	struct http_server *server;
	struct client *client;
	struct MHD_Connection *connection;
	const struct http_route *route;
	const struct refusal *refusal; /* NULL: none so far */
	enum step step;
	bool counted; /* among those that the server waits for when it stops */
	struct text body;
	size_t body_max, received;

	atomic_int baton;
	atomic_int references; /* libmicrohttpd's, of the one who will wake, and http_hold()'s */
	struct http_exchange *next_asleep, **link_asleep;
	bool half_closed; /* the client sends no more, said the last look at those asleep */
	atomic_bool may_be_given_up; /* for that alone: see http_may_give_up() */
	struct http_exchange *next_gone;

	struct MHD_Response *response;
	unsigned int status;
	struct answer_header *headers;
	struct http_pieces pieces; /* next is NULL: the answer is whole */
	struct text piece;         /* the one that is being sent */
	size_t piece_sent;
};

/* What one listener serves. */
struct served {
	struct http_server *server;
	struct listener listener;
	bool secure;
	unsigned int services; /* 0: everything */
	struct MHD_Daemon *daemon;
};

struct http_server {
	struct http_route *routes;
	size_t route_count;
	struct credentials *credentials;
	size_t body_max;
	unsigned int idle_timeout_s, stop_ms;
	struct served *served;
	size_t served_count;

	pthread_t sweeper;
	bool sweeping;
	atomic_bool stopping; /* no new requests */
	atomic_size_t counted;
	pthread_mutex_t lock;   /* of what follows */
	pthread_cond_t changed; /* only while it stops: for who waits for the rest of it */
	bool closed;            /* nobody may fall asleep any more */
	struct client *clients;
	struct http_exchange *asleep;
	size_t waking; /* threads that are about to resume one that slept */
};

/* --- http_client.c: callbacks of libmicrohttpd --- */

/* A connection began (its client is made) or ended (freed). */
void client_notify(void *served, struct MHD_Connection *connection, void **client,
		   enum MHD_ConnectionNotificationCode code);

/* The first line of a request is there. */
void *client_begins_request(void *served, const char *uri, struct MHD_Connection *connection);

struct client *client_of(struct MHD_Connection *connection);

/* What the client does next has to be done so many milliseconds from now; 0: no matter. */
void client_set_deadline(struct client *client, uint64_t milliseconds);

/* Ends the connections of those who are late. */
void clients_sweep(struct http_server *server);

/* --- http_exchange.c: callbacks of libmicrohttpd --- */

enum MHD_Result exchange_continue(void *served, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **exchange);
void exchange_completed(void *served, struct MHD_Connection *connection, void **exchange,
			enum MHD_RequestTerminationCode code);

/* Takes requests out of the hands of those who did not answer them; the server's lock is held. */
void exchanges_abandon(struct http_server *server);

/* The same for those whose clients have gone; called now and then, without the lock. */
void exchanges_abandon_gone(struct http_server *server);

/* --- http_refusal.c --- */

extern const struct refusal refused_anonymous, refused_password, refused_stranger, refused_path,
	refused_method, refused_size, refused_busy, refused_stopping;

/* The route of a request, or why it has none. */
const struct refusal *exchange_find_route(struct http_exchange *exchange);

/* Makes the answer that says why. */
void exchange_refuse(struct http_exchange *exchange, const struct refusal *refusal);

/* --- http_answer.c --- */

/* Makes an answer, without sending it. */
void exchange_set_answer(struct http_exchange *exchange, unsigned int status,
			 const char *content_type, struct text *body);
