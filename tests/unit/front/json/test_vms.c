/* SPDX-License-Identifier: MIT */
/* test_vms.c -- front/json/vms, status, and the VM of write */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake.h"

#define STORED                                                                   \
	"{\"id\":\"" WEB1 "\",\"name\":\"web1\",\"channel\":\"unix:/s\","        \
	"\"created\":\"1970-01-01T00:00:01.000000Z\",\"exchange_enabled\":true," \
	"\"host_items\":false,\"allow_secrets\":false,\"generation\":7,\"acknowledged\":6,"

#define OFF                                                                                 \
	STORED "\"power\":\"off\",\"contact\":\"none\",\"reason\":\"\",\"trouble\":\"\","   \
	       "\"fault\":false,"                                                           \
	       "\"framework_version\":null,\"message_version\":null,\"connected_s\":null,"  \
	       "\"last_contact\":null,\"items\":0,\"host_only_items\":0,\"outstanding\":0," \
	       "\"guest_read\":null}"

static void a_vm_that_is_off_is_shown(void **state)
{
	fake_send("GET", "/v1/vms/web1", NULL);
	assert_answer(200, OFF);
}

static void a_vm_in_contact_is_shown(void **state)
{
	fake.status = (struct vm_status){
		.contact = VM_CONTACT_OPEN,
		.framework = { 3, 0 },
		.message = { 4, 0 },
		.connected_ms = 31999,
		.last_contact_us = 3000000,
		.guest_read_us = 4000000,
	};
	fake.outstanding = 2;
	fake_add(SPACE_EXTERNAL, "a", "1");
	fake_add(SPACE_HOST_ONLY, "h", "1");
	fake_add(SPACE_HOST_ONLY, "i", "1");
	fake_send("GET", "/v1/vms/web1", NULL);
	assert_answer(200, STORED
		      "\"power\":\"running\",\"contact\":\"open\",\"reason\":\"\",\"trouble\":\"\","
		      "\"fault\":false,"
		      "\"framework_version\":\"3.0\",\"message_version\":\"4.0\","
		      "\"connected_s\":31,\"last_contact\":\"1970-01-01T00:00:03.000000Z\","
		      "\"items\":1,\"host_only_items\":2,\"outstanding\":2,"
		      "\"guest_read\":\"1970-01-01T00:00:04.000000Z\"}");
}

static void a_lost_contact_has_a_reason(void **state)
{
	fake.status.contact = VM_CONTACT_LOST;
	strcpy(fake.status.reason, "no answer in 45 s");
	fake_send("GET", "/v1/vms/web1", NULL);
	assert_non_null(strstr(fake.body, "\"power\":\"running\",\"contact\":\"lost\","
					  "\"reason\":\"no answer in 45 s\""));
}

static void all_vms_are_listed(void **state)
{
	fake_send("GET", "/v1/vms", NULL);
	assert_answer(200, "{\"vms\":[" OFF "," OFF "]}");
}

static void vms_that_go_meanwhile_are_left_out(void **state)
{
	fake.defined = false;
	fake_send("GET", "/v1/vms", NULL);
	assert_answer(200, "{\"vms\":[]}");
}

static void a_definition_reaches_the_exchange(void **state)
{
	fake_send("POST", "/v1/vms",
		  "{\"name\":\"web1\",\"id\":\"{4f1c0000000000000000000000000001}\","
		  "\"channel\":\"unix:/s\"}");
	assert_int_equal(fake.vm_call->verb, VM_DEFINE);
	assert_string_equal(fake.vm_call->name, "web1");
	assert_string_equal(fake.vm_call->channel, "unix:/s");
	assert_true(guid_equal(&fake.vm_call->id, &fake.snapshot.id));
	assert_int_equal(fake.vm_call->principal.role, ROLE_ADMIN);
	fake_finish(OKVP_OK, "");
	assert_answer(201, OFF);
}

static void without_a_guid_the_exchange_makes_one(void **state)
{
	static const struct guid none;

	fake_send("POST", "/v1/vms", "{\"name\":\"web1\"}");
	assert_true(guid_equal(&fake.vm_call->id, &none));
	assert_null(fake.vm_call->channel);
	fake.vm_call->id = fake.snapshot.id;
	fake.vm_call->existed = true;
	fake_finish(OKVP_OK, "");
	assert_answer(200, OFF);
}

static void a_definition_may_be_refused(void **state)
{
	fake_send("POST", "/v1/vms", "{\"name\":\"web1\"}");
	fake_finish(OKVP_EXISTS, "the name is taken");
	assert_answer(409, "{\"status\":\"EXISTS\",\"message\":\"the name is taken\"}");
}

