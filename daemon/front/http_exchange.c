/* SPDX-License-Identifier: MIT */
/* http_exchange.c -- one request: its steps, and the answer that may come from any thread. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "front/http_basic.h"
#include "front/http_internal.h"
#include "openkvp/scoped.h"

#define RESERVE_MAX (64 * 1024) /* for a body that is announced and has not come yet */

/* --- What a handler sees --- */

const struct http_request *http_request(struct http_exchange *exchange)
{
	return &exchange->request;
}

static const char *look_up(struct http_exchange *exchange, enum MHD_ValueKind kind,
			   const char *name)
{
	const char *value = MHD_lookup_connection_value(exchange->connection, kind, name);

	return value ? arena_text(exchange->request.arena, value, strlen(value)) : NULL;
}

const char *http_header(struct http_exchange *exchange, const char *name)
{
	return look_up(exchange, MHD_HEADER_KIND, name);
}

const char *http_query(struct http_exchange *exchange, const char *name)
{
	return look_up(exchange, MHD_GET_ARGUMENT_KIND, name);
}

struct visit {
	bool (*each)(void *context, const char *name, const char *value);
	void *context;
	bool done;
};

static enum MHD_Result visit(void *context, enum MHD_ValueKind kind, const char *name,
			     const char *value)
{
	struct visit *visit = context;

	visit->done = visit->each(visit->context, name, value);
	return visit->done ? MHD_YES : MHD_NO;
}

bool http_query_each(struct http_exchange *exchange,
		     bool (*each)(void *context, const char *name, const char *value),
		     void *context)
{
	struct visit all = { each, context, true };

	MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, visit, &all);
	return all.done;
}

/* --- Life --- */

static struct http_exchange *exchange_create(struct served *served, struct client *client,
					     struct MHD_Connection *connection, const char *method,
					     const char *path)
{
	struct arena *arena = take(client->spare); /* since client_begins_request() */
	struct http_exchange *exchange = arena_new(arena, struct http_exchange);

	exchange->server = served->server;
	exchange->client = client;
	exchange->connection = connection;
	exchange->references = 1;
	exchange->request = (struct http_request){
		.arena = arena,
		.method = arena_text(arena, method, strlen(method)),
		.path = arena_text(arena, path, strlen(path)),
		.raw_path = client->raw_path,
		.peer = arena_text(arena, client->peer, strlen(client->peer)),
		.local = client->local,
		.secure = client->secure,
		.principal = client->principal,
	};
	return exchange;
}

/* Lets go of an exchange. The last one gets its arena, empty; the others NULL. */
static struct arena *release(struct http_exchange *exchange)
{
	struct arena *arena = exchange->request.arena;

	if (atomic_fetch_sub(&exchange->references, 1) > 1)
		return NULL;
	if (exchange->response)
		MHD_destroy_response(exchange->response);
	text_done(&exchange->body);
	text_done(&exchange->piece);
	arena_reset(arena);
	return arena;
}

void http_hold(struct http_exchange *exchange)
{
	atomic_fetch_add(&exchange->references, 1);
}

void http_release(struct http_exchange *exchange)
{
	struct arena *arena = release(exchange);

	arena_free(&arena);
}

/* Tells drain() that there is less to wait for. Nobody else waits, and waking a thread costs more
 * than answering a request. */
