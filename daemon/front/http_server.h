/* SPDX-License-Identifier: MIT */
/* http_server.h -- requests in, answers out; the one user of libmicrohttpd.
 *
 * A handler gets a whole request and answers it once: at once, or later from any thread. Meanwhile
 * the connection sleeps and no thread waits. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/principal.h"
#include "base/arena.h"
#include "base/text.h"
#include "openkvp/error.h"

struct http_server;
struct http_exchange;

/* A request. All texts live in the arena, which goes when the answer has been sent. */
struct http_request {
	struct arena *arena;
	const char *method, *path; /* the path is decoded (%XX), without the query */
	const char *raw_path;      /* the same as it came: a name in it may hold an encoded '/' */
	const char *body;          /* NUL-terminated */
	size_t body_length;
	const char *peer;           /* "127.0.0.1", "uid 0"; the subject of log lines */
	bool local;                 /* by the local socket */
	bool secure;                /* by TLS */
	struct principal principal; /* role NONE: nobody is known */
};

/* A header of the request, or a parameter of its query; NULL: absent. Only until the handler
 * returns. */
const char *http_header(struct http_exchange *exchange, const char *name);
const char *http_query(struct http_exchange *exchange, const char *name);

/* Calls each() for the parameters of the query, until it returns false; then this does so too. A
 * parameter without '=' has the value NULL. Only until the handler returns. */
bool http_query_each(struct http_exchange *exchange,
		     bool (*each)(void *context, const char *name, const char *value),
		     void *context);

const struct http_request *http_request(struct http_exchange *exchange);

/* Keeps the request in memory, also when it has been answered, until http_release(), which may be
 * called on any thread. */
void http_hold(struct http_exchange *exchange);
void http_release(struct http_exchange *exchange);

/* Says that nothing but waiting goes on from here, perhaps for long: a client who has closed his
 * sending half is given up then. Without this he is answered as long as he may receive. On any
 * thread, before the answer. */
void http_may_give_up(struct http_exchange *exchange);

/* Whether the client has gone, so that nobody will see the answer that is to be made all the same.
 * Noticed after some seconds; only before the answer, or while the request is held. */
bool http_client_gone(const struct http_exchange *exchange);

/* Adds a header to the answer to come. */
void http_answer_header(struct http_exchange *exchange, const char *name, const char *value);

/* Answers. body is taken (empty: no body); content_type is a constant. The exchange must not be
 * touched afterwards, unless it is held. */
void http_answer(struct http_exchange *exchange, unsigned int status, const char *content_type,
		 struct text *body);

/* The rest of an answer that is too large to be made at once. next() appends some of it and returns
 * true while there is more to come; it is called on a thread of the server, when the client has
 * taken what was there before, and not any more once he is gone. context lives in the arena. */
struct http_pieces {
	bool (*next)(void *context, struct text *out);
	void *context;
};

/* Answers with a body that pieces go on with. */
void http_answer_pieces(struct http_exchange *exchange, unsigned int status,
			const char *content_type, struct text *body,
			const struct http_pieces *pieces);

/* Answers 401, for a handler of HTTP_ANYONE that needs to know who is asking. */
void http_demand_credentials(struct http_exchange *exchange);

/* Who may come to a route. */
enum http_access {
	HTTP_ANYONE,  /* the handler looks at the principal itself */
	HTTP_SOMEONE, /* 401 unless the principal is known */
};

/* One row of the routes table: http_routes.c. */
struct http_route {
	const char *method; /* "POST"; another method on the same path: 405 */
	const char *path;   /* exactly, or a prefix if it ends with '*' */
	enum http_access access;
	bool local_only;      /* by the local socket only; else 404 */
	bool remote_only;     /* by TCP only; else 404 */
	unsigned int service; /* by listeners that serve it; 0: by all */
	void (*handle)(struct http_exchange *exchange, void *context);
	void *context;
};

struct http_listener {
	const char *name;              /* as errors call it; NULL: they do not */
	const char *address;           /* "127.0.0.1:5985", "[::]:5986"; or a path: a unix socket */
	const char *certificate, *key; /* PEM, for TLS; NULL: without */
	unsigned int mode;             /* of a unix socket */
	int group;                     /* of a unix socket; -1: as it is */
	unsigned int services;         /* bits of what is served here; 0: everything */
	bool trusted; /* a peer of this unix socket that is root or in its group is ROLE_ADMIN, and
		       * nobody else comes in */
};

/* The routes are copied. Their texts and the credentials stay the caller's, and must last. */
struct http_settings {
	const struct http_listener *listeners;
	size_t listener_count;
	const struct http_route *routes;
	size_t route_count;
	struct credentials *credentials;       /* for HTTP Basic; may be NULL */
	unsigned int threads, connections_max; /* of each listener */
	size_t body_max;                       /* bytes; more: 413 */
	unsigned int idle_timeout_s;
	/* Called when the addresses are known and nobody is served yet; may be NULL. */
	void (*listening)(void *context, const struct http_server *server);
	void *context;
};

/* Checks what can be known of a listener without opening it: address, certificate and key. */
bool http_listener_check(const struct http_listener *listener, struct okvp_error *err);

/* Starts to listen on all addresses, or on none; then to serve. */
bool http_server_start(const struct http_settings *settings, struct http_server **ret_server,
		       struct okvp_error *err);

/* The address a listener got: "127.0.0.1:41234" where port 0 was asked for. */
const char *http_server_address(const struct http_server *server, size_t listener);

/* Stops to take requests, waits some seconds for those that are being answered, closes. Who answers
 * one later still may do so, to nobody. */
void http_server_stop(struct http_server **server);