static void a_definition_without_sense_is_refused_at_once(void **state)
{
	fake_send("POST", "/v1/vms", "{\"channel\":\"unix:/s\"}");
	assert_refused(400, "INVALID", "'name' is missing");
	fake_send("POST", "/v1/vms", "{\"name\":\"a\",\"id\":\"4F1C\"}");
	assert_refused(400, "INVALID", "not a GUID");
	fake_send("POST", "/v1/vms", "{\"name\":\"a\\u0000b\"}");
	assert_refused(400, "INVALID_TEXT", "'name'");
	assert_null(fake.vm_call);
}

static void only_what_is_named_changes(void **state)
{
	fake_send("PATCH", "/v1/vms/web1", "{\"exchange_enabled\":false}");
	assert_int_equal(fake.vm_call->verb, VM_SET);
	assert_true(guid_equal(&fake.vm_call->id, &fake.snapshot.id));
	assert_null(fake.vm_call->name);
	assert_null(fake.vm_call->channel);
	assert_false(*fake.vm_call->exchange_enabled);
	assert_null(fake.vm_call->host_items);
	fake_finish(OKVP_OK, "");
	assert_answer(200, OFF);
	fake_send("PATCH", "/v1/vms/web1", "{\"name\":\"b\",\"channel\":\"\",\"host_items\":true}");
	assert_string_equal(fake.vm_call->name, "b");
	assert_string_equal(fake.vm_call->channel, "");
	assert_null(fake.vm_call->exchange_enabled);
	assert_true(*fake.vm_call->host_items);
	assert_null(fake.vm_call->allow_secrets);
	fake_finish(OKVP_OK, "");
	fake_send("PATCH", "/v1/vms/web1", "{\"allow_secrets\":true}");
	assert_true(*fake.vm_call->allow_secrets);
	fake_finish(OKVP_OK, "");
}

static void changing_nothing_is_refused(void **state)
{
	fake_send("PATCH", "/v1/vms/web1", "{}");
	assert_refused(400, "INVALID", "nothing to change");
	assert_null(fake.vm_call);
}

static void a_vm_is_undefined(void **state)
{
	fake_send("DELETE", "/v1/vms/web1", NULL);
	assert_int_equal(fake.vm_call->verb, VM_UNDEFINE);
	assert_false(fake.vm_call->with_items);
	fake_finish(OKVP_BUSY, "it has items");
	assert_refused(409, "BUSY",
		       "it has items; items=1 (openkvp: --items) removes them with it");
	fake_send("DELETE", "/v1/vms/web1?items=1", NULL);
	assert_true(fake.vm_call->with_items);
	fake_finish(OKVP_OK, "");
	assert_answer(204, "");
}

static void a_parameter_that_is_no_number_is_refused(void **state)
{
	fake_send("DELETE", "/v1/vms/web1?items=yes", NULL);
	assert_refused(400, "INVALID", "'items'");
	fake_send("DELETE", "/v1/vms/web1?items=", NULL);
	assert_refused(400, "INVALID", "'items'");
	fake_send("DELETE", "/v1/vms/web1?items=2", NULL);
	assert_refused(400, "INVALID", "'items'");
	assert_null(fake.vm_call);
}

static void the_status_counts_what_there_is(void **state)
{
	fake.status.contact = VM_CONTACT_OPEN;
	fake_send("GET", "/v1/status", NULL);
	assert_answer(200,
		      "{\"version\":\"" OPENKVP_VERSION "\",\"uptime_s\":0,"
		      "\"store\":\"/var/o.db\",\"vms\":2,\"in_contact\":2,\"jobs\":0,"
		      "\"commits\":17,\"vsock_port\":5870,\"listeners\":[\"http://127.0.0.1:5985\","
		      "\"/run/o.sock\"]}");
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		test(a_vm_that_is_off_is_shown),
		test(a_vm_in_contact_is_shown),
		test(a_lost_contact_has_a_reason),
		test(all_vms_are_listed),
		test(vms_that_go_meanwhile_are_left_out),
		test(a_definition_reaches_the_exchange),
		test(without_a_guid_the_exchange_makes_one),
		test(a_definition_may_be_refused),
		test(a_definition_without_sense_is_refused_at_once),
		test(only_what_is_named_changes),
		test(changing_nothing_is_refused),
		test(a_vm_is_undefined),
		test(a_parameter_that_is_no_number_is_refused),
		test(the_status_counts_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
