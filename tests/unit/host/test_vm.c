/* SPDX-License-Identifier: MIT */
/* test_vm.c -- host/vm: VMs under GUID and name. */
#include "host_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "openkvp/scoped.h"

/* Pictures come from a real store. */
static enum okvp_status define(struct fixture *fixture, const char *name)
{
	return call_vm(fixture, (struct exchange_vm_call){ .verb = VM_DEFINE, .name = name });
}

static bool finds(struct fixture *fixture, const char *name)
{
	struct vm *vm scoped(vm_release) = vm_registry_find(host_vms(fixture->host), name);

	return vm != NULL;
}

static void a_vm_is_found_by_name_without_case_and_by_guid(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = NULL;

	assert_int_equal(define(fixture, "Größe"), OKVP_OK);
	vm = vm_registry_find(host_vms(fixture->host), "grÖSSe");
	assert_null(vm);
	vm = vm_registry_find(host_vms(fixture->host), "GRÖßE");
	assert_non_null(vm);
	assert_true(finds(fixture, vm_id_text(vm)));
	assert_false(finds(fixture, "other"));
}

static void the_same_definition_again_is_the_same_vm(void **state)
{
	struct fixture *fixture = *state;
	struct vm_list *list scoped(vm_list_release) = NULL;

	assert_int_equal(define(fixture, "web1"), OKVP_OK);
	assert_int_equal(define(fixture, "web1"), OKVP_OK);
	list = vm_registry_list(host_vms(fixture->host));
	assert_int_equal(list->count, 1);
}

static void a_renamed_vm_is_found_by_its_new_name_alone(void **state)
{
	struct fixture *fixture = *state;
	struct vm *vm scoped(vm_release) = NULL;

	define(fixture, "web1");
	vm = vm_registry_find(host_vms(fixture->host), "web1");
	assert_int_equal(call_vm(fixture, (struct exchange_vm_call){ .verb = VM_SET,
								     .id = *vm_id(vm),
								     .name = "web2" }),
			 OKVP_OK);
	assert_false(finds(fixture, "web1"));
	assert_true(finds(fixture, "web2"));
}

static void a_list_keeps_its_vms_while_they_come_and_go(void **state)
{
	struct fixture *fixture = *state;
	struct vm_list *list scoped(vm_list_release) = NULL;
	struct snapshot *snapshot scoped(snapshot_release) = NULL;

	define(fixture, "a");
	define(fixture, "b");
	list = vm_registry_list(host_vms(fixture->host));
	assert_int_equal(call_vm(fixture, (struct exchange_vm_call){ .verb = VM_UNDEFINE,
								     .id = *vm_id(list->vm[0]) }),
			 OKVP_OK);
	assert_int_equal(list->count, 2);
	snapshot = vm_snapshot(list->vm[0]);
	assert_null(snapshot);
	assert_false(finds(fixture, "a"));
	assert_true(finds(fixture, "b"));
}

static void names_that_are_none_are_refused(void **state)
{
	struct fixture *fixture = *state;
	char long_name[300];

	memset(long_name, 'n', sizeof(long_name));
	long_name[256] = '\0';
	assert_int_equal(define(fixture, ""), OKVP_TOO_LONG);
	assert_int_equal(define(fixture, long_name), OKVP_TOO_LONG);
	assert_int_equal(define(fixture, "a\nb"), OKVP_INVALID_TEXT);
	assert_int_equal(define(fixture, "2A34B1C2-FD73-4043-8A5B-DD2159BC743F"), OKVP_INVALID);
}

static void only_an_admin_may_change_vms(void **state)
{
	assert_int_equal(call_vm(*state, (struct exchange_vm_call){ .verb = VM_DEFINE,
								    .name = "a",
								    .principal = writer }),
			 OKVP_DENIED);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)
	const struct CMUnitTest tests[] = {
		test(a_vm_is_found_by_name_without_case_and_by_guid),
		test(the_same_definition_again_is_the_same_vm),
		test(a_renamed_vm_is_found_by_its_new_name_alone),
		test(a_list_keeps_its_vms_while_they_come_and_go),
		test(names_that_are_none_are_refused),
		test(only_an_admin_may_change_vms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
