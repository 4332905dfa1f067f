/* SPDX-License-Identifier: MIT */
/* test_contact_events.c -- host/contact_events: what becomes of a guest that goes, and of a channel
 * at fault. */
#include "host_fixture.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "host/delivery.h"
#include "openkvp/scoped.h"

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void a_channel_that_another_program_uses_is_a_fault_until_it_is_free(void **state)
{
	struct fixture *fixture = *state;
	const char *path = strchr(fixture->address, '/');
	int other = listen_at(path);
	struct vm *vm scoped(vm_release) = define_vm(fixture);

	assert_true(vm_status(vm).fault);
	assert_non_null(strstr(vm_status(vm).reason, "another program"));
	close(other);
	unlink(path);
	run_until(fixture, !vm_status(vm).fault);
	connect_guest(fixture, vm);
}

static void a_guest_that_goes_leaves_a_job_that_says_pending(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 3, "VirtualMachineName"));
	fixture->guest.silent = true;
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	assert_int_equal(job_of(fixture, &change).state, JOB_RUNNING);
	disconnect_guest(fixture, vm);
	assert_int_equal(job_of(fixture, &change).state, JOB_COMPLETED);
	assert_non_null(strstr(job_of(fixture, &change).text, "stored; delivery pending"));
	assert_int_equal(delivery_of(vm, "a").state, DELIVERY_STORED);
}

static void a_guest_that_does_not_answer_fails_the_job_in_time(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct change change = { 0 };

	connect_guest(fixture, vm);
	run_until(fixture, guest_value(&fixture->guest, 3, "VirtualMachineName"));
	fixture->guest.silent = true;
	change_one(fixture, vm, &change, EXCHANGE_PUT, "a", "1");
	run_until(fixture, has_ended(fixture, &change));
	assert_int_equal(job_of(fixture, &change).error, JOB_TIMEOUT);
	assert_int_equal(vm_status(vm).contact, VM_CONTACT_LOST);
	assert_non_null(strstr(job_of(fixture, &change).text, "do not add again"));
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(a_channel_that_another_program_uses_is_a_fault_until_it_is_free),
		test(a_guest_that_goes_leaves_a_job_that_says_pending),
		test(a_guest_that_does_not_answer_fails_the_job_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
