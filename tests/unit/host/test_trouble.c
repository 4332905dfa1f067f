/* SPDX-License-Identifier: MIT */
/* test_trouble.c -- host/trouble: what a VM's status says of what its guest does. */
#include "host/trouble.h"

#include "host_fixture.h"
#include "openkvp/scoped.h"

#define CALM_MS 20

/* The trouble of a VM of the fixture's host. */
static struct trouble *trouble_of(struct fixture *fixture, struct vm *vm, struct loop **ret_loop)
{
	*ret_loop = loop_create(&fixture->loop);
	return trouble_create(*ret_loop, vm, CALM_MS);
}

static void what_happens_is_told_until_it_has_not_happened_for_a_while(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct loop *loop;
	struct trouble *trouble = trouble_of(fixture, vm, &loop);

	assert_string_equal(vm_status(vm).trouble, "");
	trouble_note(trouble, TROUBLE_RATE, "it sends too much");
	assert_string_equal(vm_status(vm).trouble, "it sends too much");
	assert_true(vm_status(vm).degraded);
	trouble_note(trouble, TROUBLE_RATE, "it still does");
	assert_string_equal(vm_status(vm).trouble, "it still does");
	run_until(fixture, *vm_status(vm).trouble == '\0');
	assert_false(vm_status(vm).degraded);
	trouble_free(&trouble);
	loop_free(&loop);
}

static void what_is_so_is_told_until_it_ends(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct loop *loop;
	struct trouble *trouble = trouble_of(fixture, vm, &loop);

	trouble_note(trouble, TROUBLE_GUEST_POOL, "it publishes too much");
	trouble_note(trouble, TROUBLE_RATE, "it sends too much");
	assert_string_equal(vm_status(vm).trouble, "it sends too much");
	run_until(fixture, strcmp(vm_status(vm).trouble, "it publishes too much") == 0);
	trouble_end(trouble, TROUBLE_GUEST_POOL);
	assert_string_equal(vm_status(vm).trouble, "");
	trouble_free(&trouble);
	loop_free(&loop);
}

static void many_beginnings_are_told_and_degrade_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = define_vm(fixture);
	struct loop *loop;
	struct trouble *trouble = trouble_of(fixture, vm, &loop);

	for (int i = 0; i < 20; i++)
		trouble_count_anew(trouble);
	assert_string_equal(vm_status(vm).trouble, "");
	trouble_count_anew(trouble);
	assert_non_null(strstr(vm_status(vm).trouble, "began anew 21 times"));
	assert_false(vm_status(vm).degraded);
	trouble_free(&trouble);
	loop_free(&loop);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(what_happens_is_told_until_it_has_not_happened_for_a_while),
		test(what_is_so_is_told_until_it_ends),
		test(many_beginnings_are_told_and_degrade_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
