/* SPDX-License-Identifier: MIT */
/* test_vsock.c -- base/vsock: addresses. That connections are made is shown in a virtual machine:
 * ./dev test-vm. */
#include "base/vsock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include <cmocka.h>

static void without_more_it_is_the_host_and_the_usual_port(void **state)
{
	struct vsock_place place;

	assert_true(vsock_read_place("", &place));
	assert_int_equal(place.cid, 2);
	assert_int_equal(place.port, VSOCK_PORT);
}

static void cid_and_port_can_be_told(void **state)
{
	struct vsock_place place;
	uint32_t port;

	assert_true(vsock_read_place(":1", &place));
	assert_int_equal(place.cid, 1);
	assert_int_equal(place.port, VSOCK_PORT);
	assert_true(vsock_read_place(":2:4294967294", &place));
	assert_int_equal(place.port, 4294967294);
	assert_true(vsock_read_port("", &port));
	assert_int_equal(port, VSOCK_PORT);
	assert_true(vsock_read_port(":700", &port));
	assert_int_equal(port, 700);
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const wrong[] = { ":", ":x", ":1x", "1", ":1:", ":1:2:", ":4294967295" };
	struct vsock_place place;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(vsock_read_place(wrong[i], &place));
}

/* The only connection that can be made within any machine that has the driver. */
static void who_calls_and_is_not_the_host_is_not_heard(void **state)
{
	const struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_LOCAL,
		.svm_port = 59998,
	};
	int caller = socket(AF_VSOCK, SOCK_STREAM, 0), listener = -1, fd;
	struct okvp_error err;

	if (caller < 0 || !vsock_listen(59998, &listener, &err))
		skip();
	if (connect(caller, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(listener);
		close(caller);
		skip();
	}
	assert_false(vsock_accept(listener, &fd, &err));
	assert_int_equal(err.status, OKVP_UNAVAILABLE);
	close(listener);
	close(caller);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_more_it_is_the_host_and_the_usual_port),
		cmocka_unit_test(cid_and_port_can_be_told),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(who_calls_and_is_not_the_host_is_not_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
