/* SPDX-License-Identifier: MIT */
/* test_connect.c -- base/connect */
#include "base/connect.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

#include "tests/unit/temp_folder.h"

static char *folder;

static int setup(void **state)
{
	folder = temp_folder_create();
	return 0;
}

static int teardown(void **state)
{
	temp_folder_remove(folder);
	return 0;
}

/* An address of a socket in the test's folder. */
static struct connector *connector_for(const char *kind)
{
	struct connector *connector;
	struct okvp_error err;
	char address[600];

	snprintf(address, sizeof(address), "%s%s", kind, temp_folder_file(folder, "socket"));
	if (!connector_create(address, &connector, &err))
		fail_msg("%s", err.message);
	assert_string_equal(connector_name(connector), address);
	return connector;
}

static struct sockaddr_un socket_address(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", folder);
	return address;
}

static void assert_joined(int a, int b)
{
	char byte = 'x';

	assert_int_equal(write(a, &byte, 1), 1);
	byte = 0;
	assert_int_equal(read(b, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(read(b, &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",         "socket",        "tcp:1",          "UNIX:/x",
		"/tmp/x",   "vsockets",      "vsock:",         "vsock:x",
		"vsock:2:", "vsock:2:x",     "vsock:2:3:4",    "vsock:4294967296",
		"vsock:-1", "vsock-listen:", "vsock-listen:x", "vsock-listen:1:2",
	};
	struct connector *connector = NULL;
	struct okvp_error err;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(connector_create(wrong[i], &connector, &err));
		assert_int_equal(err.status, OKVP_INVALID);
		assert_non_null(strstr(err.message, "unix-listen:PATH"));
	}
	assert_null(connector);
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
	char address[200] = "unix-listen:/";
	struct connector *connector;
	struct okvp_error err;

	memset(address + 13, 'x', sizeof(address) - 14);
	assert_false(connector_create(address, &connector, &err));
	assert_int_equal(err.status, OKVP_INVALID);
}

static void it_connects_when_somebody_listens(void **state)
{
	struct connector *connector = connector_for("unix:");
	struct sockaddr_un address = socket_address();
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), accepted, fd;
	struct okvp_error err;

	assert_int_equal(connector_listener(connector), -1);
	assert_false(connector_open(connector, &fd, &err));
	assert_int_equal(err.status, OKVP_UNAVAILABLE);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_true(connector_open(connector, &fd, &err));

	accepted = accept(listener, NULL, NULL);
	assert_joined(accepted, fd);
	close(accepted);
	close(fd);
	close(listener);
	connector_free(&connector);
}

static void it_listens_and_takes_who_connects(void **state)
{
	struct connector *connector = connector_for("unix-listen:");
	struct sockaddr_un address = socket_address();
	struct pollfd poll_it = { .fd = connector_listener(connector), .events = POLLIN };
	int host = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	struct okvp_error err;

	assert_int_equal(poll(&poll_it, 1, 0), 0);
	assert_false(connector_open(connector, &fd, &err));
	assert_int_equal(err.status, OKVP_UNAVAILABLE);
	assert_int_equal(connect(host, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(poll(&poll_it, 1, 0), 1);
	assert_true(connector_open(connector, &fd, &err));

	assert_joined(host, fd);
	close(host);
	close(fd);
	connector_free(&connector);
	assert_int_equal(access(address.sun_path, F_OK), -1);
}

static void a_socket_left_behind_is_replaced(void **state)
{
	struct sockaddr_un address = socket_address();
	int other = socket(AF_UNIX, SOCK_STREAM, 0);
	struct connector *connector;

	assert_int_equal(bind(other, (struct sockaddr *)&address, sizeof(address)), 0);
	close(other);
	connector = connector_for("unix-listen:");
	assert_true(connector_listener(connector) >= 0);
	connector_free(&connector);
}

static void another_file_is_not_replaced(void **state)
{
	struct connector *connector;
	struct okvp_error err;
	char address[600];

	temp_folder_write(folder, "socket", "precious", 8);
	snprintf(address, sizeof(address), "unix-listen:%s/socket", folder);
	assert_false(connector_create(address, &connector, &err));
	assert_int_equal(err.status, OKVP_IO);
	assert_int_equal(access(temp_folder_file(folder, "socket"), F_OK), 0);
}

static void a_device_is_opened(void **state)
{
	struct connector *connector;
	struct okvp_error err;
	int fd;

	assert_true(connector_create("/dev/null", &connector, &err));
	assert_true(connector_open(connector, &fd, &err));
	assert_int_equal(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_RDWR);
	close(fd);
	connector_free(&connector);

	assert_true(connector_create("/dev/no-such-port", &connector, &err));
	assert_false(connector_open(connector, &fd, &err));
	assert_non_null(strstr(err.message, "/dev/no-such-port"));
	connector_free(&connector);
}

static void without_an_address_the_port_is_looked_for(void **state)
{
	struct connector *connector;
	struct okvp_error err;
	int fd;

	assert_true(connector_create(NULL, &connector, &err));
	assert_non_null(strstr(connector_name(connector), CONNECT_PORT_NAME));
	if (connector_open(connector, &fd, &err))
		close(fd); /* this machine is a guest of openkvp */
	else
		assert_non_null(strstr(err.message, CONNECT_PORT_NAME));
	connector_free(&connector);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_address_is_refused),
		TEST(a_path_too_long_for_a_socket_is_refused),
		TEST(it_connects_when_somebody_listens),
		TEST(it_listens_and_takes_who_connects),
		TEST(a_socket_left_behind_is_replaced),
		TEST(another_file_is_not_replaced),
		TEST(a_device_is_opened),
		TEST(without_an_address_the_port_is_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
