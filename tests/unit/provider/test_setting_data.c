/* SPDX-License-Identifier: MIT */
/* test_setting_data.c -- provider/kvp_exchange_component_setting_data: what clients may change */
#include "provider_world.h"

static struct cim_operation *modify(struct world *world, const struct principal *user,
				    const char *ns, const char *property, const char *value)
{
	const struct cim_argument argument = { property, cim_string(value) };
	struct cim_operation *operation = begin(world, user);

	cim_modify(operation, path_of(world, ns, COMPONENT_SETTINGS), &argument, 1);
	wait_for(world, operation);
	return operation;
}

static bool host_items(struct world *world)
{
	const struct cim_instance *settings = get(world, V2, COMPONENT_SETTINGS);

	return !cim_get_value(settings, PROPERTY_DISABLE_HOST_KVP_ITEMS)->boolean;
}

static void the_host_s_own_items_are_switched_off_and_on(void **state)
{
	struct world *world = *state;
	struct cim_operation *operation;

	operation = modify(world, &admin, V2, "DisableHostKVPItems", "TRUE");
	assert_int_equal(operation->error.status, CIM_STATUS_OK);
	assert_true(cim_get_value(operation->instance, PROPERTY_DISABLE_HOST_KVP_ITEMS)->boolean);
	assert_false(host_items(world));
	operation = modify(world, &admin, CL, "DisableHostKVPItems", "FALSE");
	assert_int_equal(operation->error.status, CIM_STATUS_OK);
	assert_true(host_items(world));
}

static void null_leaves_them_on(void **state)
{
	struct world *world = *state;

	modify(world, &admin, V2, "DisableHostKVPItems", "TRUE");
	modify(world, &admin, V2, "DisableHostKVPItems", NULL);
	assert_true(host_items(world));
}

static void that_needs_an_administrator(void **state)
{
	struct world *world = *state;

	assert_int_equal(modify(world, &writer, V2, "DisableHostKVPItems", "TRUE")->error.status,
			 CIM_STATUS_ACCESS_DENIED);
	assert_true(host_items(world));
}

static void nothing_else_can_be_changed(void **state)
{
	struct world *world = *state;

	assert_int_equal(modify(world, &admin, V2, "EnabledState", "3")->error.status,
			 CIM_STATUS_INVALID_PARAMETER);
	assert_int_equal(modify(world, &admin, V1, "DisableHostKVPItems", "TRUE")->error.status,
			 CIM_STATUS_NO_SUCH_PROPERTY);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(the_host_s_own_items_are_switched_off_and_on),
		test(null_leaves_them_on),
		test(that_needs_an_administrator),
		test(nothing_else_can_be_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
