/* SPDX-License-Identifier: MIT */
/* test_namespaces.c -- cim/namespaces: which namespaces there are, as WMI tells it */
#include "cim/enumeration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "openkvp/scoped.h"
#include "tests/unit/arena_fixture.h"

static const struct cim_provider *const providers[] = { &cim_namespace_provider, NULL };

static struct cim_service *service;

static int set_up(void **state)
{
	open_arena(state);
	service = cim_service_create(providers, NULL);
	return 0;
}

static int tear_down(void **state)
{
	cim_service_free(&service);
	return close_arena(state);
}

static const char *list(const char *ns)
{
	const struct cim_enumeration_request request = { .ns = ns, .class_name = "__NAMESPACE" };
	scoped(cim_enumeration_close) struct cim_enumeration *listing = NULL;
	scoped(text_done) struct text names = { 0 };
	const struct cim_instance *instance;
	struct cim_error err;

	if (!cim_enumeration_open(service, &request, &listing, &err))
		fail_msg("%s", err.message);
	for (; (instance = cim_enumeration_peek(listing)); cim_enumeration_advance(listing))
		text_printf(&names, "%s ", cim_get_value(instance, PROPERTY_NAME)->string.bytes);
	return arena_text(arena, names.bytes ? names.bytes : "", names.length);
}

static void finished(struct cim_operation *operation)
{
}

static enum cim_status get(const char *text)
{
	struct cim_operation operation = {
		.service = service,
		.arena = arena,
		.finished = finished,
	};
	struct cim_object_path path;

	assert_true(cim_path_from_text(arena, text, strlen(text), &path, NULL));
	cim_get(&operation, &path);
	return operation.error.status;
}

static void a_namespace_lists_those_right_below_it(void **state)
{
	assert_string_equal(list("root"), "virtualization interop HyperVCluster ");
	assert_string_equal(list("ROOT\\virtualization"), "v2 ");
	assert_string_equal(list("root/HyperVCluster"), "v2 ");
}

static void the_lowest_ones_list_none(void **state)
{
	assert_string_equal(list("root/virtualization/v2"), "");
	assert_string_equal(list("root/interop"), "");
}

static void a_namespace_is_found_by_its_name(void **state)
{
	assert_int_equal(get("root:__NAMESPACE.Name='VIRTUALIZATION'"), CIM_STATUS_OK);
	assert_int_equal(get("root:__namespace.Name='cimv2'"), CIM_STATUS_NOT_FOUND);
	assert_int_equal(get("root:__NAMESPACE.Name='v2'"), CIM_STATUS_NOT_FOUND);
	assert_int_equal(get("root/virtualization:__SystemClass.Name='v2'"), CIM_STATUS_OK);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_namespace_lists_those_right_below_it),
		test(the_lowest_ones_list_none),
		test(a_namespace_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
