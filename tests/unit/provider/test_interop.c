/* SPDX-License-Identifier: MIT */
/* test_interop.c -- provider/interop: the server and its namespaces */
#include "provider_world.h"

#define INTEROP "root/interop"

static void there_is_one_object_manager(void **state)
{
	struct world *world = *state;
	const char *all = query(world, INTEROP, "SELECT * FROM CIM_ObjectManager");
	const struct cim_instance *manager;

	assert_string_equal(
		all,
		expand(world, "CIM_ObjectManager.CreationClassName=\"CIM_ObjectManager\","
			      "Name=\"openkvp\",SystemCreationClassName=\"CIM_ComputerSystem\","
			      "SystemName=\"<HOST>\"\n"));
	manager = get(world, INTEROP, "CIM_ObjectManager=@");
	assert_string_equal(text_of(manager, PROPERTY_ELEMENT_NAME), "openkvp");
	assert_string_equal(text_of(manager, PROPERTY_DESCRIPTION),
			    "openkvp version " OPENKVP_VERSION);
}

static void every_namespace_is_listed_and_found(void **state)
{
	struct world *world = *state;
	const char *at = query(world, INTEROP, "SELECT * FROM CIM_Namespace");

	for (size_t i = 0; i < cim_namespace_count; i++) {
		char name[200];

		snprintf(name, sizeof(name), ",Name=\"%s\"", cim_namespaces[i]->name);
		at = strstr(at, name);
		assert_non_null(at);
	}
	assert_non_null(
		get(world, INTEROP,
		    "CIM_Namespace.CreationClassName=\"CIM_Namespace\","
		    "Name=\"ROOT/virtualization/V2\",ObjectManagerCreationClassName="
		    "\"CIM_ObjectManager\",ObjectManagerName=\"openkvp\",SystemCreationClassName="
		    "\"CIM_ComputerSystem\",SystemName=\"<HOST>\""));
}

static void no_namespace_is_empty(void **state)
{
	struct world *world = *state;
	struct cim_operation *operation = begin(world, &admin);

	cim_delete(operation,
		   path_of(world, INTEROP,
			   "CIM_Namespace.CreationClassName=\"CIM_Namespace\",Name=\"root\","
			   "ObjectManagerCreationClassName=\"CIM_ObjectManager\",ObjectManagerName="
			   "\"openkvp\",SystemCreationClassName=\"CIM_ComputerSystem\","
			   "SystemName=\"<HOST>\""));
	wait_for(world, operation);
	assert_int_equal(operation->error.status, CIM_STATUS_NAMESPACE_NOT_EMPTY);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
	const struct CMUnitTest tests[] = {
		test(there_is_one_object_manager),
		test(every_namespace_is_listed_and_found),
		test(no_namespace_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