static void tell_who_stops(struct http_server *server)
{
	if (!server->stopping)
		return;
	pthread_mutex_lock(&server->lock);
	pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

static void uncount(struct http_exchange *exchange)
{
	if (exchange->counted && atomic_fetch_sub(&exchange->server->counted, 1) == 1)
		tell_who_stops(exchange->server);
	exchange->counted = false;
}

/* Makes the server wait for this request when it stops; false when it stops already. Either this
 * sees that it stops, or drain() sees this one. */
static bool count(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;
	bool was_counted = exchange->counted;

	if (!was_counted)
		atomic_fetch_add(&server->counted, 1);
	exchange->counted = true;
	if (!server->stopping)
		return true;
	if (!was_counted)
		uncount(exchange);
	return false;
}

void exchange_completed(void *context, struct MHD_Connection *connection, void **exchange_address,
			enum MHD_RequestTerminationCode code)
{
	struct http_exchange *exchange = *exchange_address;
	struct http_server *server;
	struct client *client;

	*exchange_address = NULL;
	if (!exchange)
		return;
	server = exchange->server;
	client = exchange->client;
	uncount(exchange);
	client_set_deadline(client, (uint64_t)server->idle_timeout_s * 1000 + HEAD_MS);
	client->spare = release(exchange);
}

/* --- Sleeping and waking --- */

/* Puts an exchange among those asleep; false when nobody may sleep any more. */
static bool join_sleepers(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;
	bool closed;

	pthread_mutex_lock(&server->lock);
	closed = server->closed;
	if (!closed) {
		exchange->next_asleep = server->asleep;
		exchange->link_asleep = &server->asleep;
		if (exchange->next_asleep)
			exchange->next_asleep->link_asleep = &exchange->next_asleep;
		server->asleep = exchange;
	}
	pthread_mutex_unlock(&server->lock);
	return !closed;
}

/* The server's lock is held. */
static void unlink_sleeper(struct http_exchange *exchange)
{
	*exchange->link_asleep = exchange->next_asleep;
	if (exchange->next_asleep)
		exchange->next_asleep->link_asleep = exchange->link_asleep;
	if (!exchange->server->asleep && exchange->server->stopping)
		pthread_cond_broadcast(&exchange->server->changed);
}

/* Resumes one that sleeps. It is off the list before: it may sleep again before this returns. The
 * server waits meanwhile, or it would stop with the connection still suspended. */
static void resume(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;

	pthread_mutex_lock(&server->lock);
	unlink_sleeper(exchange);
	server->waking++;
	pthread_mutex_unlock(&server->lock);
	MHD_resume_connection(exchange->connection);
	pthread_mutex_lock(&server->lock);
	if (--server->waking == 0 && server->stopping)
		pthread_cond_broadcast(&server->changed);
	pthread_mutex_unlock(&server->lock);
}

static bool pass_baton(struct http_exchange *exchange, enum baton from, enum baton to)
{
	int expected = from;

	return atomic_compare_exchange_strong(&exchange->baton, &expected, to);
}

/* Goes on with next() when the other one has done his part; lets the connection sleep until then.
 */
static enum MHD_Result await(struct http_exchange *exchange,
			     enum MHD_Result (*next)(struct http_exchange *exchange))
{
	if (atomic_load(&exchange->baton) == BATON_WOKEN)
		return next(exchange);
	if (!join_sleepers(exchange))
		return pass_baton(exchange, BATON_RUNNING, BATON_ABANDONED) ? MHD_NO
									    : next(exchange);
	MHD_suspend_connection(exchange->connection);
	if (!pass_baton(exchange, BATON_RUNNING, BATON_SLEEPING))
		resume(exchange);
	return MHD_YES;
}

/* Ends the other one's part. The server waits until he is out of here: see join_sleepers(). */
static void wake(struct http_exchange *exchange)
{
	if (atomic_exchange(&exchange->baton, BATON_WOKEN) == BATON_SLEEPING)
		resume(exchange);
	http_release(exchange);
}

void exchanges_abandon(struct http_server *server)
{
	struct http_exchange *next;

	for (struct http_exchange *exchange = server->asleep; exchange; exchange = next) {
		next = exchange->next_asleep;
		if (!pass_baton(exchange, BATON_SLEEPING, BATON_ABANDONED))
			continue; /* somebody is about to wake it, or it is about to sleep */
		unlink_sleeper(exchange);
		MHD_resume_connection(exchange->connection);
	}
}

/* Whether nobody waits for the answer any more. A client who only sends no more may still wait; by
 * TCP, one who has closed altogether looks the same until something is sent to him. Either is given
 * up only where the handler said so, and when two looks have found him so: he gets what comes soon.
 */
static bool has_gone(struct http_exchange *exchange)
{
	struct pollfd end = { .fd = exchange->client->fd, .events = POLLRDHUP };
	bool half_closed_before = exchange->half_closed;

	poll(&end, 1, 0);
	exchange->half_closed = end.revents != 0;
	return end.revents & (POLLHUP | POLLERR) ||
	       (half_closed_before && exchange->may_be_given_up);
}

/* Libmicrohttpd does not look at connections that sleep. */
void exchanges_abandon_gone(struct http_server *server)
{
	struct http_exchange *gone = NULL, *next;

	pthread_mutex_lock(&server->lock);
	for (struct http_exchange *exchange = server->asleep; exchange;
	     exchange = exchange->next_asleep) {
		if (!has_gone(exchange) || !pass_baton(exchange, BATON_SLEEPING, BATON_ABANDONED))
			continue;
		exchange->next_gone = gone;
		gone = exchange;
	}
	pthread_mutex_unlock(&server->lock);
	for (; gone; gone = next) {
		next = gone->next_gone;
		resume(gone);
	}
}

void http_may_give_up(struct http_exchange *exchange)
{
	exchange->may_be_given_up = true;
}

bool http_client_gone(const struct http_exchange *exchange)
{
	return atomic_load(&exchange->baton) == BATON_ABANDONED;
}

/* --- The steps, from the last to the first --- */

static enum MHD_Result send_answer(struct http_exchange *exchange)
{
	if (atomic_load(&exchange->baton) == BATON_ABANDONED)
		return MHD_NO;
	return MHD_queue_response(exchange->connection, exchange->status, exchange->response);
}

void http_answer(struct http_exchange *exchange, unsigned int status, const char *content_type,
		 struct text *body)
{
	exchange_set_answer(exchange, status, content_type, body);
	wake(exchange);
}

void http_answer_pieces(struct http_exchange *exchange, unsigned int status,
			const char *content_type, struct text *body,
			const struct http_pieces *pieces)
{
	exchange->pieces = *pieces;
	http_answer(exchange, status, content_type, body);
}

void http_demand_credentials(struct http_exchange *exchange)
{
	exchange_refuse(exchange, &refused_anonymous);
	wake(exchange);
}

static enum MHD_Result refuse(struct http_exchange *exchange, const struct refusal *refusal)
{
	exchange->step = STEP_ANSWERING;
	exchange_refuse(exchange, refusal);
	return send_answer(exchange);
}

/* The whole request is there. */
static enum MHD_Result handle(struct http_exchange *exchange)
{
	client_set_deadline(exchange->client, 0);
	if (exchange->refusal)
		return refuse(exchange, exchange->refusal);
	if (!count(exchange))
		return refuse(exchange, &refused_stopping);
	exchange->step = STEP_ANSWERING;
	exchange->request.body = exchange->body.bytes ? exchange->body.bytes : "";
	exchange->request.body_length = exchange->body.length;
	exchange->baton = BATON_RUNNING;
	http_hold(exchange);
	exchange->route->handle(exchange, exchange->route->context);
	return await(exchange, send_answer);
}

/* Too much for this client; somebody unknown may be allowed more once he is known. */
static const struct refusal *refuse_size(const struct http_exchange *exchange)
{
	return exchange->body_max < exchange->server->body_max ? &refused_anonymous : &refused_size;
}

/* Takes a piece of the body; what will be refused is read and dropped, because a client that is
 * still sending would not see the answer. */
static enum MHD_Result collect(struct http_exchange *exchange, const char *upload, size_t *size)
{
	exchange->received += *size;
	if (!exchange->refusal && exchange->received > exchange->body_max) {
		exchange->refusal = refuse_size(exchange);
		text_done(&exchange->body);
	}
	if (exchange->received > DISCARD_FACTOR * exchange->server->body_max)
		return MHD_NO;
	if (!exchange->refusal)
		text_add(&exchange->body, upload, *size);
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result begin_body(struct http_exchange *exchange)
{
	bool known = *exchange->request.principal.name != '\0';
	const char *length_text = http_header(exchange, "Content-Length");
	const char *expect = http_header(exchange, "Expect");
	unsigned long long length = length_text ? strtoull(length_text, NULL, 10) : 0;

	exchange->step = STEP_BODY;
	exchange->body_max = exchange->server->body_max;
	if (!known && exchange->body_max > ANONYMOUS_BODY_MAX)
		exchange->body_max = ANONYMOUS_BODY_MAX;
	if (!exchange->refusal && length > exchange->body_max)
		exchange->refusal = refuse_size(exchange);
	if (exchange->refusal && expect && strcasecmp(expect, "100-continue") == 0)
		return refuse(exchange, exchange->refusal);
	if (!exchange->refusal && length > 0)
		text_reserve(&exchange->body, length < RESERVE_MAX ? length : RESERVE_MAX);
	return MHD_YES;
}

/* --- Who is asking --- */

static void password_checked(void *context, const struct principal *principal)
{
	struct http_exchange *exchange = context;

	if (principal)
		exchange->request.principal = *principal;
	else
		exchange->refusal = &refused_password;
	wake(exchange);
}

static enum MHD_Result after_check(struct http_exchange *exchange)
{
	if (atomic_load(&exchange->baton) == BATON_ABANDONED)
		return MHD_NO;
	return begin_body(exchange);
}

static enum MHD_Result check_password(struct http_exchange *exchange, const char *name,
				      const char *password)
{
	if (!count(exchange)) {
		exchange->refusal = &refused_stopping;
		return begin_body(exchange);
	}
	exchange->step = STEP_CHECKING;
	exchange->baton = BATON_RUNNING;
	http_hold(exchange);
	if (credentials_check(exchange->server->credentials, name, password, password_checked,
			      exchange, NULL))
		return await(exchange, after_check);
	atomic_fetch_sub(&exchange->references, 1);
	exchange->refusal = &refused_busy;
	return begin_body(exchange);
}

static enum MHD_Result authenticate(struct http_exchange *exchange)
{
	struct credentials *credentials = exchange->server->credentials;
	const char *header =
		MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, "Authorization");
	char text[HTTP_BASIC_MAX];
	const char *name, *password;

	if (*exchange->client->principal.name)
		return begin_body(exchange);
	if (!header)
		exchange->refusal =
			exchange->route->access == HTTP_SOMEONE ? &refused_anonymous : NULL;
	else if (!credentials || !http_basic_read(header, text, &name, &password))
		exchange->refusal = &refused_password;
	else if (!credentials_known(credentials, name, password, &exchange->request.principal))
		return check_password(exchange, name, password);
	return begin_body(exchange);
}

enum MHD_Result exchange_continue(void *context, struct MHD_Connection *connection,
				  const char *path, const char *method, const char *version,
				  const char *upload, size_t *upload_size, void **exchange_address)
{
	struct http_exchange *exchange = *exchange_address;

	if (!exchange) {
		exchange =
			exchange_create(context, client_of(connection), connection, method, path);
		*exchange_address = exchange;
		exchange->refusal = exchange_find_route(exchange);
		return exchange->refusal ? begin_body(exchange) : authenticate(exchange);
	}
	switch (exchange->step) {
	case STEP_CHECKING:
		return after_check(exchange);
	case STEP_BODY:
		return *upload_size > 0 ? collect(exchange, upload, upload_size) : handle(exchange);
	default:
		return send_answer(exchange);
	}
}
