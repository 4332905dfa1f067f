/* SPDX-License-Identifier: MIT */
/* transport_fixture.c -- see transport_fixture.h. */
#include "transport_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void connected(void *context)
{
	struct fixture *fixture = context;

	fixture->connected++;
}

static void received(void *context, const void *bytes, size_t size)
{
	struct fixture *fixture = context;

	strncat(fixture->received, bytes, size);
}

static void closed(void *context, const char *reason)
{
	struct fixture *fixture = context;

	fixture->closed++;
	snprintf(fixture->reason, sizeof(fixture->reason), "%s", reason);
}

static void fault_told(void *context, const char *reason)
{
	struct fixture *fixture = context;

	fixture->faults++;
	snprintf(fixture->fault, sizeof(fixture->fault), "%s", reason ? reason : "");
}

int prepare_transport(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	uv_loop_init(&fixture->loop);
	uv_timer_init(&fixture->loop, &fixture->tick);
	strcpy(fixture->folder, "/tmp/openkvp-test-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/s", fixture->folder);
	fixture->hub.loop = &fixture->loop;
	fixture->hub.port = TEST_PORT;
	fixture->hub.group = -1;
	fixture->hub.watch = watch_create(&fixture->loop);
	fixture->hub.vsock_port = vsock_port_create(&fixture->loop, TEST_PORT);
	*state = fixture;
	return 0;
}

int clean_up_transport(void **state)
{
	struct fixture *fixture = *state;
	char command[100];

	transport_close(&fixture->transport);
	vsock_port_free(&fixture->hub.vsock_port);
	watch_free(&fixture->hub.watch);
	uv_close((uv_handle_t *)&fixture->tick, NULL);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	snprintf(command, sizeof(command), "rm -rf %s", fixture->folder);
	assert_int_equal(system(command), 0);
	free(fixture);
	return 0;
}

void open_transport(struct fixture *fixture, const struct transport_kind *kind, const char *rest)
{
	const struct transport_events events = { connected, received, closed, fault_told, fixture };
	struct okvp_error err;

	if (!kind->check(rest, &err))
		fail_msg("%s", err.message);
	fixture->transport = kind->open(&fixture->hub, rest, &events);
}

static int socket_for(const char *path, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "%s", path);
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

int listen_at(const char *path)
{
	struct sockaddr_un address;
	int fd = socket_for(path, &address);

	assert_int_equal(bind(fd, (void *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

int connect_to(const char *path)
{
	struct sockaddr_un address;
	int fd = socket_for(path, &address);

	assert_int_equal(connect(fd, (void *)&address, sizeof(address)), 0);
	return fd;
}

static void ticked(uv_timer_t *timer)
{
}

void run_a_while(struct fixture *fixture)
{
	uv_timer_start(&fixture->tick, ticked, 10, 0);
	uv_run(&fixture->loop, UV_RUN_ONCE);
	uv_timer_stop(&fixture->tick);
}

void run_once(struct fixture *fixture)
{
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
}
