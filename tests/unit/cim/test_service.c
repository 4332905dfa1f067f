/* SPDX-License-Identifier: MIT */
/* test_service.c -- cim/service */
#include "cim/service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

static const struct cim_class *class_of(enum cim_class_id id)
{
	return cim_class_by_id(cim_namespaces[0], id);
}

static void a_provider_is_found_by_its_class(void **state)
{
	struct world *world = *state;

	assert_int_equal(cim_service_provider(world->service, MSVM_CONCRETE_JOB)->class_id,
			 MSVM_CONCRETE_JOB);
	assert_null(cim_service_provider(world->service, CIM_CONCRETE_JOB));
	assert_null(cim_service_provider(world->service, MSVM_ERROR));
	assert_ptr_equal(cim_service_context(world->service), world);
}

static void a_walk_finds_the_class_and_those_derived_from_it(void **state)
{
	struct world *world = *state;
	size_t at = 0;

	assert_ptr_equal(cim_service_next(world->service, class_of(CIM_SYSTEM), &at),
			 class_of(MSVM_COMPUTER_SYSTEM));
	assert_null(cim_service_next(world->service, class_of(CIM_SYSTEM), &at));
	at = 0;
	assert_ptr_equal(cim_service_next(world->service, class_of(MSVM_CONCRETE_JOB), &at),
			 class_of(MSVM_CONCRETE_JOB));
	at = 0;
	assert_null(cim_service_next(world->service, class_of(CIM_SETTING_DATA), &at));
}

static void every_class_with_a_provider_is_a_managed_element(void **state)
{
	struct world *world = *state;
	size_t at = 0, count = 0;

	while (cim_service_next(world->service, class_of(CIM_MANAGED_ELEMENT), &at))
		count++;
	assert_int_equal(count, 4);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
		test(a_provider_is_found_by_its_class),
		test(a_walk_finds_the_class_and_those_derived_from_it),
		test(every_class_with_a_provider_is_a_managed_element),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
