/* SPDX-License-Identifier: MIT */
/* test_vm.c -- cli/vm */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_client.h"

static void a_definition_has_what_was_given(void **state)
{
	assert_int_equal(RUN("vm define web1", { 201, "{\"id\":\"G\"}" }), EXIT_DONE);
	assert_string_equal(fake_requests(), "POST /v1/vms {\"name\":\"web1\"}\n");
	assert_string_equal(fake_out(), "defined: G\n");
	RUN("vm define web1 --id G --channel unix:/s", { 200, "{\"id\":\"G\"}" });
	assert_string_equal(fake_requests(), "POST /v1/vms {\"name\":\"web1\",\"id\":\"G\","
					     "\"channel\":\"unix:/s\"}\n");
	assert_string_equal(fake_out(), "was there already: G\n");
}

static void settings_change_one_by_one(void **state)
{
	RUN("vm set web1 --exchange off", { 200, "{}" });
	assert_string_equal(fake_requests(), "PATCH /v1/vms/web1 {\"exchange_enabled\":false}\n");
	RUN("vm set web1 --host-items on --channel=", { 200, "{}" });
	assert_string_equal(fake_requests(),
			    "PATCH /v1/vms/web1 {\"channel\":\"\",\"host_items\":true}\n");
	RUN("vm set web1 --allow-secrets on", { 200, "{}" });
	assert_string_equal(fake_requests(), "PATCH /v1/vms/web1 {\"allow_secrets\":true}\n");
}

static void a_switch_is_on_or_off(void **state)
{
	assert_int_equal(RUN("vm set web1 --exchange maybe", { 200, "{}" }), EXIT_USAGE);
	assert_int_equal(RUN("vm set web1", { 200, "{}" }), EXIT_USAGE);
	assert_string_equal(fake_requests(), "");
}

static void a_channel_is_given_and_taken_away(void **state)
{
	assert_int_equal(RUN("vm attach web1 vsock:3", { 200, "{\"fault\":false}" }), EXIT_DONE);
	assert_string_equal(fake_requests(), "PATCH /v1/vms/web1 {\"channel\":\"vsock:3\"}\n");
	assert_string_equal(fake_err(), "");
	assert_int_equal(RUN("vm detach web1", { 200, "{\"fault\":false}" }), EXIT_DONE);
	assert_string_equal(fake_requests(), "PATCH /v1/vms/web1 {\"channel\":\"\"}\n");
}

static void a_channel_that_cannot_be_used_is_told(void **state)
{
	const char *answer = "{\"id\":\"G\",\"fault\":true,\"reason\":\"cannot listen at /s\"}";

	assert_int_equal(RUN("vm attach web1 unix-listen:/s", { 200, answer }), EXIT_DONE);
	assert_non_null(strstr(fake_err(), "cannot listen at /s"));
	assert_int_equal(RUN("vm define web1 --channel unix-listen:/s", { 201, answer }),
			 EXIT_DONE);
	assert_non_null(strstr(fake_err(), "cannot listen at /s"));
}

static void a_channel_of_another_vm_is_refused(void **state)
{
	assert_int_equal(RUN("vm attach web1 vsock:3",
			     { 409, "{\"status\":\"EXISTS\",\"message\":\"the channel 'vsock:3' is "
				    "that of VM 'web2'\"}" }),
			 EXIT_REFUSED);
	assert_non_null(strstr(fake_err(), "that of VM 'web2'"));
}

static void a_vm_is_renamed(void **state)
{
	assert_int_equal(RUN("vm rename web1 w/2", { 200, "{}" }), EXIT_DONE);
	assert_string_equal(fake_requests(), "PATCH /v1/vms/web1 {\"name\":\"w/2\"}\n");
	RUN("vm rename w/2 web1", { 200, "{}" });
	assert_string_equal(fake_requests(), "PATCH /v1/vms/w%2F2 {\"name\":\"web1\"}\n");
}

