/* SPDX-License-Identifier: MIT */
/* fake_server.c -- stands in for front/http_server.c. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fake.h"

/* A request on its way. Its memory goes with the answer, as the real one's does, so that the
 * sanitizer sees who touches it afterwards. */
struct http_exchange {
	struct http_request request;
	char *name[2], *value[2]; /* of the query */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered = PTHREAD_COND_INITIALIZER;

static void split_query(struct http_exchange *exchange, char *query)
{
	for (size_t i = 0; i < count_of(exchange->name) && query; i++) {
		exchange->value[i] = strsep(&query, "&");
		exchange->name[i] = strsep(&exchange->value[i], "=");
	}
}

void fake_send_bytes(enum role role, const char *method, const char *target, const char *body,
		     size_t body_length)
{
	struct arena *arena = arena_create();
	struct http_exchange *exchange = arena_new(arena, struct http_exchange);
	char *path = arena_text(arena, target, strlen(target)), *query = path;

	free(fake.body);
	fake.body = NULL;
	fake.http_status = 0;
	fake.allow[0] = '\0';
	strsep(&query, "?");
	if (query)
		split_query(exchange, query);
	exchange->request = (struct http_request){
		.arena = arena,
		.method = arena_text(arena, method, strlen(method)),
		.path = path,
		.raw_path = path,
		.body = arena_text(arena, body, body_length),
		.body_length = body_length,
		.peer = "test",
		.principal = { .name = "ann", .role = role },
	};
	json_api_handle(exchange, fake.api);
}

void fake_send_as(enum role role, const char *method, const char *target, const char *body)
{
	fake_send_bytes(role, method, target, body ? body : "", body ? strlen(body) : 0);
}

void fake_send(const char *method, const char *target, const char *body)
{
	fake_send_as(ROLE_ADMIN, method, target, body);
}

const struct http_request *http_request(struct http_exchange *exchange)
{
	return &exchange->request;
}

const char *http_query(struct http_exchange *exchange, const char *name)
{
	for (size_t i = 0; i < count_of(exchange->name); i++)
		if (exchange->name[i] && strcmp(exchange->name[i], name) == 0)
			return exchange->value[i];
	return NULL;
}

bool http_query_each(struct http_exchange *exchange,
		     bool (*each)(void *context, const char *name, const char *value),
		     void *context)
{
	for (size_t i = 0; i < count_of(exchange->name); i++)
		if (exchange->name[i] && !each(context, exchange->name[i], exchange->value[i]))
			return false;
	return true;
}

void http_answer_header(struct http_exchange *exchange, const char *name, const char *value)
{
	if (strcmp(name, "Allow") == 0)
		snprintf(fake.allow, sizeof(fake.allow), "%s", value);
}

void http_answer(struct http_exchange *exchange, unsigned int status, const char *content_type,
		 struct text *body)
{
	struct arena *arena = exchange->request.arena;

	fake.is_json = strcmp(content_type, "application/json") == 0;
	if (!fake.is_json && strcmp(content_type, "application/octet-stream") != 0)
		abort();
	fake.body_length = body->length;
	arena_free(&arena);
	pthread_mutex_lock(&lock);
	free(fake.body);
	fake.http_status = status;
	fake.body = text_take(body);
	pthread_cond_signal(&answered);
	pthread_mutex_unlock(&lock);
}

void fake_wait(void)
{
	pthread_mutex_lock(&lock);
	while (fake.http_status == 0)
		pthread_cond_wait(&answered, &lock);
	pthread_mutex_unlock(&lock);
}
