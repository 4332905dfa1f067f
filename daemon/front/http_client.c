/* SPDX-License-Identifier: MIT */
/* http_client.c -- connections: who is at the other end, and how long he may take.
 *
 * libmicrohttpd ends a connection on which nothing moves. One on which a byte moves now and then
 * is ended here. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"
#include "front/http_internal.h"

static uint64_t idle_ms(const struct http_server *server)
{
	return (uint64_t)server->idle_timeout_s * 1000;
}

struct client *client_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

void client_set_deadline(struct client *client, uint64_t milliseconds)
{
	client->deadline_ms = milliseconds > 0 ? clock_monotonic_ms() + milliseconds : 0;
}

static struct client *client_create(struct served *served, struct MHD_Connection *connection)
{
	struct http_server *server = served->server;
	struct client *client = xcalloc(1, sizeof(*client));

	client->fd =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	client->local = served->listener.local;
	client->secure = served->secure;
	client->services = served->services;
	client->admitted = listener_identify(&served->listener, client->fd, client->peer,
					     sizeof(client->peer), &client->principal);
	client_set_deadline(client, HEAD_MS < idle_ms(server) ? HEAD_MS : idle_ms(server));
	pthread_mutex_lock(&server->lock);
	client->next = server->clients;
	client->link = &server->clients;
	if (client->next)
		client->next->link = &client->next;
	server->clients = client;
	pthread_mutex_unlock(&server->lock);
	return client;
}

static void client_free(struct http_server *server, struct client *client)
{
	pthread_mutex_lock(&server->lock);
	*client->link = client->next;
	if (client->next)
		client->next->link = client->link;
	pthread_mutex_unlock(&server->lock);
	arena_free(&client->spare);
	free(client);
}

void client_notify(void *context, struct MHD_Connection *connection, void **client,
		   enum MHD_ConnectionNotificationCode code)
{
	struct served *served = context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*client = client_create(served, connection);
	else
		client_free(served->server, *client);
}

void *client_begins_request(void *context, const char *uri, struct MHD_Connection *connection)
{
	const struct http_server *server = context;
	struct client *client = client_of(connection);

	client_set_deadline(client, BODY_MS < idle_ms(server) ? BODY_MS : idle_ms(server));
	if (!client->spare)
		client->spare = arena_create();
	client->raw_path = arena_text(client->spare, uri, strcspn(uri, "?"));
	return NULL;
}

void clients_sweep(struct http_server *server)
{
	uint64_t now = clock_monotonic_ms();

	pthread_mutex_lock(&server->lock);
	for (struct client *client = server->clients; client; client = client->next) {
		uint64_t deadline = client->deadline_ms;

		if (deadline > 0 && deadline <= now)
			shutdown(client->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&server->lock);
}