static void items_are_lost_only_when_told(void **state)
{
	assert_int_equal(RUN("vm undefine web1", { 204, NULL }), EXIT_DONE);
	assert_string_equal(fake_requests(), "DELETE /v1/vms/web1\n");
	RUN("vm undefine web1 --items", { 204, NULL });
	assert_string_equal(fake_requests(), "DELETE /v1/vms/web1?items=1\n");
}

static void all_vms_are_listed(void **state)
{
	RUN("vm list",
	    { 200,
	      "{\"vms\":[{\"name\":\"web1\",\"power\":\"running\",\"contact\":\"open\","
	      "\"message_version\":\"4.0\",\"items\":3,\"outstanding\":1,\"reason\":\"\"}]}" });
	assert_string_equal(fake_out(), "NAME  POWER    CONTACT  VERSION  ITEMS  PENDING  REASON\n"
					"web1  running  open     4.0          3        1\n");
}

static void trouble_is_listed_where_there_is_contact(void **state)
{
	RUN("vm list",
	    { 200, "{\"vms\":[{\"name\":\"a\",\"reason\":\"\",\"trouble\":\"it floods\"},"
		   "{\"name\":\"b\",\"reason\":\"it is off\",\"trouble\":\"it floods\"}]}" });
	assert_non_null(strstr(fake_out(), "it floods\n"));
	assert_non_null(strstr(fake_out(), "it is off\n"));
}

static void one_vm_is_shown(void **state)
{
	RUN("vm show web1",
	    { 200, "{\"name\":\"web1\",\"last_contact\":null,\"exchange_enabled\":true}" },
	    { 200, "{\"vsock_port\":5870}" });
	assert_non_null(strstr(fake_out(), "Name:               web1\n"));
	assert_non_null(strstr(fake_out(), "Exchange:           yes\n"));
	assert_non_null(strstr(fake_out(), "Last contact:       -\n"));
}

static void a_vm_is_shown_with_what_its_hypervisor_must_be_told(void **state)
{
	RUN("vm show web1", { 200, "{\"name\":\"web1\",\"channel\":\"vsock:3\"}" },
	    { 200, "{\"vsock_port\":6000}" });
	assert_non_null(strstr(fake_out(), "\nQEMU:\n  -device vhost-vsock-pci,guest-cid=3\n"));
	assert_non_null(strstr(fake_out(),
			       "\nCloud Hypervisor:\n  it takes another channel: openkvp "
			       "vm attach web1 hybrid:/path\n"));
	assert_non_null(strstr(fake_out(), "openkvp-agent serve --connect vsock:2:6000\n"));
}

static void one_snippet_is_printed_alone(void **state)
{
	const struct fake_answer vm = { 200, "{\"channel\":\"hybrid:/s\"}" };

	assert_int_equal(RUN("vm show web1 --snippet cloud-hypervisor", vm), EXIT_DONE);
	assert_string_equal(fake_out(), "--vsock cid=3,socket=/s\n");
	assert_int_equal(RUN("vm show web1 --snippet qemu", vm), EXIT_REFUSED);
	assert_non_null(strstr(fake_err(), "hybrid:/s"));
	assert_int_equal(RUN("vm show web1 --snippet xen", vm), EXIT_USAGE);
}

int main(void)
{
#define test(name) cmocka_unit_test_teardown(name, fake_done)
	const struct CMUnitTest tests[] = {
		test(a_definition_has_what_was_given),
		test(settings_change_one_by_one),
		test(a_switch_is_on_or_off),
		test(a_channel_is_given_and_taken_away),
		test(a_channel_that_cannot_be_used_is_told),
		test(a_channel_of_another_vm_is_refused),
		test(a_vm_is_renamed),
		test(items_are_lost_only_when_told),
		test(all_vms_are_listed),
		test(trouble_is_listed_where_there_is_contact),
		test(one_vm_is_shown),
		test(a_vm_is_shown_with_what_its_hypervisor_must_be_told),
		test(one_snippet_is_printed_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
