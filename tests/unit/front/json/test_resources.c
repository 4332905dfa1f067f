/* SPDX-License-Identifier: MIT */
/* test_resources.c -- front/json/resources and errors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fake.h"
#include "front/json/request.h"

static void an_unknown_path_is_not_found(void **state)
{
	fake_send("GET", "/v1/frob", NULL);
	assert_refused(404, "NOT_FOUND", "no such path");
	fake_send("GET", "/v1/vms/", NULL);
	assert_refused(404, "NOT_FOUND", "no such path");
}

static void another_method_is_told_which_there_are(void **state)
{
	fake_send("DELETE", "/v1/status", NULL);
	assert_refused(405, "UNSUPPORTED", "DELETE");
	assert_string_equal(fake.allow, "GET");
	fake_send("POST", "/v1/vms/web1", NULL);
	assert_string_equal(fake.allow, "GET, PATCH, DELETE");
}

static void a_role_below_the_needed_one_is_refused(void **state)
{
	static const struct {
		enum role role;
		const char *method, *target;
	} refused[] = {
		{ ROLE_NONE, "GET", "/v1/status" },
		{ ROLE_NONE, "GET", "/v1/vms/web1/guest" },
		{ ROLE_READ, "POST", "/v1/vms/web1/items/external" },
		{ ROLE_READ, "GET", "/v1/users" },
		{ ROLE_WRITE, "POST", "/v1/vms" },
		{ ROLE_WRITE, "PATCH", "/v1/vms/web1" },
		{ ROLE_WRITE, "DELETE", "/v1/vms/web1" },
		{ ROLE_WRITE, "POST", "/v1/users" },
		{ ROLE_WRITE, "DELETE", "/v1/users/ann" },
	};

	for (size_t i = 0; i < count_of(refused); i++) {
		fake_send_as(refused[i].role, refused[i].method, refused[i].target, "{}");
		assert_refused(403, "DENIED", "this needs the role");
	}
}

static void who_may_not_look_does_not_learn_what_exists(void **state)
{
	fake_send_as(ROLE_NONE, "GET", "/v1/vms/gone", NULL);
	assert_refused(403, "DENIED", "'read'");
}

static void reading_needs_no_more_than_the_role_for_it(void **state)
{
	fake_send_as(ROLE_READ, "GET", "/v1/vms", NULL);
	assert_int_equal(fake.http_status, 200);
	fake_send_as(ROLE_READ, "GET", "/v1/vms/web1/items/external", NULL);
	assert_int_equal(fake.http_status, 200);
}

static void a_vm_is_found_by_name_without_case_and_by_guid(void **state)
{
	fake_send("GET", "/v1/vms/WEB1", NULL);
	assert_int_equal(fake.http_status, 200);
	fake_send("GET", "/v1/vms/" WEB1, NULL);
	assert_int_equal(fake.http_status, 200);
	fake_send("GET", "/v1/vms/w%65b1", NULL);
	assert_int_equal(fake.http_status, 200);
}

static void an_unknown_vm_is_named(void **state)
{
	fake_send("GET", "/v1/vms/go%20ne/guest", NULL);
	assert_refused(404, "NOT_FOUND", "no such VM: 'go ne'");
}

static void a_malformed_path_is_refused(void **state)
{
	fake_send("GET", "/v1/vms/%zz", NULL);
	assert_refused(400, "INVALID", "%XX");
}

static void a_parameter_that_a_resource_does_not_have_is_refused(void **state)
{
	static const char *const targets[][3] = {
		{ "PUT", "/v1/vms/web1/items/external/p/value?if-generation=999", "if-generation" },
		{ "PUT", "/v1/vms/web1/items/external/p/value?flag=secret", "flag" },
		{ "PUT", "/v1/vms/web1/items/external/p/value?flags=secret&x", "x" },
		{ "PUT", "/v1/vms/web1/items/external/p/value?=1", "" },
		{ "POST", "/v1/vms/web1/items/external?if_generation=7", "if_generation" },
		{ "GET", "/v1/vms?secrets=1", "secrets" },
		{ "GET", "/v1/vms/gone?items=1", "items" },
	};

	for (size_t i = 0; i < count_of(targets); i++) {
		char part[64];

		snprintf(part, sizeof(part), "no parameter is called '%s'", targets[i][2]);
		fake_send(targets[i][0], targets[i][1], "{}");
		assert_refused(400, "INVALID", part);
	}
}

static void a_parameter_without_a_value_is_refused(void **state)
{
	static const char *const targets[][2] = {
		{ "PUT", "/v1/vms/web1/items/external/p/value?if_generation" },
		{ "PUT", "/v1/vms/web1/items/external/p/value?flags" },
		{ "DELETE", "/v1/vms/web1?items" },
		{ "GET", "/v1/vms/web1/items/external?secrets" },
		{ "GET", "/v1/vms/web1/ip?mac" },
		{ "GET", "/v1/jobs/" JOB1 "?wait" },
	};

	for (size_t i = 0; i < count_of(targets); i++) {
		fake_send(targets[i][0], targets[i][1], NULL);
		assert_refused(400, "INVALID", "has no value");
	}
}

static void a_vm_that_goes_meanwhile_is_not_found(void **state)
{
	fake.defined = false;
	fake_send("GET", "/v1/vms/web1", NULL);
	assert_refused(404, "NOT_FOUND", "undefined");
}

static void every_status_has_an_http_status(void **state)
{
	for (int status = OKVP_OK + 1; status < OKVP_STATUS_COUNT; status++)
		assert_in_range(api_http_status(status), 400, 599);
}

static void the_routes_cover_every_method(void **state)
{
	struct http_route routes[JSON_API_ROUTES];

	json_api_routes(fake.api, routes);
	for (size_t i = 0; i < JSON_API_ROUTES; i++) {
		assert_string_equal(routes[i].path, "/v1/*");
		assert_int_equal(routes[i].access, HTTP_SOMEONE);
		assert_ptr_equal(routes[i].context, fake.api);
	}
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		test(an_unknown_path_is_not_found),
		test(another_method_is_told_which_there_are),
		test(a_role_below_the_needed_one_is_refused),
		test(who_may_not_look_does_not_learn_what_exists),
		test(reading_needs_no_more_than_the_role_for_it),
		test(a_vm_is_found_by_name_without_case_and_by_guid),
		test(an_unknown_vm_is_named),
		test(a_malformed_path_is_refused),
		test(a_parameter_that_a_resource_does_not_have_is_refused),
		test(a_parameter_without_a_value_is_refused),
		test(a_vm_that_goes_meanwhile_is_not_found),
		test(every_status_has_an_http_status),
		test(the_routes_cover_every_method),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
