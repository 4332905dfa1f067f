/* SPDX-License-Identifier: MIT */
/* test_http_listener.c -- front/http_listener */
#include "front/http_listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "http_peer.h"

struct fixture {
	char folder[32], path[64];
	struct listener listener;
	struct okvp_error err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/listen-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/socket", f->folder);
	f->listener.fd = -1;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	listener_close(&f->listener);
	unlink(f->path);
	assert_int_equal(rmdir(f->folder), 0); /* no other name was left there */
	free(f);
	return 0;
}

static bool open_on(struct fixture *f, const char *address)
{
	const struct http_listener wanted = { .address = address, .mode = 0660, .group = -1 };

	return listener_open(&wanted, &f->listener, &f->err);
}

static void port_zero_becomes_a_port(void **state)
{
	struct fixture *f = *state;
	struct peer peer;

	assert_true(open_on(f, "127.0.0.1:0"));

	assert_ptr_equal(strstr(f->listener.address, "127.0.0.1:"), f->listener.address);
	assert_int_not_equal(atoi(f->listener.address + 10), 0);
	assert_false(f->listener.local);
	peer_connect(&peer, f->listener.address);
	peer_close(&peer);
}

static void a_client_who_vanishes_will_be_noticed(void **state)
{
	struct fixture *f = *state;
	socklen_t size = sizeof(int);
	struct peer peer;
	int fd, probed = 0;

	assert_true(open_on(f, "127.0.0.1:0"));
	peer_connect(&peer, f->listener.address);
	fd = accept(f->listener.fd, NULL, NULL);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &probed, &size), 0);
	assert_int_equal(probed, 1);
	peer_close(&peer);
	close(fd);
}

static void localhost_and_ipv6_are_addresses(void **state)
{
	struct fixture *f = *state;

	assert_true(open_on(f, "localhost:0"));
	assert_ptr_equal(strstr(f->listener.address, "127.0.0.1:"), f->listener.address);
	listener_close(&f->listener);
	if (!open_on(f, "[::1]:0"))
		skip(); /* a machine without IPv6 */
	assert_ptr_equal(strstr(f->listener.address, "[::1]:"), f->listener.address);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const addresses[] = {
		"",
		"127.0.0.1",
		":80",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"[::1]",
		"::1:80",
		"[]:80",
		"[::1:80",
		"127.0.0.1:8o",
		"host.example:80",
		"127.0.0.1:123456",
		"1.2.3:-1",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		if (open_on(f, addresses[i]))
			fail_msg("opened: %s", addresses[i]);
		assert_int_equal(f->err.status, OKVP_INVALID);
	}
}

static void a_port_in_use_is_told(void **state)
{
	struct fixture *f = *state;
	struct fixture other = { 0 };

	assert_true(open_on(f, "127.0.0.1:0"));

	assert_false(open_on(&other, f->listener.address));
	assert_int_equal(other.err.status, OKVP_IO);
	assert_non_null(strstr(other.err.message, f->listener.address));
}

static void a_socket_file_has_its_mode_and_goes_when_closed(void **state)
{
	struct fixture *f = *state;
	struct stat info;

	assert_true(open_on(f, f->path));

	assert_true(f->listener.local);
	assert_string_equal(f->listener.address, f->path);
	assert_int_equal(stat(f->path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0660);
	assert_int_equal(info.st_gid, f->listener.group);
	listener_close(&f->listener);
	assert_int_not_equal(stat(f->path, &info), 0);
}

static void a_stale_socket_is_replaced_and_a_living_one_is_not(void **state)
{
	struct fixture *f = *state;
	struct fixture other = { .listener.fd = -1 };

	assert_true(open_on(f, f->path));
	assert_false(open_on(&other, f->path));
	assert_int_equal(other.err.status, OKVP_EXISTS);

	close(f->listener.fd); /* its owner died */
	f->listener.fd = -1;

	assert_true(open_on(&other, f->path));
	listener_close(&other.listener);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "w");

	fclose(file);

	assert_false(open_on(f, f->path));
	assert_int_equal(f->err.status, OKVP_EXISTS);
	assert_int_equal(access(f->path, F_OK), 0);
}

static void a_path_too_long_for_a_socket_is_told(void **state)
{
	struct fixture *f = *state;
	char path[200];

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[199] = '\0';

	assert_false(open_on(f, path));
	assert_int_equal(f->err.status, OKVP_TOO_LONG);
}

static void a_tcp_peer_is_named_by_its_address(void **state)
{
	struct fixture *f = *state;
	struct principal principal;
	struct peer peer;
	char name[64];
	int connection;

	assert_true(open_on(f, "127.0.0.1:0"));
	peer_connect(&peer, f->listener.address);
	connection = accept(f->listener.fd, NULL, NULL);

	assert_true(listener_identify(&f->listener, connection, name, sizeof(name), &principal));
	assert_string_equal(name, "127.0.0.1");
	assert_string_equal(principal.name, "");
	assert_int_equal(principal.role, ROLE_NONE);
	close(connection);
	peer_close(&peer);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(port_zero_becomes_a_port),
		test(a_client_who_vanishes_will_be_noticed),
		test(localhost_and_ipv6_are_addresses),
		test(what_is_no_address_is_refused),
		test(a_port_in_use_is_told),
		test(a_socket_file_has_its_mode_and_goes_when_closed),
		test(a_stale_socket_is_replaced_and_a_living_one_is_not),
		test(a_file_that_is_no_socket_is_left_alone),
		test(a_path_too_long_for_a_socket_is_told),
		test(a_tcp_peer_is_named_by_its_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
