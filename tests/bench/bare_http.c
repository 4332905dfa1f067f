/* SPDX-License-Identifier: MIT */
/* bare_http.c -- what libmicrohttpd does by itself: reads each request and answers so many bytes
 * from memory.
 *
 *	bare_http BYTES [STORE ITEMS]
 *
 * Prints the port that it got and serves until it is killed, with a thread for each processor.
 * With a store each request is answered when the rows of one call are on disk: its connection
 * sleeps, one thread commits the rows of all that wait, and wakes them. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "bench.h"
#include "raw_rows.h"

struct request {
	struct request *next;
	struct MHD_Connection *connection;
	bool committed;
};

static struct MHD_Response *response;
static bool commits;
static struct raw_rows rows;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static struct request *waiting;

static struct request *take_waiting(void)
{
	struct request *taken;

	pthread_mutex_lock(&lock);
	while (!waiting)
		pthread_cond_wait(&wake, &lock);
	taken = waiting;
	waiting = NULL;
	pthread_mutex_unlock(&lock);
	return taken;
}

static void *commit_groups(void *context)
{
	for (;;) {
		struct request *group = take_waiting(), *next;
		unsigned int calls = 0;

		for (struct request *request = group; request; request = request->next)
			calls++;
		raw_rows_commit(&rows, calls);
		for (struct request *request = group; request; request = next) {
			next = request->next;
			request->committed = true;
			MHD_resume_connection(request->connection);
		}
	}
	return NULL;
}

static enum MHD_Result sleep_until_committed(struct request *request)
{
	MHD_suspend_connection(request->connection);
	pthread_mutex_lock(&lock);
	request->next = waiting;
	waiting = request;
	if (!request->next)
		pthread_cond_signal(&wake);
	pthread_mutex_unlock(&lock);
	return MHD_YES;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request_address)
{
	struct request *request = *request_address;

	if (!request) {
		request = *request_address = xcalloc(1, sizeof(*request));
		request->connection = connection;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (commits && !request->committed)
		return sleep_until_committed(request);
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static void completed(void *context, struct MHD_Connection *connection, void **request_address,
		      enum MHD_RequestTerminationCode code)
{
	free(*request_address);
	*request_address = NULL;
}

static struct MHD_Daemon *start(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct MHD_Daemon *daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | (commits ? MHD_ALLOW_SUSPEND_RESUME : 0), 0, NULL,
		NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned int)sysconf(_SC_NPROCESSORS_ONLN), MHD_OPTION_CONNECTION_LIMIT, 1024,
		MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);

	if (!daemon)
		die("cannot serve");
	return daemon;
}

int main(int argc, char **argv)
{
	size_t size = argc > 1 ? number_of(argv[1]) : 0;
	struct MHD_Daemon *daemon;
	pthread_t committer;

	commits = argc > 2;
	if (argc != 2 && argc != 4)
		die("usage: bare_http BYTES [STORE ITEMS]");
	if (commits)
		raw_rows_open(argv[2], number_of(argv[3]), &rows);
	if (commits && pthread_create(&committer, NULL, commit_groups, NULL) != 0)
		die("no thread");
	response = MHD_create_response_from_buffer(size, memset(xmalloc(size), 'x', size),
						   MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, "Content-Type", "application/soap+xml;charset=UTF-8");
	daemon = start();
	printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	for (;;)
		pause();
}
