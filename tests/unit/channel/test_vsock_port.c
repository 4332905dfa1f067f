/* SPDX-License-Identifier: MIT */
/* test_vsock_port.c -- channel/vsock_port: who may call, where the system has AF_VSOCK. That calls
 * arrive is shown in a virtual machine: ./dev test-vm. */
#include "channel/vsock_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include <cmocka.h>

struct fixture {
	uv_loop_t loop;
	struct vsock_port *port;
};

static void called(void *context, int fd)
{
	fail_msg("nobody can have called");
}

static struct vsock_caller third = { 3, called, NULL }, fourth = { 4, called, NULL };

static int prepare(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	uv_loop_init(&fixture->loop);
	fixture->port = vsock_port_create(&fixture->loop, 59999);
	*state = fixture;
	return 0;
}

static int clean_up(void **state)
{
	struct fixture *fixture = *state;

	vsock_port_free(&fixture->port);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	free(fixture);
	return 0;
}

static bool add(struct fixture *fixture, const struct vsock_caller *caller, struct okvp_error *err)
{
	bool added = vsock_port_add(fixture->port, caller, err);

	if (!added && err->status == OKVP_UNAVAILABLE)
		skip();
	return added;
}

static void a_cid_belongs_to_one_vm(void **state)
{
	struct fixture *fixture = *state;
	const struct vsock_caller same = { 3, called, fixture };
	struct okvp_error err;

	assert_true(add(fixture, &third, &err));
	assert_true(add(fixture, &fourth, &err));
	assert_false(add(fixture, &same, &err));
	assert_int_equal(err.status, OKVP_BUSY);
	vsock_port_remove(fixture->port, &third);
	assert_true(add(fixture, &same, &err));
	vsock_port_remove(fixture->port, &same);
	vsock_port_remove(fixture->port, &fourth);
}

static void a_port_of_another_program_is_busy_until_it_is_free(void **state)
{
	struct fixture *fixture = *state;
	const struct sockaddr_vm address = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = 59999,
	};
	int other = socket(AF_VSOCK, SOCK_STREAM, 0);
	struct okvp_error err;

	if (other < 0)
		skip();
	assert_int_equal(bind(other, (const void *)&address, sizeof(address)), 0);
	assert_false(add(fixture, &third, &err));
	assert_int_equal(err.status, OKVP_BUSY);
	close(other);
	assert_true(add(fixture, &third, &err));
	vsock_port_remove(fixture->port, &third);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, prepare, clean_up)
	const struct CMUnitTest tests[] = {
		test(a_cid_belongs_to_one_vm),
		test(a_port_of_another_program_is_busy_until_it_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
